//! Callbacks that only look an origin up: in a list, by an expression, by a comparison. Anything else in their way (a
//! database, a condition about something else, a loop) makes them unreadable.

use tree_sitter::Node;

use crate::expression::Expression;
use crate::javascript::allowed::{Allowed, Condition, choose, intersection, union};
use crate::javascript::options::expression;
use crate::javascript::script::{Script, callee};
use crate::javascript::value::{Item, Nothing, Value, item};
use crate::model::OriginSaid;
use crate::place::Said;
use crate::syntax::{arguments, children};

/// How a library asks a callback.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Protocol {
    /// `(origin, callback)`, answered with `callback(error, value)`: `true` allows the origin that asks.
    Callback,
    /// The same, but everything other than `null` is an error.
    NullCallback,
    /// `(origin)`, answered with the value of the header.
    Returned,
    /// `(context)`, answered with the value of the header.
    Context,
    /// `(request, callback)`, answered with `callback(error, options)`.
    Delegate,
    /// `(request)` or `({ origin, req })` of a handshake, which is closed or goes on.
    Handshake,
}

impl Protocol {
    fn calls_back(self) -> bool {
        matches!(self, Self::Callback | Self::NullCallback)
    }
}

/// The origins that a function allows, if it only looks them up.
pub(super) fn read<'t>(
    script: &Script<'t>,
    function: Node<'t>,
    protocol: Protocol,
) -> Option<Vec<Said<OriginSaid>>> {
    if function.has_error() || script.text(function).starts_with("async") && protocol.calls_back() {
        return None;
    }
    let parameters = parameters(script, function);
    let reader = Reader {
        script,
        protocol,
        origin: parameters.first().copied().unwrap_or_default(),
        callback: parameters.get(1).copied().unwrap_or_default(),
    };
    let body = function.child_by_field_name("body")?;
    let allowed = match body.kind() {
        "statement_block" => reader.statements(&children(body), 0)?,
        _ if protocol.calls_back() => reader.called(body, 0)?,
        _ => reader.answer(body, 0)?,
    };
    let place = script.place(function);
    Some(match allowed {
        Allowed::Nothing => Vec::new(),
        Allowed::Everything => vec![Said::new(OriginSaid::Reflected, &place)],
        Allowed::Some(origins) => origins,
    })
}

pub(super) fn parameters<'t>(script: &Script<'t>, function: Node<'t>) -> Vec<&'t str> {
    if let Some(only) = function.child_by_field_name("parameter") {
        return vec![script.text(only)];
    }
    let all = function.child_by_field_name("parameters").map(children).unwrap_or_default();
    let name = |node: Node<'t>| {
        let pattern = node.child_by_field_name("pattern").unwrap_or(node);
        if pattern.kind() == "identifier" { script.text(pattern) } else { "" }
    };
    all.into_iter().map(name).collect()
}

pub(super) struct Reader<'r, 't> {
    pub(super) script: &'r Script<'t>,
    pub(super) protocol: Protocol,
    pub(super) origin: &'t str,
    pub(super) callback: &'t str,
}

/// The deepest nesting that is read.
const MAX_DEPTH: usize = 12;

impl<'t> Reader<'_, 't> {
    /// What a list of statements allows, if every way through it answers.
    fn statements(&self, statements: &[Node<'t>], depth: usize) -> Option<Allowed> {
        if depth > MAX_DEPTH {
            return None;
        }
        let (first, rest) = statements.split_first()?;
        match first.kind() {
            // What a name stands for is looked up where it is used.
            "lexical_declaration" | "variable_declaration" if self.is_plain(*first) => {
                self.statements(rest, depth + 1)
            }
            "statement_block" if rest.is_empty() => self.statements(&children(*first), depth + 1),
            "return_statement" => match children(*first).first() {
                Some(value) if self.protocol.calls_back() => self.called(*value, depth),
                Some(value) => self.answer(*value, depth),
                None if self.protocol.calls_back() => None,
                None => Some(Allowed::Nothing),
            },
            "throw_statement" => Some(Allowed::Nothing),
            // `callback(…); return;`
            "expression_statement" if is_bare_return(rest) && self.protocol.calls_back() => {
                self.called(*children(*first).first()?, depth)
            }
            "if_statement" => {
                let condition = self.condition(first.child_by_field_name("condition")?, depth + 1)?;
                let then = block(first.child_by_field_name("consequence")?);
                let otherwise =
                    first.child_by_field_name("alternative").and_then(|it| children(it).first().copied());
                // What follows an `if` is its `else`, if the first part ends.
                let otherwise = match otherwise {
                    Some(otherwise) if rest.is_empty() => self.statements(&block(otherwise), depth + 1)?,
                    Some(_) => return None,
                    None if rest.is_empty() && !self.protocol.calls_back() => Allowed::Nothing,
                    None if ends(&then) => self.statements(rest, depth + 1)?,
                    None => return None,
                };
                choose(condition, self.statements(&then, depth + 1)?, otherwise)
            }
            _ => None,
        }
    }

    /// A declaration without a call of something unknown.
    pub(super) fn is_plain(&self, declaration: Node<'t>) -> bool {
        let nodes = self.script.nodes_in(declaration);
        nodes.iter().all(|node| {
            !matches!(node.kind(), "await_expression" | "assignment_expression" | "yield_expression")
        })
    }

    /// `callback(error, value)`.
    fn called(&self, node: Node<'t>, depth: usize) -> Option<Allowed> {
        if node.kind() != "call_expression" || self.script.text(callee(node)?) != self.callback {
            return None;
        }
        let given = arguments(node);
        let (error, value) = (given.first().copied(), given.get(1).copied());
        let is_error = match error.map(|error| item(self.script, error).value) {
            Some(Value::Nothing(Nothing::Null)) => false,
            None | Some(Value::Nothing(_) | Value::Bool(false)) => self.protocol == Protocol::NullCallback,
            // An error, whatever it says, refuses.
            Some(_) if error?.kind() == "new_expression" => true,
            Some(Value::Text(_)) => true,
            Some(_) => return None,
        };
        match value {
            _ if is_error => Some(Allowed::Nothing),
            None => Some(Allowed::Nothing),
            Some(value) => self.answer(value, depth),
        }
    }

    /// The value that a callback answers with.
    pub(super) fn answer(&self, node: Node<'t>, depth: usize) -> Option<Allowed> {
        if depth > MAX_DEPTH {
            return None;
        }
        let node = match node.kind() {
            "parenthesized_expression" => *children(node).first()?,
            _ => node,
        };
        if self.is_origin(node) {
            return Some(Allowed::Everything);
        }
        if node.kind() == "ternary_expression" {
            let part = |field| node.child_by_field_name(field);
            let condition = self.condition(part("condition")?, depth + 1)?;
            return choose(
                condition,
                self.answer(part("consequence")?, depth + 1)?,
                self.answer(part("alternative")?, depth + 1)?,
            );
        }
        let answer = item(self.script, node);
        let calls_back = self.protocol.calls_back();
        match &answer.value {
            Value::Nothing(_) | Value::Bool(false) => Some(Allowed::Nothing),
            Value::Bool(true) if calls_back => Some(Allowed::Everything),
            Value::Text(text) if text.is_empty() => Some(Allowed::Nothing),
            // `*` would be an answer with another meaning for credentials.
            Value::Text(text) if text == "*" => None,
            Value::Text(text) => {
                Some(Allowed::Some(vec![Said::new(OriginSaid::Exact(text.clone()), &answer.place)]))
            }
            Value::List(items) if calls_back => Some(Allowed::Some(listed(items)?)),
            Value::Unknown(_) if calls_back => {
                let condition = self.condition(node, depth + 1)?;
                choose(condition, Allowed::Everything, Allowed::Nothing)
            }
            _ => None,
        }
    }

    /// Whether an expression is the origin of the request.
    fn is_origin(&self, node: Node<'t>) -> bool {
        let node = self.script.resolved(node);
        let text = self.script.text(node);
        let text: String = text.chars().filter(|letter| !letter.is_whitespace() && *letter != '?').collect();
        match self.protocol {
            Protocol::Callback | Protocol::NullCallback | Protocol::Returned => {
                !self.origin.is_empty() && text == self.origin
            }
            Protocol::Context | Protocol::Delegate | Protocol::Handshake => {
                let rest =
                    text.strip_prefix(self.origin).unwrap_or_default().to_ascii_lowercase().replace('"', "'");
                let is_handshake = self.protocol == Protocol::Handshake;
                let is_info =
                    matches!(rest.as_str(), ".origin" | ".headers['origin']" | ".req.headers['origin']");
                is_handshake && is_info
                    || matches!(
                        rest.as_str(),
                        ".get('origin')"
                            | ".header('origin')"
                            | ".request.header.origin"
                            | ".request.headers.origin"
                            | ".headers.origin"
                            | ".header.origin"
                            | ".request.get('origin')"
                            | ".req.headers.origin"
                    )
            }
        }
    }

    pub(super) fn condition(&self, node: Node<'t>, depth: usize) -> Option<Condition> {
        if depth > MAX_DEPTH {
            return None;
        }
        let script = self.script;
        let yes = |allowed| Some(Condition { allowed, is_negated: false });
        if self.is_origin(node) {
            // Browsers send an origin with every request that CORS is about.
            return yes(Allowed::Everything);
        }
        let node = match node.kind() {
            "identifier" => script.resolved(node),
            _ => node,
        };
        match node.kind() {
            "parenthesized_expression" => self.condition(*children(node).first()?, depth + 1),
            "unary_expression" if script.text(node.child_by_field_name("operator")?) == "!" => {
                let inner = self.condition(node.child_by_field_name("argument")?, depth + 1)?;
                Some(Condition { is_negated: !inner.is_negated, ..inner })
            }
            "binary_expression" => self.comparison(node, depth),
            "call_expression" => yes(self.looked_up(node)?),
            _ => None,
        }
    }

    fn comparison(&self, node: Node<'t>, depth: usize) -> Option<Condition> {
        let (left, right) = (node.child_by_field_name("left")?, node.child_by_field_name("right")?);
        let operator = self.script.text(node.child_by_field_name("operator")?);
        if matches!(operator, "||" | "&&") {
            let (left, right) =
                (self.condition(left, depth + 1)?.plain()?, self.condition(right, depth + 1)?.plain()?);
            let allowed = if operator == "||" { union(left, right) } else { intersection(left, right)? };
            return Some(Condition { allowed, is_negated: false });
        }
        let number = match item(self.script, right).value {
            Value::Number(number) => Some(number),
            _ => None,
        };
        let is_index = left.kind() == "call_expression" && {
            let property = callee(left).and_then(|it| it.child_by_field_name("property"));
            property.is_some_and(|it| self.script.text(it) == "indexOf")
        };
        if is_index {
            let is_negated = match (operator, number?) {
                ("!==" | "!=" | ">", -1.0) | (">=", 0.0) => false,
                ("===" | "==", -1.0) | ("<", 0.0) => true,
                _ => return None,
            };
            return Some(Condition { allowed: self.looked_up(left)?, is_negated });
        }
        let is_negated = match operator {
            "===" | "==" => false,
            "!==" | "!=" => true,
            _ => return None,
        };
        let (asked, other) = if self.is_origin(left) { (left, right) } else { (right, left) };
        let other = item(self.script, other);
        let allowed = match &other.value {
            _ if !self.is_origin(asked) => return None,
            Value::Text(text) => {
                Allowed::Some(vec![Said::new(OriginSaid::Exact(text.clone()), &other.place)])
            }
            // Browsers send an origin.
            Value::Nothing(_) => Allowed::Nothing,
            _ => return None,
        };
        Some(Condition { allowed, is_negated })
    }

    /// A call that looks the origin up.
    fn looked_up(&self, call: Node<'t>) -> Option<Allowed> {
        let function = callee(call)?;
        let (object, method) =
            (function.child_by_field_name("object")?, function.child_by_field_name("property")?);
        let given = arguments(call);
        let [only] = given.as_slice() else { return None };
        let place = self.script.place(call);
        let matching = |expression: Result<Expression, &str>| {
            let said = expression.map(OriginSaid::Matching).ok()?;
            Some(Allowed::Some(vec![Said::new(said, &place)]))
        };
        if self.is_origin(object) {
            let Value::Text(text) = item(self.script, *only).value else { return None };
            return match self.script.text(method) {
                "endsWith" => matching(Expression::of_text(&text, false, true)),
                "startsWith" => matching(Expression::of_text(&text, true, false)),
                "includes" => matching(Expression::of_text(&text, false, false)),
                _ => None,
            };
        }
        let looked_in = item(self.script, object);
        match (&looked_in.value, self.script.text(method)) {
            (Value::List(items), "includes" | "indexOf") | (Value::Set(items), "has")
                if self.is_origin(*only) =>
            {
                Some(Allowed::Some(compared(items)?))
            }
            (Value::Expression { source, flags }, "test") if self.is_origin(*only) => {
                Some(Allowed::Some(vec![Said::new(expression(source, flags), &looked_in.place)]))
            }
            _ => None,
        }
    }
}

/// The statements of a block, or of a single statement.
pub(super) fn block(node: Node<'_>) -> Vec<Node<'_>> {
    if node.kind() == "statement_block" { children(node) } else { vec![node] }
}

/// Whether statements do nothing but end the function.
fn is_bare_return(statements: &[Node<'_>]) -> bool {
    match statements {
        [] => true,
        [only] => only.kind() == "return_statement" && children(*only).is_empty(),
        _ => false,
    }
}

/// Whether nothing runs after these statements.
fn ends(statements: &[Node<'_>]) -> bool {
    statements.last().is_some_and(|last| matches!(last.kind(), "return_statement" | "throw_statement"))
}

/// The texts of an array that a program searches.
fn compared(items: &[Item<'_>]) -> Option<Vec<Said<OriginSaid>>> {
    let said = |item: &Item<'_>| match &item.value {
        Value::Text(text) => Some(Said::new(OriginSaid::Exact(text.clone()), &item.place)),
        _ => None,
    };
    items.iter().map(said).collect()
}

/// The elements of an array that a library takes for origins.
fn listed(items: &[Item<'_>]) -> Option<Vec<Said<OriginSaid>>> {
    let said = |item: &Item<'_>| match &item.value {
        Value::Text(text) => Some(Said::new(OriginSaid::Exact(text.clone()), &item.place)),
        Value::Expression { source, flags } => Some(Said::new(expression(source, flags), &item.place)),
        _ => None,
    };
    items.iter().map(said).collect()
}
