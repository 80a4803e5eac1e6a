//! What the verbs share: which keys of a list are meant, and how one origin of it is edited.

use corsgate_policy::origin::sorted::text_of_set;
use corsgate_policy::policy::document::EntryDocument;

use crate::failure::Failure;
use crate::lists::form::Form;
use crate::lists::key::OriginKey;
use crate::lists::keys::Keys;
use crate::lists::{Kind, List};
use crate::output::changes::{self, ChangesFormat, Compared, Comparison};
use crate::system;

/// # Errors
/// When a host is given for a text list, which has no hosts.
pub(super) fn require_no_host(list: &List, host: Option<&str>) -> Result<(), Failure> {
    // The error of `OriginKey::new` says what is wrong.
    if host.is_some() { OriginKey::new(list, host, "").map(|_| ()) } else { Ok(()) }
}

/// The keys of a list of keys; none for a text list.
///
/// # Errors
/// When the host does not fit the list.
pub(super) fn keys_of<'k>(list: &'k List, host: Option<&'k str>) -> Result<Option<Keys<'k>>, Failure> {
    if matches!(list.kind, Kind::Text(_)) {
        return require_no_host(list, host).map(|()| None);
    }
    Keys::new(list, host).map(Some)
}

/// # Errors
/// When the clock is before 1970.
pub(super) fn unix_seconds() -> Result<u64, Failure> {
    system::unix_seconds()
        .ok_or_else(|| Failure::Kv("the clock is before 1970, so no end can be counted from it".to_owned()))
}

/// The text of the live list, for editing, and the form in which it is stored.
///
/// # Errors
/// When the list is a text that is not UTF-8, of which an edit could not keep every byte, or a set that cannot be read.
pub(super) fn text_of(list: &List, live: Option<Vec<u8>>) -> Result<(String, Form), Failure> {
    let live = live.unwrap_or_default();
    let form = Form::of(&live);
    let text = match form {
        Form::Text => String::from_utf8(live).ok(),
        Form::Set => text_of_set(live).ok(),
    };
    let text = text.ok_or_else(|| {
        let what = if form == Form::Set { "is a set that cannot be read" } else { "is not UTF-8 text" };
        let key = list.key();
        Failure::Kv(format!("`{key}` {what}, so one line of it cannot be edited: publish a whole list"))
    })?;
    Ok((text, form))
}

/// Shows how a key changes the routes.
pub(super) fn show_key(
    list: &List,
    key: &OriginKey<'_>,
    before: &[EntryDocument],
    now: &[EntryDocument],
) -> Result<(), Failure> {
    let found = list.changes(key.list, before, now);
    if found.is_empty() {
        return Ok(());
    }
    let comparison = Comparison {
        before: Compared { name: &key.key, id: "", bytes: b"" },
        now: Compared { name: &key.key, id: "", bytes: b"" },
        routes: list.routes(),
        changes: &found,
        unchanged: None,
        replayed: None,
    };
    changes::write(ChangesFormat::Human, &comparison)
}
