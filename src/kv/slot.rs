//! A value that an isolate keeps from KV, and how old it may grow.

use std::cell::RefCell;
use std::rc::Rc;

/// Past this age, in milliseconds, a value is read anew before a request is answered by it.
pub(crate) const EXPIRED_AFTER: f64 = 5.0 * 60_000.0;

/// How long a refresh may run before another may start, in milliseconds. A time and no flag: a
/// request that is killed while it refreshes cannot take a flag back.
pub(crate) const REFRESH_LEASE: f64 = 10_000.0;

/// Holds the newest copy of something that is read from KV.
pub(crate) struct Slot<T>(RefCell<Option<Held<T>>>);

struct Held<T> {
    value: Rc<T>,
    times: Times,
}

/// What is held of something that comes from KV, by its age.
pub(crate) enum Kept<T> {
    /// Good as it is.
    Fresh(T),
    /// Good, but due for a refresh, which the caller has now promised to run.
    Due(T),
    /// There is none, or it is too old to be used unless KV fails.
    Expired(Option<T>),
}

/// When something was read, and when a refresh of it began; both in milliseconds since 1970.
#[derive(Clone, Copy)]
pub(crate) struct Times {
    pub(crate) read_at: f64,
    pub(crate) refreshing_since: f64,
}

impl Times {
    pub(crate) fn read_at(read_at: f64) -> Self {
        Self { read_at, refreshing_since: f64::NEG_INFINITY }
    }

    /// Sorts what was read by its age at a time. `refresh_after` is the age, in milliseconds, at which a refresh is due.
    pub(crate) fn sort<T>(&self, value: T, now: f64, refresh_after: f64) -> Kept<T> {
        let age = now - self.read_at;
        if age >= EXPIRED_AFTER {
            Kept::Expired(Some(value))
        } else if age >= refresh_after && now - self.refreshing_since >= REFRESH_LEASE {
            Kept::Due(value)
        } else {
            Kept::Fresh(value)
        }
    }
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
