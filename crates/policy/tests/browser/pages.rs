//! Any page with any policy.

use corsgate_policy::Policy;
use corsgate_policy::response::headers::ResponseHeaderSink;
use proptest::prelude::*;
use proptest::sample::{select, subsequence};

use crate::browser::fetch::{Credentials, Fetched, PageRequest, fetch};
use crate::browser::rules::{Origins, Rules};
use crate::browser::{GATEWAY, bounded, gateway};
use crate::support::{Request, Response};

/// Origins on both sides of every pattern.
pub const PAGES: [&str; 23] = [
    "https://app.example.com",
    "https://app.example.com:8443",
    "http://app.example.com",
    "https://app.example.com.evil.com",
    "https://b.example.com",
    "https://c.b.example.com",
    "https://example.com",
    "https://evilexample.com",
    "https://shop.example.org",
    "https://shop.example.org:8443",
    "https://a_b.example.net",
    "http://localhost",
    "http://localhost:5173",
    "https://localhost:5173",
    "http://[::1]:5173",
    "http://[::1]",
    "capacitor://localhost",
    "ionic://localhost",
    "http://intranet.example",
    "https://x.ports.example",
    "https://x.ports.example:81",
    "null",
    GATEWAY,
];
pub const METHODS: [&str; 13] =
    ["GET", "get", "HEAD", "POST", "post", "PUT", "put", "DELETE", "PATCH", "patch", "OPTIONS", "QUERY", "*"];
/// Headers that a script can set, safelisted and not.
const HEADERS: [(&str, &str); 14] = [
    ("Accept", "application/json"),
    ("Accept", "text/html;level=\"1\""),
    ("Accept-Language", "de"),
    ("Content-Type", "text/plain;charset=utf-8"),
    ("Content-Type", "application/json"),
    ("Authorization", "Bearer x"),
    ("X-Trace", "1"),
    ("x-id", "1"),
    ("Range", "bytes=0-9"),
    ("Range", "bytes=-9"),
    ("*", "1"),
    ("X-Meta-B", "1"),
    ("x-meta-a", "1"),
    ("x-meta-", "1"),
];

/// Any request of a script.
pub fn page_request() -> impl Strategy<Value = PageRequest> {
    let credentials = select(vec![Credentials::Omit, Credentials::SameOrigin, Credentials::Include]);
    (
        select(PAGES.to_vec()),
        select(METHODS.to_vec()),
        subsequence(HEADERS.to_vec(), 0..4),
        credentials,
        any::<bool>(),
    )
        .prop_map(|(page, method, headers, credentials, upload_listeners)| PageRequest {
            page,
            method,
            headers,
            credentials,
            upload_listeners,
        })
}

fn open(rules: &Rules, request: &PageRequest) -> Fetched {
    let policy = rules.policy();
    fetch(request, &format!("{GATEWAY}/x"), |sent| gateway(&policy, sent))
}

fn exchanges(fetched: &Fetched) -> impl Iterator<Item = &(Request, Response)> {
    fetched.preflight.iter().chain(&fetched.actual)
}

proptest! {
    #![proptest_config(bounded(4_000))]

    #[test]
    fn a_page_reads_the_response_exactly_when_the_policy_says_so(
        rules in Rules::any(), request in page_request(),
    ) {
        let fetched = open(&rules, &request);
        prop_assert_eq!(fetched.readable.is_some(), rules.allow(&request), "{:#?}", fetched);
    }

    #[test]
    fn the_preflight_of_a_listed_origin_always_succeeds_as_a_response(
        rules in Rules::any(), request in page_request(),
    ) {
        // Whether the lists suffice is for the browser to decide.
        if let Some((_, response)) = open(&rules, &request).preflight {
            let ok = (200..300).contains(&response.status);
            prop_assert_eq!(ok, rules.lists(request.page), "{:#?}", response);
        }
    }

    #[test]
    fn a_page_reads_the_headers_that_are_exposed_and_no_others(
        rules in Rules::any(), request in page_request(),
    ) {
        if let Some(names) = open(&rules, &request).readable && request.page != GATEWAY {
            prop_assert!(names.contains(&"content-type".to_owned()), "safelisted");
            for name in ["x-id", "x-secret"] {
                prop_assert_eq!(names.contains(&name.to_owned()), rules.exposes(name), "{}", name);
            }
        }
    }

    #[test]
    fn every_response_grants_access_to_one_listed_origin_or_to_any_without_credentials_or_to_none(
        rules in Rules::any(), request in page_request(),
    ) {
        for (sent, response) in exchanges(&open(&rules, &request)) {
            let values = |name| response.headers.all(name).collect::<Vec<_>>();
            let origin = sent.headers.get("origin");
            let credentials = values("access-control-allow-credentials");
            match values("access-control-allow-origin").as_slice() {
                [] => {}
                ["*"] => prop_assert!(matches!(rules.origins, Origins::Anyone) && credentials.is_empty()),
                [granted] if granted.ends_with(".corsgate.invalid") => {
                    let others = response.headers.lines().filter(|(name, _)| name.starts_with("access-control-"));
                    prop_assert_eq!(others.count(), 1, "an explanation grants nothing");
                    prop_assert!(!origin.is_some_and(|origin| rules.lists(origin)));
                }
                [granted] => {
                    prop_assert_eq!(Some(*granted), origin);
                    prop_assert!(rules.lists(granted));
                    prop_assert_eq!(credentials == ["true"], rules.credentials);
                }
                several => prop_assert!(false, "{:?}", several),
            }
        }
    }

    #[test]
    fn every_response_of_a_route_that_reads_the_origin_varies_with_it(
        rules in Rules::any(), request in page_request(),
    ) {
        for (_, response) in exchanges(&open(&rules, &request)) {
            let vary = response.headers.all("vary").collect::<Vec<_>>().join(",");
            let varies = vary.split(',').any(|name| name.trim().eq_ignore_ascii_case("origin"));
            prop_assert_eq!(varies, rules.varies(), "{:#?}", response);
        }
    }
}

#[test]
fn a_page_reads_the_rate_limit_fields_of_a_429() {
    // Row 14 of cors-behaviour.md, from the page's side.
    let policy = Policy::read(
        br#"{
            "version": 1,
            "upstreams": { "api": "https://origin.example.net" },
            "routes": [{
                "name": "api", "path": "/*", "upstream": "api",
                "cors": { "origins": ["https://app.example.com"], "credentials": true },
                "limits": [{ "name": "l", "quota": 1, "window": 1, "by": ["client_ip"] }]
            }]
        }"#,
    )
    .expect("a policy");
    let request = PageRequest {
        page: "https://app.example.com",
        method: "GET",
        headers: Vec::new(),
        credentials: Credentials::Include,
        upload_listeners: false,
    };
    let fields = ["retry-after", "ratelimit", "ratelimit-policy"];
    let fetched = fetch(&request, &format!("{GATEWAY}/x"), |sent| {
        let mut response = gateway(&policy, sent);
        fields.iter().for_each(|field| response.headers.append(field, "1"));
        Response { status: 429, ..response }
    });
    let names = fetched.readable.expect("readable");
    assert!(fields.iter().all(|field| names.contains(&(*field).to_owned())), "{names:?}");
}
