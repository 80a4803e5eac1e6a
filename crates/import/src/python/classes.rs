//! Classes of a file, whose attributes are settings.

use tree_sitter::Node;

use crate::python::script::Script;
use crate::syntax::children;

/// The attributes of a class with those of the classes that it extends, and whether each is set under a condition; the
/// second is a base that is not in this file.
pub(super) fn attributes<'t>(
    script: &Script<'t>,
    class: Node<'t>,
    depth: usize,
) -> (Vec<(&'t str, Node<'t>, bool)>, Option<&'t str>) {
    let mut found = Vec::new();
    let mut unknown_base = None;
    let bases = class.child_by_field_name("superclasses").map(children).unwrap_or_default();
    // The first base decides, so it comes last.
    for base in bases.into_iter().rev() {
        let name = script.text(base);
        let known = script.binding(name).filter(|it| it.kind() == "class_definition" && depth < 8);
        match known {
            Some(base) => {
                let (of_base, unknown) = attributes(script, base, depth + 1);
                found.extend(of_base);
                unknown_base = unknown_base.or(unknown);
            }
            None if name == "object" => {}
            None => unknown_base = unknown_base.or(Some(name)),
        }
    }
    let body = class.child_by_field_name("body");
    for assignment in script.assignments.iter().filter(|it| body.is_some_and(|body| is_in(**it, body))) {
        let (left, right) = (assignment.child_by_field_name("left"), assignment.child_by_field_name("right"));
        let (Some(left), Some(right)) = (left, right) else { continue };
        let names = match left.kind() {
            "identifier" => vec![left],
            "pattern_list" | "tuple_pattern" | "list_pattern" => children(left),
            _ => Vec::new(),
        };
        let is_direct =
            assignment.parent().and_then(|it| it.parent()) == body && assignment.kind() == "assignment";
        for name in names.into_iter().filter(|it| it.kind() == "identifier") {
            found.push((script.text(name), right, !is_direct || name != left));
        }
    }
    (found, unknown_base)
}

fn is_in(node: Node<'_>, outer: Node<'_>) -> bool {
    node.start_byte() >= outer.start_byte() && node.end_byte() <= outer.end_byte()
}
