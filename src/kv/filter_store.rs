//! This isolate's copies of the filters that stand in KV beside per-origin keys.
//!
//! A filter only saves reads. So no request waits for one: until it is in memory, and whenever it cannot be read, keys are
//! read as without it. A filter has up to 25 MB, so of all requests that miss it, one reads it.

use std::cell::RefCell;

use corsgate_policy::kv::FILTERS;
use corsgate_policy::origin::filter::{KeyFilter, UNREADABLE_FILTER};
use wasm_bindgen::JsValue;

use crate::kv::age::{REFRESH_LEASE, Times};
use crate::kv::learning::Found;
use crate::kv::list_store::{BEGINNING, bytes_of};
use crate::records::log::{self, About, Event};

/// How long after its refresh is due a filter is still used, in milliseconds. It does not know newer keys, so after a quiet
/// time their first requests must not be answered from it.
const GRACE: f64 = 30_000.0;

/// A filter as it was last read.
struct Held {
    key: String,
    /// `None` if KV has none, or one that cannot be read.
    filter: Option<KeyFilter>,
    times: Times,
}

thread_local! {
    /// Unbounded, because policies name only a few lists.
    static ALL: RefCell<Vec<Held>> = const { RefCell::new(Vec::new()) };
}

/// Whether the filter with the key `filter` says that an origin's key does not exist. `read` starts to read the filter, if
/// that is due.
pub(crate) fn rules_out(filter: &str, key: &str, now: f64, refresh_after: f64, read: impl FnOnce()) -> bool {
    ALL.with(|all| {
        let Ok(mut all) = all.try_borrow_mut() else { return false };
        let Some(Held { filter, times, .. }) = held_of(&mut all, filter) else { return false };
        let age = now - times.read_at;
        if age >= refresh_after && now - times.refreshing_since >= REFRESH_LEASE {
            times.refreshing_since = now;
            read();
        }
        age < refresh_after + GRACE && filter.as_ref().is_some_and(|filter| !filter.may_have(key))
    })
}

/// Stores KV's answer for a filter. If KV failed, nothing changes. One that is already in memory is not copied again.
#[inline(never)]
pub(crate) fn learn(context: &JsValue, key: &str, found: &Found<'_>, began: f64) {
    ALL.with(|all| {
        let Ok(mut all) = all.try_borrow_mut() else { return };
        let Some(Held { filter, times, .. }) = held_of(&mut all, key) else { return };
        let bytes = match found {
            Found::Failed => return,
            Found::Set(bytes) => Some(bytes),
            Found::Nothing | Found::Text(_) => None,
        };
        *times = Times::read_at(began);
        let beginning = bytes.map(|bytes| bytes_of(bytes, BEGINNING));
        if filter.as_ref().zip(beginning).is_some_and(|(held, beginning)| held.begins_with(&beginning)) {
            return;
        }
        // The memory has room for one, not always for two.
        *filter = None;
        let list = key.strip_prefix(FILTERS).unwrap_or_default();
        *filter = bytes.and_then(|bytes| KeyFilter::read(list, bytes_of(bytes, u32::MAX)));
        if filter.is_none() && !matches!(found, Found::Nothing) {
            log::capped(context, About::Faults, || {
                Event::ListUnreadable { key, error: UNREADABLE_FILTER }.error();
            });
        }
    });
}

fn held_of<'h>(all: &'h mut Vec<Held>, key: &str) -> Option<&'h mut Held> {
    let at = all.iter().position(|held| held.key == key).unwrap_or_else(|| {
        all.push(Held { key: key.to_owned(), filter: None, times: Times::read_at(f64::NEG_INFINITY) });
        all.len() - 1
    });
    all.get_mut(at)
}
