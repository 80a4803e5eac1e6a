//! `[routes.security]`.

use corsgate_policy::policy::document::{HstsDocument, SecurityDocument};

use crate::cursor::Cursor;
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
        timing_allow_origin: table.field("timing_allow_origin").and_then(Cursor::flag).unwrap_or_default(),
    }
}
