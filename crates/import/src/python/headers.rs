//! Code that sets headers of CORS itself.

use core::ops::Range;

use tree_sitter::Node;

use crate::by_hand;
use crate::model::Reading;
use crate::python::script::{Script, arguments, method};

/// Names every line that sets such a header: what it says is not carried over.
pub(super) fn loose(script: &Script<'_>, is_read: &[Range<usize>], reading: &mut Reading) {
    let setters =
        setters(script).into_iter().filter(|node| !is_read.iter().any(|it| it.contains(&node.start_byte())));
    let places = setters.map(|node| script.place(node)).map(|place| (place.line, place));
    by_hand::name_places(places, reading);
}

/// The names of headers that are set: `headers["…"] = …`, `headers.add("…", …)`, `{"…": …}`, and the properties of
/// Werkzeug.
pub(super) fn setters<'t>(script: &Script<'t>) -> Vec<Node<'t>> {
    let is_header = |node: &Node<'t>| {
        let text = script.text(*node).trim_start_matches(['r', 'b', 'u', 'f']).trim_matches(['"', '\'']);
        node.kind() == "string" && by_hand::is_header(text)
    };
    let mut found = Vec::new();
    for assignment in &script.assignments {
        let Some(left) = assignment.child_by_field_name("left") else { continue };
        let key = left.child_by_field_name("subscript").filter(is_header);
        let property = left.child_by_field_name("attribute");
        let property = property.filter(|it| script.text(*it).starts_with("access_control_"));
        found.extend(key.or(property));
    }
    for call in &script.calls {
        const SETTING: [&str; 8] = [
            "add",
            "set",
            "setdefault",
            "append",
            "set_header",
            "add_header",
            "add_response_header",
            "__setitem__",
        ];
        if method(script, *call).is_some_and(|(_, name)| SETTING.contains(&name)) {
            found.extend(arguments(*call).first().copied().filter(is_header));
        }
    }
    for pair in &script.pairs {
        found.extend(pair.child_by_field_name("key").filter(is_header));
    }
    found
}
