//! An origin in a list, alone or with its last day.

use corsgate_policy::policy::document::EntryDocument;
use toml::de::DeValue;

use crate::cursor::Cursor;

/// Reads an entry of an allowlist: an origin as a string, or a table with `origin` and `expires`.
pub(crate) fn read(entry: Cursor<'_, '_>) -> Option<EntryDocument> {
    match entry.value() {
        DeValue::String(_) => entry.string().map(EntryDocument::Lasting),
        DeValue::Table(_) => entry.table(|table| {
            let origin = table.required("origin").and_then(Cursor::string);
            let expires = table.field("expires").and_then(Cursor::day);
            // A note is for people and is not compiled.
            table.field("note").and_then(Cursor::string);
            let origin = origin?;
            Some(match expires {
                Some(expires) => EntryDocument::Expiring { origin, expires },
                None => EntryDocument::Lasting(origin),
            })
        })?,
        _ => entry.refuse("an origin, or a table with `origin`"),
    }
}
