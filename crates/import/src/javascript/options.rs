//! Readings of values that the options of several libraries share.

use tree_sitter::Node;

use crate::expression::Expression;
use crate::javascript::library::remark;
use crate::javascript::script::Script;
use crate::javascript::value::{Item, Value};
use crate::model::{Names, OriginSaid, Reading};
use crate::place::Said;
use crate::report::{About, Class};
use crate::syntax::children;

/// A list of names: an array, or one text with commas.
pub(super) fn names(item: &Item<'_>) -> Names {
    match &item.value {
        Value::Text(text) => Names::of_value(text, &item.place),
        Value::List(items) => {
            let mut names = Names::default();
            for item in items {
                match &item.value {
                    // The elements are joined with commas.
                    Value::Text(text) => {
                        let own = Names::of_value(text, &item.place);
                        names.listed.extend(own.listed);
                        names.all = names.all.or(own.all);
                    }
                    other => names.unreadable.push(Said::new(other.noun(), &item.place)),
                }
            }
            names
        }
        other => Names::unreadable(other.noun(), &item.place),
    }
}

/// A regular expression.
pub(super) fn expression(source: &str, flags: &str) -> OriginSaid {
    match Expression::javascript(source, flags) {
        Ok(expression) => OriginSaid::Matching(expression),
        Err(why) => OriginSaid::Unreadable(format!("a regular expression with {why}")),
    }
}

/// The seconds of `maxAge`, written as a number or as text.
pub(super) fn max_age(item: &Item<'_>) -> Said<Result<i64, String>> {
    let value = match &item.value {
        Value::Number(number) if number.fract() == 0.0 && number.abs() < 1e15 => {
            // Whole, and small enough.
            format!("{number:.0}").parse().map_err(|_| "a number".to_owned())
        }
        Value::Text(text) => text.trim().parse().map_err(|_| "a text that is no number".to_owned()),
        other => Err(other.noun()),
    };
    Said::new(value, &item.place)
}

/// Names the options `cors: { origin: … }` of libraries that are not read, such as Socket.IO.
pub(super) fn of_other_libraries(script: &Script<'_>, reading: &mut Reading) {
    let has_nest = script.text.contains("NestFactory.create");
    for object in &script.objects {
        for pair in children(*object) {
            let is_cors = pair
                .child_by_field_name("key")
                .is_some_and(|key| script.text(key).trim_matches(['"', '\'']) == "cors");
            let Some(value) = pair.child_by_field_name("value").filter(|_| is_cors) else { continue };
            let value = script.resolved(value);
            let has_origin = value.kind() == "object" && script.keys(value).any(|key| key == "origin");
            if !has_origin || has_nest && is_of_nest(*object) || is_of_fastify(script, *object) {
                continue;
            }
            let message = "the option `cors` of a library that is not read";
            let advice = "Write a route for the requests that it is for.";
            let hole = remark(Class::Unreadable, About::Origins, message, advice);
            reading.holes.push(Said::new(hole, &script.place(pair)));
        }
    }
}

/// Whether `calls` reads the options: those of `NestFactory.create`. A decorator of NestJS has its own.
fn is_of_nest(object: Node<'_>) -> bool {
    let mut parents = core::iter::successors(object.parent(), |node| node.parent());
    !parents.any(|it| it.kind() == "decorator")
}

/// `config: { cors: { … } }` of a route, which `fastify` reads.
fn is_of_fastify(script: &Script<'_>, object: Node<'_>) -> bool {
    let key = object.parent().and_then(|pair| pair.child_by_field_name("key"));
    key.is_some_and(|key| script.text(key).trim_matches(['"', '\'']) == "config")
}
