//! `[routes.response]`.

use std::collections::{BTreeMap, HashMap};

use corsgate_policy::policy::document::ResponseDocument;

use crate::cursor::Cursor;
use crate::finding::Finding;
use crate::mistakes;
use crate::table::Table;

/// Reads the headers that are set and removed, and whether the upstream's own URLs are rewritten.
pub(crate) fn read(table: &mut Table<'_, '_>) -> ResponseDocument {
    ResponseDocument {
        set: read_set(table),
        remove: table.field("remove").and_then(Cursor::strings).unwrap_or_default(),
        rewrite: table.field("rewrite").and_then(Cursor::flag).unwrap_or(true),
    }
}

/// Reads the headers to set.
pub(crate) fn read_set(table: &mut Table<'_, '_>) -> BTreeMap<String, String> {
    let set = table.field("set").and_then(|set| {
        set.table(|set| {
            refuse_names_twice(set);
            set.entries(|_name, value| value.string().unwrap_or_default())
        })
    });
    set.unwrap_or_default()
}

/// Reports names that differ only in case: header names ignore it, but TOML keys do not.
fn refuse_names_twice(set: &mut Table<'_, '_>) {
    let mut names: Vec<_> = set.names().collect();
    names.sort_by_key(|(_, span)| span.start);
    let mut first = HashMap::new();
    for (name, span) in names {
        let Some(earlier) = first.insert(name.to_ascii_lowercase(), span.clone()) else { continue };
        let finding = Finding::new(
            &mistakes::HEADER_TWICE,
            format!("the header `{name}` is set twice: header names are case-insensitive"),
        );
        set.report(finding.at(Some(span), "").at(Some(earlier), "set here first"));
    }
}
