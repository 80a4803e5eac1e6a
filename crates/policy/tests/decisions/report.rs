//! Routes in report mode: the traffic is the upstream's, the verdict is that of enforcement.

use corsgate_policy::Reason;

use super::forwarding::{ALWAYS, forwarded};
use super::*;

const APP: &str = "https://app.example.com";

/// The routes of the other tables, with headers of their own, and all with `mode = "report"`.
fn fixture() -> Policy {
    let report = |fields: Value| {
        let base = json!({
            "mode": "report",
            "response": { "set": { "x-api-version": "3" }, "remove": ["server"] },
            "security": { "nosniff": true, "timing_allow_origin": true },
        });
        merge(base, fields)
    };
    policy_with(
        &[
            p("p", report(json!({}))),
            p("forward", report(json!({ "on_disallowed": "forward" }))),
            p("console", report(json!({ "explain": "console" }))),
            p("close", report(json!({ "websocket": { "on_reject": "close" } }))),
            a("a", report(json!({}))),
            route("anonymous", report(json!({ "cors": { "origins": [APP] } }))),
            route("closed", report(json!({}))),
            route("kv", report(json!({ "cors": { "origins": ["@kv"] } }))),
            p("enforced", json!({})),
        ],
        json!({ "allowlists": { "kv": { "kv": "kv" } } }),
    )
}

/// An upstream that has CORS rules of its own, some of them wrong.
const UPSTREAM: &str = "200
    access-control-allow-origin: https://other.example
    access-control-allow-origin: *
    access-control-max-age: 9
    vary: Accept-Encoding
    vary: Cookie
    timing-allow-origin: https://other.example
    corsgate-decision: of another gateway
    server: a
    x-api-version: 2
    set-cookie: a=1";

/// The upstream's response as it comes back: with the route's headers, and its CORS headers unchanged.
fn untouched(verdict: &str) -> String {
    let upstream = UPSTREAM.replace("200\n", "").replace("server: a", "x-content-type-options: nosniff");
    format!("{verdict} 200\n{}", upstream.replace("x-api-version: 2", "x-api-version: 3"))
}

#[test]
fn the_upstreams_response_passes_unchanged_with_the_verdict_of_enforcement() {
    let get = |path: &str, origin: &str| format!("GET /{path}/x\nOrigin: {origin}");
    let preflight = |path: &str, origin: &str, method: &str, headers: &str| {
        format!("OPTIONS /{path}/x\nOrigin: {origin}\nACRM: {method}\nACRH: {headers}")
    };
    let handshake = |path: &str, lines: &str| format!("GET /{path}/x\nUpgrade: websocket{lines}");
    let evil = "https://evil.com";
    for (name, request, verdict) in [
        ("1: no Origin", "GET /p/x".to_owned(), "report"),
        ("2: a listed origin", get("p", APP), "report"),
        ("3: not listed", get("p", evil), "report origin_not_listed"),
        ("3: malformed", get("p", "https://app.example.com/"), "report origin_malformed"),
        ("3: null", get("p", "null"), "report origin_null"),
        ("3: where enforcement would strip", get("forward", evil), "report origin_not_listed"),
        ("3: where enforcement would explain", get("console", evil), "report origin_not_listed"),
        ("3: without rules", get("closed", APP), "report origin_not_listed"),
        ("3: a list that cannot be read", get("kv", APP), "report list_unavailable"),
        ("4: a preflight", preflight("p", APP, "PUT", "authorization"), "report"),
        ("6: of an origin that is not listed", preflight("p", evil, "PUT", ""), "report origin_not_listed"),
        ("6: explained", preflight("console", evil, "PUT", ""), "report origin_not_listed"),
        ("6: a list that cannot be read", preflight("kv", APP, "PUT", ""), "report list_unavailable"),
        ("7: another method", preflight("p", APP, "PATCH", ""), "report method_not_allowed"),
        ("7: another header", preflight("p", APP, "PUT", "x-trace"), "report header_not_allowed"),
        ("8: no method", preflight("p", APP, "PU T", ""), "report method_malformed"),
        ("8: no headers", preflight("p", APP, "PUT", "a b"), "report headers_malformed"),
        ("10: OPTIONS that is no preflight", format!("OPTIONS /p/x\nOrigin: {APP}"), "report"),
        ("11: any origin", get("a", "null"), "report"),
        ("17: a handshake", handshake("p", &format!("\nOrigin: {APP}")), "report"),
        ("18: not listed", handshake("p", &format!("\nOrigin: {evil}")), "report origin_not_listed"),
        ("18: without Origin", handshake("p", ""), "report websocket_origin_missing"),
        ("18: where enforcement would close", handshake("close", "\nOrigin: null"), "report origin_null"),
        ("18: any origin", handshake("a", &format!("\nOrigin: {evil}")), "report origin_not_listed"),
        ("19: the gateway's own page", get("p", "https://api.example.com"), "report"),
    ] {
        check(&fixture(), [row(name, &request, UPSTREAM, untouched(verdict))]);
    }
}

#[test]
fn the_record_has_the_reason_of_enforcement() {
    let policy = fixture();
    let request = request_of(&format!("OPTIONS /p/x\nOrigin: {APP}\nACRM: PUT\nACRH: authorization,x-trace"));
    let facts = request.facts();
    let decision = decide(&policy, &facts, &Answers::default(), today());
    assert_eq!(decision.outcome, Outcome::Report(Some(Reason::HeaderNotAllowed)));
    assert_eq!(decision.reason(), Some(Reason::HeaderNotAllowed));
    assert!(decision.refusal().is_none(), "nothing is refused");
    assert_eq!((decision.entry, decision.offending_header), (Some(APP), Some("x-trace")));
}

#[test]
fn the_upstream_receives_the_preflights_of_pages() {
    let page = format!(
        "origin: {APP}
         access-control-request-method: PUT
         access-control-request-headers: x
         cookie: a=1
         authorization: Bearer x"
    );
    let without_authorization = page.replace("authorization: Bearer x", "accept: text/html");
    for (name, line, headers) in [
        ("a GET that a cache may keep", "GET /anonymous/x", without_authorization.as_str()),
        ("HEAD", "HEAD /p/x", &without_authorization),
        ("a preflight", "OPTIONS /p/x", &page),
        ("a handshake without credentials", "GET /anonymous/x\nupgrade: websocket", &page),
        ("one that enforcement would refuse", "GET /closed/x\nupgrade: websocket", &page),
    ] {
        let request =
            request_of(&format!("{line}\n{headers}\nforwarded: for=127.0.0.1\nx-real-ip: 127.0.0.1"));
        let upgrade = line.split_once('\n').map(|(_, upgrade)| upgrade).unwrap_or_default();
        let mut expected: Vec<_> =
            [headers, upgrade, ALWAYS].into_iter().flat_map(str::lines).map(str::trim).collect();
        expected.sort_unstable();
        assert_eq!(forwarded(&fixture(), &request), expected, "{name}");
    }
}

#[test]
fn requests_without_a_route_and_loops_are_rejected_in_report_mode_too() {
    let loops = "\nCorsgate-Hop: other.example, api.example.com";
    let looped = |rest: &str| {
        let headers = "x-api-version: 3\nx-content-type-options: nosniff";
        format!("reject upstream_loop 502\n{headers}\n{rest}")
    };
    let readable = granted(APP);
    check(
        &fixture(),
        [
            row("no route", "GET /nowhere", UPSTREAM, "reject route_not_found 404"),
            row("an ambiguous path", "GET /p/%2f", UPSTREAM, "reject path_ambiguous 400"),
            row("another route enforces", "GET /enforced/x\nOrigin: null", UPSTREAM, as_3("origin_null")),
            row(
                "a loop, as readable as under enforcement",
                &format!("GET /p/x\nOrigin: {APP}{loops}"),
                UPSTREAM,
                looped(&format!("{readable}\nvary: Origin\ntiming-allow-origin: {APP}")),
            ),
            row(
                "a loop, of a page that enforcement would refuse",
                &format!("GET /console/x\nOrigin: null{loops}"),
                UPSTREAM,
                looped("vary: Origin"),
            ),
            row(
                "a preflight goes to the upstream, so it can come back",
                &format!("OPTIONS /p/x\nOrigin: {APP}\nACRM: PUT{loops}"),
                UPSTREAM,
                looped(&format!("{}\ntiming-allow-origin: {APP}", granted_to_preflight(APP))),
            ),
            row(
                "a handshake",
                &format!("GET /p/x\nUpgrade: websocket{loops}"),
                UPSTREAM,
                looped("vary: Origin"),
            ),
        ],
    );
}

#[test]
fn the_gateways_own_response_has_the_headers_of_the_policy() {
    let policy = fixture();
    let own = "x-api-version: 3\nx-content-type-options: nosniff";
    let reads = format!("{}\nvary: Origin\ntiming-allow-origin: {APP}", granted(APP));
    for (name, request, headers) in [
        ("a listed origin", format!("GET /p/x\nOrigin: {APP}"), reads.clone()),
        ("no Origin", "GET /p/x".to_owned(), "vary: Origin".to_owned()),
        ("not listed", "GET /p/x\nOrigin: null".to_owned(), "vary: Origin".to_owned()),
        (
            "not listed, and not explained",
            "GET /console/x\nOrigin: null".to_owned(),
            "vary: Origin".to_owned(),
        ),
        (
            "any origin",
            "GET /a/x\nOrigin: null".to_owned(),
            "access-control-allow-origin: *\ntiming-allow-origin: *".to_owned(),
        ),
        (
            "a preflight, whose lists nobody may keep",
            format!("OPTIONS /p/x\nOrigin: {APP}\nACRM: PATCH"),
            format!("{}\ntiming-allow-origin: {APP}", granted_to_preflight(APP)),
        ),
        ("a handshake", format!("GET /p/x\nOrigin: {APP}\nUpgrade: websocket"), reads),
    ] {
        let request = request_of(&request);
        let facts = request.facts();
        let decision = decide(&policy, &facts, &Answers::default(), today());
        let mut planned = Response::new(504, []);
        decision.write_own_headers(&mut planned.headers);
        let expected = |first: &str| tidy(&format!("{first}\n{own}\n{headers}"));
        let first = written(&decision, &planned).lines().next().unwrap_or_default().to_owned();
        assert_eq!(written(&decision, &planned), expected(&first), "{name}, planned");

        let mut failed = decision;
        failed.outcome = Outcome::Reject(Reason::UpstreamTimeout);
        let answer = answer(&failed, &Response::new(200, []));
        assert_eq!(written(&failed, &answer), expected("reject upstream_timeout 504"), "{name}");
    }
}
