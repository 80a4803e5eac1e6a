//! Actual requests: rows 1 to 3, 10 to 13, 16, 19 to 21, 23 and 24.

use super::*;

const APP: &str = "https://app.example.com";

/// Route P with both values of `on_disallowed`, with limits, and route A.
fn fixture() -> Policy {
    let limits = json!([{ "name": "per-client", "quota": 1, "window": 60, "by": ["client_ip"] }]);
    policy(&[
        p("p", json!({})),
        p("forward", json!({ "on_disallowed": "forward" })),
        p("limited", json!({ "limits": limits })),
        a("a", json!({})),
        route("closed", json!({})),
    ])
}

/// Origins that no entry of P lists: row 3; row 23 for values that no browser sends, and row 24 for the apex of a
/// wildcard.
pub const REFUSED: [(&str, &str); 19] = [
    ("https://evil.com", "origin_not_listed"),
    ("http://app.example.com", "origin_not_listed"),
    ("https://app.example.com:8443", "origin_not_listed"),
    ("https://app.example.com.evil.com", "origin_not_listed"),
    ("https://evilexample.com", "origin_not_listed"),
    ("https://example.com", "origin_not_listed"),
    ("null", "origin_null"),
    ("https://app.example.com, https://app.example.com", "origin_malformed"),
    ("https://APP.example.com", "origin_malformed"),
    ("https://app.example.com:443", "origin_malformed"),
    ("https://app.example.com/", "origin_malformed"),
    ("https://[app.example.com]", "origin_malformed"),
    ("https://evil.com/.example.com", "origin_malformed"),
    ("https://x.example.com.", "origin_malformed"),
    ("https://..example.com", "origin_malformed"),
    ("https://*.example.com", "origin_malformed"),
    ("*", "origin_malformed"),
    ("NULL", "origin_malformed"),
    ("", "origin_malformed"),
];

#[test]
fn a_listed_origin_can_read_the_response_and_others_cannot() {
    let named = |origin| format!("GET /p/x\nOrigin: {origin}");
    check(
        &fixture(),
        [
            row("1: no Origin", "GET /p/x", PLAIN, as_1(200)),
            row("2: an exact entry", &named(APP), PLAIN, as_2(200, APP)),
            row(
                "2: a wildcard's entry, however deep",
                &named("https://b.a_1.example.com"),
                PLAIN,
                as_2(200, "https://b.a_1.example.com"),
            ),
            row(
                "2: a route with limits exposes their fields",
                &format!("GET /limited/x\nOrigin: {APP}"),
                PLAIN,
                as_2(200, APP).replace("x-id", "x-id, ratelimit, ratelimit-policy, retry-after"),
            ),
            row(
                "2: the form of a GET is that of a POST",
                &named(APP).replace("GET", "POST"),
                PLAIN,
                as_2(200, APP),
            ),
            row(
                "16: an event stream",
                &format!("GET /p/x\nOrigin: {APP}\nAccept: text/event-stream"),
                "200\ncontent-type: text/event-stream",
                format!("{}\ncontent-type: text/event-stream", as_2(200, APP)),
            ),
            row("20: HEAD", &named(APP).replace("GET", "HEAD"), PLAIN, as_2(200, APP)),
        ],
    );
}

#[test]
fn an_origin_that_is_not_listed_is_refused_or_forwarded_without_a_grant() {
    for (origin, reason) in REFUSED {
        let name = format!("3, 23, 24: {origin}");
        let upstream = "200\nx-id: 7\naccess-control-allow-origin: *\naccess-control-expose-headers: *";
        let to = |path| format!("POST /{path}/x\nOrigin: {origin}");
        check(
            &fixture(),
            [
                row(&name, &to("p"), upstream, as_3(reason)),
                row(&name, &to("forward"), upstream, format!("strip {reason} 200\nvary: Origin\nx-id: 7")),
            ],
        );
    }
    let closed = format!("GET /closed/x\nOrigin: {APP}");
    check(&fixture(), [row("a route without CORS lists nobody", &closed, PLAIN, as_3("origin_not_listed"))]);
}

#[test]
fn two_origin_lines_are_one_malformed_value() {
    let twice = format!("GET /p/x\nOrigin: {APP}\nOrigin: {APP}");
    check(&fixture(), [row("3: duplicated", &twice, PLAIN, as_3("origin_malformed"))]);
}

#[test]
fn options_without_a_requested_method_is_an_actual_request() {
    check(
        &fixture(),
        [
            row("10: no ACRM, no Origin", "OPTIONS /p/x", PLAIN, as_1(200)),
            row("10: no Origin", "OPTIONS /p/x\nACRM: PUT", PLAIN, as_1(200)),
            row("10: no ACRM", &format!("OPTIONS /p/x\nOrigin: {APP}"), PLAIN, as_2(200, APP)),
            row("10: refused", "OPTIONS /p/x\nOrigin: null", PLAIN, as_3("origin_null")),
        ],
    );
}

#[test]
fn a_route_for_any_origin_does_not_read_the_origin() {
    for origin in ["", "\nOrigin: https://evil.com", "\nOrigin: null", "\nOrigin: a, b", "\nOrigin:"] {
        check(
            &fixture(),
            [row(
                &format!("11:{origin}"),
                &format!("GET /a/x{origin}"),
                "200\nvary: Accept-Encoding",
                "allow 200
                 access-control-allow-origin: *
                 vary: Accept-Encoding",
            )],
        );
    }
}

#[test]
fn the_upstreams_cors_headers_are_dropped_and_others_are_kept() {
    let own = "200
        access-control-allow-origin: *
        access-control-allow-origin: https://evil.com
        access-control-allow-credentials: maybe
        access-control-allow-private-network: true
        access-control-max-age: -1
        corsgate-decision: allow
        set-cookie: a=1
        set-cookie: b=2";
    let kept = "set-cookie: a=1\nset-cookie: b=2";
    check(
        &fixture(),
        [
            row("12: absent", "GET /p/x", own, format!("{}\n{kept}", as_1(200))),
            row(
                "12: listed",
                &format!("GET /p/x\nOrigin: {APP}"),
                own,
                format!("{}\n{kept}", as_2(200, APP)),
            ),
            row("12: any", "GET /a/x", own, format!("allow 200\naccess-control-allow-origin: *\n{kept}")),
        ],
    );
}

#[test]
fn every_status_gets_the_same_headers() {
    for status in [301, 304, 404, 429, 500, 503] {
        let name = format!("13: {status}");
        check(
            &fixture(),
            [
                row(&name, "GET /p/x", &status.to_string(), as_1(status)),
                row(&name, &format!("GET /p/x\nOrigin: {APP}"), &status.to_string(), as_2(status, APP)),
            ],
        );
    }
}

#[test]
fn the_gateways_own_pages_are_never_rejected() {
    let same = "POST /p/x\nOrigin: https://api.example.com";
    let null = "POST /p/x\nOrigin: null\nSec-Fetch-Site:";
    check(
        &fixture(),
        [
            row("19: Origin is the URL's", same, PLAIN, as_1(200)),
            row("19: null, and the browser vouches", &format!("{null} same-origin"), PLAIN, as_1(200)),
            row("3: null from another site", &format!("{null} cross-site"), PLAIN, as_3("origin_null")),
            row("3: null from a sibling host", &format!("{null} same-site"), PLAIN, as_3("origin_null")),
            row(
                "3: what is vouched for is `null` alone",
                "POST /p/x\nOrigin: https://evil.com\nSec-Fetch-Site: same-origin",
                PLAIN,
                as_3("origin_not_listed"),
            ),
            row(
                "19: another scheme is another origin, though listed",
                "POST http://api.example.com/p/x\nOrigin: https://api.example.com",
                PLAIN,
                as_2(200, "https://api.example.com"),
            ),
        ],
    );
}

#[test]
fn vary_is_merged_with_the_upstreams_and_never_with_the_clients() {
    for (vary, merged) in [
        ("", "vary: Origin"),
        ("\nvary: Accept-Encoding", "vary: Accept-Encoding, Origin"),
        ("\nvary: Accept-Encoding, origin", "vary: Accept-Encoding, origin"),
        ("\nvary: Accept\nvary: Cookie", "vary: Accept, Cookie, Origin"),
        ("\nvary: *", "vary: *"),
    ] {
        check(
            &fixture(),
            [row(
                &format!("21:{vary}"),
                "GET /p/x\nVary: X-Client",
                &format!("200{vary}"),
                format!("allow 200\n{merged}"),
            )],
        );
    }
}

#[test]
fn trace_is_rejected_on_every_route_and_in_every_mode() {
    let policy = policy(&[p("p", json!({})), p("report", json!({ "mode": "report" })), a("a", json!({}))]);
    check(
        &policy,
        [
            row("TRACE", "TRACE /p/x", PLAIN, "reject method_not_allowed 403\nvary: Origin"),
            row("TRACK", "TRACK /p/x", PLAIN, "reject method_not_allowed 403\nvary: Origin"),
            row("in another case", "trace /p/x", PLAIN, "reject method_not_allowed 403\nvary: Origin"),
            row(
                "where any origin may ask",
                "TRACE /a/x",
                PLAIN,
                "reject method_not_allowed 403\naccess-control-allow-origin: *",
            ),
            row(
                "as a handshake",
                "TRACE /p/x\nupgrade: websocket\norigin: https://api.example.com",
                PLAIN,
                "reject method_not_allowed 403\nvary: Origin",
            ),
            row(
                "on a route that reports",
                "TRACE /report/x",
                PLAIN,
                "reject method_not_allowed 403\nvary: Origin",
            ),
            row("of a refused origin", "TRACE /p/x\norigin: null", PLAIN, as_3("origin_null")),
            row("no route", "TRACE /nowhere", PLAIN, "reject route_not_found 404"),
        ],
    );
}
