//! Derives the decision from its trace alone; it must be the decision that was made.
#![expect(clippy::expect_used, reason = "tests may fail loudly")]

use corsgate_policy::decision::trace::{
    Check, ListResult, LoopResult, OriginResult, PathResult, RequestedResult, RouteResult, WebsocketResult,
};
use corsgate_policy::grammar::day::Day;
use corsgate_policy::policy::document::{Mode, OnDisallowed};
use corsgate_policy::{Answers, Decision, Examined, Kind, Outcome, Reason};

/// What a trace implies, and what a decision says.
#[derive(Debug, PartialEq)]
struct Implied {
    outcome: Outcome,
    route: Option<String>,
    kind: Kind,
    entry: Option<String>,
    offending_header: Option<String>,
}

/// Traces a decision, and checks that the traced decision equals the untraced one and what its checks imply.
pub fn hold(examined: &Examined<'_>, answers: &Answers<'_>, today: Day) {
    let decision = examined.decide(answers, today);
    let (traced, checks) = examined.trace(answers, today);
    let said = said(&decision);
    assert_eq!(self::said(&traced), said, "an observed decision is the same");
    assert_eq!(implied(&checks), said, "{checks:#?}");
    let text = serde_json::to_string(&checks).expect("a trace can be written");
    let parts: Vec<serde_json::Value> = serde_json::from_str(&text).expect("as JSON");
    for part in parts {
        for name in ["check", "result"] {
            assert!(part.get(name).is_some_and(serde_json::Value::is_string), "{name} of {part}");
        }
    }
}

fn said(decision: &Decision<'_>) -> Implied {
    Implied {
        outcome: decision.outcome,
        route: decision.route.map(|route| route.name().to_owned()),
        kind: decision.kind,
        entry: decision.entry.map(str::to_owned),
        offending_header: decision.offending_header.map(str::to_owned),
    }
}

fn implied(checks: &[Check<'_>]) -> Implied {
    let mut said = Implied {
        outcome: Outcome::Allow,
        route: None,
        kind: Kind::Actual,
        entry: None,
        offending_header: None,
    };
    // Why the request has no route, why its origin is rejected, and other rejections.
    let (mut unrouted, mut origin, mut other) = (None, None, None);
    let (mut strips, mut reports, mut loops, mut never_forwarded) = (false, false, false, false);
    for check in checks {
        match check {
            Check::Url { .. } | Check::Policy { .. } | Check::Rules { .. } => {}
            Check::Path { result: PathResult::Unambiguous, .. } => {}
            Check::Path { .. } => unrouted = Some(Reason::PathAmbiguous),
            Check::Route { result: RouteResult::NotFound, .. } => unrouted = Some(Reason::RouteNotFound),
            Check::Route { route, .. } => said.route = route.map(str::to_owned),
            Check::Kind { result } => said.kind = *result,
            Check::Origin { result, .. } => {
                origin = match result {
                    OriginResult::Absent | OriginResult::SameOrigin => None,
                    OriginResult::Null => Some(Reason::OriginNull),
                    OriginResult::Malformed => Some(Reason::OriginMalformed),
                    OriginResult::CrossOrigin => Some(Reason::OriginNotListed),
                };
            }
            Check::List { result, entry, .. } => match result {
                ListResult::Listed => {
                    origin = None;
                    said.entry = entry.map(str::to_owned);
                }
                ListResult::Unavailable => origin = Some(Reason::ListUnavailable),
                ListResult::Expired if origin != Some(Reason::ListUnavailable) => {
                    origin = Some(Reason::OriginExpired);
                }
                ListResult::Expired
                | ListResult::NotListed
                | ListResult::NotCounted
                | ListResult::NotAsked => {}
            },
            Check::Websocket { result } => match result {
                WebsocketResult::OriginRequired => origin = Some(Reason::WebsocketOriginMissing),
                WebsocketResult::OriginNotRequired => {}
                WebsocketResult::AnyOrigin => (origin, said.entry) = (None, None),
            },
            // A list that is enforced comes after the origin, also of a request that would be forwarded all the same.
            Check::Method { result, enforced: true, .. } if said.kind != Kind::Preflight => {
                if *result != RequestedResult::Allowed {
                    (origin, other, strips) = (None, Some(Reason::MethodNotAllowed), false);
                }
            }
            // TRACE, which nothing forwards.
            Check::Method { result, .. } if said.kind != Kind::Preflight => {
                never_forwarded |= *result != RequestedResult::Allowed;
            }
            Check::Method { result, .. } => match result {
                RequestedResult::Allowed => {}
                RequestedResult::NotAllowed => other = Some(Reason::MethodNotAllowed),
                RequestedResult::Malformed => other = Some(Reason::MethodMalformed),
            },
            Check::Headers { result, header, .. } => match result {
                RequestedResult::Allowed => {}
                RequestedResult::NotAllowed if other.is_some() => {}
                RequestedResult::NotAllowed => {
                    other = Some(Reason::HeaderNotAllowed);
                    said.offending_header = header.map(str::to_owned);
                }
                RequestedResult::Malformed => other = Some(Reason::HeadersMalformed),
            },
            Check::OnDisallowed { result } => strips = *result == OnDisallowed::Forward,
            Check::Mode { result } => reports = *result == Mode::Report,
            Check::Loop { result, .. } => loops = *result == LoopResult::Loop,
        }
    }
    if matches!(other, Some(Reason::MethodMalformed | Reason::HeadersMalformed)) {
        said.entry = None;
    }
    said.outcome = match (unrouted, origin.or(other)) {
        (Some(reason), _) => Outcome::Reject(reason),
        _ if loops => Outcome::Reject(Reason::UpstreamLoop),
        _ if never_forwarded => Outcome::Reject(Reason::MethodNotAllowed),
        (None, reason) if reports => Outcome::Report(reason),
        (None, Some(reason)) if strips => Outcome::Strip(reason),
        (None, Some(reason)) => Outcome::Reject(reason),
        (None, None) => Outcome::Allow,
    };
    said
}
