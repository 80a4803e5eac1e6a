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

/// Notes that a read has failed.
pub(crate) fn note() {
    let now = second();
    let failures = match FAILURES.get() {
        (second, failures) if second == now => failures,
        _ => 0,
    };
    FAILURES.set((now, failures.saturating_add(1)));
}

/// Whether KV failed so often in this second that nothing more is read in it.
pub(crate) fn are_too_many() -> bool {
    let (second_of_failures, failures) = FAILURES.get();
    failures >= FAILURES_PER_SECOND && second_of_failures == second()
}
