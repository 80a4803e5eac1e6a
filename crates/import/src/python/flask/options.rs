//! The options of Flask-CORS: those of a resource before those of a call, before those of the application, before the
//! defaults.

use crate::expression::Compared;
use crate::model::{Names, OriginSaid, Rule};
use crate::place::{Place, Said};
use crate::python::options::{expression, forget, seconds, truth};
use crate::python::value::{Dict, Item, Value};
use crate::python::{gate, remark, unreadable};
use crate::report::{About, Class};

const METHODS: [&str; 7] = ["GET", "HEAD", "POST", "OPTIONS", "PUT", "PATCH", "DELETE"];
const HARMLESS: [&str; 8] = [
    "automatic_options",
    "intercept_exceptions",
    "always_send",
    "send_wildcard",
    "resources",
    "vary_header",
    "allow_private_network",
    "app",
];
const KNOWN: [&str; 6] =
    ["origins", "methods", "allow_headers", "expose_headers", "supports_credentials", "max_age"];

/// Options in layers, the weakest first.
#[derive(Clone, Debug)]
pub(super) struct Options {
    layers: Vec<Dict>,
}

/// Whether Flask-CORS takes a text for a regular expression.
pub(super) fn is_expression(text: &str) -> bool {
    text.contains(['*', '\\', ']', '?', '$', '^', '[', '(', ')'])
}

impl Options {
    pub(super) fn new(config: Dict, calls: Vec<Dict>) -> Self {
        Self { layers: core::iter::once(config).chain(calls).collect() }
    }

    pub(super) fn with(&self, more: Dict) -> Self {
        let mut options = self.clone();
        options.layers.push(more);
        options
    }

    /// An option; one that a stronger, unknown layer may set is unknown.
    pub(super) fn get(&self, name: &str) -> Option<&Item> {
        for layer in self.layers.iter().rev() {
            if let Some((_, item)) = layer.texts().filter(|(key, _)| *key == name).last() {
                return Some(item);
            }
            if layer.unknown.is_some() {
                return None;
            }
        }
        None
    }

    /// What may set options that are not given otherwise.
    pub(super) fn unknown(&self) -> Option<&(String, Place)> {
        self.layers.iter().rev().find_map(|layer| layer.unknown.as_ref())
    }

    fn get_or(&self, name: &str, place: &Place, default: Value) -> Item {
        match (self.get(name), self.unknown()) {
            (Some(item), _) => item.clone(),
            (None, Some((what, place))) => Item { value: Value::Unknown(what.clone()), place: place.clone() },
            (None, None) => Item { value: default, place: place.clone() },
        }
    }

    pub(super) fn fill(&self, rule: &mut Rule) {
        // An unknown part of a call may set any option, also one that is given before it.
        if let Some((what, place)) = self.layers.iter().skip(1).find_map(|layer| layer.unknown.clone()) {
            forget(rule, &what, &place);
            return;
        }
        let place = rule.place.clone();
        let or = |name, default| self.get_or(name, &place, default);
        rule.credentials = truth(&or("supports_credentials", Value::Bool(false)));
        self.origins(&or("origins", Value::Text("*".to_owned())), rule);
        let methods = or("methods", Value::List(METHODS.iter().map(|name| text(name, &place)).collect()));
        rule.methods = self::methods(&methods, rule);
        rule.request_headers = headers(&or("allow_headers", Value::Text("*".to_owned())));
        rule.exposed_headers = exposed(&or("expose_headers", Value::None));
        let age = or("max_age", Value::None);
        // An age of 0 is not sent.
        rule.max_age = (age.value.truth() != Some(false)).then(|| seconds(&age));
        self.others(rule);
        gate::close(rule);
    }

    fn origins(&self, item: &Item, rule: &mut Rule) {
        let one = [item.clone()];
        let items = match &item.value {
            Value::List(items) => items.as_slice(),
            _ => &one,
        };
        let is_all = |it: &Item| matches!(&it.value, Value::Text(text) if text == "*" || text == ".*");
        let place = rule.place.clone();
        let wildcard = self.get_or("send_wildcard", &place, Value::Bool(false)).value.truth();
        if let Some(all) = items.iter().find(|it| is_all(it)) {
            rule.origins = vec![match (wildcard, rule.credentials.value) {
                (Some(false), _) => Said::new(OriginSaid::Reflected, &all.place),
                (Some(true), Some(false)) => Said::new(OriginSaid::Any, &all.place),
                (Some(true), Some(true)) => unreadable(
                    "options with which the program does not start: credentials, `*` and `send_wildcard`",
                    &all.place,
                ),
                _ => unreadable("an option that is not known", &all.place),
            }];
            return;
        }
        for item in items {
            rule.origins.push(match &item.value {
                Value::Text(text) if is_expression(text) => {
                    Said::new(expression(text, true, Compared::FromStart), &item.place)
                }
                // Texts are compared without their case, and browsers send lower case.
                Value::Text(text) => Said::new(OriginSaid::Exact(text.to_ascii_lowercase()), &item.place),
                Value::Pattern { source, ignores_case } => {
                    Said::new(expression(source, *ignores_case, Compared::FromStart), &item.place)
                }
                other => unreadable(&other.noun(), &item.place),
            });
        }
    }

    /// The options that are not about origins, methods and headers.
    fn others(&self, rule: &mut Rule) {
        for (key, item) in self.layers.iter().flat_map(Dict::texts) {
            let said = match key {
                _ if KNOWN.contains(&key) => continue,
                "vary_header" if item.value.truth() != Some(true) => remark(
                    Class::Same,
                    About::Origins,
                    "the gateway sends `Vary: Origin` wherever it matters",
                    "",
                ),
                "allow_private_network" if item.value.truth() != Some(false) => remark(
                    Class::Stricter,
                    About::Preflights,
                    "requests to private networks are allowed there, which a policy does not say",
                    "",
                ),
                _ if HARMLESS.contains(&key) => continue,
                _ => remark(
                    Class::Unreadable,
                    About::Origins,
                    &format!(
                        "the option `{}` is not one of this library, which ignores it",
                        crate::shown::name(key)
                    ),
                    "Say in the policy what it was meant to do.",
                ),
            };
            rule.remarks.push(Said::new(said, &item.place));
        }
    }
}

fn text(name: &str, place: &Place) -> Item {
    Item { value: Value::Text(name.to_owned()), place: place.clone() }
}

/// The methods, in upper case. `*` is a name like any other here.
fn methods(item: &Item, rule: &mut Rule) -> Names {
    let one = [item.clone()];
    let items = match &item.value {
        Value::List(items) => items.as_slice(),
        _ => &one,
    };
    let mut names = Names::default();
    for item in items {
        match &item.value {
            Value::Text(text) => {
                names.listed.extend(Names::of_value(&text.to_ascii_uppercase(), &item.place).listed)
            }
            Value::None => {}
            other => names.unreadable.push(Said::new(other.noun(), &item.place)),
        }
        if matches!(&item.value, Value::Text(text) if text.contains('*')) {
            let message = "`*` is compared with the method letter by letter, so it allows none";
            let advice = "List the methods that are meant.";
            rule.remarks
                .push(Said::new(remark(Class::Stricter, About::Methods, message, advice), &item.place));
        }
    }
    names
}

/// The request headers: `*` allows what is asked for. A text with a comma is one name.
fn headers(item: &Item) -> Names {
    let one = [item.clone()];
    let items = match &item.value {
        Value::List(items) => items.as_slice(),
        _ => &one,
    };
    let is_all = |it: &&Item| matches!(&it.value, Value::Text(text) if text == "*" || text == ".*");
    if let Some(all) = items.iter().find(is_all) {
        return Names::asked(&all.place);
    }
    let mut names = Names::default();
    for item in items {
        match &item.value {
            Value::Text(text) if is_expression(text) => {
                names.unreadable.push(Said::new("a regular expression".to_owned(), &item.place));
            }
            Value::Text(text) => names.listed.push(Said::new(text.clone(), &item.place)),
            Value::None => {}
            other => names.unreadable.push(Said::new(other.noun(), &item.place)),
        }
    }
    names
}

fn exposed(item: &Item) -> Names {
    match &item.value {
        Value::None => Names::default(),
        Value::Text(text) => Names::of_value(text, &item.place),
        _ => crate::python::options::joined_names(item),
    }
}
