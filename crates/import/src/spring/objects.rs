//! Objects with setters: what a `CorsConfiguration`, or a registration of a `CorsRegistry`, is in the end.

use core::cell::Cell;

use tree_sitter::Node;

use crate::java::{Item, Program, Value, item};
use crate::place::Said;
use crate::spring::annotations::{entries, max_age};
use crate::spring::configuration::{Configuration, List};
use crate::spring::is_conditional;
use crate::syntax::{arguments, children};

/// How deep methods, copies and variables are followed.
const MAX_DEPTH: usize = 16;
/// How many calls are looked at in one file.
const MAX_CALLS: usize = 100_000;

pub(super) struct Objects<'r, 't> {
    pub(super) program: &'r Program<'t>,
    left: Cell<usize>,
}

/// The lists that setters set, and those that they add to.
const SETTERS: [(&str, List, bool); 15] = [
    ("setAllowedOrigins", List::Origins, false),
    ("addAllowedOrigin", List::Origins, true),
    ("setAllowedOriginPatterns", List::OriginPatterns, false),
    ("addAllowedOriginPattern", List::OriginPatterns, true),
    ("setAllowedMethods", List::Methods, false),
    ("addAllowedMethod", List::Methods, true),
    ("setAllowedHeaders", List::RequestHeaders, false),
    ("addAllowedHeader", List::RequestHeaders, true),
    ("setExposedHeaders", List::ExposedHeaders, false),
    ("addExposedHeader", List::ExposedHeaders, true),
    ("allowedOrigins", List::Origins, false),
    ("allowedOriginPatterns", List::OriginPatterns, false),
    ("allowedMethods", List::Methods, false),
    ("allowedHeaders", List::RequestHeaders, false),
    ("exposedHeaders", List::ExposedHeaders, false),
];

impl<'r, 't> Objects<'r, 't> {
    pub(super) fn new(program: &'r Program<'t>) -> Self {
        Self { program, left: Cell::new(MAX_CALLS) }
    }

    /// The configuration that an expression is; `None` if it is something else. `made` gets the expressions that create
    /// one.
    pub(super) fn configuration(&self, node: Node<'t>, made: &mut Vec<usize>) -> Option<Configuration> {
        self.read(node, made, 0)
    }

    fn read(&self, node: Node<'t>, made: &mut Vec<usize>, depth: usize) -> Option<Configuration> {
        let left = self.left.get().checked_sub(1).filter(|_| depth < MAX_DEPTH)?;
        self.left.set(left);
        let program = self.program;
        match node.kind() {
            "parenthesized_expression" => self.read(*children(node).first()?, made, depth + 1),
            "cast_expression" => self.read(node.child_by_field_name("value")?, made, depth + 1),
            "object_creation_expression" => self.created(node, made, depth),
            "identifier" => {
                let (value, calls) = program.variable(node)?;
                let mut configuration = self.read(value, made, depth + 1)?;
                self.called(&calls, &mut configuration);
                Some(configuration)
            }
            "method_invocation" => {
                let (name, object) = (program.method(node), node.child_by_field_name("object"));
                let own = object.is_none_or(|it| it.kind() == "this");
                if own {
                    return self.read(self.returned(name)?, made, depth + 1);
                }
                let mut configuration = self.read(object?, made, depth + 1)?;
                self.take(node, &mut configuration);
                Some(configuration)
            }
            _ => None,
        }
    }

    fn created(&self, node: Node<'t>, made: &mut Vec<usize>, depth: usize) -> Option<Configuration> {
        let name = node.child_by_field_name("type").map(|it| self.program.simple_name(it))?;
        if name != "CorsConfiguration" {
            return None;
        }
        made.push(node.start_byte());
        let place = self.program.place(node);
        let mut configuration = match arguments(node).first() {
            None => Configuration::default(),
            Some(other) => self.read(*other, made, depth + 1).unwrap_or_else(|| {
                let mut lost = Configuration::default();
                lost.lose("another configuration", &place);
                lost
            }),
        };
        if children(node).iter().any(|it| it.kind() == "class_body") {
            configuration.lose("a class of its own", &place);
        }
        Some(configuration)
    }

    /// What a method of this file returns, if it returns one thing.
    fn returned(&self, name: &str) -> Option<Node<'t>> {
        let methods = self.program.methods.get(name)?;
        let [method] = methods.as_slice() else { return None };
        let inside =
            |it: &&Node<'t>| it.start_byte() >= method.start_byte() && it.end_byte() <= method.end_byte();
        let mut returns = self.program.returns.iter().filter(inside);
        let only = returns.next().filter(|it| returns.next().is_none() && !is_conditional(**it))?;
        children(*only).first().copied()
    }

    /// Calls on a variable, one after another.
    pub(super) fn called(&self, calls: &[Node<'t>], configuration: &mut Configuration) {
        for call in calls {
            let Some(left) = self.left.get().checked_sub(1) else {
                return configuration.lose("very many calls", &self.program.place(*call));
            };
            self.left.set(left);
            let mut call = *call;
            loop {
                self.take(call, configuration);
                match call.parent().filter(|it| it.kind() == "method_invocation") {
                    Some(outer) if outer.child_by_field_name("object") == Some(call) => call = outer,
                    _ => break,
                }
            }
        }
    }

    /// One call of a method.
    pub(super) fn take(&self, call: Node<'t>, configuration: &mut Configuration) {
        let program = self.program;
        let name = program.method(call);
        let given = || arguments(call).into_iter().map(|it| item(program, it)).collect::<Vec<_>>();
        let place = program.place(call);
        if name.starts_with("get") || name.starts_with("check") || name.starts_with("validate") {
            return;
        }
        let is_conditional = is_conditional(call);
        if let Some((_, list, adds)) = SETTERS.iter().find(|(setter, ..)| *setter == name) {
            if is_conditional {
                // It may have been set or not: what was there before cannot be relied on, either.
                configuration.set(*list, vec![Said::new(Err("a condition or a loop".to_owned()), &place)]);
                return;
            }
            let entries = listed(&given());
            match adds {
                true => entries.into_iter().for_each(|entry| configuration.add(*list, entry)),
                false => configuration.set(*list, entries),
            }
            return;
        }
        match name {
            "setAllowCredentials" | "allowCredentials" => {
                let value = match given().first().map(|it| it.value.clone()) {
                    _ if is_conditional => None,
                    Some(Value::Bool(value)) => Some(value),
                    Some(Value::Null) => Some(false),
                    _ => None,
                };
                configuration.set_credentials(Said::new(value, &place));
            }
            "setMaxAge" | "maxAge" => match given().first() {
                Some(value) if !is_conditional => configuration.set_max_age(max_age(value)),
                _ => configuration.set_max_age(Said::new(Err("a condition".to_owned()), &place)),
            },
            "applyPermitDefaultValues" if !is_conditional => configuration.permit_defaults(&place),
            "allowPrivateNetwork" | "setAllowPrivateNetwork" => {}
            _ => configuration.lose(&format!("a call of `{}`", crate::shown::name(name)), &place),
        }
    }
}

/// The arguments of a setter as the entries of a list.
fn listed(given: &[Item]) -> Vec<Said<Result<String, String>>> {
    given.iter().flat_map(entries).collect()
}
