//! The objects that this isolate knows to deny, so that a flood of denied requests does not reach them.

use std::cell::RefCell;

use crate::limits::local_counts::CLOCKS_DIFFER;
use crate::platform::bounded_map::BoundedMap;

thread_local! {
    /// By the names of objects.
    static DENIED: RefCell<BoundedMap<Denial>> = RefCell::default();
}

/// That an object denies. Times are in milliseconds since 1970.
#[derive(Clone, Copy)]
pub(crate) struct Denial {
    pub(crate) since: f64,
    /// Until when this isolate relies on it. Then the object is asked again.
    pub(crate) held_until: f64,
    /// Until when the object says that it denies.
    pub(crate) until: f64,
    /// The position of the used-up limit among the object's own; none where the object is overloaded. Its position in the
    /// route would not do: under another policy the same object may have another limit there.
    pub(crate) limit: Option<usize>,
}

/// The denial that holds for an object at a time. A clock that has stepped back since makes it void.
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
