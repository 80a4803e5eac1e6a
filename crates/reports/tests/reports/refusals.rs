//! Invalid requests, and the message for each.

use std::fmt::Write;

use corsgate_reports::{BadRequest, ReportRequest};
use proptest::prelude::*;

use crate::{NOW, snapshot};

/// The name, the query, and the parameter that is wrong.
const BAD: &[(&str, &str, Option<&str>)] = &[
    ("", "", None),
    ("Top", "", None),
    ("top'; DROP TABLE origins; --", "", None),
    ("top", "days=7", Some("days")),
    ("top", "=", Some("")),
    ("unused", "by=origin", Some("by")),
    ("unused", "route=api", Some("route")),
    ("share", "reason=origin_not_listed", Some("reason")),
    ("share", "path=/login", Some("path")),
    ("outcomes", "path=/login", Some("path")),
    ("top", "by=path&outcome=allow", Some("outcome")),
    ("top", "by=route&path=/login&outcome=allow", Some("outcome")),
    ("unusual", "by=reason&path=/login&outcome=allow", Some("outcome")),
    ("top", "since=6h&since=7d", Some("since")),
    ("top", "since=", Some("since")),
    ("top", "since=6", Some("since")),
    ("top", "since=6y", Some("since")),
    ("top", "since=-6h", Some("since")),
    ("top", "since=6.5h", Some("since")),
    ("top", "since=1234567m", Some("since")),
    ("top", "since=%F0%9F%92%A9", Some("since")),
    ("top", "since=yesterday", Some("since")),
    ("top", "since=2026-11-23", Some("since")),
    ("top", "since=2026-11-23T06:45:36%2B01:00", Some("since")),
    ("top", "since=0m", Some("since")),
    ("top", "since=2026-11-23T06:45:36Z&until=2026-11-23T06:45:36Z", Some("since")),
    ("top", "since=2026-11-23T06:45:37Z", Some("since")),
    ("top", "since=2026-11-23T06:46:37Z", Some("since")),
    ("top", "since=9999-12-31T23:59:59Z", Some("since")),
    ("top", "until=6h", Some("until")),
    ("top", "until=2026-11-23T06:46:37Z", Some("until")),
    ("top", "until=2126-11-23T06:45:36Z", Some("until")),
    ("top", "since=2026-11-02T00:00:00Z&until=2026-11-01T00:00:00Z", Some("since")),
    ("top", "since=93d", Some("since")),
    ("top", "since=1970-01-01T00:00:00Z", Some("since")),
    ("top", "since=999999d&until=1970-01-01T00:00:00Z", Some("since")),
    ("top", "limit=0", Some("limit")),
    ("top", "limit=1001", Some("limit")),
    ("top", "limit=%2B5", Some("limit")),
    ("top", "limit=5.0", Some("limit")),
    ("top", "limit=99999999999999999999", Some("limit")),
    ("top", "limit", Some("limit")),
    ("top", "by=", Some("by")),
    ("top", "by=origin,", Some("by")),
    ("top", "by=entry", Some("by")),
    ("top", "by=blob3", Some("by")),
    ("top", "by=origin,route,origin", Some("by")),
    ("top", "by=origin,path", Some("by")),
    ("top", "by=origin&path=/a", Some("path")),
    ("top", "by=route&origin=https://a.example&path=/a", Some("path")),
    ("outcomes", "by=origin", Some("by")),
    ("share", "by=origin,route", Some("by")),
    ("unusual", "by=route", Some("by")),
    ("top", "outcome=rejected", Some("outcome")),
    ("top", "outcome=", Some("outcome")),
    ("top", "reason=' OR 1=1 --", Some("reason")),
    ("top", "origin=", Some("origin")),
    ("top", "path=", Some("path")),
    ("top", "path=%", Some("path")),
    ("top", "path=%ff%fe", Some("path")),
    ("top", "a%00b=1", Some("a\0b")),
    ("origins", "by=origin", Some("by")),
    ("origins", "reason=origin_null", Some("reason")),
    ("origins", "origin=", Some("origin")),
    ("policies", "by=policy", Some("by")),
    ("policies", "policy=3f2a9c0d1e5b7a64", Some("policy")),
    ("unusual", "policy=3f2a9c0d1e5b7a64", Some("policy")),
    ("unusual", "by=policy", Some("by")),
    ("share", "by=country", Some("by")),
    ("share", "class=cors", Some("class")),
    ("outcomes", "by=country", Some("by")),
    ("outcomes", "by=class", Some("by")),
    ("top", "by=class", Some("by")),
    ("top", "class=", Some("class")),
    ("top", "class=CORS", Some("class")),
    ("top", "class=upstream_timeout", Some("class")),
    ("top", "by=country,route", Some("by")),
    ("top", "by=colo,path", Some("by")),
    ("top", "by=colo&policy=3f2a9c0d1e5b7a64", Some("policy")),
    ("top", "by=route&country=DE", Some("by")),
    ("top", "by=country&path=/a", Some("path")),
    ("top", "by=country&outcome=allow", Some("outcome")),
    ("top", "by=outcome&colo=FRA&outcome=allow", Some("outcome")),
    ("top", "format=", Some("format")),
    ("top", "format=CSV", Some("format")),
    ("top", "format=xlsx", Some("format")),
    ("top", "format=csv&format=json", Some("format")),
];

fn refusal(name: &str, query: &str) -> BadRequest {
    ReportRequest::parse(name, query, NOW).expect_err(&format!("{name}?{query}"))
}

#[test]
fn each_message_names_its_parameter_and_says_what_to_write() {
    let mut text = String::new();
    for (name, query, parameter) in BAD {
        let refusal = refusal(name, query);
        assert_eq!(refusal.named(), *parameter, "{name}?{query}");
        assert_eq!(refusal.status(), if parameter.is_some() { 400 } else { 404 }, "{name}?{query}");
        assert_eq!(refusal.to_string(), refusal.sentence());
        writeln!(text, "{name}?{query}\n    {}", refusal.sentence().escape_debug()).expect("a text");
    }
    snapshot::hold("refusals.txt", &text);
}

#[test]
fn an_enormous_request_is_rejected_in_a_short_sentence() {
    let long = "x".repeat(3_000);
    for (name, query) in [
        (long.as_str(), String::new()),
        ("top", format!("{long}=1")),
        ("top", format!("origin={long}")),
        ("top", format!("since={}", "9".repeat(2_000))),
        ("top", format!("by={}", "origin,".repeat(200))),
        ("top", "x".repeat(100_000)),
        ("top", "a=1&".repeat(10_000)),
    ] {
        let refusal = refusal(name, &query);
        assert!(refusal.sentence().len() < 300, "{}", refusal.sentence());
        assert!(refusal.named().unwrap_or_default().len() < 100);
    }
    assert_eq!(refusal("top", &"x".repeat(100_000)).status(), 400);
}

#[test]
fn every_valid_value_is_accepted() {
    for (name, query) in [
        ("top", "since=1m"),
        ("top", "since=92d&until=2026-11-23T06:46:36Z"),
        ("top", "limit=1"),
        ("top", "limit=1000"),
        ("top", "by=origin,route,reason,outcome"),
        ("top", "by=path,outcome"),
        ("top", "by=path,outcome&outcome=would_allow"),
        // Without `until`, the range includes the current second.
        ("top", "since=2026-11-23T06:45:36Z"),
        ("top", "by=route&path=/a"),
        ("top", "by=origin&origin=null&reason=&route=&outcome=allow"),
        ("top", "reason=limiter_unavailable"),
        ("share", "by=route&origin=https://a.example"),
        ("unused", "since=30d&limit=1000"),
        ("unusual", "by=reason&path=/a"),
        ("unusual", "by=reason&class=upstream"),
        ("outcomes", "by=outcome,reason,policy&policy="),
        ("outcomes", "by=policy&class=limit&policy=3f2a9c0d1e5b7a64"),
        ("share", "by=policy"),
        ("origins", "limit=1000&route=&policy="),
        ("policies", "route=api&origin=null&format=csv"),
        ("top", "by=country,colo,origin,reason,outcome&country=&colo=FRA&class=cors"),
        ("top", "by=country&outcome=would_allow&format=json"),
    ] {
        assert!(ReportRequest::parse(name, query, NOW).is_ok(), "{name}?{query}");
    }
}

proptest! {
    #[test]
    fn any_request_is_valid_or_gets_a_sentence(name in "top|share|outcomes|origins|policies|unused|unusual", query: String, now: u64) {
        if let Err(refusal) = ReportRequest::parse(&name, &query, now) {
            prop_assert!(!refusal.sentence().is_empty());
        }
    }
}
