//! One value from KV in an isolate's memory.

use std::cell::RefCell;
use std::rc::Rc;

use crate::kv::age::{Kept, Times};

/// Holds the newest copy of a value that is read from KV.
pub(crate) struct KvCopy<T>(RefCell<Option<Held<T>>>);

struct Held<T> {
    value: Rc<T>,
    times: Times,
}

impl<T> Default for KvCopy<T> {
    fn default() -> Self {
        Self(RefCell::default())
    }
}

impl<T> KvCopy<T> {
    /// The copy, by its age at `now`. `refresh_after` is the age at which a refresh is due. Both are in milliseconds.
    pub(crate) fn kept(&self, now: f64, refresh_after: f64) -> Kept<Rc<T>> {
        let Ok(mut held) = self.0.try_borrow_mut() else {
            return Kept::Expired(None);
        };
        let Some(Held { value, times }) = held.as_mut() else {
            return Kept::Expired(None);
        };
        let kept = times.sort(Rc::clone(value), now, refresh_after);
        if matches!(kept, Kept::Due(_)) {
            times.refreshing_since = now;
        }
        kept
    }

    /// The copy, regardless of its age.
    pub(crate) fn held(&self) -> Option<Rc<T>> {
        Some(Rc::clone(&self.0.try_borrow().ok()?.as_ref()?.value))
    }

    /// The age of the copy, in milliseconds.
    pub(crate) fn age(&self, now: f64) -> Option<f64> {
        self.0.try_borrow().ok()?.as_ref().map(|held| now - held.times.read_at)
    }

    /// Stores a value read at `read_at`, unless a read that began later has already ended.
    pub(crate) fn keep(&self, value: Rc<T>, read_at: f64) {
        let Ok(mut held) = self.0.try_borrow_mut() else {
            return;
        };
        match held.as_mut().filter(|held| held.times.read_at > read_at) {
            Some(newer) => newer.times.refreshing_since = f64::NEG_INFINITY,
            None => *held = Some(Held { value, times: Times::read_at(read_at) }),
        }
    }
}
