//! The text lists in KV that routes name, as this isolate knows them.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

use corsgate_policy::KvList;
use corsgate_policy::list::{ListPatterns, TextList};
use corsgate_policy::origin_set::OriginSet;
use worker::Env;

use crate::kv::{self, KvFailed};
use crate::log::{Event, IgnoredLine};
use crate::policy_store::fingerprint;
use crate::slot::{Copy, Slot};

/// A list as it was last read.
pub(crate) struct StoredList {
    /// Its entries.
    pub(crate) origins: OriginSet,
    patterns: ListPatterns,
    fingerprint: Option<u64>,
}

thread_local! {
    /// By key. As many as policies name, and those are few.
    static LISTS: RefCell<HashMap<String, Rc<Slot<StoredList>>>> = RefCell::default();
}

fn slot(key: &str) -> Rc<Slot<StoredList>> {
    LISTS.with(|lists| match lists.try_borrow_mut() {
        Ok(mut lists) => Rc::clone(lists.entry(key.to_owned()).or_default()),
        Err(_) => Rc::default(),
    })
}

/// The copy of this isolate.
pub(crate) fn copy(list: &KvList, now: f64, refresh_after: f64) -> Copy<StoredList> {
    match slot(&list.key).copy(now, refresh_after) {
        // A new policy may read the same text by another rule.
        Copy::Fresh(stored) | Copy::Due(stored) | Copy::Expired(stored)
            if stored.patterns != list.patterns =>
        {
            Copy::None
        }
        copy => copy,
    }
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
    let unchanged = |last: &Rc<StoredList>| last.fingerprint == fingerprint && last.patterns == list.patterns;
    let stored = last.filter(unchanged).unwrap_or_else(|| {
        let origins = parse(list, text.as_deref());
        Rc::new(StoredList { origins, patterns: list.patterns, fingerprint })
    });
    slot(&list.key).keep(Rc::clone(&stored), now);
    Some(stored)
}

fn parse(list: &KvList, text: Option<&str>) -> OriginSet {
    let key = &list.key;
    let Some(text) = text else {
        Event::ListMissing { key }.warn();
        return OriginSet::default();
    };
    let list = TextList::parse(text, list.patterns);
    if list.bad_line_count > 0 {
        let first = list
            .bad_lines
            .iter()
            .map(|bad| IgnoredLine { line: bad.number, error: bad.error.to_string() })
            .collect();
        Event::ListLinesIgnored { key, ignored: list.bad_line_count, first }.warn();
    }
    list.origins
}
