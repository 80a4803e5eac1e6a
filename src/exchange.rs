//! One request, from its facts to its response.
//!
//! Nothing waits here. If something must be read or counted first, JavaScript does that (`waiting.js`) and then starts the
//! request again with the results. So a client that disconnects leaves nothing behind in the Wasm.

mod answer;
mod copies;
pub(crate) mod upstream_response;
mod waiting;

use corsgate_policy::grammar::day::Day;
use corsgate_policy::response::headers::forbid_storing;
use corsgate_policy::{Decision, Examined, Facts, Kind, Policy, Reason};
use js_sys::Date;
use wasm_bindgen::{JsCast, JsValue};
use worker::{Context, Env};

use crate::kv::age::refresh_after;
use crate::kv::policy_store::Stored;
use crate::limits::counting::{self, LimitCounts};
use crate::records::log::Event;
use crate::wire::headers::Headers;
use crate::wire::learned::Learned;
use crate::wire::{Malformed, gathered, reply};

pub(crate) use copies::Missing;

/// A request, with the arguments that the platform passes along.
pub(crate) struct Exchange {
    pub(crate) request: JsValue,
    pub(crate) env: Env,
    pub(crate) context: Context,
    /// The message [`gathered`].
    pub(crate) gathered: String,
    /// When the request arrived, in milliseconds since 1970.
    pub(crate) now: f64,
    /// The age, in milliseconds, at which a copy from KV is refreshed.
    pub(crate) refresh_after: f64,
    pub(crate) learned: Learned,
}

impl Exchange {
    /// A request that has just arrived.
    pub(crate) fn new(request: JsValue, gathered: String, env: JsValue, context: JsValue) -> Self {
        Self::resumed(request, gathered, env, context, Date::now(), Learned::default())
    }

    /// A request that arrived at `began` and has waited since; `learned` holds the results.
    pub(crate) fn resumed(
        request: JsValue,
        gathered: String,
        env: JsValue,
        context: JsValue,
        now: f64,
        learned: Learned,
    ) -> Self {
        let env: Env = env.unchecked_into();
        let refresh_after = refresh_after(&env);
        let context = Context::new(context.unchecked_into());
        Self { request, env, context, gathered, now, refresh_after, learned }
    }

    /// An exchange without a request, for questions about the gateway itself: they use the same memory.
    pub(crate) fn of_nobody(env: JsValue, context: JsValue, began: f64, learned: Learned) -> Self {
        Self::resumed(JsValue::UNDEFINED, String::new(), env, context, began, learned)
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

    /// Finds the route, or rejects a request that cannot have one.
    pub(crate) fn examine<'a>(
        &self,
        stored: &'a Stored,
        facts: Option<&'a Facts<'a>>,
    ) -> Result<Examined<'a>, Decision<'a>> {
        match (facts, &stored.policy) {
            (Some(facts), Ok(policy)) => Ok(Examined::new(policy, facts)),
            (Some(facts), Err(reason)) => Err(Decision::without_policy(*reason, facts.kind(), None)),
            (None, policy) => {
                let id = policy.as_ref().ok().map(Policy::id);
                Err(Decision::without_policy(Reason::PathAmbiguous, Kind::Actual, id))
            }
        }
    }

    fn after_reads(&self, missing: &Missing) -> JsValue {
        waiting::resume_after_reads(
            &self.request,
            self.env.as_ref(),
            self.context.as_ref(),
            &self.gathered,
            self.now,
            &self.learned.next_round(missing.refused()),
            &missing.lines(),
        )
    }

    fn after_counts(&self, plan: &str) -> JsValue {
        waiting::resume_after_counts(
            &self.request,
            self.env.as_ref(),
            self.context.as_ref(),
            &self.gathered,
            self.now,
            &self.learned.next_round(&[]),
            plan,
        )
    }

    /// For the admin API: the `reply` that asks JavaScript to read what is missing.
    pub(crate) fn reply_missing(&self, missing: &Missing) -> String {
        reply::reads(&self.learned.next_round(missing.refused()), &missing.lines())
    }

    pub(crate) fn today(&self) -> Day {
        Day::from_unix_milliseconds(self.now)
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
