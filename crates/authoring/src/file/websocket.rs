//! `[routes.websocket]`.

use corsgate_policy::policy::document::{OnReject, WebSocketDocument};

use crate::cursor::Cursor;
use crate::table::Table;

/// Reads the rules for handshakes.
pub(crate) fn read(table: &mut Table<'_, '_>) -> WebSocketDocument {
    const ON_REJECT: &[(&str, OnReject)] = &[("handshake", OnReject::Handshake), ("close", OnReject::Close)];
    let defaults = WebSocketDocument::default();
    let mut flag = |key| table.field(key).and_then(Cursor::flag);
    WebSocketDocument {
        require_origin: flag("require_origin").unwrap_or(defaults.require_origin),
        dangerously_allow_any_origin: {
            flag("dangerously_allow_any_origin").unwrap_or(defaults.dangerously_allow_any_origin)
        },
        on_reject: {
            let on_reject = table.field("on_reject");
            on_reject.and_then(|word| word.word(ON_REJECT)).unwrap_or(defaults.on_reject)
        },
    }
}
