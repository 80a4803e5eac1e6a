//! One request, from what KV must say about it to its answer.
//!
//! Nothing waits here. Where something must be read or counted first, JavaScript does that (`waiting.js`) and the request
//! is answered from the start, with what was learned. So a client that leaves can leave nothing behind in the Wasm.

mod answer;

use std::rc::Rc;

use corsgate_policy::decision::lookup::ListLookup;
use corsgate_policy::grammar::day::Day;
use corsgate_policy::policy::limit::client_key;
use corsgate_policy::{Answers, Decision, Examined, Facts, KeyAnswer, Kind, KvList, Policy, Reason};
use js_sys::Date;
use serde::Serialize;
use wasm_bindgen::{JsCast, JsValue};
use worker::{Context, Env};

use crate::kv::key_store::KeptKey;
use crate::kv::list_store::StoredList;
use crate::kv::policy_store::Stored;
use crate::kv::slot::Kept;
use crate::wire::learned::Learned;
use crate::wire::reads::Read;
use crate::{
    kv::faults, kv::key_store, kv::list_store, kv::policy_store, limits::counting, platform::glue,
    refresh_seconds, wire::gathered,
};

/// A request, and what the platform hands over with it.
pub(crate) struct Exchange {
    pub(crate) request: JsValue,
    pub(crate) env: Env,
    pub(crate) context: Context,
    /// The lines of `gather`.
    pub(crate) gathered: String,
    /// When the request came, in milliseconds since 1970.
    pub(crate) now: f64,
    /// The age, in milliseconds, at which what came from KV is read anew.
    pub(crate) refresh_after: f64,
    pub(crate) learned: Learned,
}

/// What must be read before a request can be answered.
#[derive(Default)]
pub(crate) struct Missing {
    reads: Vec<Read>,
    /// What may not be read, and so counts as unreadable in this request.
    refused: Vec<String>,
}

impl Missing {
    pub(crate) fn is_empty(&self) -> bool {
        self.reads.is_empty()
    }

    fn lines(&self) -> String {
        self.reads.iter().map(Read::line).collect::<Vec<_>>().join("\n")
    }
}

impl Exchange {
    /// A request that has just come, with the lines of `gather`.
    pub(crate) fn new(request: JsValue, gathered: String, env: JsValue, context: JsValue) -> Self {
        Self::resumed(request, gathered, env, context, Date::now(), Learned::default())
    }

    /// A request that came at a time, and has learned something since.
    pub(crate) fn resumed(
        request: JsValue,
        gathered: String,
        env: JsValue,
        context: JsValue,
        now: f64,
        learned: Learned,
    ) -> Self {
        let env: Env = env.unchecked_into();
        let refresh_after = refresh_seconds(&env) * 1000.0;
        let context = Context::new(context.unchecked_into());
        Self { request, env, context, gathered, now, refresh_after, learned }
    }

    /// No request: for what is asked of the gateway itself, by the same memory.
    pub(crate) fn of_nobody(env: JsValue, context: JsValue, began: f64, learned: &str) -> Self {
        Self::resumed(JsValue::UNDEFINED, String::new(), env, context, began, Learned::read(learned))
    }

    /// Answers with a response, or with a promise of one where something must be waited for.
    pub(crate) fn answer(&self) -> JsValue {
        let mut missing = Missing::default();
        let Some(stored) = self.policy(&mut missing) else { return self.after_reads(&missing) };
        let facts = gathered::facts(&self.gathered);
        let examined = match self.examine(&stored, facts.as_ref()) {
            Err(refusal) => {
                counting::give_back_all(self);
                return answer::act(self, facts.as_ref(), &refusal);
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
            Ok(counts) => answer::act(self, facts.as_ref(), &decision.counted(&counts)),
            Err(plan) => self.after_counts(&plan),
        }
    }

    fn after_reads(&self, missing: &Missing) -> JsValue {
        glue::resume_after_reads(
            &self.request,
            self.env.as_ref(),
            self.context.as_ref(),
            &self.gathered,
            self.now,
            &self.learned.next_round(&missing.refused),
            &missing.lines(),
        )
    }

    fn after_counts(&self, plan: &str) -> JsValue {
        glue::resume_after_counts(
            &self.request,
            self.env.as_ref(),
            self.context.as_ref(),
            &self.gathered,
            self.now,
            &self.learned.next_round(&[]),
            plan,
        )
    }

    /// For the admin API: what `askWithReads` in `waiting.js` takes for a wish to read.
    pub(crate) fn told_missing(&self, missing: &Missing) -> String {
        format!("read\n{}\n\n{}", self.learned.next_round(&missing.refused), missing.lines())
    }

    /// The policy from memory, or nothing where it must be read.
    pub(crate) fn policy(&self, missing: &mut Missing) -> Option<Rc<Stored>> {
        let last = match policy_store::kept(self.now, self.refresh_after) {
            Kept::Fresh(stored) => return Some(stored),
            Kept::Due(stored) => {
                self.refresh(&Read::Policy);
                return Some(stored);
            }
            Kept::Expired(last) => Some(last),
            Kept::None => None,
        };
        match self.must_read(Read::Policy, missing) {
            true => None,
            false => Some(last.unwrap_or_else(policy_store::unavailable)),
        }
    }

    /// The policy in force, read anew where that is due: for an operator, who wants to see the present.
    pub(crate) fn policy_in_force(&self, missing: &mut Missing) -> Option<Rc<Stored>> {
        let last = match policy_store::kept(self.now, self.refresh_after) {
            Kept::Fresh(stored) => return Some(stored),
            // This request has read it itself.
            Kept::Due(stored) if policy_store::age(self.now).is_some_and(|age| age <= 0.0) => {
                return Some(stored);
            }
            Kept::Due(last) | Kept::Expired(last) => Some(last),
            Kept::None => None,
        };
        match self.must_read(Read::Policy, missing) {
            true => None,
            false => Some(last.unwrap_or_else(policy_store::unavailable)),
        }
    }

    /// Several lists from memory, in their order. What must be read goes to `missing`.
    pub(crate) fn lists<'l>(
        &self,
        lists: impl Iterator<Item = &'l KvList>,
        missing: &mut Missing,
    ) -> Vec<Option<Rc<StoredList>>> {
        lists.map(|list| self.list(list, missing)).collect()
    }

    /// Hands the lists over, and the keys that are needed beside them.
    pub(crate) fn answers<'a>(
        &self,
        examined: &Examined<'a>,
        lookups: &[ListLookup<'a>],
        lists: &'a [Option<Rc<StoredList>>],
        today: Day,
        missing: &mut Missing,
    ) -> Answers<'a> {
        let mut answers = Answers::default();
        // Which keys are needed only the lists can tell.
        if !missing.is_empty() {
            return answers;
        }
        for (lookup, list) in lookups.iter().zip(lists) {
            answers.add_list(lookup, list.as_ref().map(|list| &list.list.origins));
        }
        for lookup in examined.keys(&answers, today) {
            let answer = self.key(&lookup.key, examined.facts(), missing);
            answers.add_key(&lookup, answer);
        }
        answers
    }

    /// Finds the route, or the refusal of a request that cannot have one.
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

    fn list(&self, list: &KvList, missing: &mut Missing) -> Option<Rc<StoredList>> {
        let last = match list_store::kept(list, self.now, self.refresh_after) {
            Kept::Fresh(stored) => return Some(stored),
            Kept::Due(stored) => {
                self.refresh(&Read::List(list.clone()));
                return Some(stored);
            }
            Kept::Expired(last) => Some(last),
            Kept::None => None,
        };
        let _is_missing = self.must_read(Read::List(list.clone()), missing);
        last
    }

    fn key(&self, key: &str, facts: &Facts<'_>, missing: &mut Missing) -> KeyAnswer {
        let kept = key_store::kept(key, self.now, self.refresh_after);
        if let KeptKey::Fresh(answer) = kept {
            return answer;
        }
        let client = facts.client_ip.map(|address| client_key(Some(address)));
        // What is known to be there costs nothing that strangers could use up.
        let may_look_up = |last: Option<KeyAnswer>| {
            matches!(last, Some(KeyAnswer::Present(_))) || key_store::may_look_up(client.as_deref(), key)
        };
        let read = || Read::Key { client: client.clone(), key: key.to_owned() };
        match kept {
            KeptKey::Fresh(answer) => answer,
            KeptKey::Due(answer) => {
                if !faults::are_too_many() && may_look_up(Some(answer)) {
                    self.refresh(&read());
                }
                answer
            }
            KeptKey::Expired(last) => {
                let _is_missing = self.must_read_if(read(), missing, || may_look_up(last));
                key_store::unavailable(last)
            }
        }
    }

    /// Whether something must be read first, and may be.
    fn must_read(&self, read: Read, missing: &mut Missing) -> bool {
        self.must_read_if(read, missing, || true)
    }

    fn must_read_if(&self, read: Read, missing: &mut Missing, may_read: impl FnOnce() -> bool) -> bool {
        let line = read.line();
        if self.learned.is_over() || self.learned.is_unread(&line) {
            return false;
        }
        let may_read = !faults::are_too_many() && may_read();
        match may_read {
            true => missing.reads.push(read),
            false => missing.refused.push(line),
        }
        may_read
    }

    fn refresh(&self, read: &Read) {
        if faults::are_too_many() {
            return;
        }
        glue::refresh(self.env.as_ref(), self.context.as_ref(), &read.line(), self.now);
    }

    pub(crate) fn today(&self) -> Day {
        Day::from_unix_milliseconds(self.now)
    }
}

/// What the admin API answers, as it crosses: the status on a line of its own, then JSON.
pub(crate) fn told(status: u16, body: &impl Serialize) -> String {
    // Texts and numbers can always be written.
    format!("{status}\n{}", serde_json::to_string(body).unwrap_or_default())
}
