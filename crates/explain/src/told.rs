//! A page's request, led through the gateway and the browser in the order in which they act.

use std::collections::BTreeSet;

use corsgate_policy::decision::decide::Decision;
use corsgate_policy::decision::facts::Initiator;
use corsgate_policy::fetch::{Blocked, CorsResponse};
use corsgate_policy::grammar::day::Day;
use corsgate_policy::origin::set::OriginSet;
use corsgate_policy::response::headers::SWITCHING_PROTOCOLS;
use corsgate_policy::{Examined, Explanation, Facts, Kind, Outcome, Policy, Reason};

use crate::browser::{check_preflight, check_response};
use crate::console;
use crate::kv::{Kv, Unknown};
use crate::page::PageRequest;
use crate::sent::Sent;

/// One request over the wire: what the gateway decides, and what the browser makes of that.
#[derive(Debug)]
pub struct Step<'a> {
    /// What is sent.
    pub sent: &'a Sent,
    /// The decision.
    pub decision: Decision<'a>,
    /// The same with all that led to it, as `/api/explain` answers.
    pub explanation: Explanation<'a>,
    /// Why the browser keeps the answer from the page, or does not go on. Nothing where the upstream's own headers
    /// decide that.
    pub blocked: Option<Blocked>,
    /// What Chromium prints.
    pub console: Option<String>,
}

/// All that becomes of a page's request.
#[derive(Debug)]
pub struct Told<'a> {
    /// In the order in which they are sent; what the browser would not send any more is not there.
    pub steps: Vec<Step<'a>>,
    /// How it ends.
    pub end: End,
    /// What would have been read from KV, and is not known: it counted as not there.
    pub unknown: BTreeSet<Unknown>,
}

/// How it ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// The page may read the upstream's answer, or has its socket.
    Allowed,
    /// The gateway leaves CORS to the upstream. The reason is that of the refusal which enforcement would make.
    LeftToUpstream(Option<Reason>),
    /// The gateway refuses.
    Refused(Reason),
    /// The upstream gets it, and the page may not read the answer.
    Stripped(Reason),
    /// The gateway allows it, and the browser does not.
    Blocked,
}

impl End {
    /// Whether it is fine, as far as the policy tells.
    #[must_use]
    pub fn is_allowed(self) -> bool {
        matches!(self, Self::Allowed | Self::LeftToUpstream(_))
    }
}

/// Explains a request. `sent` is [what the browser would send](PageRequest::sent), and `facts` what the gateway knows of
/// that; `nothing` is an empty set.
pub(crate) fn tell<'a>(
    policy: &'a Policy,
    request: &PageRequest,
    sent: &'a [Sent],
    facts: &'a [Facts<'a>],
    kv: &'a Kv,
    nothing: &'a OriginSet,
    today: Day,
) -> Told<'a> {
    let mut told = Told { steps: Vec::new(), end: End::Allowed, unknown: BTreeSet::new() };
    for (sent, facts) in sent.iter().zip(facts) {
        let examined = Examined::new(policy, facts);
        let answers = kv.answer(&examined, nothing, today, &mut told.unknown);
        let decision = examined.decide(&answers, today);
        let explanation = Explanation::new(&examined, &answers, today);
        let (blocked, console) = seen_by_browser(request, facts, &decision, &explanation);
        told.end = match decision.outcome {
            Outcome::Reject(reason) => End::Refused(reason),
            Outcome::Strip(reason) => End::Stripped(reason),
            Outcome::Report(reason) => match told.end {
                End::LeftToUpstream(Some(earlier)) => End::LeftToUpstream(Some(earlier)),
                _ => End::LeftToUpstream(reason),
            },
            Outcome::Allow if blocked.is_some() => End::Blocked,
            Outcome::Allow => End::Allowed,
        };
        let ends = !told.end.is_allowed();
        told.steps.push(Step { sent, decision, explanation, blocked, console });
        if ends {
            break;
        }
    }
    told
}

/// What the browser does with the answer, and prints.
fn seen_by_browser(
    request: &PageRequest,
    facts: &Facts<'_>,
    decision: &Decision<'_>,
    explanation: &Explanation<'_>,
) -> (Option<Blocked>, Option<String>) {
    // What comes back is the upstream's, with CORS headers of its own.
    if matches!(decision.outcome, Outcome::Report(_)) {
        return (None, None);
    }
    let status = explanation.status();
    if decision.kind == Kind::Handshake {
        let refused = status.filter(|status| *status != SWITCHING_PROTOCOLS);
        return (None, refused.map(|status| console::handshake(request, status)));
    }
    let header = |name: &str| explanation.written().find(|(known, _)| *known == name).map(|(_, value)| value);
    // That the upstream answers, and well, is assumed.
    let response = CorsResponse::new(status.unwrap_or(200), header);
    let is_preflight = decision.kind == Kind::Preflight;
    let checked = match facts.requested_method.filter(|_| is_preflight) {
        _ if matches!(facts.initiator(), Initiator::SameOrigin) || request.is_same_origin() => Ok(()),
        Some(method) => check_preflight(request, method, &response),
        None => check_response(request, &response),
    };
    match checked {
        Err(blocked) => {
            let console = console::blocked(request, is_preflight, &blocked);
            (Some(blocked), Some(console))
        }
        Ok(()) if !is_preflight && response.status >= 400 => (None, Some(console::failed(response.status))),
        Ok(()) => (None, None),
    }
}
