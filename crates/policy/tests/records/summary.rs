//! Which decisions are recorded and how, and that the text between decision and response loses nothing.

use corsgate_policy::decision::decide::decide;
use corsgate_policy::fetch::CorsResponse;
use corsgate_policy::gcra::Standing;
use corsgate_policy::grammar::day::Day;
use corsgate_policy::record::{Observed, RecordedOutcome, Summary};
use corsgate_policy::{Answers, Count, Facts, Policy, Reason, RequestUrl};
use serde_json::json;

const APP: &str = "https://app.example.com";
const STRANGER: &str = "https://stranger.example";

fn policy(sample_allowed: f64) -> Policy {
    let route = |name: &str, fields: serde_json::Value| {
        let mut route = json!({
            "name": name,
            "path": format!("/{name}/*"),
            "upstream": "api",
            "cors": { "origins": [APP], "methods": ["PUT"] },
            "limits": [{ "name": "l", "quota": 1, "window": 1, "by": ["client_ip"] }],
        });
        let (Some(route), Some(fields)) = (route.as_object_mut(), fields.as_object()) else {
            return route;
        };
        route.extend(fields.clone());
        json!(route)
    };
    let document = json!({
        "version": 1,
        "id": "3f2a9c0d1e5b7a64",
        "upstreams": { "api": "https://origin.example.net" },
        "records": { "sample_allowed": sample_allowed },
        "routes": [
            route("strict", json!({})),
            route("forward", json!({ "on_disallowed": "forward" })),
            route("report", json!({ "mode": "report" })),
        ],
    });
    Policy::read(document.to_string().as_bytes()).expect("a policy")
}

fn get<'a>(path: &'a str, origin: &'a str) -> Facts<'a> {
    let url = RequestUrl::parse(path).expect("a URL");
    Facts { method: "GET", url, origin: Some(origin), ..Facts::default() }
}

fn put_preflight<'a>(path: &'a str, origin: &'a str) -> Facts<'a> {
    Facts { method: "OPTIONS", requested_method: Some("PUT"), ..get(path, origin) }
}

const LEFT: Standing = Standing { remaining: 0, reset: 1.0 };
const GRANTED: CorsResponse<'_> = CorsResponse {
    status: 200,
    allow_origin: Some(APP),
    allow_credentials: None,
    allow_methods: Some("PUT"),
    allow_headers: None,
};
const SILENT: CorsResponse<'_> = CorsResponse { allow_origin: None, ..GRANTED };

/// The record of a request that is not sampled: outcome, reason and entry.
fn recorded(facts: &Facts<'_>, counts: &[Count], answer: CorsResponse<'_>) -> Option<String> {
    let policy = policy(0.5);
    let decision = decide(&policy, facts, &Answers::default(), Day::from_unix_milliseconds(0.0));
    let decision = decision.counted(counts);
    let mut line = String::new();
    Summary::new(&decision, facts.url.host, 1.0, 0.9, || false).write_line(&mut line);
    let summary = Summary::read(&line).expect("a line").answered(facts, &answer, || false);
    let record = summary.record(Some(facts), Observed::default())?;
    assert_eq!(record.weight.to_bits(), 1.0_f64.to_bits());
    assert_eq!(record.route, decision.route.map_or("", |route| route.name()));
    Some(format!("{} {} {}", record.outcome.name(), record.reason, record.entry))
}

#[test]
fn all_but_plain_allows_are_recorded() {
    let (strict, forward, report) = ("https://h/strict/x", "https://h/forward/x", "https://h/report/x");
    for (what, facts, counts, answer, expected) in [
        ("allowed", get(strict, APP), &[][..], SILENT, None),
        ("a preflight", put_preflight(strict, APP), &[], SILENT, None),
        ("refused", get(strict, STRANGER), &[], SILENT, Some("reject origin_not_listed ")),
        ("stripped", get(forward, STRANGER), &[], SILENT, Some("strip origin_not_listed ")),
        (
            "over a limit",
            get(strict, APP),
            &[Count::Denied(LEFT)],
            SILENT,
            Some("reject rate_limited https://app.example.com"),
        ),
        ("within it", get(strict, APP), &[Count::Admitted(LEFT)], SILENT, None),
        (
            "past a limiter that fails",
            get(strict, APP),
            &[Count::Failed],
            SILENT,
            Some("allow limiter_unavailable https://app.example.com"),
        ),
        (
            "stripped past one",
            get(forward, STRANGER),
            &[Count::Failed],
            SILENT,
            Some("strip origin_not_listed "),
        ),
        ("no route", get("https://h/", APP), &[], SILENT, Some("reject route_not_found ")),
        (
            "reported, and both refuse",
            get(report, STRANGER),
            &[],
            SILENT,
            Some("would_reject origin_not_listed "),
        ),
        (
            "reported, upstream allows",
            get(report, STRANGER),
            &[],
            GRANTED,
            Some("would_reject origin_not_listed "),
        ),
        ("reported, both allow", get(report, APP), &[], GRANTED, None),
        (
            "reported, upstream refuses",
            get(report, APP),
            &[],
            SILENT,
            Some("would_allow  https://app.example.com"),
        ),
        (
            "reported preflight, upstream refuses",
            put_preflight(report, APP),
            &[],
            CorsResponse { allow_methods: Some("GET"), ..GRANTED },
            Some("would_allow  https://app.example.com"),
        ),
        ("the same, allowed", put_preflight(report, APP), &[], GRANTED, None),
        (
            "reported, over a limit",
            get(report, APP),
            &[Count::Denied(LEFT)],
            GRANTED,
            Some("reject rate_limited https://app.example.com"),
        ),
    ] {
        assert_eq!(recorded(&facts, counts, answer).as_deref(), expected, "{what}");
    }
}

#[test]
fn a_sampled_allow_has_the_weight_of_the_unsampled_ones() {
    let facts = get("https://h/strict/x", APP);
    for (share, chance, weight) in [
        (0.25, 0.1, Some(4.0)),
        (0.25, 0.25, None),
        (0.25, 0.9, None),
        (1.0, 0.999, Some(1.0)),
        (0.0, 0.0, None),
    ] {
        let policy = policy(share);
        let decision = decide(&policy, &facts, &Answers::default(), Day::from_unix_milliseconds(0.0));
        let summary = Summary::new(&decision, "h", 1.0, chance, || false);
        let record = summary.record(Some(&facts), Observed::default());
        assert_eq!(record.map(|record| record.weight), weight, "{chance} of {share}");
        assert_eq!(summary.awaits_response(), weight.is_some());
    }
}

#[test]
fn an_upstream_failure_is_recorded_as_a_rejection_with_weight_one() {
    let policy = policy(0.0);
    for (path, origin) in [("strict", APP), ("forward", STRANGER), ("report", APP), ("report", STRANGER)] {
        let href = format!("https://h/{path}/x");
        let facts = get(&href, origin);
        let decision = decide(&policy, &facts, &Answers::default(), Day::from_unix_milliseconds(0.0));
        let summary = Summary::new(&decision, "h", 1.0, 0.5, || false).failed(Reason::UpstreamTimeout);
        let record = summary.record(Some(&facts), Observed::default()).expect("a record");
        assert_eq!((record.outcome, record.reason), (RecordedOutcome::Reject, "upstream_timeout"));
        assert_eq!(record.weight.to_bits(), 1.0_f64.to_bits());
    }
}

#[test]
fn a_malformed_line_is_not_a_summary() {
    for line in ["", "\t", "allow", "allow\t\t\t\t\t\tx\t0\t1\t0", "nothing\t\t\t\t\t\t0\t0\t1\t0"] {
        assert_eq!(Summary::read(line), None, "{line:?}");
    }
}

#[test]
fn cookies_that_only_the_upstream_allows_are_reported() {
    let reflecting = CorsResponse { allow_credentials: Some("true"), ..GRANTED };
    let same_origin = get("https://h/report/x", "https://h");
    let app = get("https://h/report/x", APP);
    for (what, facts, cookies, answer, expected) in [
        (
            "the upstream allows credentials",
            app,
            true,
            reflecting,
            Some("would_reject credentials_not_allowed"),
        ),
        ("no cookies", app, false, reflecting, None),
        ("the upstream does not allow them", app, true, GRANTED, None),
        ("the upstream allows nobody", app, true, SILENT, None),
        ("no other origin", same_origin, true, reflecting, None),
        (
            "a stranger",
            get("https://h/report/x", STRANGER),
            true,
            reflecting,
            Some("would_reject origin_not_listed"),
        ),
    ] {
        let policy = policy(0.0);
        let decision = decide(&policy, &facts, &Answers::default(), Day::from_unix_milliseconds(0.0));
        let mut line = String::new();
        Summary::new(&decision, "h", 1.0, 0.5, || cookies).write_line(&mut line);
        let summary = Summary::read(&line).expect("a line").answered(&facts, &answer, || cookies);
        let record = summary.record(Some(&facts), Observed::default());
        let recorded = record.map(|record| format!("{} {}", record.outcome.name(), record.reason));
        assert_eq!(recorded.as_deref(), expected, "{what}");
    }
}
