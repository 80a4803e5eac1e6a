//! Compares a response with what the policy says about the request.

use corsgate_authoring::cases::Decided;
use corsgate_policy::grammar::token::members;
use corsgate_policy::record::RecordedOutcome;
use corsgate_policy::response::exposed::with_families;
use corsgate_policy::{Kind, Reason};

use crate::answer::Answer;
use crate::in_front;

/// The result of a comparison.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Compared {
    /// Where the response differs from the prediction.
    pub differences: Vec<Difference>,
    /// Observations that say nothing about CORS: a rate limit, an API that does not respond.
    pub notes: Vec<String>,
    /// The request exceeded a rate limit.
    pub is_limited: bool,
    /// The id of the policy that the gateway says it used.
    pub policy: Option<String>,
}

/// A difference between prediction and response.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// `status`, `outcome`, `reason`, `route`, or the name of a header.
    pub what: String,
    /// The predicted value; `None` if the value should be absent.
    pub predicted: Option<String>,
    /// The received value; `None` if it is absent.
    pub got: Option<String>,
}

/// What the gateway reports about its decision: in `Corsgate-Decision`, or in the body of a problem document.
#[derive(Debug, Default, PartialEq, Eq)]
struct Said {
    outcome: Option<String>,
    reason: Option<String>,
    route: Option<String>,
    policy: Option<String>,
}

impl Said {
    fn of(answer: &Answer) -> Self {
        if let Some(closed) =
            answer.closed.as_ref().filter(|closed| Reason::from_name(&closed.reason).is_some())
        {
            return Self {
                outcome: Some("reject".to_owned()),
                reason: Some(closed.reason.clone()),
                ..Self::default()
            };
        }
        let Some(header) = answer.get("corsgate-decision") else { return Self::of_problem(&answer.body) };
        let mut parts = header.split(';');
        let mut said = Self { outcome: parts.next().map(str::to_owned), ..Self::default() };
        for (name, value) in parts.filter_map(|part| part.split_once('=')) {
            let value = Some(value.trim_matches('"').to_owned());
            match name.trim() {
                "reason" => said.reason = value,
                "route" => said.route = value,
                "policy" => said.policy = value,
                _ => {}
            }
        }
        said
    }

    fn of_problem(body: &[u8]) -> Self {
        let problem: Option<serde_json::Value> = serde_json::from_slice(body).ok();
        let text = |name: &str| Some(problem.as_ref()?.get(name)?.as_str()?.to_owned());
        let reason = text("reason").filter(|reason| Reason::from_name(reason).is_some());
        let outcome = reason.is_some().then(|| "reject".to_owned());
        let route = text("route").filter(|_| reason.is_some());
        Self { outcome, reason, route, policy: None }
    }
}

/// Whether the reason depends on the running gateway's state, not on CORS.
fn is_of_the_moment(reason: &str) -> bool {
    let reasons = [
        Reason::RateLimited,
        Reason::UpstreamUnreachable,
        Reason::UpstreamTimeout,
        Reason::UpstreamInvalid,
        Reason::UpstreamLoop,
    ];
    reasons.iter().any(|known| known.name() == reason)
}

/// Compares a response with a decision.
#[must_use]
pub fn compare(decided: &Decided, kind: Kind, answer: &Answer) -> Compared {
    let mut compared = Compared::default();
    let said = Said::of(answer);
    let predicted = match decided.outcome {
        RecordedOutcome::Reject => Some("reject"),
        RecordedOutcome::Strip => Some("strip"),
        RecordedOutcome::Allow | RecordedOutcome::WouldReject | RecordedOutcome::WouldAllow => None,
    };
    let is_forwarded = decided.status.is_none();
    let momentary = said.reason.as_deref().filter(|reason| is_forwarded && is_of_the_moment(reason));
    match momentary {
        Some(reason) => {
            compared.is_limited = reason == Reason::RateLimited.name();
            compared.notes.push(match compared.is_limited {
                true => "over a limit of the route, so the response is from the gateway".to_owned(),
                false => format!("the gateway got no response from the upstream (`{reason}`)"),
            });
        }
        None => {
            let mut differs = |what: &str, predicted: Option<&str>, got: Option<&str>| {
                if predicted != got {
                    compared.differences.push(difference(what, predicted, got));
                }
            };
            let word = |outcome: Option<&str>| outcome.unwrap_or("allow").to_owned();
            let (wanted, got) = (word(predicted), word(said.outcome.as_deref()));
            differs("outcome", Some(&wanted), Some(&got));
            differs(
                "reason",
                decided.reason.filter(|_| predicted.is_some()).map(Reason::name),
                said.reason.as_deref(),
            );
            // A close frame has no room for the route, and only refusals report it.
            if predicted.is_some() && said.outcome.is_some() && answer.closed.is_none() {
                differs("route", decided.route.as_deref(), said.route.as_deref());
            }
            if let Some(status) = decided.status.filter(|status| *status != answer.status) {
                differs("status", Some(&status.to_string()), Some(&answer.status.to_string()));
            }
            if kind == Kind::Handshake && is_forwarded && answer.status != 101 {
                compared.notes.push(format!("the upstream responds to the handshake with {}", answer.status));
            } else if is_forwarded && answer.status >= 400 {
                compared.notes.push(format!("the upstream responds with {}", answer.status));
            }
        }
    }
    if let Some(responder) = in_front::responder(answer) {
        compared.notes.push(format!("{responder} responds instead of the gateway"));
    }
    compared.policy = said.policy;
    // The head of an accepted handshake is the upstream's alone, and browsers check none of these headers.
    if answer.status != 101 {
        headers(decided, kind, answer, &mut compared);
    }
    compared
}

const EXPOSED: &str = "access-control-expose-headers";

fn headers(decided: &Decided, kind: Kind, answer: &Answer, compared: &mut Compared) {
    // These headers describe a refusal. Its parts have been compared already.
    let aside = |name: &str| matches!(name, "corsgate-decision" | "proxy-status");
    // Which headers a family has, only the upstream's response says.
    let names: Vec<_> = answer.joined().into_iter().map(|(name, _)| name).collect();
    let listed = decided.header(EXPOSED).unwrap_or_default();
    let exposed = match decided.families.as_str() {
        "" => None,
        families => with_families(listed, families, &names.join(" ")),
    };
    let others = decided.headers.iter().filter(|(name, _)| exposed.is_none() || name != EXPOSED);
    let others = others.map(|(name, value)| (name.as_str(), value.as_str()));
    let expected = others.chain(exposed.as_deref().map(|names| (EXPOSED, names)));
    for (name, predicted) in expected.filter(|(name, _)| !aside(name)) {
        let got = answer.get(name);
        if !is_same(name, predicted, answer) {
            compared.differences.push(difference(name, Some(predicted), got.as_deref()));
        } else if answer.values(name).len() > 1 && name != "vary" {
            let lines = format!("{} lines: {}", answer.values(name).len(), got.unwrap_or_default());
            compared.differences.push(difference(name, Some(predicted), Some(&lines)));
        }
    }
    // If CORS is left to the upstream, the response has the upstream's own headers, which the policy does not predict.
    if !decided.reports {
        for (name, value) in answer.joined() {
            let is_predicted = decided.header(&name).is_some() || name == EXPOSED && exposed.is_some();
            if name.starts_with("access-control-") && !is_predicted {
                compared.differences.push(difference(&name, None, Some(&value)));
            }
        }
    }
    // The rest of a limit cannot be predicted, only that the response reports it. Preflights and refused requests are
    // not counted.
    let counts = decided.is_counted && kind == Kind::Actual && decided.status.is_none();
    for name in ["ratelimit-policy", "ratelimit"] {
        if counts && answer.get(name).is_none() {
            compared.differences.push(difference(name, Some("the rest of the limits"), None));
        }
    }
}

/// Whether a header has the predicted value. The order of a list does not matter, and `Vary` may have other names too.
fn is_same(name: &str, predicted: &str, answer: &Answer) -> bool {
    let wanted = || members(predicted);
    match name {
        "vary" => answer.lists(name, "*") || wanted().all(|member| answer.lists(name, member)),
        // Methods are case-sensitive (RFC 9110, 9.1), header names are not.
        "access-control-allow-methods" => {
            let got = answer.list(name);
            wanted().count() == got.len() && wanted().all(|member| got.iter().any(|known| known == member))
        }
        "access-control-allow-headers" | "access-control-expose-headers" => {
            wanted().count() == answer.list(name).len() && wanted().all(|member| answer.lists(name, member))
        }
        _ => answer.get(name).as_deref() == Some(predicted) || answer.values(name).contains(&predicted),
    }
}

fn difference(what: &str, predicted: Option<&str>, got: Option<&str>) -> Difference {
    Difference { what: what.to_owned(), predicted: predicted.map(str::to_owned), got: got.map(str::to_owned) }
}
