//! Denials that this isolate remembers, so that a flood of denied requests does not reach the objects.

use std::cell::RefCell;

use crate::limits::local_counts::CLOCKS_DIFFER;
use crate::platform::bounded_map::BoundedMap;

thread_local! {
    /// By object name.
    static DENIED: RefCell<BoundedMap<Denial>> = RefCell::default();
}

/// The denial of an object. Times are in milliseconds since 1970.
#[derive(Clone, Copy)]
pub(crate) struct Denial {
    pub(crate) since: f64,
    /// When this isolate stops relying on it and asks the object again.
    pub(crate) held_until: f64,
    /// When the denial ends, as the object says.
    pub(crate) until: f64,
    /// The position of the exhausted limit among the object's own; `None` if the object is overloaded. Not its position in the
    /// route: under another policy, another limit may have that position.
    pub(crate) limit: Option<usize>,
}

/// The denial in force for an object at the time `now`. None holds if the clock has stepped back since.
pub(crate) fn find(object: &str, now: f64) -> Option<Denial> {
    let find = |denied: &RefCell<BoundedMap<Denial>>| denied.try_borrow().ok()?.get(object);
    DENIED.with(find).filter(|denial| denial.since - now <= CLOCKS_DIFFER && now < denial.held_until)
}

/// Remembers that an object denies.
pub(crate) fn remember(object: &str, denial: Denial) {
    DENIED.with(|denied| {
        if let Ok(mut denied) = denied.try_borrow_mut() {
            denied.insert(object, denial);
        }
    });
}
