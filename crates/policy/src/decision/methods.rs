//! The requests that are rejected for their method, whatever their origin may do.

use crate::decision::decide::Examined;
use crate::decision::facts::{Initiator, asks_for_repetition};
use crate::decision::reason::Reason;
use crate::decision::trace::{Check, Observer, RequestedResult};
use crate::decision::{Decision, Outcome};

impl<'a> Examined<'a> {
    /// Rejects a request with a method that the route does not list, if the list is enforced.
    pub(super) fn unless_other_method(&self, decision: &mut Decision<'a>, observer: &mut impl Observer<'a>) {
        if self.uses_other_method(observer) {
            decision.outcome = Outcome::Reject(Reason::MethodNotAllowed);
        }
    }

    /// Whether that is so, of a request from another origin. CORS itself leaves safelisted methods alone.
    pub(super) fn uses_other_method(&self, observer: &mut impl Observer<'a>) -> bool {
        let Some(cors) = self.cors().filter(|cors| cors.methods.are_enforced()) else { return false };
        if matches!(self.initiator, Initiator::Unnamed | Initiator::SameOrigin) {
            return false;
        }
        let allowed = cors.methods.allow(self.facts.method);
        observer.note(|| Check::Method {
            result: RequestedResult::of(Some(allowed)),
            method: Some(self.facts.method),
            allowed: cors.methods.header_value(),
            enforced: cors.methods.are_enforced(),
        });
        !allowed
    }

    /// Rejects TRACE, which would be forwarded and asks the upstream to repeat the request. RFC 9110, 9.3.8,
    /// forbids sensitive data in it, and the gateway adds such data. This applies in every mode: no page can
    /// send TRACE (Fetch, "forbidden method").
    pub(super) fn unless_trace(&self, decision: &mut Decision<'a>, observer: &mut impl Observer<'a>) {
        if decision.is_sent_on() && asks_for_repetition(self.facts.method) {
            observer.note(|| Check::Method {
                result: RequestedResult::NotAllowed,
                method: Some(self.facts.method),
                allowed: "",
                enforced: false,
            });
            decision.outcome = Outcome::Reject(Reason::MethodNotAllowed);
        }
    }
}
