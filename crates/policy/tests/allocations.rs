//! Decisions allocate no memory: neither a flood of rejections, nor a preflight with the longest headers, nor a route
//! in report mode, which also reads the upstream's response.
// The counting allocator works only on native targets.
#![cfg(not(target_arch = "wasm32"))]
#![expect(clippy::expect_used, reason = "tests may fail loudly")]

use corsgate_policy::fetch::CorsResponse;
use corsgate_policy::grammar::day::Day;
use corsgate_policy::{Answers, Examined, Facts, Outcome, Policy, Reason, RequestUrl};
use serde_json::json;

const TODAY: &str = "2026-06-15";

#[test]
fn no_decision_allocates() {
    for mode in ["enforce", "report"] {
        no_decision_allocates_in(mode);
    }
}

fn no_decision_allocates_in(mode: &str) {
    let listed: Vec<_> = (0..1000).map(|at| format!("https://tenant-{at}.example.com")).collect();
    let document = json!({
        "version": 1,
        "upstreams": { "api": "https://origin.example.net" },
        "allowlists": { "tenants": listed, "gone": [{ "origin": "https://gone.example.org", "expires": "2026-01-01" }] },
        "routes": [{
            "name": "api",
            "hosts": ["api.example.com"],
            "path": "/api/*",
            "upstream": "api",
            "mode": mode,
            "cors": {
                "origins": ["@tenants", "@gone", "https://*.example.net", "app://."],
                "methods": ["PUT"],
                "request_headers": ["authorization", "mcp-param-*", "x-amz-meta-*"],
                "exposed_headers": ["x-amz-meta-*"],
                "credentials": true,
            },
        }],
    });
    let policy = Policy::read(document.to_string().as_bytes()).expect("a policy");
    let today = Day::parse(TODAY).expect("a day");
    let many = format!("authorization{}", ", x".repeat(99));
    let of_family = format!("authorization{}", ", X-Amz-Meta-A".repeat(99));
    let long = format!("https://{}.example", "a.".repeat(2000));
    let get = |origin| request("GET", origin);
    let preflight = |method, headers| Facts {
        requested_method: Some(method),
        requested_headers: Some(headers),
        ..request("OPTIONS", "https://tenant-7.example.com")
    };
    let handshake = Facts { upgrade: Some("websocket"), ..get("https://stranger.example") };
    let odd = RequestUrl::parse("https://api.example.com/api/%2e%2e/admin").expect("a URL");
    let elsewhere = RequestUrl::parse("https://api.example.com/other").expect("a URL");
    for (what, facts, refused) in [
        ("a listed origin", get("https://tenant-7.example.com"), None),
        ("a subdomain of a wildcard", get("https://a.b.example.net"), None),
        ("an origin that is not listed", get("https://stranger.example"), Some(Reason::OriginNotListed)),
        ("one with a port", get("https://tenant-7.example.com:8443"), Some(Reason::OriginNotListed)),
        ("an expired one", get("https://gone.example.org"), Some(Reason::OriginExpired)),
        ("null", get("null"), Some(Reason::OriginNull)),
        ("two in one line", get("https://a.example, https://b.example"), Some(Reason::OriginMalformed)),
        ("four kilobytes", get(&long), Some(Reason::OriginMalformed)),
        ("a preflight", preflight("PUT", "authorization"), None),
        ("a method that is not listed", preflight("PATCH", ""), Some(Reason::MethodNotAllowed)),
        ("a hundred headers", preflight("PUT", &many), Some(Reason::HeaderNotAllowed)),
        ("a header of a family", preflight("PUT", "x-amz-meta-a"), None),
        ("a hundred headers of a family", preflight("PUT", &of_family), None),
        ("the name of a family alone", preflight("PUT", "x-amz-meta-"), Some(Reason::HeaderNotAllowed)),
        ("the neighbour of a family", preflight("PUT", "mcp-para"), Some(Reason::HeaderNotAllowed)),
        ("an app", get("app://."), None),
        ("the neighbour of an app", get("app://.."), Some(Reason::OriginNotListed)),
        ("an illegal header", preflight("PUT", "a b"), Some(Reason::HeadersMalformed)),
        ("a handshake", handshake, Some(Reason::OriginNotListed)),
        ("an ambiguous path", Facts { url: odd, ..handshake }, Some(Reason::PathAmbiguous)),
        (
            "no route",
            Facts { url: elsewhere, ..get("https://stranger.example") },
            Some(Reason::RouteNotFound),
        ),
    ] {
        let mut reason = None;
        let allocations = allocation_counter::measure(|| {
            let examined = Examined::new(&policy, &facts);
            let answers = Answers::default();
            let nothing_to_read =
                examined.lists(today).is_empty() && examined.keys(&answers, today).is_empty();
            assert!(nothing_to_read, "{what}");
            let decision = examined.decide(&answers, today);
            let passes = matches!(decision.outcome, Outcome::Allow | Outcome::Report(None));
            assert_eq!(passes, decision.reason().is_none(), "{what}");
            reason = decision.reason();
        });
        assert_eq!(reason, refused, "{what}, {mode}");
        assert_eq!(allocations.count_total, 0, "{what}, {mode}");
    }
}

#[test]
fn reading_an_upstreams_cors_headers_allocates_nothing() {
    let many = format!("authorization{}", ", X".repeat(99));
    let preflight = Facts {
        requested_method: Some("PATCH"),
        requested_headers: Some(&many),
        ..request("OPTIONS", "https://app.example.com")
    };
    let answer = CorsResponse {
        status: 204,
        allow_origin: Some("https://app.example.com"),
        allow_credentials: None,
        allow_methods: Some("PUT, DELETE, PATCH"),
        allow_headers: Some("content-type, authorization, x"),
    };
    let mut refused = true;
    let allocations = allocation_counter::measure(|| refused = answer.refuses(&preflight, false));
    assert!(!refused);
    assert_eq!(allocations.count_total, 0);
}

fn request<'a>(method: &'a str, origin: &'a str) -> Facts<'a> {
    let url = RequestUrl::parse("https://api.example.com/api/users/42").expect("a URL");
    Facts { method, url, origin: Some(origin), ..Facts::default() }
}
