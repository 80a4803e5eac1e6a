//! This isolate's copies of the text lists in KV that routes name.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

use corsgate_policy::KvList;
use corsgate_policy::origin::list::TextList;
use wasm_bindgen::JsValue;

use crate::kv::age::Kept;
use crate::kv::copy::KvCopy;
use crate::kv::learning::Found;
use crate::platform::fingerprint::fingerprint;
use crate::records::log::{self, About, Event, IgnoredLine};

/// A list as it was last read.
pub(crate) struct StoredList {
    /// Its entries, and the first of its invalid lines.
    pub(crate) list: TextList,
    /// `None` if KV has no such key.
    fingerprint: Option<u64>,
}

impl StoredList {
    /// Whether KV has no such list. It then has no entries.
    pub(crate) fn is_missing(&self) -> bool {
        self.fingerprint.is_none()
    }
}

thread_local! {
    /// By key, and by what its lines may hold: two allowlists can parse one text by different rules.
    /// Unbounded, because policies name only a few.
    static LISTS: RefCell<HashMap<KvList, Rc<KvCopy<StoredList>>>> = RefCell::default();
}

fn copy_of(list: &KvList) -> Rc<KvCopy<StoredList>> {
    LISTS.with(|lists| match lists.try_borrow_mut() {
        Ok(mut lists) => match lists.get(list) {
            Some(copy) => Rc::clone(copy),
            None => Rc::clone(lists.entry(list.clone()).or_default()),
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

/// Stores KV's answer for a list. If KV failed, nothing changes. A text that is already in memory is not parsed again.
pub(crate) fn learn(context: &JsValue, list: &KvList, found: &Found<'_>, began: f64) {
    let text = match found {
        Found::Failed => return,
        Found::Nothing => None,
        Found::Text(text) => Some(*text),
    };
    let fingerprint = text.map(fingerprint);
    let copy = copy_of(list);
    let unchanged = copy.held().filter(|held| held.fingerprint == fingerprint);
    let stored =
        unchanged.unwrap_or_else(|| Rc::new(StoredList { list: parse(context, list, text), fingerprint }));
    copy.keep(stored, began);
}

fn parse(context: &JsValue, list: &KvList, text: Option<&str>) -> TextList {
    let key = &list.key;
    let Some(text) = text else {
        log::capped(context, About::Faults, || Event::ListMissing { key }.warn());
        return TextList::default();
    };
    let list = list.read(text);
    if list.bad_line_count > 0 {
        log::capped(context, About::Faults, || {
            let first = list.bad_lines.iter().map(IgnoredLine::from).collect();
            Event::ListLinesIgnored { key, ignored: list.bad_line_count, first }.warn();
        });
    }
    list
}
