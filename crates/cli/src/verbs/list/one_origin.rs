//! What `add` and `remove` share: both change one origin of a list.

use corsgate_policy::policy::document::EntryDocument;

use crate::failure::Failure;
use crate::lists::List;
use crate::lists::key::OriginKey;
use crate::output::changes::{self, ChangesFormat, Compared, Comparison};

/// # Errors
/// When a host is named for a text list, which has none.
pub(super) fn require_no_host(list: &List, host: Option<&str>) -> Result<(), Failure> {
    // The key says what is wrong.
    if host.is_some() { OriginKey::new(list, host, "").map(|_| ()) } else { Ok(()) }
}

/// The live text, to be edited.
///
/// # Errors
/// When it is not UTF-8: not every byte would stay.
pub(super) fn text_of(list: &List, live: Option<Vec<u8>>) -> Result<String, Failure> {
    String::from_utf8(live.unwrap_or_default()).map_err(|_error| {
        Failure::Kv(format!(
            "`{}` is not UTF-8 text, so one line of it cannot be edited: publish a whole list",
            list.key()
        ))
    })
}

/// Shows what a key changes on the routes.
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
        replayed: None,
    };
    changes::write(ChangesFormat::Human, &comparison)
}
