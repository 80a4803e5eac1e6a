//! How old a copy of a value from KV may become. KV's own caches add to that: `kv.js` says for how long.

use std::cell::Cell;

use wasm_bindgen::JsValue;

use crate::platform::variables::variable;

/// The age in seconds at which a copy is refreshed, unless the variable `POLICY_REFRESH_SECONDS` says otherwise.
const REFRESH_SECONDS: f64 = 30.0;

/// The age in milliseconds past which a value is read again before it is used to answer a request.
pub(crate) const EXPIRED_AFTER: f64 = 5.0 * 60_000.0;

/// How long a refresh may run before another may start, in milliseconds. A lease and not a flag: a
/// request that is killed while it refreshes cannot clear a flag.
pub(crate) const REFRESH_LEASE: f64 = 10_000.0;

/// The copy of a value from KV, by its age.
pub(crate) enum Kept<T> {
    /// Young enough to use.
    Fresh(T),
    /// Usable, but due for a refresh, which the caller must now start.
    Due(T),
    /// There is no copy, or it is too old to be used unless KV fails.
    Expired(Option<T>),
}

/// When a value was read, and when its refresh began; both in milliseconds since 1970.
#[derive(Clone, Copy)]
pub(crate) struct Times {
    pub(crate) read_at: f64,
    pub(crate) refreshing_since: f64,
}

impl Times {
    pub(crate) fn read_at(read_at: f64) -> Self {
        Self { read_at, refreshing_since: f64::NEG_INFINITY }
    }

    /// Sorts a value by its age at the time `now`. `refresh_after` is the age in milliseconds at which a refresh is due.
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

/// The age in milliseconds at which a copy is refreshed. The variable is read once: an isolate's variables never change, and
/// each read is a call to the platform.
pub(crate) fn refresh_after(env: &JsValue) -> f64 {
    thread_local! {
        static SECONDS: Cell<Option<f64>> = const { Cell::new(None) };
    }
    let seconds = SECONDS.get().unwrap_or_else(|| {
        let seconds = variable(env, "POLICY_REFRESH_SECONDS").and_then(|seconds| seconds.parse::<u32>().ok());
        let seconds = seconds.map_or(REFRESH_SECONDS, f64::from);
        SECONDS.set(Some(seconds));
        seconds
    });
    seconds * 1000.0
}
