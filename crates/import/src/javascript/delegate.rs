//! Delegates: callbacks that answer with options instead of an origin.

use tree_sitter::Node;

use crate::javascript::allowed::{Allowed, Condition};
use crate::javascript::callback::{Protocol, Reader, block, parameters};
use crate::javascript::script::{Script, callee};
use crate::javascript::value::{Table, Value, item};
use crate::model::OriginSaid;
use crate::place::Said;
use crate::syntax::{arguments, children};

/// A delegate that only looks the origin up, and answers with options for the origins in a list and with
/// `{ origin: false }` for the others. The origins, and the options.
pub(super) fn read<'t>(
    script: &Script<'t>,
    function: Node<'t>,
) -> Option<(Vec<Said<OriginSaid>>, Table<'t>)> {
    let parameters = parameters(script, function);
    let &[origin, callback] = parameters.as_slice() else { return None };
    let body = function.child_by_field_name("body").filter(|_| !function.has_error())?;
    let reader = Reader { script, protocol: Protocol::Delegate, origin, callback };
    let statements = match body.kind() {
        "statement_block" => children(body),
        _ => return reader.chosen(reader.options(body)?),
    };
    let statements: Vec<_> = statements
        .into_iter()
        .filter(|it| {
            !(matches!(it.kind(), "lexical_declaration" | "variable_declaration") && reader.is_plain(*it))
        })
        .collect();
    match statements.as_slice() {
        // `callback(null, …)` alone.
        [only] if only.kind() != "if_statement" => reader.chosen(reader.options(*children(*only).first()?)?),
        // `if (…) callback(null, {…}); else callback(null, {…});`
        [choice] => {
            let (condition, then, otherwise) = reader.branches(*choice)?;
            reader.either(condition, reader.options(then)?, reader.options(otherwise)?)
        }
        // `if (…) { options = {…} } else { options = {…} } callback(null, options);`
        [choice, answer] if choice.kind() == "if_statement" => {
            let (condition, then, otherwise) = reader.branches(*choice)?;
            let name = reader.options(*children(*answer).first()?)?;
            let assigned = |node: Node<'t>| {
                let left = node.child_by_field_name("left")?;
                let is_it = node.kind() == "assignment_expression" && script.text(left) == script.text(name);
                node.child_by_field_name("right").filter(|_| is_it)
            };
            reader.either(condition, assigned(then)?, assigned(otherwise)?)
        }
        _ => None,
    }
}

impl<'t> Reader<'_, 't> {
    /// The options in `callback(null, options)`.
    fn options(&self, call: Node<'t>) -> Option<Node<'t>> {
        let is_answer = call.kind() == "call_expression" && self.script.text(callee(call)?) == self.callback;
        match arguments(call).as_slice() {
            [error, options] if is_answer && matches!(item(self.script, *error).value, Value::Nothing(_)) => {
                Some(*options)
            }
            _ => None,
        }
    }

    /// The condition of an `if`, and the one expression in each of its parts.
    fn branches(&self, choice: Node<'t>) -> Option<(Node<'t>, Node<'t>, Node<'t>)> {
        let alternative =
            choice.child_by_field_name("alternative").and_then(|it| children(it).first().copied())?;
        let one = |node| match block(node).as_slice() {
            [only] => children(*only).first().copied(),
            _ => None,
        };
        let then = one(choice.child_by_field_name("consequence")?)?;
        Some((choice.child_by_field_name("condition")?, then, one(alternative)?))
    }

    /// `condition ? {…} : {…}`.
    fn chosen(&self, options: Node<'t>) -> Option<(Vec<Said<OriginSaid>>, Table<'t>)> {
        let part = |field| options.child_by_field_name(field);
        match options.kind() {
            "ternary_expression" => {
                self.either(part("condition")?, part("consequence")?, part("alternative")?)
            }
            _ => None,
        }
    }

    /// Options for the origins of a condition, and none for the others.
    fn either(
        &self,
        condition: Node<'t>,
        then: Node<'t>,
        otherwise: Node<'t>,
    ) -> Option<(Vec<Said<OriginSaid>>, Table<'t>)> {
        let Condition { allowed: Allowed::Some(origins), is_negated } = self.condition(condition, 0)? else {
            return None;
        };
        let (then, otherwise) = if is_negated { (otherwise, then) } else { (then, otherwise) };
        let table = |node| match item(self.script, node).value {
            Value::Table(table) if table.unknown.is_none() => Some(table),
            _ => None,
        };
        let (then, otherwise) = (table(then)?, table(otherwise)?);
        let origin = |table: &Table<'t>| match table.get("origin").map(|it| &it.value) {
            Some(Value::Bool(origin)) => Some(*origin),
            _ => None,
        };
        (origin(&then) == Some(true) && origin(&otherwise) == Some(false)).then_some((origins, then))
    }
}
