//! `[[routes.limits]]`.

use corsgate_policy::policy::document::LimitDocument;

use crate::cursor::Cursor;

/// Reads one of the tables.
pub(crate) fn read(limit: Cursor<'_, '_>) -> Option<LimitDocument> {
    limit.table(|table| LimitDocument {
        name: table.required("name").and_then(Cursor::string).unwrap_or_default(),
        quota: table.required("quota").and_then(Cursor::whole).unwrap_or_default(),
        window: table.required("window").and_then(Cursor::seconds).unwrap_or_default(),
        by: table.required("by").and_then(Cursor::strings).unwrap_or_default(),
    })
}
