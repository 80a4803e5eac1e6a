//! What makes it doubtful that a statement means what it says: blocks that no Python has, code that binds names while it
//! runs, and conditions.

use std::collections::HashSet;

use tree_sitter::Node;

use crate::python::script::{CHANGING, Script};
use crate::syntax::{children, walk};

/// Python ends with more than 100 blocks inside each other, and the parser keeps no more than 380.
const MOST_INDENTATIONS: usize = 300;

/// Whether lines are indented in more ways than the blocks of a program can be.
pub(super) fn is_too_deep(text: &str) -> bool {
    let mut widths = HashSet::new();
    let mut width = Some(0_usize);
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        match (letter, width) {
            ('\n' | '\r' | '\u{c}', _) => width = Some(0),
            (' ', Some(so_far)) => width = Some(so_far.saturating_add(1)),
            ('\t', Some(so_far)) => width = Some(so_far.saturating_add(8)),
            // The indentation goes on in the next line.
            ('\\', Some(_)) if matches!(letters.peek(), Some('\n' | '\r')) => {
                letters.next();
                letters.next_if_eq(&'\n');
            }
            (_, Some(found)) => {
                widths.insert(found);
                width = None;
            }
            (_, None) => {}
        }
    }
    widths.len() > MOST_INDENTATIONS
}

/// Whether a call may bind any name of the module: `exec(…)`, `globals().update(…)`, `locals()["a"] = …`.
pub(super) fn may_bind<'t>(script: &Script<'t>, call: Node<'t>, function: &str) -> bool {
    match function {
        "exec" | "execfile" => !is_in_function(call),
        "globals" => changes(script, call),
        "locals" | "vars" => !is_in_function(call) && changes(script, call),
        // django-split-settings
        "include" => is_statement(call) && !is_in_function(call),
        _ => false,
    }
}

/// `call["a"] = …`, `call.update(…)`
fn changes<'t>(script: &Script<'t>, call: Node<'t>) -> bool {
    let Some(outer) = call.parent() else { return false };
    match outer.kind() {
        "subscript" => outer.parent().is_some_and(|it| {
            it.child_by_field_name("left") == Some(outer) || it.kind() == "delete_statement"
        }),
        "attribute" => {
            outer.child_by_field_name("attribute").is_some_and(|it| CHANGING.contains(&script.text(it)))
        }
        _ => false,
    }
}

fn is_statement(call: Node<'_>) -> bool {
    call.parent().is_some_and(|it| it.kind() == "expression_statement")
}

fn is_in_function(node: Node<'_>) -> bool {
    let mut node = node;
    while let Some(outer) = node.parent() {
        if matches!(outer.kind(), "function_definition" | "lambda") {
            return true;
        }
        node = outer;
    }
    false
}

/// Whether a statement only runs if something holds.
pub(super) fn is_conditional(statement: Node<'_>) -> bool {
    let mut node = statement;
    while let Some(parent) = node.parent() {
        let is_test = parent.child_by_field_name("condition") == Some(node);
        let is_choice = match parent.kind() {
            "if_statement" | "while_statement" | "elif_clause" => !is_test,
            "else_clause"
            | "for_statement"
            | "except_clause"
            | "finally_clause"
            | "match_statement"
            | "case_clause"
            | "conditional_expression"
            | "boolean_operator"
            | "lambda"
            | "list_comprehension"
            | "generator_expression"
            | "set_comprehension"
            | "dictionary_comprehension" => true,
            "try_statement" => parent.child_by_field_name("body") == Some(node),
            // What stands in a text that is not Python may be under any condition.
            "ERROR" => true,
            _ => false,
        };
        let is_guarded = matches!(parent.kind(), "block" | "module")
            && children(parent)
                .iter()
                .take_while(|it| it.start_byte() < node.start_byte())
                .any(|it| it.kind() == "if_statement" && leaves(*it));
        if is_choice || is_guarded {
            return true;
        }
        node = parent;
    }
    false
}

/// Whether a statement has a `return`, `raise`, `continue` or a call of `exit` of its own.
fn leaves(statement: Node<'_>) -> bool {
    let is_end = |node: &Node<'_>| {
        matches!(
            node.kind(),
            "return_statement" | "raise_statement" | "continue_statement" | "break_statement"
        )
    };
    walk(statement).iter().any(is_end)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_that_the_parser_cannot_hold_are_seen() {
        let nested = |line: &dyn Fn(usize) -> String| (0..400).map(line).collect::<String>();
        assert!(is_too_deep(&nested(&|at| format!("{}if x:\n", " ".repeat(at)))));
        assert!(is_too_deep(&nested(&|at| format!("{}if x:\r\n", "\t".repeat(at)))));
        // No line is indented by more than two, but those that go on are.
        assert!(is_too_deep(&nested(&|at| format!("{}if x:\n", "  \\\n".repeat(at)))));
        // Brackets end no block.
        assert!(is_too_deep(&nested(&|at| format!("{0}if x:\n{0} [\n1]\n", "  ".repeat(at)))));
        assert!(!is_too_deep(&nested(&|at| format!("{}x = 1\n", " ".repeat(at % 100)))));
        assert!(!is_too_deep(&" ".repeat(100_000)));
    }
}
