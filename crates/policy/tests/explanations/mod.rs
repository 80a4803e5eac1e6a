//! Whole answers of `explain`. Other tests compare the trace with the decision for any request.
// The tables are for people, so they run only once, on the native target.
#![cfg(not(target_arch = "wasm32"))]
#![expect(clippy::expect_used, clippy::panic, reason = "tests may fail loudly")]

use crate::support::{Request, Response, answer};
use corsgate_policy::grammar::day::Day;
use corsgate_policy::origin::list::TextList;
use corsgate_policy::policy::document::Mode;
use corsgate_policy::{Answers, Decision, Examined, Explanation, KeyAnswer, Kind, Policy, Reason};
use serde_json::{Value, json};

const LIST: &str = "https://partner.example\nhttps://gone.example expires=2026-01-31\n";

fn policy() -> Policy {
    let document = json!({
        "version": 1,
        "id": "0123456789abcdef",
        "upstreams": { "api": "https://origin.example.net/base", "legacy": "service:LEGACY", "site": "zone" },
        "allowlists": {
            "partners": { "kv": "partners" },
            "spa": ["https://app.example.com", { "origin": "https://old.example", "expires": "2026-06-14" }],
            "tenants": { "kv_keys": "tenants", "scope": "host" },
        },
        "routes": [
            { "name": "other", "hosts": ["other.example.com"], "path": "/api/*", "upstream": "site" },
            { "name": "login", "hosts": ["api.example.com"], "path": "/auth/login", "upstream": "legacy" },
            {
                "name": "api", "hosts": ["api.example.com"], "path": "/api/*", "upstream": "api",
                "cors": {
                    "origins": ["@spa", "@partners", "@tenants", "https://*.example.org"],
                    "methods": ["PUT"], "request_headers": ["x-trace"], "credentials": true, "max_age": 600,
                },
                "limits": [
                    { "name": "client", "quota": 120, "window": 60, "by": ["client_ip"] },
                    { "name": "key", "quota": 9, "window": 1, "by": ["route", "header:x-key"] },
                ],
                "websocket": { "on_reject": "close" },
                "response": { "set": { "x-api-version": "3" }, "remove": ["server"] },
            },
            {
                "name": "trial", "hosts": ["api.example.com"], "path": "/trial/*", "upstream": "site",
                "mode": "report", "cors": { "origins": ["https://app.example.com"] },
            },
        ],
    });
    Policy::read(document.to_string().as_bytes()).expect("a policy")
}

fn today() -> Day {
    Day::parse("2026-06-15").expect("a day")
}

/// The explanation of a request, with the text of the only list in KV, or without it.
fn explained(request: &Request, list: Option<&str>, key: KeyAnswer) -> Value {
    let policy = policy();
    let facts = request.facts();
    let examined = Examined::new(&policy, &facts);
    let lookups = examined.lists(today());
    let lists: Vec<_> = lookups
        .iter()
        .map(|lookup| list.map(|list| TextList::parse(list, lookup.list.patterns).origins))
        .collect();
    let mut answers = Answers::default();
    for (lookup, list) in lookups.iter().zip(&lists) {
        answers.add_list(lookup, list.as_ref());
    }
    for lookup in examined.keys(&answers, today()) {
        answers.add_key(&lookup, key);
    }
    serde_json::to_value(Explanation::new(&examined, &answers, today())).expect("an explanation")
}

fn from(method: &str, path: &str, origin: &str) -> Request {
    Request::new(method, &format!("https://api.example.com{path}")).with("origin", origin)
}

fn part<'a>(explained: &'a Value, name: &str) -> &'a Value {
    explained.get(name).unwrap_or_else(|| panic!("{name} of {explained:#}"))
}

/// The checks of one kind.
fn checks(explained: &Value, of: &str) -> Vec<Value> {
    let trace = part(explained, "trace").as_array().expect("an array");
    trace.iter().filter(|check| part(check, "check") == of).cloned().collect()
}

#[test]
fn a_request_from_an_origin_on_a_list_in_kv_is_explained_in_full() {
    let request = from("POST", "/api/users?page=2", "https://partner.example")
        .with("X_Forwarded_Host", "evil.example")
        .with("Accept", "*/*")
        .with("True-Client-IP", "192.0.2.1");
    assert_eq!(
        explained(&request, Some(LIST), KeyAnswer::Absent),
        json!({
            "version": 1,
            "decision": {
                "outcome": "allow", "reason": null, "status": null, "close_code": null, "kind": "actual",
                "route": "api", "policy": "0123456789abcdef", "entry": "https://partner.example",
                "offending_header": null,
            },
            "trace": [
                { "check": "url", "result": "readable", "host": "api.example.com", "path": "/api/users" },
                { "check": "policy", "result": "in_force", "id": "0123456789abcdef" },
                { "check": "path", "result": "unambiguous" },
                {
                    "check": "route", "result": "found", "route": "api", "path": "/api/*",
                    "passed_over": { "host": 1, "path": 1 },
                    "nearest": [
                        { "route": "other", "path": "/api/*", "differs": "host" },
                        { "route": "login", "path": "/auth/login", "differs": "path" },
                    ],
                },
                { "check": "kind", "result": "actual" },
                { "check": "rules", "result": "route", "any_origin": false, "credentials": true },
                {
                    "check": "origin", "result": "cross_origin", "origin": "https://partner.example",
                    "error": null,
                },
                {
                    "check": "list", "result": "not_listed", "source": "policy", "allowlist": null,
                    "key": null, "entries": 1, "entry": null, "expires": null,
                },
                {
                    "check": "list", "result": "not_listed", "source": "policy", "allowlist": "spa",
                    "key": null, "entries": 2, "entry": null, "expires": null,
                },
                {
                    "check": "list", "result": "listed", "source": "kv_list", "allowlist": "partners",
                    "key": "allowlist/partners", "entries": 2, "entry": "https://partner.example",
                    "expires": null,
                },
                { "check": "mode", "result": "enforce" },
                { "check": "loop", "result": "first_pass", "hops": null },
            ],
            "limits": [
                { "name": "client", "quota": 120, "window": 60, "by": ["client_ip"] },
                { "name": "key", "quota": 9, "window": 1, "by": ["route", "header:x-key"] },
            ],
            "headers": {
                "strip_upstream": true,
                "remove": ["server"],
                "set": {
                    "access-control-allow-origin": "https://partner.example",
                    "access-control-allow-credentials": "true",
                    "access-control-expose-headers": "ratelimit, ratelimit-policy, retry-after",
                    "x-api-version": "3",
                },
                "append": {},
                "vary": "Origin",
            },
            "upstream": {
                "to": "https://origin.example.net/base",
                "url": "https://origin.example.net/base/api/users?page=2",
                "headers": {
                    "remove": ["x_forwarded_host", "true-client-ip", "x-real-ip", "x-forwarded-for"],
                    "set": {
                        "x-forwarded-host": "api.example.com",
                        "x-forwarded-proto": "https",
                        "corsgate-hop": "api.example.com",
                    },
                },
            },
        })
    );
}

#[test]
fn every_list_reports_its_result() {
    for (origin, list, key, found) in [
        (
            "https://old.example",
            Some(LIST),
            KeyAnswer::Absent,
            "not_listed; spa expired https://old.example 2026-06-14; partners not_listed; tenants not_listed",
        ),
        (
            "https://gone.example",
            Some(LIST),
            KeyAnswer::Unavailable,
            "not_listed; spa not_listed; partners expired https://gone.example 2026-01-31; tenants unavailable",
        ),
        (
            "https://tenant.example",
            None,
            KeyAnswer::Present(Day::NEVER),
            "not_listed; spa not_listed; partners unavailable; tenants listed https://tenant.example",
        ),
        (
            "https://tenant.example",
            Some(""),
            KeyAnswer::Present(Day::parse("2026-06-14").expect("a day")),
            "not_listed; spa not_listed; partners not_listed; tenants expired https://tenant.example 2026-06-14",
        ),
        ("https://a.example.org", None, KeyAnswer::Unavailable, "listed https://*.example.org"),
        // Plain `http` cannot be allowed on a route with credentials, so no key is read.
        (
            "http://plain.example",
            Some(LIST),
            KeyAnswer::Present(Day::NEVER),
            "not_listed; spa not_listed; partners not_listed; tenants not_asked",
        ),
    ] {
        let explained = explained(&from("GET", "/api/x", origin), list, key);
        let lists: Vec<_> = checks(&explained, "list")
            .iter()
            .map(|check| {
                let words =
                    ["allowlist", "result", "entry", "expires"].map(|name| part(check, name).as_str());
                words.into_iter().flatten().collect::<Vec<_>>().join(" ")
            })
            .collect();
        assert_eq!(lists.join("; "), found, "{origin}");
    }
}

#[test]
fn a_key_is_named_as_in_kv() {
    let explained = explained(&from("GET", "/api/x", "https://t.example"), Some(""), KeyAnswer::Absent);
    let keys: Vec<_> = checks(&explained, "list").iter().map(|check| part(check, "key").clone()).collect();
    assert_eq!(
        keys,
        [
            json!(null),
            json!(null),
            json!("allowlist/partners"),
            json!("origin/tenants/api.example.com/https://t.example")
        ]
    );
}

#[test]
fn the_nearest_routes_are_few_and_share_most_with_the_path() {
    let routes: Vec<_> = (0..30)
        .map(|at| json!({ "name": format!("r{at}"), "path": format!("/v1/{at}/x"), "upstream": "site" }))
        .collect();
    let document = json!({ "version": 1, "upstreams": { "site": "zone" }, "routes": routes });
    let policy = Policy::read(document.to_string().as_bytes()).expect("a policy");
    let request = Request::new("GET", "https://api.example.com/v1/17/y");
    let facts = request.facts();
    let examined = Examined::new(&policy, &facts);
    let explained = serde_json::to_value(Explanation::new(&examined, &Answers::default(), today()));
    let explained = explained.expect("an explanation");
    let [route] = &checks(&explained, "route")[..] else { panic!("{explained:#}") };
    assert_eq!(part(route, "result"), "not_found");
    assert_eq!(*part(route, "passed_over"), json!({ "host": 0, "path": 30 }));
    let nearest = part(route, "nearest").as_array().expect("an array");
    let names: Vec<_> = nearest.iter().map(|near| part(near, "route").clone()).collect();
    assert_eq!(names, ["r17", "r1", "r10", "r11", "r12"]);
}

#[test]
fn the_gateways_own_response_is_shown_with_status_and_every_header() {
    let preflight = |method: &str, headers: &str| {
        from("OPTIONS", "/api/x", "https://app.example.com")
            .with("access-control-request-method", method)
            .with("access-control-request-headers", headers)
    };
    let socket = from("GET", "/api/x", "https://evil.example").with("upgrade", "websocket");
    for (name, request, status, reason) in [
        ("a preflight that can go on", preflight("PUT", "x-trace"), 204, None),
        ("one that cannot", preflight("PUT", "x-trace, x-other"), 204, Some("header_not_allowed")),
        ("one with no method", preflight("P T", ""), 403, Some("method_malformed")),
        ("a stranger", from("GET", "/api/x", "https://evil.example"), 403, Some("origin_not_listed")),
        ("no route", from("GET", "/none", "https://app.example.com"), 404, Some("route_not_found")),
        ("an ambiguous path", from("GET", "/api/%2e%2e", "null"), 400, Some("path_ambiguous")),
        ("a socket that is closed", socket, 101, Some("origin_not_listed")),
    ] {
        let explained = explained(&request, Some(""), KeyAnswer::Absent);
        let decision = part(&explained, "decision");
        assert_eq!(*part(decision, "status"), json!(status), "{name}");
        assert_eq!(*part(decision, "reason"), json!(reason), "{name}");
        assert_eq!(*part(decision, "close_code"), json!((status == 101).then_some(4403)), "{name}");
        assert_eq!(*part(&explained, "upstream"), json!(null), "{name}");
        let headers = part(&explained, "headers");
        let (policy, facts) = (policy(), request.facts());
        let mut answers = Answers::default();
        let examined = Examined::new(&policy, &facts);
        let empty = TextList::default();
        examined.lists(today()).iter().for_each(|lookup| answers.add_list(lookup, Some(&empty.origins)));
        let keys = examined.keys(&answers, today());
        keys.iter().for_each(|lookup| answers.add_key(lookup, KeyAnswer::Absent));
        let written = answer(&examined.decide(&answers, today()), &Response::new(200, []));
        let set = part(headers, "set").as_object().expect("an object");
        for (name, value) in written.headers.lines() {
            assert_eq!(set.get(name).and_then(Value::as_str), Some(value), "{name}");
        }
        let own = set.keys().filter(|name| written.headers.get(name).is_none());
        let expected: &[&str] = match (status, reason) {
            (101 | 204, _) => &[],
            (403, Some("method_malformed")) => &["cache-control"],
            _ => &["cache-control", "content-type", "cross-origin-resource-policy", "x-content-type-options"],
        };
        assert_eq!(own.collect::<Vec<_>>(), expected, "{name}");
        for nothing in ["remove", "append"] {
            let changes = part(headers, nothing);
            assert!(*changes == json!([]) || *changes == json!({}), "{name}: {headers:#}");
        }
    }
}

#[test]
fn a_route_in_report_mode_shows_what_enforcement_would_do() {
    let explained = explained(&from("GET", "/trial/x", "https://evil.example"), None, KeyAnswer::Absent);
    let decision = part(&explained, "decision");
    assert_eq!(
        (part(decision, "outcome"), part(decision, "reason")),
        (&json!("would_reject"), &json!("origin_not_listed"))
    );
    assert_eq!(*part(part(&explained, "headers"), "strip_upstream"), json!(false));
    assert_eq!(checks(&explained, "mode"), [json!({ "check": "mode", "result": Mode::Report })]);
    assert_eq!(*part(part(&explained, "upstream"), "to"), json!("zone"));
}

#[test]
fn without_a_policy_or_a_url_the_trace_ends_there() {
    let request = from("GET", "/api/x", "https://app.example.com");
    let facts = request.facts();
    let missing = Decision::without_policy(Reason::PolicyMissing, facts.kind(), None);
    let unreadable = Decision::without_policy(Reason::PathAmbiguous, Kind::Actual, Some("0123456789abcdef"));
    for (decision, facts, trace) in [
        (
            missing,
            Some(&facts),
            json!([
                { "check": "url", "result": "readable", "host": "api.example.com", "path": "/api/x" },
                { "check": "policy", "result": "policy_missing", "id": null },
            ]),
        ),
        (unreadable, None, json!([{ "check": "url", "result": "unreadable", "host": null, "path": null }])),
    ] {
        let explained = serde_json::to_value(Explanation::without_policy(&decision, facts));
        let explained = explained.expect("an explanation");
        assert_eq!(*part(&explained, "trace"), trace);
        let reason = decision.reason().map(Reason::name);
        assert_eq!(*part(part(&explained, "decision"), "reason"), json!(reason));
    }
}
