//! A bound on reads of a KV that fails: while it does, requests do not ask it more often than it takes to see that it is
//! well again.

use std::cell::Cell;

use js_sys::Date;

/// Failures in a second of an isolate after which it reads nothing more from KV in that second.
const FAILURES_PER_SECOND: u32 = 100;

thread_local! {
    /// A second since 1970, and the failures in it.
    static FAILURES: Cell<(f64, u32)> = const { Cell::new((0.0, 0)) };
}

fn second() -> f64 {
    (Date::now() / 1000.0).floor()
}

/// The failures in this second. Of two requests the later may have the older clock, by less than a second.
fn so_far() -> (f64, u32) {
    let now = second();
    match FAILURES.get() {
        (counted, failures) if (0.0..=1.0).contains(&(counted - now)) => (counted, failures),
        _ => (now, 0),
    }
}

/// Notes that a read has failed.
pub(crate) fn note() {
    let (second, failures) = so_far();
    FAILURES.set((second, failures.saturating_add(1)));
}

/// Whether KV failed so often in this second that nothing more is read in it.
pub(crate) fn are_too_many() -> bool {
    so_far().1 >= FAILURES_PER_SECOND
}
