//! How a refusal is told, and failures behind an allowed request: rows 13, 14 and 25.

use corsgate_policy::Reason;
use corsgate_policy::response::headers::Refusal;

use super::*;

const APP: &str = "https://app.example.com";

fn fixture() -> Policy {
    let limits = json!([{ "name": "per-client", "quota": 1, "window": 60, "by": ["client_ip"] }]);
    policy(&[
        p("p", json!({})),
        p("forward", json!({ "on_disallowed": "forward" })),
        p("limited", json!({ "limits": limits })),
    ])
}

#[test]
fn a_refusal_says_who_refused_and_why_in_two_headers() {
    let (policy, request) = (fixture(), request_of("GET /p/x\nOrigin: null"));
    let facts = request.facts();
    let decision = decide(&policy, &facts, &Answers::default(), today());
    assert_eq!(
        answer(&decision, &Response::new(200, [])).headers.lines().collect::<Vec<_>>(),
        [
            ("vary", "Origin"),
            ("corsgate-decision", "reject;reason=origin_null;route=\"p\";policy=\"0123456789abcdef\""),
            ("proxy-status", "corsgate;error=http_request_denied;details=\"origin_null\""),
        ]
    );
}

#[test]
fn the_body_of_a_refusal_is_a_problem() {
    let (policy, request) = (fixture(), request_of("GET /p/x\nOrigin: null"));
    let facts = request.facts();
    let decision = decide(&policy, &facts, &Answers::default(), today());
    let problem: Value = serde_json::from_str(&decision.refusal().expect("refused").problem()).expect("JSON");
    assert_eq!(
        problem,
        json!({
            "type": "https://corsgate.invalid/problems/origin_null",
            "title": Reason::OriginNull.title(),
            "status": 403,
            "detail": Reason::OriginNull.detail(),
            "reason": "origin_null",
            "route": "p",
        })
    );
}

#[test]
fn the_proxies_before_have_their_say_too() {
    check(
        &fixture(),
        [row(
            "3, forwarded",
            "GET /forward/x\nOrigin: null",
            "200\nproxy-status: cdn; fwd=miss",
            "strip origin_null 200
             proxy-status: cdn; fwd=miss
             vary: Origin",
        )],
    );
}

#[test]
fn what_fails_behind_an_allowed_request_stays_readable() {
    let (policy, request) = (fixture(), request_of(&format!("GET /limited/x\nOrigin: {APP}")));
    let facts = request.facts();
    let decision = decide(&policy, &facts, &Answers::default(), today());
    for reason in [Reason::RateLimited, Reason::UpstreamUnreachable, Reason::UpstreamTimeout] {
        // The decision stands as it was, and the failure is written on top.
        let mut answer = answer(&decision, &Response::new(reason.status(), []));
        Refusal::of_failure(reason, "limited", POLICY_ID).write_headers(&mut answer.headers);
        assert_eq!(answer.headers.get("access-control-allow-origin"), Some(APP), "13: {reason}");
        let exposed = answer.headers.get("access-control-expose-headers");
        assert_eq!(exposed, Some("x-id, ratelimit, ratelimit-policy, retry-after"), "14: {reason}");
        assert_eq!(
            answer.headers.get("corsgate-decision"),
            Some(format!("reject;reason={reason};route=\"limited\";policy=\"{POLICY_ID}\"").as_str())
        );
    }
}

#[test]
fn without_a_policy_nothing_is_decorated() {
    for (reason, name) in
        [(Reason::PolicyMissing, "policy_missing"), (Reason::PolicyInvalid, "policy_invalid")]
    {
        for text in
            ["GET /p/x", "GET /p/x\nOrigin: https://app.example.com", "OPTIONS /p/x\nOrigin: null\nACRM: PUT"]
        {
            let request = request_of(text);
            let facts = request.facts();
            let decision = Decision::without_policy(reason, facts.kind(), None);
            let answer = answer(&decision, &Response::new(200, []));
            assert_eq!(answer.status, 503, "25");
            assert_eq!(
                answer.headers.lines().collect::<Vec<_>>(),
                [
                    ("corsgate-decision", format!("reject;reason={name}").as_str()),
                    (
                        "proxy-status",
                        format!("corsgate;error=proxy_configuration_error;details=\"{name}\"").as_str()
                    ),
                ],
                "25: {text}"
            );
        }
    }
}
