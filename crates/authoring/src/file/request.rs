//! `[routes.request]`.

use corsgate_policy::policy::document::RequestDocument;

use crate::cursor::Cursor;
use crate::file::response;
use crate::table::Table;

/// Reads the headers that are set on requests to the upstream, and those removed from them.
pub(crate) fn read(table: &mut Table<'_, '_>) -> RequestDocument {
    RequestDocument {
        set: response::read_set(table),
        remove: table.field("remove").and_then(Cursor::strings).unwrap_or_default(),
    }
}
