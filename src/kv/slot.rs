//! A value that an isolate keeps from KV.

use std::cell::RefCell;
use std::rc::Rc;

use crate::kv::age::{Kept, Times};

/// Holds the newest copy of something that is read from KV.
pub(crate) struct Slot<T>(RefCell<Option<Held<T>>>);

struct Held<T> {
    value: Rc<T>,
    times: Times,
}

impl<T> Default for Slot<T> {
    fn default() -> Self {
        Self(RefCell::default())
    }
}

impl<T> Slot<T> {
    /// The copy at a time. Both in milliseconds: the time, and the age at which a refresh is due.
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

    /// The copy, whatever its age.
    pub(crate) fn held(&self) -> Option<Rc<T>> {
        Some(Rc::clone(&self.0.try_borrow().ok()?.as_ref()?.value))
    }

    /// How long ago the copy was read, in milliseconds.
    pub(crate) fn age(&self, now: f64) -> Option<f64> {
        self.0.try_borrow().ok()?.as_ref().map(|held| now - held.times.read_at)
    }

    /// Keeps what was read at a time, unless a read that began later has already ended.
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
