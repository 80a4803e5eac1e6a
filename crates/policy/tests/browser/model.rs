//! Compares two implementations of the Fetch Standard: `corsgate_policy::fetch`, which the project uses, and the
//! tests' own model.

use corsgate_policy::fetch::cors_check::cors_check;
use corsgate_policy::fetch::preflight_check::preflight_check;
use corsgate_policy::fetch::{CorsRequest, CorsResponse, method, request_header, response_header};
use proptest::prelude::*;
use proptest::sample::select;

use crate::browser::fetch::{self, Credentials, PageRequest};
use crate::browser::pages::page_request;
use crate::browser::upstream::{response, told};
use crate::browser::{GATEWAY, bounded};
use crate::support::Response;

/// Converts a response for the model.
fn modelled<T>(response: &Response, look: impl FnOnce(&CorsResponse<'_>) -> T) -> T {
    let headers: Vec<_> = ["origin", "credentials", "methods", "headers"]
        .map(|name| format!("access-control-allow-{name}"))
        .into_iter()
        .filter_map(|name| {
            let lines: Vec<_> = response.headers.all(&name).collect();
            let value = (!lines.is_empty()).then(|| lines.join(", "))?;
            Some((name, value))
        })
        .collect();
    let get = |name: &str| headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str());
    look(&CorsResponse::new(response.status, get))
}

/// A list as servers write it: separated by commas, or by something else by mistake.
fn list() -> impl Strategy<Value = String> {
    let member = prop_oneof![
        8 => select(vec!["PUT", "put", "PATCH", "patch", "QUERY", "*", "Authorization", "x-trace", "X-ID",
            "content-type", "range", "accept", ""]).prop_map(str::to_owned),
        1 => "[!-~]{1,3}",
        1 => select(vec!["DE LETE", "\"x-id\"", "x-\u{e9}", "\u{b}x-id", "x-id\u{a0}", "(c)"]).prop_map(str::to_owned),
    ];
    let separator = prop_oneof![
        8 => select(vec![",", ", ", " ,\t", ",,"]),
        1 => select(vec![" ", ";", "; ", "|", "\t"]),
    ];
    (prop::collection::vec(member, 0..5), separator).prop_map(|(members, separator)| members.join(separator))
}

/// Responses on both sides of every check, with generated lists in up to two lines.
fn any_response() -> impl Strategy<Value = Response> {
    let lines = || prop::option::of(prop::collection::vec(list(), 1..3));
    (response(), lines(), lines()).prop_map(|(response, methods, headers)| {
        let mut lines: Vec<(String, String)> =
            response.headers.lines().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
        for (name, values) in
            [("access-control-allow-methods", methods), ("access-control-allow-headers", headers)]
        {
            if let Some(values) = values {
                lines.retain(|(known, _)| known != name);
                lines.extend(values.into_iter().map(|value| (name.to_owned(), value)));
            }
        }
        Response::new(response.status, lines.iter().map(|(name, value)| (name.as_str(), value.as_str())))
    })
}

fn asked<'a>(request: &PageRequest) -> CorsRequest<'a> {
    CorsRequest { origin: request.page, include_credentials: request.credentials == Credentials::Include }
}

/// A header that a script sets, near the limits of the safelist.
fn header() -> impl Strategy<Value = (&'static str, String)> {
    let name = select(vec![
        "accept",
        "Accept-Language",
        "content-language",
        "Content-Type",
        "range",
        "X-Trace",
        "authorization",
    ]);
    let value = prop_oneof![
        "[ -~]{0,12}",
        "[ a-z*,.;=-]{0,12}",
        "(text/plain|Multipart/Form-Data|text/html)(; ?[a-z]=\"?[a-z]\"?)?",
        "bytes=[+ ]?[0-9]{0,3}-[+ ]?[0-9]{0,3}(,1-2)?",
        (120_usize..140).prop_map(|length| "x".repeat(length)),
    ];
    (name, value)
}

proptest! {
    #![proptest_config(bounded(5_000))]

    #[test]
    fn both_pass_the_same_preflights(mut request in page_request(), response in any_response()) {
        let response = told(&response, request.page);
        // The model assumes that the use-CORS-preflight flag is unset, which matters only without a list.
        request.upload_listeners &= response.headers.get("access-control-allow-methods").is_some();
        let fetched = fetch::fetch(&request, &format!("{GATEWAY}/x"), |_| response.clone());
        if fetched.preflight.is_some() {
            let names = fetch::unsafe_request_header_names(&request.headers);
            let names = names.iter().map(String::as_str);
            let method = method::normalize(request.method);
            let passes = modelled(&response, |response| {
                preflight_check(asked(&request), method, names, response).is_ok()
            });
            prop_assert_eq!(passes, fetched.actual.is_some(), "{:#?}", fetched);
        }
    }

    #[test]
    fn both_let_the_page_read_the_same_responses(request in page_request(), response in any_response()) {
        let response = told(&response, request.page);
        let fetched = fetch::fetch(&request, &format!("{GATEWAY}/x"), |_| response.clone());
        if fetched.actual.is_some() && request.page != GATEWAY {
            let passes = modelled(&response, |response| cors_check(asked(&request), response).is_ok());
            prop_assert_eq!(passes, fetched.readable.is_some(), "{:#?}", fetched);
        }
    }

    #[test]
    fn both_ask_for_the_same_headers(headers in prop::collection::vec(header(), 0..12)) {
        let given: Vec<_> = headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let owned: Vec<_> =
            headers.iter().map(|(name, value)| ((*name).to_owned(), Some(value.clone()))).collect();
        let names: Vec<_> = request_header::unsafe_names(&owned).into_iter().map(|(name, _)| name).collect();
        prop_assert_eq!(names, fetch::unsafe_request_header_names(&given));
    }

    #[test]
    fn both_know_the_same_methods(name in "(?i:get|head|post|put|patch|delete|options|trace|x)") {
        let normalized = method::normalize(&name);
        prop_assert_eq!(normalized, fetch::normalize(&name));
        prop_assert_eq!(method::is_safelisted(normalized), fetch::is_safelisted_method(normalized));
    }

    #[test]
    fn both_let_the_page_read_the_same_headers(
        name in "cache-control|content-(language|length|type|range)|expires|last-modified|pragma|date|etag|x-id",
    ) {
        let request = PageRequest {
            page: "https://app.example.com",
            method: "GET",
            headers: Vec::new(),
            credentials: Credentials::Omit,
            upload_listeners: false,
        };
        let response = Response::new(200, [("access-control-allow-origin", "*"), (name.as_str(), "x")]);
        let fetched = fetch::fetch(&request, &format!("{GATEWAY}/x"), |_| response.clone());
        let readable = fetched.readable.unwrap_or_default().contains(&name);
        prop_assert_eq!(response_header::is_safelisted(&name), readable);
    }
}
