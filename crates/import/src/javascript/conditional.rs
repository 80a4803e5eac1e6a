//! Calls that are only made if something holds: in `if`, `?:`, `&&` or a loop, or behind an `if` that returns.

use std::collections::HashSet;

use tree_sitter::Node;

use crate::syntax::children;

/// What holds for what stands in a node.
struct Within<'t> {
    kind: &'t str,
    is_conditional: bool,
    /// A statement before may have returned.
    is_guarded: bool,
}

/// The calls of a program that are only made under a condition, by the ids of their nodes.
pub(super) fn calls(root: Node<'_>) -> HashSet<usize> {
    let mut found = HashSet::new();
    let mut cursor = root.walk();
    let mut outer: Vec<Within<'_>> = Vec::new();
    loop {
        let node = cursor.node();
        let is_conditional = outer.last().is_some_and(|parent| {
            parent.is_conditional
                || parent.is_guarded
                || is_choice(parent.kind, matches!(cursor.field_name(), Some("condition" | "value" | "left")))
        });
        if is_conditional && matches!(node.kind(), "call_expression" | "new_expression") {
            found.insert(node.id());
        }
        if cursor.goto_first_child() {
            outer.push(Within { kind: node.kind(), is_conditional, is_guarded: false });
            continue;
        }
        loop {
            if let Some(parent) = outer.last_mut().filter(|it| it.kind == "statement_block") {
                parent.is_guarded |= may_return(cursor.node());
            }
            if cursor.goto_next_sibling() {
                break;
            }
            outer.pop();
            if !cursor.goto_parent() {
                return found;
            }
        }
    }
}

/// Whether a part of a node is only run if another part says so.
fn is_choice(kind: &str, is_test: bool) -> bool {
    match kind {
        // In `a && b`, `a ?? b` only what is on the right depends.
        "if_statement" | "ternary_expression" | "switch_statement" | "while_statement" | "do_statement"
        | "binary_expression" => !is_test,
        "for_statement" | "for_in_statement" | "catch_clause" | "switch_case" | "else_clause" => true,
        _ => false,
    }
}

/// `if (…) return;`
fn may_return(statement: Node<'_>) -> bool {
    if statement.kind() != "if_statement" {
        return false;
    }
    let then = statement.child_by_field_name("consequence");
    let then = then.map(|then| if then.kind() == "statement_block" { children(then) } else { vec![then] });
    then.is_some_and(|all| all.iter().any(|it| it.kind() == "return_statement"))
}
