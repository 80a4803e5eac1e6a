//! The entries of a list of the policy in force: `GET /api/list/<name>`.

use std::borrow::Cow;

use corsgate_policy::NamedList;
use corsgate_policy::grammar::day::Day;
use corsgate_policy::origin::set::OriginSet;
use serde::Serialize;
use wasm_bindgen::JsValue;

use super::policy::without_policy;
use super::problem::{self, Problem};
use super::status::{ListStatus, list_status};
use crate::exchange::{Exchange, Missing};
use crate::wire::learned::Learned;
use crate::wire::reply;

/// The most entries of an answer.
const MOST: usize = 10_000;

#[derive(Serialize)]
struct List<'a> {
    version: u32,
    name: &'a str,
    /// Where its entries are.
    kind: &'static str,
    /// The copy of a list in KV.
    kv: Option<ListStatus<'a>>,
    /// How many entries it has; null if that is not known.
    size: Option<usize>,
    /// How many of them match the request.
    matching: usize,
    /// Whether `entries` has fewer than those.
    truncated: bool,
    entries: Vec<ListEntry<'a>>,
}

#[derive(Serialize)]
struct ListEntry<'a> {
    origin: Cow<'a, str>,
    /// The last day on which it counts.
    expires: Option<String>,
}

/// The entries that a request asks for.
struct Wanted<'a> {
    /// A part of the entry.
    part: &'a str,
    /// They expire on this day or before.
    until: Option<Day>,
}

impl Wanted<'_> {
    /// Whether an entry has the part, in any case. (The search of the standard library is larger than this module.)
    fn is_in(&self, entry: &str) -> bool {
        let part = self.part.as_bytes();
        part.is_empty()
            || entry.as_bytes().windows(part.len()).any(|window| window.eq_ignore_ascii_case(part))
    }
}

/// For the admin API: the `reply` with a list. `search` is a part of its entries; `days` is how soon they expire. `learned`
/// holds what was read since `began`.
#[cfg_attr(feature = "admin", wasm_bindgen::prelude::wasm_bindgen)]
#[must_use]
pub fn admin_list(
    env: JsValue,
    context: JsValue,
    name: &str,
    search: &str,
    days: Option<u32>,
    began: f64,
    learned: &str,
) -> String {
    let learned = match Learned::read(learned) {
        Ok(learned) => learned,
        Err(malformed) => return problem::malformed(malformed),
    };
    let exchange = Exchange::of_nobody(env, context, began, learned);
    let mut missing = Missing::default();
    let Some(stored) = exchange.policy_in_force(&mut missing) else {
        return exchange.reply_missing(&missing);
    };
    let policy = match &stored.policy {
        Ok(policy) => policy,
        Err(reason) => return without_policy(*reason),
    };
    let until = days.map(|days| Day::from_days(exchange.today().days().saturating_add(days)));
    let wanted = Wanted { part: search, until };
    let empty = |kind| List {
        version: 1,
        name,
        kind,
        kv: None,
        size: None,
        matching: 0,
        truncated: false,
        entries: Vec::new(),
    };
    match policy.named_list(name) {
        None => {
            let detail = "The policy in force has no allowlist of this name.";
            Problem::new("list_unknown", "There is no such list", 404, detail).reply()
        }
        Some(NamedList::Entries(set)) => reply::answer(200, &empty("policy").with(set, &wanted)),
        Some(NamedList::KvKeys) => reply::answer(200, &empty("kv_keys")),
        Some(NamedList::Kv(list)) => {
            let lists = exchange.lists([list].into_iter(), &mut missing);
            if !missing.is_empty() {
                return exchange.reply_missing(&missing);
            }
            let copy = lists.first().and_then(Option::as_deref);
            let answer = List { kv: Some(list_status(name, list, copy)), ..empty("kv") };
            match copy {
                None => reply::answer(200, &answer),
                Some(copy) => reply::answer(200, &answer.with(&copy.list.origins, &wanted)),
            }
        }
    }
}

impl<'a> List<'a> {
    /// The list with the entries of a set that are wanted.
    fn with(mut self, set: &'a OriginSet, wanted: &Wanted<'_>) -> Self {
        self.size = Some(set.len());
        for (origin, last) in set.entries() {
            if !wanted.is_in(&origin) {
                continue;
            }
            let last = Some(last).filter(|day| *day != Day::NEVER);
            if wanted.until.is_some_and(|until| last.is_none_or(|last| last > until)) {
                continue;
            }
            self.matching += 1;
            if self.entries.len() < MOST {
                self.entries.push(ListEntry { origin, expires: last.map(|day| day.to_string()) });
            }
        }
        self.truncated = self.matching > self.entries.len();
        self
    }
}
