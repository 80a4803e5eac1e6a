//! `[routes.cors]` and `[defaults.cors]`.

use corsgate_policy::policy::document::CorsDocument;

use crate::cursor::Cursor;
use crate::file::entry;
use crate::presets;
use crate::table::Table;

/// Reads the rules. Without `origins` the list is empty; the rules of the policy report that.
pub(crate) fn read(table: &mut Table<'_, '_>) -> CorsDocument {
    // Only the lint that it silences uses this switch; the gateway does not need it.
    table.field("dangerously_allow_public_suffix").and_then(Cursor::flag);
    let presets = table.field("presets");
    let presets =
        presets.and_then(|names| names.list("a list of presets", presets::read)).unwrap_or_default();
    let mut names = |key| table.field(key).and_then(Cursor::strings).unwrap_or_default();
    let mut rules = CorsDocument {
        methods: names("methods"),
        request_headers: names("request_headers"),
        exposed_headers: names("exposed_headers"),
        origins: {
            let origins = table.field("origins");
            origins.and_then(|origins| origins.list("a list of origins", entry::read)).unwrap_or_default()
        },
        credentials: table.field("credentials").and_then(Cursor::flag).unwrap_or_default(),
        enforce_methods: table.field("enforce_methods").and_then(Cursor::flag).unwrap_or_default(),
        max_age: table.field("max_age").and_then(Cursor::max_age),
        dangerously_allow_insecure_origins: {
            let insecure = table.field("dangerously_allow_insecure_origins");
            insecure.and_then(Cursor::flag).unwrap_or_default()
        },
        dangerously_allow_any_extension: {
            let extension = table.field("dangerously_allow_any_extension");
            extension.and_then(Cursor::flag).unwrap_or_default()
        },
    };
    let added = presets::expand(&presets, &mut rules);
    table.record(added);
    rules
}
