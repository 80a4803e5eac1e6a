//! The per-origin keys in KV, as this isolate knows them.
//!
//! The client chooses which key is asked for, so both the memory and the reads that unknown
//! origins can cost are bounded, and known ones do not suffer from them.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;

use corsgate_policy::KeyAnswer;
use corsgate_policy::day::Day;
use serde::Deserialize;
use worker::Env;

use crate::kv::{self, KvFailed};
use crate::log::Event;
use crate::slot::{EXPIRED_AFTER, REFRESH_LEASE};

/// Origins that a cache remembers: twice as many, in two generations.
const REMEMBERED: usize = 4096;

/// Lookups of origins that turn out unknown, in each second of an isolate.
const MISSES_PER_SECOND: u32 = 100;

/// What is remembered of a key.
#[derive(Clone, Copy)]
struct Remembered {
    answer: KeyAnswer,
    read_at: f64,
    refreshing_since: f64,
}

/// A bounded memory: when one generation is full, the one before is forgotten.
#[derive(Default)]
struct Memory {
    young: HashMap<String, Remembered>,
    old: HashMap<String, Remembered>,
}

impl Memory {
    fn find(&self, key: &str) -> Option<Remembered> {
        self.young.get(key).or_else(|| self.old.get(key)).copied()
    }

    fn forget(&mut self, key: &str) {
        self.young.remove(key);
        self.old.remove(key);
    }

    fn remember(&mut self, key: &str, remembered: Remembered) {
        if self.young.len() >= REMEMBERED {
            self.old = std::mem::take(&mut self.young);
        }
        self.young.insert(key.to_owned(), remembered);
    }
}

thread_local! {
    /// Hits and misses apart: a flood of unknown origins cannot push a known one out.
    static HITS: RefCell<Memory> = RefCell::default();
    static MISSES: RefCell<Memory> = RefCell::default();
    static BUDGET: Budget = Budget::default();
}

/// How a key stands in this isolate.
pub(crate) enum Copy {
    /// It need not be read.
    Known(KeyAnswer),
    /// It serves, and should be read again in the background.
    Due(KeyAnswer),
    /// It must be read first. What is too old serves only if KV fails.
    Unknown(Option<KeyAnswer>),
}

/// The copy of this isolate.
pub(crate) fn copy(key: &str, now: f64, refresh_after: f64) -> Copy {
    let find = |memory: &RefCell<Memory>| memory.try_borrow().ok().and_then(|memory| memory.find(key));
    let Some(remembered) = HITS.with(find).or_else(|| MISSES.with(find)) else {
        return Copy::Unknown(None);
    };
    let answer = remembered.answer;
    let age = now - remembered.read_at;
    if age >= EXPIRED_AFTER {
        Copy::Unknown(Some(answer))
    } else if age >= refresh_after && now - remembered.refreshing_since >= REFRESH_LEASE {
        remember(key, Remembered { refreshing_since: now, ..remembered });
        Copy::Due(answer)
    } else {
        Copy::Known(answer)
    }
}

/// Reads a key, unless too many unknown ones were asked for in this second.
pub(crate) async fn read(env: &Env, key: &str, last: Option<KeyAnswer>, now: f64) -> KeyAnswer {
    let fallback = last.unwrap_or(KeyAnswer::Unavailable);
    let known = matches!(last, Some(KeyAnswer::Present(_)));
    if !known && !BUDGET.with(|budget| budget.spend(now)) {
        return fallback;
    }
    let answer = match kv::text(env, key).await {
        Ok(Some(value)) => present(key, &value),
        Ok(None) => KeyAnswer::Absent,
        Err(KvFailed) => return fallback,
    };
    if !known && answer != KeyAnswer::Absent {
        BUDGET.with(Budget::refund);
    }
    remember(key, Remembered { answer, read_at: now, refreshing_since: f64::NEG_INFINITY });
    answer
}

fn remember(key: &str, remembered: Remembered) {
    let (memory, other) = match remembered.answer {
        KeyAnswer::Present(_) => (&HITS, &MISSES),
        KeyAnswer::Absent | KeyAnswer::Unavailable => (&MISSES, &HITS),
    };
    other.with(|other| {
        if let Ok(mut other) = other.try_borrow_mut() {
            other.forget(key);
        }
    });
    memory.with(|memory| {
        if let Ok(mut memory) = memory.try_borrow_mut() {
            memory.remember(key, remembered);
        }
    });
}

/// What the value of a key says: its presence allows, unless it names a day that has passed.
fn present(key: &str, value: &str) -> KeyAnswer {
    #[derive(Deserialize)]
    struct Value {
        expires: Option<String>,
    }
    // Programs may store anything; only an object speaks to the gateway.
    if !value.trim_start().starts_with('{') {
        return KeyAnswer::Present(Day::NEVER);
    }
    let expires = serde_json::from_str::<Value>(value).ok().map(|value| match value.expires {
        None => Ok(Day::NEVER),
        Some(day) => Day::parse(&day),
    });
    match expires {
        Some(Ok(day)) => KeyAnswer::Present(day),
        // An end that cannot be read may have passed.
        Some(Err(_)) | None => {
            Event::OriginKeyInvalid { key }.warn();
            KeyAnswer::Absent
        }
    }
}

/// The lookups of unknown origins that are left in the current second.
#[derive(Default)]
struct Budget {
    second: Cell<f64>,
    spent: Cell<u32>,
}

impl Budget {
    fn spend(&self, now: f64) -> bool {
        let second = (now / 1000.0).floor();
        if self.second.replace(second) != second {
            self.spent.set(0);
        }
        let spent = self.spent.get();
        self.spent.set(spent.saturating_add(1));
        if spent == MISSES_PER_SECOND {
            Event::OriginLookupsExhausted { per_second: MISSES_PER_SECOND }.warn();
        }
        spent < MISSES_PER_SECOND
    }

    fn refund(&self) {
        self.spent.set(self.spent.get().saturating_sub(1));
    }
}
