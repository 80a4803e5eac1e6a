//! An entry of `[allowlists]`: a list of origins, or the name of a list in KV.

use corsgate_policy::policy::document::{AllowlistDocument, Scope};
use toml::de::DeValue;

use crate::cursor::Cursor;
use crate::file::entry;
use crate::finding::Finding;
use crate::mistakes;
use crate::table::Table;

/// Reads an allowlist. If it cannot be read, the result is an empty list.
pub(crate) fn read(list: Cursor<'_, '_>) -> AllowlistDocument {
    let read = match list.value() {
        DeValue::Table(_) => list.table(read_reference),
        _ => list
            .list("a list of origins, or a table with `kv` or `kv_keys`", entry::read)
            .map(AllowlistDocument::Entries),
    };
    read.unwrap_or(AllowlistDocument::Entries(Vec::new()))
}

fn read_reference(table: &mut Table<'_, '_>) -> AllowlistDocument {
    if table.has("kv") && table.has("kv_keys") {
        let finding = Finding::new(&mistakes::KV_AND_KV_KEYS, "an allowlist has either `kv` or `kv_keys`");
        let span = table.span();
        table.report(finding.at(span, "has both"));
    }
    if table.has("kv_keys") {
        // Ask for the key, so that it is not reported as unknown as well.
        table.field("kv");
        return AllowlistDocument::KvKeys {
            kv_keys: table.field("kv_keys").and_then(Cursor::string).unwrap_or_default(),
            scope: {
                let scope = table.field("scope");
                scope
                    .and_then(|scope| scope.word(&[("host", Scope::Host), ("shared", Scope::Shared)]))
                    .unwrap_or_default()
            },
            dangerously_share_keys: table
                .field("dangerously_share_keys")
                .and_then(Cursor::flag)
                .unwrap_or_default(),
        };
    }
    AllowlistDocument::Kv {
        kv: table.required("kv").and_then(Cursor::string).unwrap_or_default(),
        dangerously_unchecked_wildcards: {
            let wildcards = table.field("dangerously_unchecked_wildcards");
            wildcards.and_then(Cursor::flag).unwrap_or_default()
        },
    }
}
