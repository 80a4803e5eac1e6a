//! The policy, lists and keys that decide a request, from this isolate's memory, and which of them must be read first.

use std::rc::Rc;

use corsgate_policy::decision::lookup::ListLookup;
use corsgate_policy::grammar::day::Day;
use corsgate_policy::kv::filter_key;
use corsgate_policy::policy::limit::client_key;
use corsgate_policy::{Answers, Examined, Facts, KeyAnswer, KvList};
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

use super::Exchange;
use crate::kv::age::Kept;
use crate::kv::list_store::StoredList;
use crate::kv::policy_store::Stored;
use crate::kv::{faults, filter_store, key_store, list_store, policy_store};
use crate::wire::read::Read;

#[wasm_bindgen(module = "/src/kv/kv.js")]
extern "C" {
    /// Starts to refresh a key in the background of a request that arrived at `began`.
    fn refresh(env: &JsValue, context: &JsValue, read: &str, began: f64);
}

/// What must be read before a request can be answered.
#[derive(Default)]
pub(crate) struct Missing {
    reads: Vec<Read>,
    /// The lines of reads that are not permitted. This request treats them as failed.
    refused: Vec<String>,
}

impl Missing {
    pub(crate) fn is_empty(&self) -> bool {
        self.reads.is_empty()
    }

    pub(super) fn lines(&self) -> String {
        let mut lines = String::new();
        for read in &self.reads {
            if !lines.is_empty() {
                lines.push('\n');
            }
            lines.push_str(&read.line());
        }
        lines
    }

    pub(super) fn refused(&self) -> &[String] {
        &self.refused
    }
}

impl Exchange {
    /// The policy, or `None` if it must be read first.
    pub(crate) fn policy(&self, missing: &mut Missing) -> Option<Rc<Stored>> {
        self.policy_of(policy_store::kept(self.now, self.refresh_after), missing)
    }

    /// The policy in force, read first if a refresh is due: an operator wants to see the present state.
    pub(crate) fn policy_in_force(&self, missing: &mut Missing) -> Option<Rc<Stored>> {
        let is_read_by_this = policy_store::age(self.now).is_some_and(|age| age <= 0.0);
        let kept = match policy_store::kept(self.now, self.refresh_after) {
            Kept::Due(stored) if is_read_by_this => Kept::Fresh(stored),
            Kept::Due(stored) => Kept::Expired(Some(stored)),
            kept => kept,
        };
        self.policy_of(kept, missing)
    }

    fn policy_of(&self, kept: Kept<Rc<Stored>>, missing: &mut Missing) -> Option<Rc<Stored>> {
        match self.young(kept, || Read::Policy, missing, |_| true) {
            Ok(stored) => Some(stored),
            Err(_) if !missing.is_empty() => None,
            Err(last) => Some(last.unwrap_or_else(policy_store::unavailable)),
        }
    }

    /// Several lists, in their order; `None` for one that KV fails to give, or gives damaged, and that has no older copy. Reads that must come
    /// first are added to `missing`.
    pub(crate) fn lists<'l>(
        &self,
        lists: impl Iterator<Item = &'l KvList>,
        missing: &mut Missing,
    ) -> Vec<Option<Rc<StoredList>>> {
        // A loop: `collect` would be three times as much code.
        let mut copies = Vec::new();
        for list in lists {
            copies.push(self.list(list, missing));
        }
        copies
    }

    // Not inlined here and below: most policies have no list in KV, and a new isolate compiles nothing of this for them.
    #[inline(never)]
    fn list(&self, list: &KvList, missing: &mut Missing) -> Option<Rc<StoredList>> {
        let kept = list_store::kept(list, self.now, self.refresh_after);
        let list = self.young(kept, || Read::List(list.clone()), missing, |_| true);
        list.map_or_else(|last| last, Some).filter(|list| !list.is_unreadable())
    }

    /// Passes the lists on, with the per-origin keys that are needed beside them.
    pub(crate) fn answers<'a>(
        &self,
        examined: &Examined<'a>,
        lookups: &[ListLookup<'a>],
        lists: &'a [Option<Rc<StoredList>>],
        today: Day,
        missing: &mut Missing,
    ) -> Answers<'a> {
        let mut answers = Answers::default();
        // The lists determine which keys are needed.
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

    #[inline(never)]
    fn key(&self, key: &str, facts: &Facts<'_>, missing: &mut Missing) -> KeyAnswer {
        let client = || facts.client_ip.map(|address| client_key(Some(address)));
        // A key that is known to exist is not charged to the budget that unknown origins use up.
        let may_look_up = |last: Option<&KeyAnswer>| {
            matches!(last, Some(KeyAnswer::Present(_))) || key_store::may_look_up(client().as_deref(), key)
        };
        let kept = key_store::kept(key, self.now, self.refresh_after);
        if !matches!(kept, Kept::Fresh(_)) && self.is_ruled_out(key) {
            return KeyAnswer::Absent;
        }
        let read = || Read::Key { client: client(), key: key.to_owned() };
        self.young(kept, read, missing, may_look_up).unwrap_or_else(key_store::unavailable)
    }

    /// Whether the filter beside a key says that it does not exist; starts to read the filter if that is due.
    fn is_ruled_out(&self, key: &str) -> bool {
        let filter = filter_key(key);
        filter_store::rules_out(&filter, key, self.now, self.refresh_after, || {
            if !faults::are_too_many() {
                refresh(&self.env, &self.context, &Read::Filter(filter.clone()).line(), self.now);
            }
        })
    }

    /// The copy, if it is young enough to be used; starts a refresh if one is due. Otherwise the last copy, and `missing` says
    /// whether a read must come first: if not, KV fails or has failed, or `may_read` forbids it.
    fn young<T>(
        &self,
        kept: Kept<T>,
        read: impl FnOnce() -> Read,
        missing: &mut Missing,
        may_read: impl FnOnce(Option<&T>) -> bool,
    ) -> Result<T, Option<T>> {
        match kept {
            Kept::Fresh(value) => Ok(value),
            Kept::Due(value) => {
                if !faults::are_too_many() && may_read(Some(&value)) {
                    refresh(&self.env, &self.context, &read().line(), self.now);
                }
                Ok(value)
            }
            Kept::Expired(last) => {
                let read = read();
                let line = read.line();
                if self.learned.is_over() || self.learned.is_unread(&line) {
                    return Err(last);
                }
                if !faults::are_too_many() && may_read(last.as_ref()) {
                    missing.reads.push(read);
                } else {
                    missing.refused.push(line);
                }
                Err(last)
            }
        }
    }
}
