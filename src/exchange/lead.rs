//! Leads a request from its facts to its response.

use corsgate_policy::response::headers::forbid_storing;
use js_sys::Date;
use wasm_bindgen::JsValue;

use super::copies::Missing;
use super::{Exchange, answer, waiting};
use crate::limits::counting::{self, LimitCounts};
use crate::records::log::Event;
use crate::wire::headers::Headers;
use crate::wire::learned::Learned;
use crate::wire::{Malformed, gathered};

impl Exchange {
    /// A request that has just arrived.
    pub(crate) fn new(request: JsValue, gathered: String, env: JsValue, context: JsValue) -> Self {
        Self::resumed(request, gathered, env, context, Date::now(), Learned::default())
    }

    /// The response, or a promise of one if something must be read or counted first.
    pub(crate) fn answer(&self) -> JsValue {
        let facts = match gathered::read(&self.gathered) {
            Ok(facts) => facts,
            Err(malformed) => return refuse_malformed(malformed),
        };
        let mut missing = Missing::default();
        let Some(stored) = self.policy(&mut missing) else { return self.after_reads(&missing) };
        let examined = match self.examine(&stored, facts.as_ref()) {
            Err(refusal) => {
                counting::refund_all(self);
                return answer::carry_out(self, facts.as_ref(), &refusal);
            }
            Ok(examined) => examined,
        };
        let today = self.today();
        let lookups = examined.lists(today);
        let lists = self.lists(lookups.iter().map(|lookup| lookup.list), &mut missing);
        let answers = self.answers(&examined, &lookups, &lists, today, &mut missing);
        if !missing.is_empty() {
            return self.after_reads(&missing);
        }
        let decision = examined.decide(&answers, today);
        match counting::counts(self, examined.facts(), &decision) {
            LimitCounts::Known(counts) => answer::carry_out(self, facts.as_ref(), &decision.counted(&counts)),
            LimitCounts::Open(plan) => self.after_counts(&plan),
        }
    }

    fn after_reads(&self, missing: &Missing) -> JsValue {
        waiting::resume_after_reads(
            &self.request,
            &self.env,
            &self.context,
            &self.gathered,
            self.now,
            &self.learned.next_round(missing.refused()),
            &missing.lines(),
        )
    }

    #[inline(never)]
    fn after_counts(&self, plan: &str) -> JsValue {
        waiting::resume_after_counts(
            &self.request,
            &self.env,
            &self.context,
            &self.gathered,
            self.now,
            &self.learned.next_round(&[]),
            plan,
        )
    }
}

/// The response when JavaScript sent a message that this build does not know. Only a fault in the build can cause this.
pub(crate) fn refuse_malformed(malformed: Malformed) -> JsValue {
    const INTERNAL_SERVER_ERROR: u16 = 500;
    Event::MessageMalformed { message: malformed.0 }.error();
    let mut headers = Headers::default();
    forbid_storing(&mut headers);
    answer::respond(INTERNAL_SERVER_ERROR, headers.as_message(), None)
}
