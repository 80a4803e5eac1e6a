//! What the record of a decision contains, and what it never contains.

use corsgate_policy::decision::decide::decide;
use corsgate_policy::grammar::day::Day;
use corsgate_policy::record::{Observed, Record, Summary};
use corsgate_policy::{Answers, Decision, Facts, Kind, Policy, Reason, RequestUrl};
use proptest::prelude::*;
use serde_json::json;

use crate::records::bounded;

/// A text in every place where a client could put something that must not be kept.
const SECRET: &str = "sEcReT";

const OBSERVED: Observed<'_> = Observed { country: "DE", colo: "FRA", ray: "8f1c-FRA", status: 403 };

fn policy() -> Policy {
    let route = |name, path, record_path| {
        json!({
            "name": name,
            "path": path,
            "hosts": ["api.example.com"],
            "upstream": "api",
            "record_path": record_path,
            "cors": { "origins": ["https://app.example.com"], "methods": ["PUT"] },
        })
    };
    let mut open = route("open", "/open/*", true);
    open["hosts"] = json!(["open.example.com"]);
    let document = json!({
        "version": 1,
        "id": "3f2a9c0d1e5b7a64",
        "upstreams": { "api": "https://origin.example.net" },
        "routes": [route("users", "/users/*", false), route("api", "/api/*", true), open],
    });
    Policy::read(document.to_string().as_bytes()).expect("a policy")
}

fn get<'a>(href: &'a str, origin: &'a str) -> Facts<'a> {
    let url = RequestUrl::parse(href).expect("a URL");
    Facts { method: "GET", url, origin: Some(origin), ..Facts::default() }
}

fn decided<'a>(policy: &'a Policy, facts: &'a Facts<'a>) -> Record<'a> {
    let decision = decide(policy, facts, &Answers::default(), Day::from_unix_milliseconds(0.0));
    recorded(&decision, Some(facts), OBSERVED)
}

fn recorded<'a>(decision: &Decision<'a>, facts: Option<&Facts<'a>>, observed: Observed<'a>) -> Record<'a> {
    let host = facts.map_or("", |facts| facts.url.host);
    Summary::new(decision, host, 0.25, 0.0, || false).record(facts, observed).expect("a record")
}

fn log_line(record: &Record<'_>) -> serde_json::Value {
    serde_json::from_str(&record.log_line(&[])).expect("JSON")
}

#[test]
fn a_record_has_the_request_and_the_decision() {
    let policy = policy();
    let facts = Facts {
        method: "OPTIONS",
        requested_method: Some("PUT"),
        requested_headers: Some("x-trace"),
        ..get("https://api.example.com:8443/api/x?q=1", "https://app.example.com")
    };
    let record = decided(&policy, &facts);
    assert_eq!(
        log_line(&record),
        json!({
            "event": "decision",
            "outcome": "reject",
            "reason": "header_not_allowed",
            "origin": "https://app.example.com",
            "route": "api",
            "host": "api.example.com",
            "method": "OPTIONS",
            "requested_method": "PUT",
            "header": "x-trace",
            "path": "/api/x",
            "country": "DE",
            "colo": "FRA",
            "policy": "3f2a9c0d1e5b7a64",
            "kind": "preflight",
            "entry": "https://app.example.com",
            "ray": "8f1c-FRA",
            "status": 403,
        })
    );
    assert_eq!(record.doubles(), [1.0, 403.0, 0.25]);
}

#[test]
fn a_decision_without_policy_and_facts_still_has_a_record() {
    let decision = Decision::without_policy(Reason::PathAmbiguous, Kind::Actual, Some("3f2a9c0d1e5b7a64"));
    let record = recorded(&decision, None, Observed::default());
    assert_eq!(
        record.log_line(&[]),
        r#"{"event":"decision","outcome":"reject","reason":"path_ambiguous","policy":"3f2a9c0d1e5b7a64","kind":"actual","status":0}"#
    );
    let facts = get("https://api.example.com/users/42", "https://app.example.com");
    let decision = Decision::without_policy(Reason::PolicyMissing, Kind::Actual, None);
    let record = recorded(&decision, Some(&facts), OBSERVED);
    assert_eq!(
        (record.host, record.path),
        ("api.example.com", ""),
        "no policy says whether paths may be kept"
    );
}

#[test]
fn paths_are_kept_only_if_the_policy_says_so() {
    let policy = policy();
    for (what, href, path) in [
        ("a route that records paths", "https://api.example.com/api/x", "/api/x"),
        ("one that does not", "https://api.example.com/users/42", ""),
        ("a misspelling of it", "https://api.example.com/Users/42", ""),
        ("no route, on a host with such a route", "https://api.example.com/other", ""),
        ("no route, on a host without", "https://open.example.com/other", "/other"),
        ("no route, on an unknown host", "https://unknown.example.com/other", "/other"),
    ] {
        let facts = get(href, "https://stranger.example");
        assert_eq!(decided(&policy, &facts).path, path, "{what}");
    }
}

#[test]
fn a_url_in_place_of_an_origin_loses_its_query_and_its_password() {
    let policy = policy();
    for (origin, kept) in [
        ("https://a.example", "https://a.example"),
        ("https://a.example/?token=1", "https://a.example/?"),
        ("https://a.example/#token", "https://a.example/#"),
        ("https://user:pass@a.example/", "https://***@a.example/"),
        ("https://user:p@ss@a.example/?b@c", "https://***@a.example/?"),
        ("https://user@a.example", "https://***@a.example"),
        ("https://@a.example", "https://***@a.example"),
        ("https://:pass@a.example", "https://***@a.example"),
        ("user:pass@a.example", "***@a.example"),
        ("https:user:pass@a.example", "***@a.example"),
        ("user:pass//x@a.example", "***@a.example"),
        ("pass://evil.example@a.example", "***@a.example"),
        ("https://evil.example@a.example", "https://evil.example@a.example"),
        ("http://evil.example@a.example:8080", "http://evil.example@a.example:8080"),
        ("https://evil.example:443@a.example", "https://evil.example:***@a.example"),
        ("https://evil.example:pass@b.example@a.example", "https://evil.example:***@a.example"),
        ("https://evil.example@b.example@a.example", "https://***@a.example"),
        ("https://evil.example/x@a.example", "https://***@a.example"),
        ("https://eyJhbGciOiJIUzI1NiJ9.e30.abc@a.example", "https://***@a.example"),
        ("https://sk.0123456789abcdef0123@a.example", "https://***@a.example"),
        ("https://..@a.example", "https://***@a.example"),
        ("?", "?"),
        ("null", "null"),
    ] {
        assert_eq!(decided(&policy, &get("https://api.example.com/api/x", origin)).origin, kept, "{origin}");
    }
}

proptest! {
    #![proptest_config(bounded(300))]
    /// Only the password is in upper case.
    #[test]
    fn nothing_between_the_first_colon_and_the_last_at_sign_is_ever_kept(
        scheme in "(https?://|[a-z]{0,4}:?/{0,3})",
        user in "([a-z0-9.-]{0,12}|[a-z0-9.@/-]{0,12})",
        password in "[A-Z]{4}[A-Z:@/.]{0,80}",
        rest in "[a-z0-9./:-]{0,20}",
    ) {
        let origin = format!("{scheme}{user}:{password}@{rest}");
        let record = decided(&policy(), &get("https://api.example.com/api/x", &origin)).origin.into_owned();
        prop_assert!(!record.contains(|letter: char| letter.is_ascii_uppercase()), "{} of {}", record, origin);
        let after = format!("@{rest}");
        prop_assert!(record.ends_with(&after), "{} of {}", record, origin);
    }
}

#[test]
fn only_named_headers_and_no_query_are_ever_kept() {
    let policy = policy();
    let href = |path: &str| format!("https://api.example.com{path}?token={SECRET}&{SECRET}#{SECRET}");
    let headers = format!("x-trace, {SECRET}, bad\n{SECRET}");
    let origins = [
        "https://app.example.com".to_owned(),
        "https://stranger.example".to_owned(),
        "null".to_owned(),
        format!("https://app.example.com/cb?code={SECRET}"),
        format!("https://app.example.com#{SECRET}"),
        format!("https://me:{SECRET}@app.example.com"),
        format!("https://me:{}@app.example.com", SECRET.repeat(200)),
        format!("https://app.example.com/{}?code={SECRET}@", "x".repeat(600)),
    ];
    for path in ["/api/x", "/api//x", "/api/%2e%2e/x", "/other", "/"] {
        let href = href(path);
        for origin in &origins {
            let hostile = Facts {
                requested_headers: Some(&headers),
                sec_fetch_site: Some(SECRET),
                upgrade: Some(SECRET),
                accept: Some(SECRET),
                has_authorization: true,
                has_body: true,
                client_ip: Some(SECRET),
                hops: Some(SECRET),
                ..get(&href, origin)
            };
            let preflight = Facts { method: "OPTIONS", requested_method: Some("PUT"), ..hostile };
            let handshake = Facts { upgrade: Some("websocket"), ..hostile };
            let named = Facts { requested_headers: Some("x-trace"), ..preflight };
            for facts in [hostile, preflight, handshake, named] {
                let record = decided(&policy, &facts);
                let mut kept = record.log_line(&[]);
                record.write_lines(&mut kept);
                assert!(
                    kept.contains("actual") || kept.contains("preflight") || kept.contains("websocket"),
                    "{kept}"
                );
                assert!(!kept.contains(SECRET), "{kept}");
            }
        }
    }
}

#[test]
fn no_part_of_an_unrecorded_path_is_kept() {
    let policy = policy();
    for path in ["/users/", "/users//", "/Users/", "/users/%2f", "/users/..;/", "/USERS", "/elsewhere/"] {
        let href = format!("https://api.example.com{path}{SECRET}?{SECRET}");
        let facts = get(&href, "https://stranger.example");
        let record = decided(&policy, &facts);
        let mut kept = record.log_line(&[]);
        record.write_lines(&mut kept);
        assert!(!kept.contains(SECRET), "{kept}");
    }
}
