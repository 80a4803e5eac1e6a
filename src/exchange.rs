//! One request, from what KV must say about it to its answer.

use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{self, Poll, Waker};

use corsgate_policy::day::Day;
use corsgate_policy::lookup::ListLookup;
use corsgate_policy::{Answers, Decision, Examined, Facts, KeyAnswer, Kind, KvList, Policy, Reason};
use futures_util::future::join_all;
use js_sys::{Date, Promise};
use serde::Serialize;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::future_to_promise;
use worker::{Context, Env};

use crate::key_store::KeptKey;
use crate::list_store::StoredList;
use crate::policy_store::Stored;
use crate::slot::Kept;
use crate::{act, background, counting, gathered, key_store, list_store, policy_store, refresh_seconds};

/// A request, and what the platform hands over with it.
pub(crate) struct Exchange {
    pub(crate) request: JsValue,
    pub(crate) env: Env,
    pub(crate) context: Context,
    /// The lines of `gather`.
    pub(crate) gathered: String,
    /// Milliseconds since 1970.
    pub(crate) now: f64,
    /// The age, in milliseconds, at which what came from KV is read anew.
    pub(crate) refresh_after: f64,
}

impl Exchange {
    /// A request that has just come, with the lines of `gather`.
    pub(crate) fn new(request: JsValue, gathered: String, env: JsValue, context: JsValue) -> Self {
        let env: Env = env.unchecked_into();
        let refresh_after = refresh_seconds(&env) * 1000.0;
        let context = Context::new(context.unchecked_into());
        Self { request, env, context, gathered, now: Date::now(), refresh_after }
    }

    /// No request: for what is asked of the gateway itself, by the same memory.
    pub(crate) fn of_nobody(env: JsValue, context: JsValue) -> Self {
        Self::new(JsValue::UNDEFINED, String::new(), env, context)
    }

    /// Answers with a response, or with a promise of one where something must be awaited.
    ///
    /// While everything that decides is in memory nothing is awaited.
    pub(crate) fn answer(self) -> JsValue {
        match policy_store::kept(self.now, self.refresh_after) {
            Kept::Fresh(stored) => self.answer_by(stored),
            Kept::Due(stored) => {
                let (env, now, last) = (self.env.clone(), self.now, Rc::clone(&stored));
                background::run(&self.context, async move {
                    policy_store::read(&env, Some(last), now).await;
                });
                self.answer_by(stored)
            }
            Kept::Expired(last) => now_or_promise(self.answer_after_policy(Some(last))),
            Kept::None => now_or_promise(self.answer_after_policy(None)),
        }
    }

    async fn answer_after_policy(self, last: Option<Rc<Stored>>) -> JsValue {
        let stored = policy_store::read(&self.env, last, self.now).await;
        self.answer_after_lookups(stored).await
    }

    fn answer_by(self, stored: Rc<Stored>) -> JsValue {
        if let Some(answer) = self.answer_at_once(&stored) {
            return answer;
        }
        now_or_promise(self.answer_after_lookups(stored))
    }

    /// The usual case, without the cost of a future: the policy alone decides.
    fn answer_at_once(&self, stored: &Stored) -> Option<JsValue> {
        let facts = gathered::facts(&self.gathered);
        let decision = match self.examine(stored, facts.as_ref()) {
            Err(refusal) => refusal,
            Ok(examined) => {
                let (answers, today) = (Answers::default(), self.today());
                if !examined.lists(today).is_empty() || !examined.keys(&answers, today).is_empty() {
                    return None;
                }
                examined.decide(&answers, today)
            }
        };
        let counts = match &facts {
            Some(facts) if !decision.limits().is_empty() => counting::remembered(self, facts, &decision)?,
            _ => Vec::new(),
        };
        Some(act::act(self, facts.as_ref(), &decision.counted(&counts)))
    }

    async fn answer_after_lookups(self, stored: Rc<Stored>) -> JsValue {
        let facts = gathered::facts(&self.gathered);
        let examined = match self.examine(&stored, facts.as_ref()) {
            Err(refusal) => return act::act(&self, facts.as_ref(), &refusal),
            Ok(examined) => examined,
        };
        let today = self.today();
        let lookups = examined.lists(today);
        let lists = self.lists(lookups.iter().map(|lookup| lookup.list).collect()).await;
        let mut answers = Answers::default();
        self.look_up(&examined, &lookups, &lists, today, &mut answers).await;
        let decision = examined.decide(&answers, today);
        let counts = counting::counts(&self, examined.facts(), &decision).await;
        act::act(&self, facts.as_ref(), &decision.counted(&counts))
    }

    /// Several lists, in their order.
    pub(crate) async fn lists(&self, lists: Vec<&KvList>) -> Vec<Option<Rc<StoredList>>> {
        join_all(lists.into_iter().map(|list| self.list(list))).await
    }

    /// Hands the lists over, and the keys that are needed beside them.
    pub(crate) async fn look_up<'a>(
        &self,
        examined: &Examined<'a>,
        lookups: &[ListLookup<'a>],
        lists: &'a [Option<Rc<StoredList>>],
        today: Day,
        answers: &mut Answers<'a>,
    ) {
        for (lookup, list) in lookups.iter().zip(lists) {
            answers.add_list(lookup, list.as_ref().map(|list| &list.list.origins));
        }
        let lookups = examined.keys(answers, today);
        let keys = join_all(lookups.iter().map(|lookup| self.key(&lookup.key))).await;
        for (lookup, answer) in lookups.iter().zip(keys) {
            answers.add_key(lookup, answer);
        }
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

    /// A list from memory, or from KV where memory has none that is good.
    async fn list(&self, list: &KvList) -> Option<Rc<StoredList>> {
        let last = match list_store::kept(list, self.now, self.refresh_after) {
            Kept::Fresh(stored) => return Some(stored),
            Kept::Due(stored) => {
                let (env, now, list, last) = (self.env.clone(), self.now, list.clone(), Rc::clone(&stored));
                background::run(&self.context, async move {
                    list_store::read(&env, &list, Some(last), now).await;
                });
                return Some(stored);
            }
            Kept::Expired(last) => Some(last),
            Kept::None => None,
        };
        list_store::read(&self.env, list, last, self.now).await
    }

    /// [`list`](Self::list) for a per-origin key.
    async fn key(&self, key: &str) -> KeyAnswer {
        let last = match key_store::kept(key, self.now, self.refresh_after) {
            KeptKey::Fresh(answer) => return answer,
            KeptKey::Due(answer) => {
                let (env, now, key) = (self.env.clone(), self.now, key.to_owned());
                background::run(&self.context, async move {
                    key_store::read(&env, &key, Some(answer), now).await;
                });
                return answer;
            }
            KeptKey::Expired(last) => last,
        };
        key_store::read(&self.env, key, last, self.now).await
    }

    pub(crate) fn today(&self) -> Day {
        Day::from_unix_milliseconds(self.now)
    }
}

/// The future's value where it needs nothing from outside, or else a promise of it.
fn now_or_promise(future: impl Future<Output = JsValue> + 'static) -> JsValue {
    let mut future: Pin<Box<dyn Future<Output = JsValue>>> = Box::pin(future);
    match future.as_mut().poll(&mut task::Context::from_waker(Waker::noop())) {
        Poll::Ready(answer) => answer,
        Poll::Pending => settle(future).into(),
    }
}

/// A promise of a text, never rejected.
pub(crate) fn promise(future: impl Future<Output = String> + 'static) -> Promise {
    settle(Box::pin(async move { JsValue::from_str(&future.await) }))
}

/// As one type, whatever the future is: for each the Wasm would hold kilobytes of its own.
fn settle(future: Pin<Box<dyn Future<Output = JsValue>>>) -> Promise {
    future_to_promise(async move { Ok(future.await) })
}

/// What the admin API answers, as it crosses: the status on a line of its own, then JSON.
pub(crate) fn told(status: u16, body: &impl Serialize) -> String {
    // Texts and numbers can always be written.
    format!("{status}\n{}", serde_json::to_string(body).unwrap_or_default())
}
