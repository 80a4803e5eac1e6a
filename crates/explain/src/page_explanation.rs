//! Takes a page's request through the gateway and the browser, in the order in which they act.

use std::collections::BTreeSet;

use corsgate_policy::decision::decide::Decision;
use corsgate_policy::decision::facts::Initiator;
use corsgate_policy::fetch::{Blocked, CorsResponse};
use corsgate_policy::grammar::day::Day;
use corsgate_policy::origin::set::OriginSet;
use corsgate_policy::response::headers::SWITCHING_PROTOCOLS;
use corsgate_policy::{Examined, Explanation, Facts, Kind, Outcome, Policy, Reason};

use crate::browser::faults;
use crate::engine::Browser;
use crate::kv::{Kv, Unknown};
use crate::page::PageRequest;
use crate::sentences;
use crate::wire_request::WireRequest;

/// One request on the wire: what the gateway decides about it, and what the browser does with the response.
#[derive(Debug)]
pub struct Step<'a> {
    /// The request as the browser sends it.
    pub sent: &'a WireRequest,
    /// The gateway's decision.
    pub decision: Decision<'a>,
    /// The decision with every step that led to it, as `/api/explain` returns it.
    pub explanation: Explanation<'a>,
    /// Why the browser blocks the response, or stops after the preflight: all faults, in the order in which it trips over
    /// them. Empty if the upstream's own headers decide that.
    pub faults: Vec<Blocked>,
}

impl Step<'_> {
    /// Why the browser blocks the response, or stops after the preflight.
    #[must_use]
    pub fn blocked(&self) -> Option<&Blocked> {
        self.faults.first()
    }

    /// The message that the browser prints to its console, if any.
    #[must_use]
    pub fn console(&self, browser: Browser, request: &PageRequest) -> Option<String> {
        // The response is the upstream's, with the upstream's own CORS headers.
        if matches!(self.decision.outcome, Outcome::Report(_)) {
            return None;
        }
        // Assume that the upstream responds successfully.
        let status = self.explanation.status().unwrap_or(200);
        match (self.decision.kind, self.blocked()) {
            (Kind::Handshake, _) if matches!(status, 200 | SWITCHING_PROTOCOLS) => None,
            (Kind::Handshake, _) => Some(sentences::handshake(browser, request, status)),
            (kind, Some(_)) => {
                sentences::blocked(browser, request, kind == Kind::Preflight, status, &self.faults)
            }
            (Kind::Actual, None) if status >= 400 => sentences::failed(browser, request, status),
            (Kind::Actual | Kind::Preflight, None) => None,
        }
    }
}

/// The complete explanation of a page's request.
#[derive(Debug)]
pub struct PageExplanation<'a> {
    /// The requests in the order in which they are sent. Requests that the browser would no longer send are left out.
    pub steps: Vec<Step<'a>>,
    /// The result for the page.
    pub end: End,
    /// The lists and keys that the gateway would read from KV but that are unknown. They were treated as absent.
    pub unknown: BTreeSet<Unknown>,
}

/// The result for the page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// The page may read the upstream's response, or its WebSocket is open.
    Allowed,
    /// The gateway leaves CORS to the upstream. The reason is the one for which enforcement would refuse the request.
    LeftToUpstream(Option<Reason>),
    /// The gateway refuses the request.
    Refused(Reason),
    /// The upstream receives the request, but the page may not read the response.
    Stripped(Reason),
    /// The gateway allows the request, but the browser blocks it.
    Blocked,
}

impl End {
    /// Whether the request works, as far as the policy can tell.
    #[must_use]
    pub fn is_allowed(self) -> bool {
        matches!(self, Self::Allowed | Self::LeftToUpstream(_))
    }
}

/// Explains a request. `sent` is [what the browser would send](PageRequest::sent), `facts` is what the gateway knows
/// about that, and `nothing` is an empty set.
pub(crate) fn explain_page<'a>(
    policy: &'a Policy,
    request: &PageRequest,
    sent: &'a [WireRequest],
    facts: &'a [Facts<'a>],
    kv: &'a Kv,
    nothing: &'a OriginSet,
    today: Day,
) -> PageExplanation<'a> {
    let mut explained = PageExplanation { steps: Vec::new(), end: End::Allowed, unknown: BTreeSet::new() };
    for (sent, facts) in sent.iter().zip(facts) {
        let examined = Examined::new(policy, facts);
        let answers = kv.answer(&examined, nothing, today, &mut explained.unknown);
        let decision = examined.decide(&answers, today);
        let explanation = Explanation::new(&examined, &answers, today);
        let faults = seen_by_browser(request, facts, &decision, &explanation);
        explained.end = match decision.outcome {
            Outcome::Reject(reason) => End::Refused(reason),
            Outcome::Strip(reason) => End::Stripped(reason),
            Outcome::Report(reason) => match explained.end {
                End::LeftToUpstream(Some(earlier)) => End::LeftToUpstream(Some(earlier)),
                _ => End::LeftToUpstream(reason),
            },
            Outcome::Allow if !faults.is_empty() => End::Blocked,
            Outcome::Allow => End::Allowed,
        };
        let ends = !explained.end.is_allowed();
        explained.steps.push(Step { sent, decision, explanation, faults });
        if ends {
            break;
        }
    }
    explained
}

/// What the browser finds wrong with the response.
fn seen_by_browser(
    request: &PageRequest,
    facts: &Facts<'_>,
    decision: &Decision<'_>,
    explanation: &Explanation<'_>,
) -> Vec<Blocked> {
    let is_same_origin = matches!(facts.initiator(), Initiator::SameOrigin) || request.is_same_origin();
    // On a route that reports, the response is the upstream's, with the upstream's own CORS headers.
    let is_open = matches!(decision.outcome, Outcome::Report(_)) || decision.kind == Kind::Handshake;
    if is_same_origin || is_open {
        return Vec::new();
    }
    let header = |name: &str| explanation.written().find(|(known, _)| *known == name).map(|(_, value)| value);
    // Assume that the upstream responds successfully.
    let response = CorsResponse::new(explanation.status().unwrap_or(200), header);
    faults(request, facts.requested_method.filter(|_| decision.kind == Kind::Preflight), &response)
}
