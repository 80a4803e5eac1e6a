//! Functions that run after each request and set headers: `@app.after_request`.

use core::ops::Range;

use tree_sitter::Node;

use crate::model::{Names, OriginSaid, Reading, Rule};
use crate::place::Said;
use crate::python::doubt::is_conditional;
use crate::python::evaluate::item;
use crate::python::headers::setters;
use crate::python::script::{Script, arguments, method};
use crate::python::unreadable;
use crate::python::value::Value;
use crate::response_headers::{HeaderSaid, rule};
use crate::syntax::children;

/// Reads the function of a file that sets headers, if there is one and it does nothing else.
pub(super) fn read(script: &Script<'_>, reading: &mut Reading) -> Vec<Range<usize>> {
    let functions: Vec<_> =
        script.decorated.iter().copied().filter(|it| is_after_request(script, *it)).collect();
    let [decorated] = functions.as_slice() else { return Vec::new() };
    let Some(body) =
        decorated.child_by_field_name("definition").and_then(|it| it.child_by_field_name("body"))
    else {
        return Vec::new();
    };
    // Only lines that set a header, and the end.
    let mut headers = Vec::new();
    let mut reflects = false;
    for statement in children(body) {
        let inner = statement.named_child(0);
        match (statement.kind(), inner) {
            ("return_statement", _) => break,
            ("expression_statement", Some(inner)) if inner.kind() == "string" => {}
            ("expression_statement", Some(inner)) => match set_by(script, inner) {
                Some((header, value)) => {
                    let is_origin = header.name.eq_ignore_ascii_case("access-control-allow-origin");
                    reflects |= is_origin && asks_origin(script, value);
                    headers.push(header);
                }
                None if setters(script).iter().any(|it| is_in(*it, inner)) => return Vec::new(),
                None => {}
            },
            _ => return Vec::new(),
        }
    }
    let is_twice = headers
        .iter()
        .any(|it| headers.iter().filter(|other| other.name.eq_ignore_ascii_case(&it.name)).count() > 1);
    // Headers that are set elsewhere as well are not this function's alone.
    let is_elsewhere = setters(script).iter().any(|it| !is_in(*it, *decorated));
    if is_twice || is_elsewhere || is_conditional(*decorated) {
        return Vec::new();
    }
    let place = script.place(*decorated);
    let Some(mut found) = rule("`after_request` of Flask", &headers, &place) else { return Vec::new() };
    // Flask answers OPTIONS of every route itself, with 200.
    found.remarks.clear();
    if reflects {
        let place = found.origins.first().map_or(&place, |it| &it.place).clone();
        found.origins = vec![Said::new(OriginSaid::Reflected, &place)];
    }
    reading.rules.push(found);
    vec![decorated.byte_range()]
}

/// `@app.after_request`.
fn is_after_request(script: &Script<'_>, decorated: Node<'_>) -> bool {
    children(decorated).iter().any(|it| {
        it.kind() == "decorator" && it.named_child(0).is_some_and(|it| script.text(it) == "app.after_request")
    })
}

fn is_in(node: Node<'_>, outer: Node<'_>) -> bool {
    node.start_byte() >= outer.start_byte() && node.end_byte() <= outer.end_byte()
}

/// The header that a statement sets, and its value.
fn set_by<'t>(script: &Script<'t>, statement: Node<'t>) -> Option<(HeaderSaid, Node<'t>)> {
    let (name, value) = match statement.kind() {
        "assignment" => {
            let left = statement.child_by_field_name("left")?;
            let object = left.child_by_field_name("value").map(|it| script.text(it))?;
            object.ends_with(".headers").then_some(())?;
            (left.child_by_field_name("subscript")?, statement.child_by_field_name("right")?)
        }
        "call" => {
            let (object, method) = method(script, statement)?;
            (script.text(object).ends_with(".headers") && matches!(method, "add" | "set")).then_some(())?;
            let given = arguments(statement);
            let [name, value] = given.as_slice() else { return None };
            (*name, *value)
        }
        _ => return None,
    };
    let Value::Text(name) = item(script, name).value else { return None };
    let read = item(script, value);
    let said = match read.value {
        Value::Text(text) => Ok(text),
        Value::Number(number) if number.fract() == 0.0 => Ok(format!("{number:.0}")),
        other => Err(other.noun()),
    };
    Some((HeaderSaid { name, value: Said::new(said, &read.place) }, value))
}

/// Whether a value is the `Origin` of the request.
fn asks_origin(script: &Script<'_>, value: Node<'_>) -> bool {
    let text = script.text(value);
    let of_request = ["request.headers.get(", "request.headers[", "request.environ.get("];
    of_request.iter().any(|begin| text.starts_with(begin)) && text.to_ascii_lowercase().contains("origin")
        || text == "request.origin"
}

/// What code of its own does to the headers that the library sets.
pub(super) fn mixed(script: &Script<'_>, rules: &mut [Rule]) {
    for setter in setters(script) {
        let name = script.text(setter).trim_matches(['"', '\'']).to_ascii_lowercase().replace('_', "-");
        let place = script.place(setter);
        let what = "the library and code of its own, of which one may replace the other";
        // What is added to a list only makes it longer.
        let statement = walk_up(setter);
        let is_added =
            statement.kind() == "call" && method(script, statement).is_some_and(|(_, it)| it == "add");
        for rule in rules.iter_mut() {
            match name.as_str() {
                "access-control-allow-origin" => rule.origins = vec![unreadable(what, &place)],
                "access-control-allow-credentials" if rule.credentials.value == Some(true) => {
                    rule.credentials = Said::new(None, &place);
                }
                _ if is_added => {}
                "access-control-allow-methods" => rule.methods = Names::unreadable(what.to_owned(), &place),
                "access-control-allow-headers" => {
                    rule.request_headers = Names::unreadable(what.to_owned(), &place)
                }
                "access-control-expose-headers" => {
                    rule.exposed_headers = Names::unreadable(what.to_owned(), &place)
                }
                _ => {}
            }
        }
    }
}

/// The call or assignment that a name of a header stands in.
fn walk_up(node: Node<'_>) -> Node<'_> {
    let mut node = node;
    while let Some(parent) = node.parent() {
        if matches!(parent.kind(), "call" | "assignment") {
            return parent;
        }
        node = parent;
    }
    node
}
