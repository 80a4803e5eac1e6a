//! Preflights: rows 4 to 9 and 15.

use super::*;

const APP: &str = "https://app.example.com";

fn fixture() -> Policy {
    policy(&[
        p("p", json!({})),
        route("bare", json!({ "cors": { "origins": [APP] } })),
        route("stars", json!({ "cors": { "origins": ["*"], "methods": ["*"], "request_headers": ["*"] } })),
        a("a", json!({})),
    ])
}

fn preflight(path: &str, origin: &str, method: &str, headers: &str) -> String {
    let headers = if headers.is_empty() { String::new() } else { format!("\nACRH: {headers}") };
    format!("OPTIONS {path}\nOrigin: {origin}\nACRM: {method}{headers}")
}

#[test]
fn a_preflight_of_a_listed_origin_gets_the_full_lists() {
    let both = "authorization,content-type";
    for (name, method, headers) in [
        ("4", "PUT", both),
        ("5: a safelisted method, for an upload listener", "POST", ""),
        ("5", "GET", ""),
        ("9: unsorted", "PUT", "content-type,authorization"),
        ("9: upper case", "PUT", "Authorization,CONTENT-TYPE"),
        ("9: duplicated", "DELETE", "authorization,authorization"),
        ("9: padded, with empty elements", "PUT", ",, content-type\t,,authorization , ,"),
        ("9: empty", "PUT", ","),
        ("the six usual methods lose their case, as in browsers", "put", both),
    ] {
        check(&fixture(), [row(name, &preflight("/p/x", APP, method, headers), PLAIN, as_4(APP))]);
    }
}

#[test]
fn the_origin_is_checked_first() {
    for (origin, reason) in super::requests::REFUSED {
        for (method, headers) in [("PUT", "authorization"), ("PU T", "a b")] {
            check(
                &fixture(),
                [row("6, 23, 24", &preflight("/p/x", origin, method, headers), PLAIN, as_6(reason))],
            );
        }
    }
}

#[test]
fn a_family_allows_its_names_and_only_requested_names_are_listed() {
    let headers = |more: &[&str]| {
        let cors = json!({
            "origins": more, "methods": ["PUT"], "request_headers": ["content-type", "x-amz-meta-*", "mcp-param-*"],
        });
        route("s3", json!({ "cors": cors }))
    };
    let vary_all = "origin, access-control-request-method, access-control-request-headers";
    for (origins, granted, vary) in
        [(&[APP][..], APP, vary_all), (&["*"], "*", "access-control-request-headers")]
    {
        let policy = policy(&[headers(origins)]);
        for (asked, allowed, reason) in [
            ("x-amz-meta-b,x-amz-meta-a", "content-type, x-amz-meta-a, x-amz-meta-b", None),
            ("X-AMZ-META-A, Mcp-Param-Q,x-amz-meta-a", "content-type, mcp-param-q, x-amz-meta-a", None),
            ("content-type", "content-type", None),
            ("x-amz-acl,x-amz-meta-a", "content-type, x-amz-meta-a", Some("header_not_allowed")),
            ("x-amz-meta-", "content-type", Some("header_not_allowed")),
        ] {
            let request = request_of(&preflight("/s3/x", APP, "PUT", asked));
            let facts = request.facts();
            let decision = decide(&policy, &facts, &Answers::default(), today());
            assert_eq!(decision.reason().map(corsgate_policy::Reason::name), reason, "{asked}");
            let answer = answer(&decision, &Response::new(200, []));
            let get = |name: &str| answer.headers.get(name).unwrap_or_default().to_ascii_lowercase();
            assert_eq!(get("access-control-allow-headers"), allowed, "{asked}");
            assert_eq!(get("access-control-allow-origin"), granted, "{asked}");
            assert_eq!(get("vary"), vary, "{asked}");
        }
    }
}

#[test]
fn a_method_or_header_that_is_not_allowed_is_answered_with_the_true_lists() {
    for (name, method, headers, reason) in [
        ("7: method", "PATCH", "", "method_not_allowed"),
        ("7: a method's case counts", "Patch", "", "method_not_allowed"),
        ("7: OPTIONS is not safelisted", "OPTIONS", "", "method_not_allowed"),
        ("7: header", "PUT", "authorization,x-trace", "header_not_allowed"),
        ("7: the method comes first", "PATCH", "x-trace", "method_not_allowed"),
        ("7: `*` is a name like any other", "PUT", "*", "header_not_allowed"),
    ] {
        let request = preflight("/p/x", APP, method, headers);
        check(&fixture(), [row(name, &request, PLAIN, as_7(APP, reason))]);
    }
}

#[test]
fn a_rejected_header_is_named_in_the_record() {
    let policy = fixture();
    let request = request_of(&preflight("/p/x", APP, "PUT", "authorization,x-trace,x-other"));
    let facts = request.facts();
    let decision = decide(&policy, &facts, &Answers::default(), today());
    assert_eq!(decision.offending_header, Some("x-trace"));
    assert_eq!(decision.entry, Some("https://app.example.com"));
}

#[test]
fn a_preflight_that_no_browser_sends_is_rejected() {
    let oversize = "x".repeat(4_097);
    let crowd = vec!["authorization"; 101].join(",");
    for (name, method, headers, reason) in [
        ("8: a method with a space", "PU T", "", "method_malformed"),
        ("8: two methods", "PUT,DELETE", "", "method_malformed"),
        ("8: no method", "", "", "method_malformed"),
        ("8: a byte no method has", "PÜT", "", "method_malformed"),
        ("8: a byte no name has", "PUT", "authorization,x:y", "headers_malformed"),
        ("8: NUL", "PUT", "a\0b", "headers_malformed"),
        ("8: too many bytes", "PUT", &oversize, "headers_malformed"),
        ("8: too many names", "PUT", &crowd, "headers_malformed"),
    ] {
        check(&fixture(), [row(name, &preflight("/p/x", APP, method, headers), PLAIN, as_6(reason))]);
    }
}

#[test]
fn a_route_that_lists_no_methods_and_no_headers_still_answers() {
    let grant = format!("access-control-allow-origin: {APP}\n{VARY_PREFLIGHT}");
    let refused = |reason| format!("reject {reason} 204\n{grant}");
    check(
        &fixture(),
        [
            row(
                "5: upload listeners",
                &preflight("/bare/x", APP, "POST", ""),
                PLAIN,
                format!("allow 204\n{grant}"),
            ),
            row(
                "7: an empty list is still a list: Fetch reads none at all as consent to the method \
                 (CORS-preflight fetch, step 7.4)",
                &preflight("/bare/x", APP, "PUT", ""),
                PLAIN,
                format!("{}\naccess-control-allow-methods: GET, HEAD, POST", refused("method_not_allowed")),
            ),
            row("7", &preflight("/bare/x", APP, "GET", "x-trace"), PLAIN, refused("header_not_allowed")),
        ],
    );
}

#[test]
fn stars_stand_for_every_name_but_authorization() {
    let lists = "access-control-allow-origin: *
         access-control-allow-methods: *
         access-control-allow-headers: *";
    let preflight = |method, headers| preflight("/stars/x", "https://anyone.example", method, headers);
    check(
        &fixture(),
        [
            row("11", &preflight("PATCH", "x-trace,x-y"), PLAIN, format!("allow 204\n{lists}")),
            row(
                "11: `*` never covers Authorization",
                &preflight("GET", "authorization"),
                PLAIN,
                format!("reject header_not_allowed 204\n{lists}"),
            ),
        ],
    );
}

#[test]
fn a_preflight_to_an_unknown_route_is_not_found() {
    check(
        &fixture(),
        [
            row("15", &preflight("/nowhere", APP, "PUT", ""), PLAIN, "reject route_not_found 404"),
            row(
                "15: nor does a route answer for another host",
                &preflight("https://other.example/p/x", APP, "PUT", ""),
                PLAIN,
                "reject route_not_found 404",
            ),
        ],
    );
}

#[test]
fn the_gateways_own_pages_need_no_grant() {
    let request = preflight("/p/x", "https://api.example.com", "PATCH", "x-trace");
    check(&fixture(), [row("19", &request, PLAIN, format!("allow 204\n{VARY_PREFLIGHT}"))]);
}
