//! A map of bounded size, for values that clients can cause to be stored.

use std::collections::HashMap;

/// Most keys in one generation; the map holds two generations.
const GENERATION: usize = 4096;

/// Holds its values in two generations. When the young one is full, the old one is evicted. A key that is inserted or changed
/// again becomes young again, so keys in use stay.
pub(crate) struct BoundedMap<T> {
    young: HashMap<String, T>,
    old: HashMap<String, T>,
}

impl<T> Default for BoundedMap<T> {
    fn default() -> Self {
        Self { young: HashMap::default(), old: HashMap::default() }
    }
}

impl<T> BoundedMap<T> {
    pub(crate) fn get(&self, key: &str) -> Option<T>
    where
        T: Copy,
    {
        self.young.get(key).or_else(|| self.old.get(key)).copied()
    }

    pub(crate) fn insert(&mut self, key: &str, value: T) {
        if self.young.len() >= GENERATION && !self.young.contains_key(key) {
            self.old = std::mem::take(&mut self.young);
        }
        self.young.insert(key.to_owned(), value);
    }

    pub(crate) fn get_mut(&mut self, key: &str) -> Option<&mut T> {
        if !self.young.contains_key(key) {
            let (key, value) = self.old.remove_entry(key)?;
            self.insert(&key, value);
        }
        self.young.get_mut(key)
    }

    pub(crate) fn remove(&mut self, key: &str) {
        self.young.remove(key);
        self.old.remove(key);
    }
}
