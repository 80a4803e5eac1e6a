//! How many origins that turn out unknown may be looked up in KV.

use std::collections::HashMap;

/// Lookups in each second of an isolate that may find nothing.
pub(crate) const MISSES_PER_SECOND: u32 = 100;

/// A lookup that has not ended after this time, in milliseconds, never will: its request was killed.
const ABANDONED_AFTER: f64 = 10_000.0;

/// Counts the lookups that found nothing in the current second, and those that may still.
///
/// A lookup that finds its key costs nothing, and so do further ones of a key that is being looked
/// up: many requests of one listed origin in a cold isolate are one.
#[derive(Default)]
pub(crate) struct LookupBudget {
    second: f64,
    misses: u32,
    warned: bool,
    under_way: HashMap<String, f64>,
}

/// Whether a lookup may begin.
pub(crate) enum Allowance {
    Granted,
    /// Not in this second, for the first time in it.
    JustExhausted,
    /// Not in this second.
    Exhausted,
}

impl LookupBudget {
    pub(crate) fn begin(&mut self, key: &str, now: f64) -> Allowance {
        self.turn_to(now);
        if self.under_way.contains_key(key) {
            return Allowance::Granted;
        }
        let may_miss = u32::try_from(self.under_way.len()).unwrap_or(u32::MAX);
        if self.misses.saturating_add(may_miss) < MISSES_PER_SECOND {
            self.under_way.insert(key.to_owned(), now);
            return Allowance::Granted;
        }
        match std::mem::replace(&mut self.warned, true) {
            false => Allowance::JustExhausted,
            true => Allowance::Exhausted,
        }
    }

    pub(crate) fn end(&mut self, key: &str, now: f64, missed: bool) {
        self.turn_to(now);
        let began = self.under_way.remove(key);
        if missed && began.is_some() {
            self.misses = self.misses.saturating_add(1);
        }
    }

    fn turn_to(&mut self, now: f64) {
        let second = (now / 1000.0).floor();
        if second > self.second {
            self.second = second;
            self.misses = 0;
            self.warned = false;
            self.under_way.retain(|_, began| now - *began < ABANDONED_AFTER);
        }
    }
}
