//! One request: its facts, and this isolate's copies of what decides it.
//!
//! Nothing waits here. If something must be read or counted first, JavaScript does that (`waiting.js`) and then starts the
//! request again with the results. So a client that disconnects leaves nothing behind in the Wasm.

#[cfg(feature = "requests")]
mod answer;
mod copies;
#[cfg(feature = "requests")]
mod entry;
#[cfg(feature = "requests")]
pub(crate) mod lead;
#[cfg(feature = "requests")]
mod upstream_response;
#[cfg(feature = "requests")]
mod waiting;

use corsgate_policy::grammar::day::Day;
use corsgate_policy::{Decision, Examined, Facts, Kind, Policy, Reason};
use wasm_bindgen::JsValue;

use crate::kv::age::refresh_after;
use crate::kv::policy_store::Stored;
use crate::wire::learned::Learned;
use crate::wire::reply;

pub(crate) use copies::Missing;

/// A request, with the arguments that the platform passes along.
pub(crate) struct Exchange {
    pub(crate) request: JsValue,
    pub(crate) env: JsValue,
    pub(crate) context: JsValue,
    /// The message [`gathered`](crate::wire::gathered).
    pub(crate) gathered: String,
    /// When the request arrived, in milliseconds since 1970.
    pub(crate) now: f64,
    /// The age, in milliseconds, at which a copy from KV is refreshed.
    pub(crate) refresh_after: f64,
    pub(crate) learned: Learned,
}

impl Exchange {
    /// A request that arrived at `began` and has waited since; `learned` holds the results.
    pub(crate) fn resumed(
        request: JsValue,
        gathered: String,
        env: JsValue,
        context: JsValue,
        now: f64,
        learned: Learned,
    ) -> Self {
        let refresh_after = refresh_after(&env);
        Self { request, env, context, gathered, now, refresh_after, learned }
    }

    /// An exchange without a request, for questions about the gateway itself: they use the same memory.
    pub(crate) fn of_nobody(env: JsValue, context: JsValue, began: f64, learned: Learned) -> Self {
        Self::resumed(JsValue::UNDEFINED, String::new(), env, context, began, learned)
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

    /// For the admin API: the `reply` that asks JavaScript to read what is missing.
    pub(crate) fn reply_missing(&self, missing: &Missing) -> String {
        reply::reads(&self.learned.next_round(missing.refused()), &missing.lines())
    }

    pub(crate) fn today(&self) -> Day {
        Day::from_unix_milliseconds(self.now)
    }
}
