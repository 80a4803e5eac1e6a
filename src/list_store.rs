//! The text lists in KV that routes name, as this isolate knows them.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

use corsgate_policy::KvList;
use corsgate_policy::list::TextList;
use worker::Env;

use crate::fingerprint::fingerprint;
use crate::kv::{self, KvFailed};
use crate::log::{Event, IgnoredLine};
use crate::slot::{Kept, Slot};

/// A list as it was last read.
pub(crate) struct StoredList {
    /// Its entries, and the first of its bad lines.
    pub(crate) list: TextList,
    /// Nothing where KV has no such key.
    fingerprint: Option<u64>,
}

impl StoredList {
    /// Whether KV has no such list: it lists nobody.
    pub(crate) fn is_missing(&self) -> bool {
        self.fingerprint.is_none()
    }
}

thread_local! {
    /// By key, and by what its lines may hold: two allowlists can read one text by different rules.
    /// As many as policies name, and those are few.
    static LISTS: RefCell<HashMap<KvList, Rc<Slot<StoredList>>>> = RefCell::default();
}

fn slot(list: &KvList) -> Rc<Slot<StoredList>> {
    LISTS.with(|lists| match lists.try_borrow_mut() {
        Ok(mut lists) => match lists.get(list) {
            Some(slot) => Rc::clone(slot),
            None => Rc::clone(lists.entry(list.clone()).or_default()),
        },
        Err(_) => Rc::default(),
    })
}

/// What this isolate holds of a list.
pub(crate) fn kept(list: &KvList, now: f64, refresh_after: f64) -> Kept<StoredList> {
    slot(list).kept(now, refresh_after)
}

/// How long ago what this isolate holds of a list was read, in milliseconds.
pub(crate) fn age(list: &KvList, now: f64) -> Option<f64> {
    slot(list).age(now)
}

/// Reads a list. Where KV fails, `last` stays; without one the list is not known.
pub(crate) async fn read(
    env: &Env,
    list: &KvList,
    last: Option<Rc<StoredList>>,
    now: f64,
) -> Option<Rc<StoredList>> {
    let text = match kv::text(env, &list.key).await {
        Ok(text) => text,
        Err(KvFailed) => return last,
    };
    let fingerprint = text.as_deref().map(fingerprint);
    let unchanged = last.filter(|last| last.fingerprint == fingerprint);
    let stored =
        unchanged.unwrap_or_else(|| Rc::new(StoredList { list: parse(list, text.as_deref()), fingerprint }));
    slot(list).keep(Rc::clone(&stored), now);
    Some(stored)
}

fn parse(list: &KvList, text: Option<&str>) -> TextList {
    let key = &list.key;
    let Some(text) = text else {
        Event::ListMissing { key }.warn();
        return TextList::default();
    };
    let list = TextList::of(list, text);
    if list.bad_line_count > 0 {
        let first = list.bad_lines.iter().map(IgnoredLine::from).collect();
        Event::ListLinesIgnored { key, ignored: list.bad_line_count, first }.warn();
    }
    list
}
