//! A bound on reads while KV fails: enough of them remain to notice that it works again.

use std::cell::Cell;

use js_sys::Date;

/// Failures in a second after which an isolate reads nothing more from KV in that second.
const FAILURES_PER_SECOND: u32 = 100;

thread_local! {
    /// The current second, counted from 1970, and the failures in it.
    static FAILURES: Cell<(f64, u32)> = const { Cell::new((0.0, 0)) };
}

fn second() -> f64 {
    (Date::now() / 1000.0).floor()
}

/// The current second and its failures. A later request may have a clock that is behind by less than a second.
fn so_far() -> (f64, u32) {
    let now = second();
    match FAILURES.get() {
        (counted, failures) if (0.0..=1.0).contains(&(counted - now)) => (counted, failures),
        _ => (now, 0),
    }
}

/// Counts a failed read.
pub(crate) fn note() {
    let (second, failures) = so_far();
    FAILURES.set((second, failures.saturating_add(1)));
}

/// Whether KV has failed so often in this second that no more reads may start in it.
pub(crate) fn are_too_many() -> bool {
    so_far().1 >= FAILURES_PER_SECOND
}
