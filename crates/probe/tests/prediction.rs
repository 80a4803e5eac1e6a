//! Responses compared with a decision: rows of what may differ, and of what does not concern CORS.

use corsgate_authoring::cases::Decided;
use corsgate_policy::record::RecordedOutcome;
use corsgate_policy::{Kind, Reason};
use corsgate_probe::{Answer, compare};

fn pairs(lines: &[(&str, &str)]) -> Vec<(String, String)> {
    lines.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

fn allowed(headers: &[(&str, &str)]) -> Decided {
    Decided {
        outcome: RecordedOutcome::Allow,
        reason: None,
        route: Some("api".to_owned()),
        entry: None,
        offending_header: None,
        status: None,
        headers: pairs(headers),
        families: String::new(),
        reports: false,
        is_counted: false,
    }
}

fn refused(reason: Reason) -> Decided {
    Decided {
        outcome: RecordedOutcome::Reject,
        reason: Some(reason),
        status: Some(reason.status()),
        ..allowed(&[("vary", "Origin")])
    }
}

const GRANT: &[(&str, &str)] = &[("access-control-allow-origin", "https://a.example"), ("vary", "Origin")];

/// The names of what differs.
fn differing(decided: &Decided, kind: Kind, status: u16, lines: &[(&str, &str)]) -> Vec<String> {
    let answer = Answer { status, lines: pairs(lines), ..Answer::default() };
    compare(decided, kind, &answer).differences.into_iter().map(|it| it.what).collect()
}

/// A name, the decision, the status and header lines of the response, and what differs.
type Row<'r> = (&'r str, &'r Decided, u16, &'r [(&'r str, &'r str)], &'r [&'r str]);

#[test]
fn a_response_is_compared_with_what_the_policy_says() {
    let grant = allowed(GRANT);
    let lists =
        allowed(&[("access-control-allow-methods", "DELETE, PUT"), ("access-control-allow-headers", "a, b")]);
    let strip = Decided {
        outcome: RecordedOutcome::Strip,
        reason: Some(Reason::OriginNull),
        ..allowed(&[("vary", "Origin")])
    };
    let no = "reject;reason=origin_not_listed;route=\"api\";policy=\"0123456789abcdef\"";
    let family = Decided { families: "x-amz-*".to_owned(), ..allowed(GRANT) };
    let exposing = |names| ("access-control-expose-headers", names);
    let amz =
        |names| [GRANT[0], GRANT[1], ("x-amz-b", "1"), ("x-amz-a", "1"), ("x-id", "1"), exposing(names)];
    let rows: &[Row<'_>] = &[
        ("a family exposes the names of the response", &family, 200, &amz("x-amz-a, x-amz-b"), &[]),
        ("a family without a name exposes nothing", &family, 200, GRANT, &[]),
        ("a name too few", &family, 200, &amz("x-amz-a"), &["access-control-expose-headers"]),
        ("a name too many", &family, 200, &amz("x-amz-a, x-amz-b, x-id"), &["access-control-expose-headers"]),
        ("as predicted", &grant, 200, GRANT, &[]),
        ("an error of the API is its own", &grant, 500, GRANT, &[]),
        ("Vary may have more", &grant, 200, &[GRANT[0], ("vary", "accept-encoding, origin")], &[]),
        ("Vary may not have less", &grant, 200, &[GRANT[0], ("vary", "accept-encoding")], &["vary"]),
        (
            "another origin",
            &grant,
            200,
            &[("access-control-allow-origin", "*"), GRANT[1]],
            &["access-control-allow-origin"],
        ),
        ("two lines", &grant, 200, &[GRANT[0], GRANT[0], GRANT[1]], &["access-control-allow-origin"]),
        (
            "a header too many",
            &grant,
            200,
            &[GRANT[0], GRANT[1], ("access-control-max-age", "5")],
            &["access-control-max-age"],
        ),
        (
            "any order",
            &lists,
            200,
            &[("access-control-allow-methods", "PUT,DELETE"), ("access-control-allow-headers", "B, a")],
            &[],
        ),
        (
            "methods have a case",
            &lists,
            200,
            &[("access-control-allow-methods", "put, DELETE"), ("access-control-allow-headers", "a, b")],
            &["access-control-allow-methods"],
        ),
        (
            "a member too many",
            &lists,
            200,
            &[("access-control-allow-methods", "PUT, DELETE"), ("access-control-allow-headers", "a, b, c")],
            &["access-control-allow-headers"],
        ),
        (
            "refused instead",
            &grant,
            403,
            &[("corsgate-decision", no), ("vary", "Origin")],
            &["outcome", "reason", "access-control-allow-origin"],
        ),
        (
            "refused as predicted",
            &refused(Reason::OriginNotListed),
            403,
            &[("corsgate-decision", no), ("vary", "Origin")],
            &[],
        ),
        (
            "refused for something else",
            &refused(Reason::OriginNull),
            403,
            &[("corsgate-decision", no), ("vary", "Origin")],
            &["reason"],
        ),
        (
            "let in instead",
            &refused(Reason::OriginNotListed),
            200,
            GRANT,
            &["outcome", "reason", "status", "access-control-allow-origin"],
        ),
        (
            "the API does not answer",
            &grant,
            502,
            &[GRANT[0], GRANT[1], ("corsgate-decision", "reject;reason=upstream_unreachable;route=\"api\"")],
            &[],
        ),
        (
            "over a limit",
            &grant,
            429,
            &[GRANT[0], GRANT[1], ("corsgate-decision", "reject;reason=rate_limited;route=\"api\"")],
            &[],
        ),
        (
            "over a limit, and unreadable",
            &grant,
            429,
            &[GRANT[1], ("corsgate-decision", "reject;reason=rate_limited;route=\"api\"")],
            &["access-control-allow-origin"],
        ),
        (
            "another route",
            &refused(Reason::OriginNotListed),
            403,
            &[("corsgate-decision", "reject;reason=origin_not_listed;route=\"b\""), ("vary", "Origin")],
            &["route"],
        ),
        (
            "stripped",
            &strip,
            200,
            &[("corsgate-decision", "strip;reason=origin_null;route=\"api\""), ("vary", "Origin")],
            &[],
        ),
        ("not stripped", &strip, 200, GRANT, &["outcome", "reason", "access-control-allow-origin"]),
    ];
    for (row, decided, status, lines, expected) in rows {
        assert_eq!(differing(decided, Kind::Actual, *status, lines), *expected, "{row}");
    }
}

#[test]
fn a_problem_document_names_the_reason_if_no_header_does() {
    let body = br#"{"status":403,"reason":"origin_not_listed","route":"api"}"#.to_vec();
    let answer = Answer { status: 403, lines: pairs(&[("vary", "Origin")]), body, closed: None };
    assert_eq!(compare(&refused(Reason::OriginNotListed), Kind::Actual, &answer).differences, []);
    let answer = Answer { body: b"{\"reason\":\"because\"}".to_vec(), ..answer };
    assert_eq!(compare(&refused(Reason::OriginNotListed), Kind::Actual, &answer).differences.len(), 2);
}

#[test]
fn limit_headers_must_be_present_and_report_mode_is_left_alone() {
    let counted = Decided { is_counted: true, ..allowed(GRANT) };
    assert_eq!(differing(&counted, Kind::Actual, 200, GRANT), ["ratelimit-policy", "ratelimit"]);
    let told = [GRANT[0], GRANT[1], ("ratelimit", "\"a\";r=1"), ("ratelimit-policy", "\"a\";q=2")];
    assert_eq!(differing(&counted, Kind::Actual, 200, &told), [] as [&str; 0]);
    let reporting = Decided { reports: true, ..allowed(&[]) };
    assert_eq!(
        differing(&reporting, Kind::Actual, 200, &[("access-control-allow-origin", "*")]),
        [] as [&str; 0]
    );
    let shut = Decided { status: Some(403), ..refused(Reason::OriginNotListed) };
    let opened = Answer { status: 101, ..Answer::default() };
    let what = compare(&shut, Kind::Handshake, &opened).differences;
    assert_eq!(what.iter().map(|it| it.what.as_str()).collect::<Vec<_>>(), ["outcome", "reason", "status"]);
}

#[test]
fn a_proxy_in_front_is_named_beside_the_differences() {
    let lines = pairs(&[("cf-access-domain", "api.example.com")]);
    let answer = Answer { status: 403, lines, ..Answer::default() };
    let compared = compare(&allowed(GRANT), Kind::Actual, &answer);
    assert!(!compared.differences.is_empty(), "the headers of the grant are missing");
    assert!(compared.notes.contains(&"Cloudflare Access responds instead of the gateway".to_owned()));
}
