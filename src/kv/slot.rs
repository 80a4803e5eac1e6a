//! A value that an isolate keeps from KV, and how old it may grow.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

/// Past this age, in milliseconds, a value is read anew before a request is answered by it.
pub(crate) const EXPIRED_AFTER: f64 = 5.0 * 60_000.0;

/// How long a refresh may run before another may start, in milliseconds. A time and no flag: a
/// request that is killed while it refreshes cannot take a flag back.
pub(crate) const REFRESH_LEASE: f64 = 10_000.0;

/// Holds the newest copy of something that is read from KV.
pub(crate) struct Slot<T> {
    held: RefCell<Option<Held<T>>>,
    refreshing_since: Cell<f64>,
}

struct Held<T> {
    value: Rc<T>,
    read_at: f64,
}

/// What is held, by its age.
pub(crate) enum Kept<T> {
    /// Good as it is.
    Fresh(Rc<T>),
    /// Good, but due for a refresh, which the caller has now promised to run.
    Due(Rc<T>),
    /// Too old to be used unless KV fails.
    Expired(Rc<T>),
    /// There is none.
    None,
}

impl<T> Default for Slot<T> {
    fn default() -> Self {
        Self { held: RefCell::default(), refreshing_since: Cell::new(f64::NEG_INFINITY) }
    }
}

impl<T> Slot<T> {
    /// The copy at a time. Both in milliseconds: the time, and the age at which a refresh is due.
    pub(crate) fn kept(&self, now: f64, refresh_after: f64) -> Kept<T> {
        let Ok(held) = self.held.try_borrow() else {
            return Kept::None;
        };
        let Some(Held { value, read_at }) = held.as_ref() else {
            return Kept::None;
        };
        let (value, age) = (Rc::clone(value), now - read_at);
        if age >= EXPIRED_AFTER {
            Kept::Expired(value)
        } else if age < refresh_after {
            Kept::Fresh(value)
        } else if now - self.refreshing_since.get() >= REFRESH_LEASE {
            self.refreshing_since.set(now);
            Kept::Due(value)
        } else {
            Kept::Fresh(value)
        }
    }

    /// The copy, whatever its age.
    pub(crate) fn held(&self) -> Option<Rc<T>> {
        Some(Rc::clone(&self.held.try_borrow().ok()?.as_ref()?.value))
    }

    /// How long ago the copy was read, in milliseconds.
    pub(crate) fn age(&self, now: f64) -> Option<f64> {
        self.held.try_borrow().ok()?.as_ref().map(|held| now - held.read_at)
    }

    /// Keeps what was read at a time, unless a read that began later has already ended.
    pub(crate) fn keep(&self, value: Rc<T>, read_at: f64) {
        if let Ok(mut held) = self.held.try_borrow_mut()
            && held.as_ref().is_none_or(|held| held.read_at <= read_at)
        {
            *held = Some(Held { value, read_at });
        }
        self.refreshing_since.set(f64::NEG_INFINITY);
    }
}
