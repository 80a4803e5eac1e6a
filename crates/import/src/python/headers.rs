//! Code that sets headers of CORS itself.

use core::ops::Range;

use tree_sitter::Node;

use crate::model::Reading;
use crate::place::Said;
use crate::python::remark;
use crate::python::script::{Script, arguments, method};
use crate::report::{About, Class};

/// The most lines that are named.
const MOST: usize = 20;

/// Names every line that sets such a header: what it says is not carried over.
pub(super) fn loose(script: &Script<'_>, is_read: &[Range<usize>], reading: &mut Reading) {
    let mut lines = Vec::new();
    for node in setters(script) {
        if is_read.iter().any(|it| it.contains(&node.start_byte())) {
            continue;
        }
        let place = script.place(node);
        if !lines.contains(&place.line) && lines.len() < MOST {
            lines.push(place.line);
            let message = "a header of CORS is set here by code of its own, which is not read";
            let advice = "Write a route for the requests that it is for.";
            reading.holes.push(Said::new(remark(Class::Unreadable, About::File, message, advice), &place));
        }
    }
}

/// The names of headers that are set: `headers["…"] = …`, `headers.add("…", …)`, `{"…": …}`, and the properties of
/// Werkzeug.
pub(super) fn setters<'t>(script: &Script<'t>) -> Vec<Node<'t>> {
    let is_header = |node: &Node<'t>| {
        let text = script.text(*node).trim_start_matches(['r', 'b', 'u', 'f']).trim_matches(['"', '\'']);
        node.kind() == "string" && text.to_ascii_lowercase().starts_with("access-control-allow-")
            || node.kind() == "string" && text.to_ascii_lowercase().starts_with("access-control-expose-")
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
