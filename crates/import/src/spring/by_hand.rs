//! Servlets, filters and handlers that set the headers of CORS themselves.

use tree_sitter::Node;

use crate::by_hand;
use crate::java::Program;
use crate::model::Reading;
use crate::syntax::arguments;

/// Methods that set a header by its name.
const SETTING: [&str; 6] = ["setHeader", "addHeader", "header", "headers", "set", "add"];

/// Names every block that sets such a header.
pub(super) fn read(program: &Program<'_>, reading: &mut Reading) {
    let named = SETTING.iter().flat_map(|method| program.calls_of(method)).filter(|call| {
        let name = arguments(**call).first().map(|it| program.text(*it)).unwrap_or_default();
        // `HttpHeaders.ACCESS_CONTROL_ALLOW_ORIGIN`
        let constant = name.rsplit('.').next().unwrap_or_default().replace('_', "-");
        by_hand::is_header(name.trim_matches('"')) || by_hand::is_header(&constant)
    });
    // Of Spring's `HttpHeaders`.
    let own = ["setAccessControlAllowOrigin", "setAccessControlAllowCredentials"];
    let mut setters: Vec<_> = named.chain(own.iter().flat_map(|method| program.calls_of(method))).collect();
    setters.sort_by_key(|call| call.start_byte());
    by_hand::name_places(setters.iter().map(|call| (block(**call), program.place(**call))), reading);
}

/// The block that a call stands in, by where it begins.
fn block(call: Node<'_>) -> usize {
    let mut node = call;
    while let Some(parent) = node.parent().filter(|_| node.kind() != "block") {
        node = parent;
    }
    node.start_byte()
}
