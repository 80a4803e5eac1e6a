//! Any response of an upstream: the gateway's verdict agrees with the browser's.

use corsgate_policy::fetch::CorsResponse;
use proptest::prelude::*;
use proptest::sample::select;

use crate::browser::fetch::{Credentials, fetch};
use crate::browser::pages::page_request;
use crate::browser::{GATEWAY, bounded};
use crate::support::{Request, Response};

/// The gateway's verdict on a response.
pub fn refuses(response: &Response, request: &Request, carries_cookies: bool) -> bool {
    let joined = |name: &str| {
        let lines: Vec<_> = response.headers.all(name).collect();
        (!lines.is_empty()).then(|| lines.join(", "))
    };
    let [allow_origin, allow_credentials, allow_methods, allow_headers] =
        ["origin", "credentials", "methods", "headers"]
            .map(|name| joined(&format!("access-control-allow-{name}")));
    let answer = CorsResponse {
        status: response.status,
        allow_origin: allow_origin.as_deref(),
        allow_credentials: allow_credentials.as_deref(),
        allow_methods: allow_methods.as_deref(),
        allow_headers: allow_headers.as_deref(),
    };
    answer.refuses(&request.facts(), carries_cookies)
}

/// Responses on both sides of every check. `PAGE` stands for the page's own origin.
pub fn response() -> impl Strategy<Value = Response> {
    // 304 is left out: the model has no cache.
    let status =
        prop_oneof![4 => select(vec![200, 204, 299]), 1 => select(vec![101, 300, 302, 401, 404, 502])];
    let lines = |values: &[&'static [&'static str]]| select(values.to_vec());
    let origins = prop_oneof![
        4 => lines(&[&["PAGE"], &["*"]]),
        1 => lines(&[&[], &[""], &["https://other.example"], &["PAGE", "PAGE"], &["PAGE "], &["null"]]),
    ];
    let credentials = lines(&[&["true"], &["true"], &[], &["True"], &["false"], &["true", "true"]]);
    let methods = lines(&[
        &[],
        &[""],
        &["*"],
        &["PUT, DELETE", "PATCH"],
        &["put,Patch,patch,,OPTIONS"],
        &["PUT", "*"],
        &["QUERY;PUT"],
        &["PUT DELETE"],
    ]);
    let headers = lines(&[
        &[],
        &[","],
        &["*"],
        &["*, authorization"],
        &["Authorization, Content-Type", "x-trace\t,, X-ID, range, accept"],
        &["content-type,*"],
        &["\"x-trace\""],
        &["x trace"],
    ]);
    (status, origins, credentials, methods, headers).prop_map(
        |(status, origins, credentials, methods, headers)| {
            let lines = [
                ("access-control-allow-origin", origins),
                ("access-control-allow-credentials", credentials),
                ("access-control-allow-methods", methods),
                ("access-control-allow-headers", headers),
            ];
            let lines =
                lines.into_iter().flat_map(|(name, values)| values.iter().map(move |value| (name, *value)));
            Response::new(status, lines)
        },
    )
}

/// The response to a page of this origin.
pub fn told(response: &Response, page: &str) -> Response {
    let lines: Vec<_> =
        response.headers.lines().map(|(name, value)| (name, value.replace("PAGE", page))).collect();
    Response::new(response.status, lines.iter().map(|(name, value)| (*name, value.as_str())))
}

proptest! {
    #![proptest_config(bounded(20_000))]

    #[test]
    fn an_upstream_rejects_the_preflights_that_fail_in_the_browser(
        mut request in page_request(), response in response(),
    ) {
        let response = told(&response, request.page);
        // A preflight does not show these.
        request.credentials = Credentials::SameOrigin;
        request.upload_listeners &= response.headers.get("access-control-allow-methods").is_some();
        let fetched = fetch(&request, &format!("{GATEWAY}/x"), |_| response.clone());
        if let Some((sent, _)) = &fetched.preflight {
            prop_assert_eq!(refuses(&response, sent, false), fetched.actual.is_none(), "{:#?}", fetched);
        }
    }

    #[test]
    fn an_upstream_rejects_the_requests_whose_response_no_page_can_read(
        request in page_request(), response in response(),
    ) {
        let response = told(&response, request.page);
        let fetched = fetch(&request, &format!("{GATEWAY}/x"), |_| response.clone());
        if let Some((sent, _)) = &fetched.actual {
            let carries_cookies = request.credentials == Credentials::Include;
            let refused = refuses(&response, sent, carries_cookies);
            prop_assert_eq!(refused, fetched.readable.is_none(), "{:#?}", fetched);
        }
    }
}
