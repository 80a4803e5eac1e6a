//! This isolate's copies of the lists in KV that routes name: texts and sets.

use std::cell::RefCell;
use std::rc::Rc;

use corsgate_policy::KvList;
use corsgate_policy::kv::fingerprint;
use corsgate_policy::origin::list::TextList;
use corsgate_policy::origin::sorted::{UnreadableSet, set_fingerprint};
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

use crate::kv::age::Kept;
use crate::kv::copy::KvCopy;
use crate::kv::learning::Found;
use crate::records::log::{self, About, Event, IgnoredLine};

/// A list as it was last read.
pub(crate) struct StoredList {
    /// Its entries, and the first of its invalid lines.
    pub(crate) list: TextList,
    source: Source,
}

/// Where a list came from.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Source {
    /// A value in KV, by its fingerprint.
    Value(u64),
    /// KV has no such key.
    Nothing,
    /// KV has bytes that are no list, and this isolate has not read the list before.
    Unreadable,
}

impl StoredList {
    /// Whether KV has no such list. It then has no entries.
    pub(crate) fn is_missing(&self) -> bool {
        self.source == Source::Nothing
    }

    /// Whether nobody knows what the list has.
    pub(crate) fn is_unreadable(&self) -> bool {
        self.source == Source::Unreadable
    }
}

thread_local! {
    /// By key, and by what its lines may hold: two allowlists can parse one text by different rules. Sorted, and
    /// unbounded, because policies name only a few: a hash table would be more code for every isolate.
    static LISTS: RefCell<Vec<(KvList, Rc<KvCopy<StoredList>>)>> = const { RefCell::new(Vec::new()) };
}

fn copy_of(list: &KvList) -> Rc<KvCopy<StoredList>> {
    LISTS.with(|lists| match lists.try_borrow_mut() {
        Ok(mut lists) => match lists.binary_search_by(|(known, _)| known.cmp(list)) {
            Ok(at) => lists.get(at).map(|(_, copy)| Rc::clone(copy)).unwrap_or_default(),
            Err(at) => {
                let copy = Rc::default();
                lists.insert(at, (list.clone(), Rc::clone(&copy)));
                copy
            }
        },
        Err(_) => Rc::default(),
    })
}

/// This isolate's copy of a list.
pub(crate) fn kept(list: &KvList, now: f64, refresh_after: f64) -> Kept<Rc<StoredList>> {
    copy_of(list).kept(now, refresh_after)
}

/// The age of this isolate's copy of a list, in milliseconds.
pub(crate) fn age(list: &KvList, now: f64) -> Option<f64> {
    copy_of(list).age(now)
}

#[wasm_bindgen(module = "/src/kv/kv.js")]
extern "C" {
    #[wasm_bindgen(js_name = bytesOf)]
    pub(super) fn bytes_of(set: &JsValue, most: u32) -> Vec<u8>;
}

/// The length of what tells two sets apart, or two filters.
pub(super) const BEGINNING: u32 = 20;

/// Stores KV's answer for a list. If KV failed, nothing changes. A text that is already in memory is not parsed again, and a
/// set not even copied.
///
/// A set that cannot be read does not replace a list that was read before: that stays in use, as when KV fails.
#[inline(never)]
pub(crate) fn learn(context: &JsValue, list: &KvList, found: &Found<'_>, began: f64) {
    let source = match found {
        Found::Failed => return,
        Found::Nothing => Source::Nothing,
        Found::Text(text) => Source::Value(fingerprint(text)),
        Found::Set(set) => {
            set_fingerprint(&bytes_of(set, BEGINNING)).map_or(Source::Unreadable, Source::Value)
        }
    };
    let copy = copy_of(list);
    let held = copy.held();
    let unchanged = held.clone().filter(|held| held.source == source && !held.is_unreadable());
    let stored = unchanged.unwrap_or_else(|| match read(context, list, found) {
        Ok(list) => Rc::new(StoredList { list, source }),
        Err(error) => {
            let key = &list.key;
            log::capped(context, About::Faults, || {
                Event::ListUnreadable { key, error: error.name() }.error()
            });
            let unreadable = || StoredList { list: TextList::default(), source: Source::Unreadable };
            held.filter(|held| !held.is_missing()).unwrap_or_else(|| Rc::new(unreadable()))
        }
    });
    copy.keep(stored, began);
}

fn read(context: &JsValue, list: &KvList, found: &Found<'_>) -> Result<TextList, UnreadableSet> {
    let key = &list.key;
    let list = match found {
        Found::Text(text) => list.read(text),
        Found::Set(set) => list.read_set(bytes_of(set, u32::MAX))?,
        Found::Nothing | Found::Failed => {
            log::capped(context, About::Faults, || Event::ListMissing { key }.warn());
            TextList::default()
        }
    };
    if list.bad_line_count > 0 {
        log::capped(context, About::Faults, || {
            let first = list.bad_lines.iter().map(IgnoredLine::from).collect();
            Event::ListLinesIgnored { key, ignored: list.bad_line_count, first }.warn();
        });
    }
    Ok(list)
}
