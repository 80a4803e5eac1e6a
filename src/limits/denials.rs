//! Whom this isolate knows to be denied, so that a flood does not reach the objects that count.

use std::cell::RefCell;

use crate::limits::local_counts::CLOCKS_DIFFER;
use crate::platform::memory::Memory;

thread_local! {
    /// By the names of objects.
    static DENIED: RefCell<Memory<Denial>> = RefCell::default();
}

/// That an object denies. Times are in milliseconds since 1970.
#[derive(Clone, Copy)]
pub(crate) struct Denial {
    pub(crate) since: f64,
    /// Until when it is remembered: the object is asked again then.
    pub(crate) held_until: f64,
    /// Until when the object says that it denies.
    pub(crate) until: f64,
    /// Which of the object's own limits is used up; none of an object that is overloaded. Not by its
    /// position in the route: another policy may have another there, and the same object.
    pub(crate) limit: Option<usize>,
}

/// What is known of an object. A clock that has stepped back since says nothing about now.
pub(crate) fn find(object: &str, now: f64) -> Option<Denial> {
    let find = |denied: &RefCell<Memory<Denial>>| denied.try_borrow().ok()?.find(object);
    DENIED.with(find).filter(|denial| denial.since - now <= CLOCKS_DIFFER && now < denial.held_until)
}

/// Remembers that an object denies.
pub(crate) fn remember(object: &str, denial: Denial) {
    DENIED.with(|denied| {
        if let Ok(mut denied) = denied.try_borrow_mut() {
            denied.remember(object, denial);
        }
    });
}
