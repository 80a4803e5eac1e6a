//! `[routes.cors]` and `[defaults.cors]`.

use corsgate_policy::policy::document::CorsDocument;

use crate::cursor::Cursor;
use crate::file::entry;
use crate::table::Table;

/// Reads the rules. Without `origins` they name nobody, which is for the rules of the policy to
/// judge.
pub(crate) fn read(table: &mut Table<'_, '_>) -> CorsDocument {
    // Read by the lint that it silences; the gateway has no use for it.
    table.field("dangerously_allow_public_suffix").and_then(Cursor::flag);
    let mut names = |key| table.field(key).and_then(Cursor::strings).unwrap_or_default();
    CorsDocument {
        methods: names("methods"),
        request_headers: names("request_headers"),
        exposed_headers: names("exposed_headers"),
        origins: {
            let origins = table.field("origins");
            origins.and_then(|origins| origins.list("a list of origins", entry::read)).unwrap_or_default()
        },
        credentials: table.field("credentials").and_then(Cursor::flag).unwrap_or_default(),
        max_age: table.field("max_age").and_then(Cursor::seconds),
        dangerously_allow_insecure_origins: {
            let insecure = table.field("dangerously_allow_insecure_origins");
            insecure.and_then(Cursor::flag).unwrap_or_default()
        },
    }
}
