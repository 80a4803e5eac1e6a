//! This isolate's copies of the per-origin keys in KV.
//!
//! The client chooses which key is looked up. So the memory and the reads that unknown origins can cost are both bounded,
//! without affecting known origins.

use std::cell::RefCell;

use corsgate_policy::KeyAnswer;
use corsgate_policy::origin::entry::last_day_of_key;
use js_sys::Date;
use wasm_bindgen::JsValue;

use crate::kv::age::{Kept, REFRESH_LEASE, Times};
use crate::kv::learning::Found;
use crate::kv::lookup_budget::{Allowance, LookupBudget, MISSES_PER_SECOND};
use crate::platform::bounded_map::BoundedMap;
use crate::records::log::{self, About, Event};

thread_local! {
    /// Hits and misses are kept apart, so that a flood of unknown origins cannot evict a known one.
    static HITS: RefCell<BoundedMap<Remembered>> = RefCell::default();
    static MISSES: RefCell<BoundedMap<Remembered>> = RefCell::default();
    static BUDGET: RefCell<LookupBudget> = RefCell::default();
}

/// The last answer for a key, and when it was read.
#[derive(Clone, Copy)]
struct Remembered {
    answer: KeyAnswer,
    times: Times,
}

/// This isolate's copy of a key.
pub(crate) fn kept(key: &str, now: f64, refresh_after: f64) -> Kept<KeyAnswer> {
    let Some(Remembered { answer, times }) = find(key) else {
        return Kept::Expired(None);
    };
    let kept = times.sort(answer, now, refresh_after);
    if matches!(kept, Kept::Due(_)) {
        remember(key, Remembered { answer, times: Times { refreshing_since: now, ..times } });
    }
    kept
}

/// The answer for a key that cannot be read: the last one, if it says that the key exists. An origin that was unknown minutes
/// ago may be listed by now.
pub(crate) fn unavailable(last: Option<KeyAnswer>) -> KeyAnswer {
    last.filter(|last| matches!(last, KeyAnswer::Present(_))).unwrap_or(KeyAnswer::Unavailable)
}

/// Whether a client may have a key looked up now. If so, [`learn`] must follow.
pub(crate) fn may_look_up(client: Option<&str>, key: &str) -> bool {
    match with_budget(|budget| budget.begin(client, key, Date::now())) {
        Some(Allowance::Granted) => true,
        // Logged at most once a second, so no other cap is needed.
        Some(Allowance::JustExhausted) => {
            Event::OriginLookupsExhausted { per_second: MISSES_PER_SECOND }.warn();
            false
        }
        Some(Allowance::Exhausted) | None => false,
    }
}

/// Stores KV's answer for a key.
#[inline(never)]
pub(crate) fn learn(context: &JsValue, client: Option<&str>, key: &str, found: &Found<'_>, began: f64) {
    let answer = match found {
        Found::Text(value) => Some(last_day_of_key(value).map_or_else(
            || {
                log::capped(context, About::Faults, || Event::OriginKeyInvalid { key }.warn());
                KeyAnswer::Absent
            },
            KeyAnswer::Present,
        )),
        Found::Nothing => Some(KeyAnswer::Absent),
        Found::Failed | Found::Set(_) => None,
    };
    // A failed read counts as a miss: it costs as much.
    let missed = !matches!(answer, Some(KeyAnswer::Present(_)));
    with_budget(|budget| budget.end(client, key, Date::now(), missed));
    // A read that began later may have ended first. If the stored time is far ahead, the clock has stepped back instead.
    let is_older =
        find(key).is_some_and(|held| (0.0..REFRESH_LEASE).contains(&(held.times.read_at - began - 1.0)));
    if let Some(answer) = answer.filter(|_| !is_older) {
        remember(key, Remembered { answer, times: Times::read_at(began) });
    }
}

fn with_budget<T>(change: impl FnOnce(&mut LookupBudget) -> T) -> Option<T> {
    BUDGET.with(|budget| budget.try_borrow_mut().ok().map(|mut budget| change(&mut budget)))
}

fn find(key: &str) -> Option<Remembered> {
    let find = |memory: &RefCell<BoundedMap<Remembered>>| {
        memory.try_borrow().ok().and_then(|memory| memory.get(key))
    };
    HITS.with(find).or_else(|| MISSES.with(find))
}

fn remember(key: &str, remembered: Remembered) {
    let (memory, other) = match remembered.answer {
        KeyAnswer::Present(_) => (&HITS, &MISSES),
        KeyAnswer::Absent | KeyAnswer::Unavailable => (&MISSES, &HITS),
    };
    other.with(|other| {
        if let Ok(mut other) = other.try_borrow_mut() {
            other.remove(key);
        }
    });
    memory.with(|memory| {
        if let Ok(mut memory) = memory.try_borrow_mut() {
            memory.insert(key, remembered);
        }
    });
}
