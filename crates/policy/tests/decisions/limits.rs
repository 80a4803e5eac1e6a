//! Limits: which requests are counted, and what the response says about them.

use corsgate_policy::gcra::Standing;
use corsgate_policy::{Answers, Count, Decision, decision::decide::decide};
use serde_json::{Value, json};

use super::{PLAIN, a, check, granted, merge, p, policy, request_of, route, row, tidy, today, written};
use crate::support::{Response, answer};

const LIMITS: &str = r#"ratelimit-policy: "burst";q=5;w=1, "daily";q=1000;w=86400"#;
const RESPONSE: [(&str, &str); 1] = [("ratelimit", r#""upstream";r=3"#)];

fn limits() -> Value {
    json!({ "limits": [
        { "name": "burst", "quota": 5, "window": 1, "by": ["client_ip"] },
        { "name": "daily", "quota": 1000, "window": 86400, "by": ["client_ip", "header:x-key"] },
    ] })
}

fn left(remaining: u32, seconds: f64) -> Standing {
    Standing { remaining, reset: seconds * 1000.0 }
}

/// Counts a request from a page and returns the decision and the response.
fn counted(fields: Value, request: &str, counts: &[Count]) -> String {
    let policy = policy(&[p("api", merge(limits(), fields))]);
    let request = request_of(request);
    let facts = request.facts();
    let decision = decide(&policy, &facts, &Answers::default(), today()).counted(counts);
    written(&decision, &answer(&decision, &Response::new(200, RESPONSE)))
}

const PAGE: &str = "GET /api/x\norigin: https://app.example.com";
const STRANGER: &str = "GET /api/x\norigin: https://stranger.example";

/// The headers that a page of a listed origin can read in addition to those of the limits.
fn readable() -> String {
    let exposed = "access-control-expose-headers: x-id";
    granted("https://app.example.com")
        .replace(exposed, &format!("{exposed}, ratelimit, ratelimit-policy, retry-after"))
}

#[test]
fn only_forwarded_requests_are_counted() {
    let policy = policy(&[
        p("p", limits()),
        p("forward", merge(limits(), json!({ "on_disallowed": "forward" }))),
        a("a", limits()),
        route("closed", limits()),
        p("free", json!({})),
        p("report", merge(limits(), json!({ "mode": "report" }))),
    ]);
    for (request, limits) in [
        ("GET /p/x", 2),
        ("GET /p/x\norigin: https://app.example.com", 2),
        ("POST /p/x\norigin: https://api.example.com", 2),
        ("GET /p/x\norigin: https://app.example.com\nupgrade: websocket", 2),
        ("OPTIONS /p/x\norigin: https://app.example.com", 2),
        ("OPTIONS /p/x\norigin: https://app.example.com\nACRM: PUT", 0),
        ("OPTIONS /p/x\norigin: https://stranger.example\nACRM: PUT", 0),
        ("GET /p/x\norigin: https://stranger.example", 0),
        ("GET /p/x\norigin: https://stranger.example\nupgrade: websocket", 0),
        ("GET /p/x\ncorsgate-hop: api.example.com", 0),
        ("GET /forward/x\norigin: https://stranger.example", 2),
        ("OPTIONS /forward/x\norigin: https://stranger.example\nACRM: PUT", 0),
        ("GET /a/x\norigin: null", 2),
        ("OPTIONS /a/x\norigin: null\nACRM: PUT", 0),
        ("GET /closed/x", 2),
        ("GET /closed/x\norigin: https://app.example.com", 0),
        ("GET /free/x", 0),
        ("OPTIONS /report/x\norigin: https://app.example.com\nACRM: PUT", 2),
        ("OPTIONS /report/x\norigin: https://stranger.example\nACRM: PUT", 2),
        ("OPTIONS /report/x\norigin: null\nACRM: PUT\ncorsgate-hop: api.example.com", 0),
        ("TRACE /p/x", 0),
        ("GET /nowhere", 0),
        ("GET /p/%2e%2e/x", 0),
    ] {
        let parsed = request_of(request);
        let facts = parsed.facts();
        let decision: Decision<'_> = decide(&policy, &facts, &Answers::default(), today());
        assert_eq!(decision.limits().len(), limits, "{request}");
    }
}

#[test]
fn a_response_appends_what_remains_to_the_upstreams_fields() {
    let counts = [Count::Admitted(left(4, 0.2)), Count::Admitted(left(999, 86.4))];
    let expected = format!(
        "allow 200\n{}\nvary: Origin\nratelimit: \"upstream\";r=3\n{LIMITS}
         ratelimit: \"burst\";r=4;t=1, \"daily\";r=999;t=87",
        readable(),
    );
    assert_eq!(counted(json!({}), PAGE, &counts), tidy(&expected));
}

#[test]
fn a_preflight_that_report_mode_would_forward_is_denied_like_any_request() {
    let preflight = "OPTIONS /api/x\norigin: https://app.example.com\nACRM: PUT";
    let counts = [Count::Denied(left(0, 0.2)), Count::NotAsked];
    let written = counted(json!({ "mode": "report" }), preflight, &counts);
    assert!(written.starts_with("reject rate_limited 429\n"), "{written}");
    for line in [
        "access-control-allow-origin: https://app.example.com",
        "retry-after: 1",
        "ratelimit: \"burst\";r=0;t=1",
    ] {
        assert!(written.lines().any(|known| known == line), "{line} in {written}");
    }
    assert!(!written.contains("max-age"), "browsers keep nothing of it: {written}");
}

#[test]
fn a_denial_is_as_readable_as_a_success_and_says_when_to_retry() {
    for (counts, told) in [
        (
            [Count::Denied(left(0, 0.2)), Count::Admitted(left(998, 60.0))],
            "ratelimit: \"burst\";r=0;t=1, \"daily\";r=998;t=60\nretry-after: 1",
        ),
        (
            [Count::Denied(left(0, 0.2)), Count::Denied(left(0, 86.2))],
            "ratelimit: \"burst\";r=0;t=1, \"daily\";r=0;t=87\nretry-after: 87",
        ),
        ([Count::NotAsked, Count::Denied(left(0, 5.0))], "ratelimit: \"daily\";r=0;t=5\nretry-after: 5"),
        ([Count::Overloaded, Count::NotAsked], "retry-after: 1"),
    ] {
        let expected = format!("reject rate_limited 429\n{}\nvary: Origin\n{LIMITS}\n{told}", readable());
        assert_eq!(counted(json!({}), PAGE, &counts), tidy(&expected));
    }
}

#[test]
fn a_page_rejected_by_cors_gets_the_limit_headers_but_cannot_read_them() {
    let fields = json!({ "on_disallowed": "forward" });
    let counts = [Count::Denied(left(0, 0.2)), Count::NotAsked];
    let expected = format!(
        "reject rate_limited 429\nvary: Origin\n{LIMITS}\nratelimit: \"burst\";r=0;t=1\nretry-after: 1"
    );
    assert_eq!(counted(fields, STRANGER, &counts), tidy(&expected));
}

#[test]
fn an_unavailable_limit_denies_only_if_the_route_says_so() {
    let counts = [Count::Failed, Count::Admitted(left(9, 1.0))];
    let told = "ratelimit: \"daily\";r=9;t=1";
    let passed =
        format!("allow 200\n{}\nvary: Origin\nratelimit: \"upstream\";r=3\n{LIMITS}\n{told}", readable());
    assert_eq!(counted(json!({}), PAGE, &counts), tidy(&passed));
    let denied =
        format!("reject rate_limited 429\n{}\nvary: Origin\n{LIMITS}\n{told}\nretry-after: 1", readable());
    assert_eq!(counted(json!({ "on_limiter_error": "deny" }), PAGE, &counts), tidy(&denied));
}

#[test]
fn the_problem_names_the_limits_that_deny() {
    let policy = policy(&[p("api", limits())]);
    let request = request_of(PAGE);
    let facts = request.facts();
    let counts = [Count::Admitted(left(1, 1.0)), Count::Denied(left(0, 1.0))];
    let decision = decide(&policy, &facts, &Answers::default(), today()).counted(&counts);
    let problem: Value = serde_json::from_str(&decision.problem().expect("a problem")).expect("JSON");
    assert_eq!(problem["type"], "https://iana.org/assignments/http-problem-types#quota-exceeded");
    assert_eq!(problem["violated-policies"], json!(["daily"]));
    assert_eq!(problem["reason"], "rate_limited");
    assert_eq!(problem["route"], "api");
}

#[test]
fn without_limits_no_limit_header_is_sent() {
    check(
        &policy(&[p("api", json!({}))]),
        [row(
            "no limits",
            PAGE,
            PLAIN,
            format!("allow 200\n{}\nvary: Origin", granted("https://app.example.com")),
        )],
    );
}
