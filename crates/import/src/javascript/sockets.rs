//! WebSocket servers of the module `ws` that compare the origin of a handshake: in `verifyClient`, at `connection` or at
//! `upgrade`. Only comparisons with texts and lists are read; anything else is a hole.

use tree_sitter::Node;

use crate::javascript::allowed::Allowed;
use crate::javascript::callback::{Protocol, Reader, block, parameters};
use crate::javascript::library::remark;
use crate::javascript::script::{Script, callee};
use crate::javascript::value::{Value, item};
use crate::model::{Names, OriginSaid, PathSaid, Reading, Rule, Scope};
use crate::place::Said;
use crate::report::{About, Class};
use crate::syntax::{arguments, children};

const WHAT: &str = "a `ws` server";

/// Reads the servers of a script.
pub(super) fn read(script: &Script<'_>, reading: &mut Reading) {
    let uses_module = ["\"ws\"", "'ws'", "WebSocketServer", "WebSocket.Server"];
    if !uses_module.iter().any(|it| script.text.contains(it)) {
        return;
    }
    let mut path = PathSaid::All;
    let mut found: Vec<(Node<'_>, Option<Allowed>)> = Vec::new();
    for call in &script.calls {
        let given = arguments(*call);
        if let Some(options) = server_options(script, *call)
            && let Value::Table(options) = item(script, options).value
        {
            match options.get("path").map(|it| it.value.clone()) {
                Some(Value::Text(text)) => path = PathSaid::Exact(text),
                Some(other) => path = PathSaid::Other { text: other.noun(), nearest: None },
                None => {}
            }
            if let Some(verify) = options.get("verifyClient") {
                found.push((verify.node, verified(script, &verify.value)));
            }
        }
        let method = callee(*call).and_then(|it| it.child_by_field_name("property"));
        let event = given.first().map(|it| script.text(*it).trim_matches(['"', '\'', '`']));
        let handler = given.get(1).map(|it| script.resolved(*it));
        if let (Some("on" | "once"), Some(event @ ("connection" | "upgrade")), Some(handler)) =
            (method.map(|it| script.text(it)), event, handler)
            && script.text(handler).contains("origin")
        {
            found.push((handler, at_connection(script, handler, event == "connection")));
        }
    }
    for (node, allowed) in found {
        match allowed {
            Some(allowed) => reading.rules.push(rule(script, node, allowed, path.clone())),
            None => {
                let message = "a `ws` server looks at the origin here, in a way that only running the program would tell";
                let advice = "List the origins that may open a WebSocket in a route of its path.";
                let hole = remark(Class::Unreadable, About::Origins, message, advice);
                reading.holes.push(Said::new(hole, &script.place(node)));
            }
        }
    }
}

/// The options in `new WebSocketServer({ … })`.
fn server_options<'t>(script: &Script<'t>, call: Node<'t>) -> Option<Node<'t>> {
    let made = call.child_by_field_name("constructor").map(|it| script.text(it))?;
    let is_server =
        made.ends_with("WebSocketServer") || made.ends_with("WebSocket.Server") || made == "Server";
    arguments(call).first().copied().filter(|_| is_server)
}

/// `verifyClient: (info) => allowed.includes(info.origin)`, or `(info, done) => done(…)`.
fn verified<'t>(script: &Script<'t>, value: &Value<'t>) -> Option<Allowed> {
    let Value::Function(function) = value else { return None };
    let parameters = parameters(script, *function);
    let reader = reader(script, parameters.first().copied()?);
    let body = function.child_by_field_name("body").filter(|_| !function.has_error())?;
    let mut answer = match body.kind() {
        "statement_block" => {
            let plain = |it: &Node<'t>| {
                matches!(it.kind(), "lexical_declaration" | "variable_declaration") && reader.is_plain(*it)
            };
            let statements: Vec<_> = children(body).into_iter().filter(|it| !plain(it)).collect();
            let [only] = statements.as_slice() else { return None };
            children(*only).first().copied()?
        }
        _ => body,
    };
    if let Some(done) = parameters.get(1) {
        let is_call =
            answer.kind() == "call_expression" && callee(answer).is_some_and(|it| script.text(it) == *done);
        answer = arguments(answer).first().copied().filter(|_| is_call)?;
    }
    reader.condition(answer, 0)?.plain()
}

/// A handler that closes the socket of origins that it does not know.
fn at_connection<'t>(script: &Script<'t>, handler: Node<'t>, is_connection: bool) -> Option<Allowed> {
    let parameters = parameters(script, handler);
    let request = if is_connection { parameters.get(1) } else { parameters.first() };
    let reader = reader(script, request.copied()?);
    let body = handler.child_by_field_name("body").filter(|it| it.kind() == "statement_block")?;
    let mut statements = children(body).into_iter().filter(|it| {
        !(matches!(it.kind(), "lexical_declaration" | "variable_declaration") && reader.is_plain(*it))
    });
    // Nothing is done before the origin is known.
    let first = statements.next().filter(|it| it.kind() == "if_statement" && !handler.has_error())?;
    let condition = first.child_by_field_name("condition")?;
    let then = first.child_by_field_name("consequence")?;
    let otherwise = first.child_by_field_name("alternative").and_then(|it| children(it).first().copied());
    if closes(script, then) {
        return refused(&reader, condition, 0);
    }
    let is_all = otherwise.is_some_and(|it| closes(script, it)) && statements.next().is_none();
    reader.condition(condition, 0).filter(|_| is_all)?.plain()
}

/// Whether a block closes the socket, and does nothing under a condition.
fn closes(script: &Script<'_>, node: Node<'_>) -> bool {
    let statements = block(node);
    let is_plain = statements
        .iter()
        .all(|it| matches!(it.kind(), "expression_statement" | "return_statement" | "comment"));
    let closing = [".close(", ".terminate(", ".destroy("];
    is_plain && statements.iter().any(|it| closing.iter().any(|word| script.text(*it).contains(word)))
}

/// The origins that a condition for closing leaves.
fn refused<'t>(reader: &Reader<'_, 't>, condition: Node<'t>, depth: usize) -> Option<Allowed> {
    if depth > 12 {
        return None;
    }
    if condition.kind() == "parenthesized_expression" {
        return refused(reader, *children(condition).first()?, depth + 1);
    }
    let part = |field| condition.child_by_field_name(field);
    if condition.kind() == "binary_expression" {
        let operator = reader.script.text(part("operator")?);
        if matches!(operator, "||" | "&&") {
            let left = refused(reader, part("left")?, depth + 1)?;
            let right = refused(reader, part("right")?, depth + 1)?;
            return match (operator, left, right) {
                // `!origin || …`: browsers send an origin.
                ("||", Allowed::Everything, other) | ("||", other, Allowed::Everything) => Some(other),
                // `origin && …`
                ("&&", Allowed::Nothing, other) | ("&&", other, Allowed::Nothing) => Some(other),
                // `origin !== a && origin !== b`
                ("&&", Allowed::Some(mut left), Allowed::Some(right)) => {
                    left.extend(right);
                    Some(Allowed::Some(left))
                }
                _ => None,
            };
        }
    }
    let condition = reader.condition(condition, depth + 1)?;
    match (condition.allowed, condition.is_negated) {
        (allowed, true) => Some(allowed),
        (Allowed::Everything, false) => Some(Allowed::Nothing),
        (Allowed::Nothing, false) => Some(Allowed::Everything),
        (Allowed::Some(_), false) => None,
    }
}

fn reader<'r, 't>(script: &'r Script<'t>, request: &'t str) -> Reader<'r, 't> {
    Reader { script, protocol: Protocol::Handshake, origin: request, callback: "" }
}

fn rule<'t>(script: &Script<'t>, node: Node<'t>, allowed: Allowed, path: PathSaid) -> Rule {
    let place = script.place(node);
    let origins = match allowed {
        Allowed::Nothing => Vec::new(),
        Allowed::Everything => vec![Said::new(OriginSaid::Reflected, &place)],
        Allowed::Some(origins) => origins,
    };
    let message = "a policy has one list of origins for handshakes and for requests: pages of these may also read what \
                   the path answers to GET";
    let advice = "Give the WebSocket a path of its own.";
    let remarks = vec![Said::new(remark(Class::Unreadable, About::Path, message, advice), &place)];
    Rule {
        what: WHAT,
        place: place.clone(),
        scope: Scope { methods: Some(vec!["GET".to_owned()]), preflights: false, ..Scope::of(path) },
        origins,
        methods: Names::default(),
        request_headers: Names::default(),
        exposed_headers: Names::default(),
        // Browsers send cookies with every handshake, and without credentials the server would not see them.
        credentials: Said::new(Some(true), &place),
        max_age: None,
        remarks,
        is_proposed: false,
    }
}
