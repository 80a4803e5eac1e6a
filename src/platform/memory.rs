//! A bounded memory of what clients make the isolate learn.

use std::collections::HashMap;

/// Keys in one generation; the memory holds two.
const GENERATION: usize = 4096;

/// Remembers by keys in two generations: when the young one is full, the old one is forgotten. What is
/// remembered again in time is young again, so that what is in use stays.
pub(crate) struct Memory<T> {
    young: HashMap<String, T>,
    old: HashMap<String, T>,
}

impl<T> Default for Memory<T> {
    fn default() -> Self {
        Self { young: HashMap::default(), old: HashMap::default() }
    }
}

impl<T> Memory<T> {
    pub(crate) fn find(&self, key: &str) -> Option<T>
    where
        T: Copy,
    {
        self.young.get(key).or_else(|| self.old.get(key)).copied()
    }

    pub(crate) fn remember(&mut self, key: &str, remembered: T) {
        if self.young.len() >= GENERATION && !self.young.contains_key(key) {
            self.old = std::mem::take(&mut self.young);
        }
        self.young.insert(key.to_owned(), remembered);
    }

    /// What is remembered under a key, for changing it.
    pub(crate) fn find_mut(&mut self, key: &str) -> Option<&mut T> {
        if !self.young.contains_key(key) {
            let (key, remembered) = self.old.remove_entry(key)?;
            self.remember(&key, remembered);
        }
        self.young.get_mut(key)
    }

    pub(crate) fn forget(&mut self, key: &str) {
        self.young.remove(key);
        self.old.remove(key);
    }
}
