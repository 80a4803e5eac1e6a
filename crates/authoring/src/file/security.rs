//! `[routes.security]`.

use corsgate_policy::policy::document::{HstsDocument, SecurityDocument, TimingDocument};
use toml::de::DeValue;

use crate::cursor::{Cursor, quoted};
use crate::table::Table;

/// Reads the security headers.
pub(crate) fn read(table: &mut Table<'_, '_>) -> SecurityDocument {
    let hsts = table.field("hsts").and_then(|hsts| {
        hsts.table(|table| HstsDocument {
            max_age: table.required("max_age").and_then(Cursor::seconds).unwrap_or_default(),
            include_subdomains: table.field("include_subdomains").and_then(Cursor::flag).unwrap_or_default(),
            preload: table.field("preload").and_then(Cursor::flag).unwrap_or_default(),
        })
    });
    let mut text = |key| table.field(key).and_then(Cursor::string);
    SecurityDocument {
        hsts,
        csp: text("csp"),
        referrer_policy: text("referrer_policy"),
        permissions_policy: text("permissions_policy"),
        corp: text("corp"),
        coop: text("coop"),
        coep: text("coep"),
        nosniff: table.field("nosniff").and_then(Cursor::flag).unwrap_or_default(),
        timing_allow_origin: table.field("timing_allow_origin").and_then(read_timing).unwrap_or_default(),
    }
}

/// Reads who may see timings: a flag, a list of origins, or `"*"`.
fn read_timing(cursor: Cursor<'_, '_>) -> Option<TimingDocument> {
    match cursor.value() {
        DeValue::Boolean(_) => cursor.flag().map(TimingDocument::Follows),
        DeValue::Array(_) => cursor.strings().map(TimingDocument::Listed),
        DeValue::String(text) if text == "*" => Some(TimingDocument::Listed(vec!["*".to_owned()])),
        found => {
            let meant = match found {
                DeValue::String(text) => Some(format!("[{}]", quoted(text))),
                _ => None,
            };
            cursor.refuse_for("`true`, `false`, `\"*\"` or a list of origins", meant)
        }
    }
}
