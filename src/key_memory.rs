//! A bounded memory of per-origin keys.

use std::collections::HashMap;

use corsgate_policy::KeyAnswer;

/// Keys in one generation; the memory holds two.
const GENERATION: usize = 4096;

/// What is remembered of a key. Times are in milliseconds since 1970.
#[derive(Clone, Copy)]
pub(crate) struct Remembered {
    pub(crate) answer: KeyAnswer,
    pub(crate) read_at: f64,
    pub(crate) refreshing_since: f64,
}

/// Remembers keys in two generations: when the young one is full, the old one is forgotten. What is
/// asked for again in time is young again, so that what is in use stays.
#[derive(Default)]
pub(crate) struct Memory {
    young: HashMap<String, Remembered>,
    old: HashMap<String, Remembered>,
}

impl Memory {
    pub(crate) fn find(&self, key: &str) -> Option<Remembered> {
        self.young.get(key).or_else(|| self.old.get(key)).copied()
    }

    pub(crate) fn remember(&mut self, key: &str, remembered: Remembered) {
        if self.young.len() >= GENERATION && !self.young.contains_key(key) {
            self.old = std::mem::take(&mut self.young);
        }
        self.young.insert(key.to_owned(), remembered);
    }

    pub(crate) fn forget(&mut self, key: &str) {
        self.young.remove(key);
        self.old.remove(key);
    }
}
