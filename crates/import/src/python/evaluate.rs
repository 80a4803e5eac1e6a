//! Expressions, as far as their values can be known without running them.

use core::cell::Cell;

use tree_sitter::Node;

use crate::python::calls::environment;
use crate::python::classes::attributes;
use crate::python::defaults::builtin;
use crate::python::script::{Script, arguments};
use crate::python::text::unescaped;
use crate::python::value::{Dict, Item, Value, bounded, unknown};
use crate::syntax::children;

/// The deepest nesting that is read, and the most nodes in one value.
const MAX_DEPTH: usize = 24;
const MAX_NODES: usize = 400_000;

/// The value of an expression.
pub(super) fn item<'t>(script: &Script<'t>, node: Node<'t>) -> Item {
    Reader { script, left: Cell::new(MAX_NODES) }.item(node, 0)
}

/// The keyword arguments of a call, and what comes with `**`.
pub(super) fn keywords<'t>(script: &Script<'t>, call: Node<'t>) -> Dict {
    Reader { script, left: Cell::new(MAX_NODES) }.keywords(call, 0)
}

pub(super) struct Reader<'r, 't> {
    pub(super) script: &'r Script<'t>,
    left: Cell<usize>,
}

impl<'t> Reader<'_, 't> {
    pub(super) fn item(&self, node: Node<'t>, depth: usize) -> Item {
        let value = match self.left.get().checked_sub(1) {
            Some(left) if depth < MAX_DEPTH => {
                self.left.set(left);
                self.value(node, depth + 1)
            }
            _ => unknown("an expression that is nested too deeply"),
        };
        Item { value, place: self.script.place(node) }
    }

    fn value(&self, node: Node<'t>, depth: usize) -> Value {
        let script = self.script;
        if node.is_error() || node.is_missing() {
            return unknown("a text that is not Python");
        }
        let first =
            || node.named_child(0).map_or_else(|| unknown("an expression"), |it| self.value_at(it, depth));
        match node.kind() {
            "string" => self.text(node, depth),
            "concatenated_string" => {
                let parts: Vec<_> = children(node).into_iter().map(|it| self.value_at(it, depth)).collect();
                parts.into_iter().fold(Value::Text(String::new()), |before, part| match (before, part) {
                    (Value::Text(before), Value::Text(part)) => bounded(before + &part),
                    (Value::Unknown(what), _) | (_, Value::Unknown(what)) => Value::Unknown(what),
                    _ => unknown("an expression"),
                })
            }
            "integer" | "float" => {
                number(script.text(node)).map_or_else(|| unknown("a number"), Value::Number)
            }
            "true" => Value::Bool(true),
            "false" => Value::Bool(false),
            "none" => Value::None,
            "list" | "tuple" | "set" | "expression_list" => self.list(node, depth),
            "dictionary" => Value::Dict(self.dict(node, depth)),
            "parenthesized_expression" => first(),
            "identifier" => self.name(node, depth),
            "attribute" | "subscript" => self.member(node, depth),
            "binary_operator" => self.binary(node, depth),
            "not_operator" => match first().truth() {
                Some(truth) => Value::Bool(!truth),
                None => unknown("a condition"),
            },
            "unary_operator" if script.text(node).starts_with('-') => match first() {
                Value::Number(number) => Value::Number(-number),
                _ => unknown("an expression"),
            },
            "call" => self.call(node, depth),
            "conditional_expression" | "boolean_operator" | "comparison_operator" => {
                match self.unknown_in(node, depth) {
                    Some(what) => Value::Unknown(what),
                    None => unknown("a condition"),
                }
            }
            "list_comprehension" | "generator_expression" => self.comprehension(node, depth),
            "lambda" => unknown("a function"),
            _ => unknown("an expression"),
        }
    }

    pub(super) fn value_at(&self, node: Node<'t>, depth: usize) -> Value {
        self.item(node, depth).value
    }

    /// The environment variable that a condition is about, if it is.
    fn unknown_in(&self, node: Node<'t>, depth: usize) -> Option<String> {
        children(node).into_iter().find_map(|it| match self.value_at(it, depth) {
            Value::Unknown(what) if what.starts_with("the environment") => Some(what),
            _ => None,
        })
    }

    fn text(&self, node: Node<'t>, depth: usize) -> Value {
        let script = self.script;
        if node.has_error() {
            return unknown("a text that is not Python");
        }
        let mut text = String::new();
        let prefix = node.child(0).map(|it| self.script.text(it).to_ascii_lowercase()).unwrap_or_default();
        if prefix.contains('b') {
            return unknown("bytes");
        }
        if prefix.starts_with('t') {
            return unknown("a template");
        }
        for part in children(node) {
            match part.kind() {
                "string_start" | "string_end" => {}
                "string_content" => {
                    let content = self.script.text(part);
                    let plain =
                        if prefix.contains('r') { Some(content.to_owned()) } else { unescaped(content) };
                    let Some(plain) = plain else { return unknown("a text with an escape that is not read") };
                    // In the text of a format, two braces are one.
                    match prefix.contains('f') {
                        true => text.push_str(&plain.replace("{{", "{").replace("}}", "}")),
                        false => text.push_str(&plain),
                    }
                }
                "interpolation" => {
                    // `{name!r}`, `{name:>10}` and `{name=}` are more than the value.
                    let inner = script.text(part).trim_start_matches('{').trim_end_matches('}').trim();
                    let has_format =
                        part.child_by_field_name("expression").map(|it| script.text(it)) != Some(inner);
                    match part.child_by_field_name("expression").map(|it| self.value_at(it, depth)) {
                        Some(Value::Text(inner)) if !has_format => text.push_str(&inner),
                        Some(Value::Number(inner)) if !has_format && inner.fract() == 0.0 => {
                            text.push_str(&inner.to_string());
                        }
                        Some(Value::Unknown(what)) => return Value::Unknown(what),
                        _ => return unknown("a template"),
                    }
                }
                _ => return unknown("a text that is not Python"),
            }
        }
        // Templates of other programs are filled in before the text is used.
        match !prefix.contains('f') && ["{{", "{%", "<%", "${"].iter().any(|mark| text.contains(mark)) {
            true => unknown("a template"),
            false => bounded(text),
        }
    }

    fn list(&self, node: Node<'t>, depth: usize) -> Value {
        let mut items = Vec::new();
        for part in children(node) {
            if part.kind() != "list_splat" {
                items.push(self.item(part, depth));
                continue;
            }
            let Some(inner) = part.named_child(0).map(|inner| self.item(inner, depth)) else { continue };
            match inner.value {
                Value::List(inner) => items.extend(inner),
                // The keys.
                Value::Dict(Dict { entries, unknown: None }) => {
                    items.extend(entries.into_iter().map(|(key, _)| key))
                }
                other => items.push(Item { value: Value::Unknown(other.noun()), place: inner.place }),
            }
        }
        Value::List(items)
    }

    fn dict(&self, node: Node<'t>, depth: usize) -> Dict {
        let mut dict = Dict::default();
        if node.has_error() {
            dict.unknown = Some(("a text that is not Python".to_owned(), self.script.place(node)));
        }
        for part in children(node) {
            match part.kind() {
                "pair" => {
                    let field = |name| part.child_by_field_name(name).map(|it| self.item(it, depth));
                    match (field("key"), field("value")) {
                        (Some(Item { value: Value::Unknown(what), place }), _) => {
                            dict.unknown = Some((what, place))
                        }
                        (Some(key), Some(value)) => dict.entries.push((key, value)),
                        _ => {}
                    }
                }
                _ => self.splat(&mut dict, part, depth),
            }
        }
        dict
    }

    /// `**options` in a dictionary or a call.
    fn splat(&self, dict: &mut Dict, part: Node<'t>, depth: usize) {
        match part.named_child(0).map(|inner| self.value_at(inner, depth)) {
            Some(Value::Dict(inner)) if part.kind() == "dictionary_splat" => {
                dict.entries.extend(inner.entries);
                dict.unknown = dict.unknown.take().or(inner.unknown);
            }
            other => {
                let what = other.map_or_else(|| "an expression".to_owned(), |it| it.noun());
                dict.unknown = Some((what, self.script.place(part)));
            }
        }
    }

    pub(super) fn keywords(&self, call: Node<'t>, depth: usize) -> Dict {
        let mut dict = Dict::default();
        if call.has_error() {
            dict.unknown = Some(("a text that is not Python".to_owned(), self.script.place(call)));
        }
        for argument in arguments(call) {
            match (
                argument.kind(),
                argument.child_by_field_name("name"),
                argument.child_by_field_name("value"),
            ) {
                ("keyword_argument", Some(name), Some(value)) => {
                    let key = Value::Text(self.script.text(name).to_owned());
                    let key = Item { value: key, place: self.script.place(argument) };
                    dict.entries.push((key, self.item(value, depth)));
                }
                ("dictionary_splat", ..) => self.splat(&mut dict, argument, depth),
                ("list_splat", ..) => {
                    dict.unknown = Some(("arguments in a list".to_owned(), self.script.place(argument)));
                }
                _ => {}
            }
        }
        dict
    }

    fn name(&self, node: Node<'t>, depth: usize) -> Value {
        let name = self.script.text(node);
        if let Some(value) = builtin(self.script, name, &self.script.place(node)) {
            return value;
        }
        let bound = self.script.binding(name).filter(|it| it.kind() == "assignment");
        match bound.and_then(|it| it.child_by_field_name("right")) {
            Some(value) => self.value_at(value, depth),
            None => unknown(&format!("the variable `{}`", crate::shown::name(name))),
        }
    }

    fn member(&self, node: Node<'t>, depth: usize) -> Value {
        let script = self.script;
        let object = node.child_by_field_name("object").or_else(|| node.child_by_field_name("value"));
        let Some(object) = object else { return unknown("an expression") };
        let key = node.child_by_field_name("attribute").map(|it| script.text(it).to_owned());
        let index = node.child_by_field_name("subscript").map(|it| self.value_at(it, depth));
        if script.text(object) == "os.environ" || script.text(object) == "environ" {
            return match index {
                Some(Value::Text(name)) => environment(&name),
                _ => unknown("an environment variable"),
            };
        }
        // An attribute of a class of this file.
        if let Some(key) = &key
            && let Some(class) =
                script.binding(script.text(object)).filter(|it| it.kind() == "class_definition")
        {
            let (found, unknown_base) = attributes(script, class, 0);
            return match found.iter().rev().find(|(name, ..)| name == key) {
                Some((_, value, false)) if unknown_base.is_none() => self.value_at(*value, depth),
                _ => unknown(&format!("the attribute `{}`", crate::shown::name(key))),
            };
        }
        match (self.value_at(object, depth), key, index) {
            (Value::Dict(dict), None, Some(Value::Text(key))) if dict.unknown.is_none() => {
                let found = dict.texts().filter(|(name, _)| *name == key).last();
                found.map_or_else(|| unknown("an expression"), |(_, item)| item.value.clone())
            }
            (Value::List(items), None, Some(Value::Number(at))) => {
                let known = items.iter().all(|item| !matches!(item.value, Value::Unknown(_)));
                let found =
                    items.iter().enumerate().find(|(index, _)| known && format!("{at}") == index.to_string());
                found.map_or_else(|| unknown("an expression"), |(_, item)| item.value.clone())
            }
            (Value::Unknown(what), None, _) => Value::Unknown(what),
            (_, Some(key), _) => unknown(&format!("the attribute `{}`", crate::shown::name(&key))),
            _ => unknown("an expression"),
        }
    }

    fn binary(&self, node: Node<'t>, depth: usize) -> Value {
        let part = |field| node.child_by_field_name(field);
        let (Some(left), Some(operator), Some(right)) = (part("left"), part("operator"), part("right"))
        else {
            return unknown("an expression");
        };
        let operator = self.script.text(operator);
        match (self.value_at(left, depth), operator, self.value_at(right, depth)) {
            (Value::Text(left), "+", Value::Text(right)) => bounded(left + &right),
            (Value::Number(left), "+", Value::Number(right)) => Value::Number(left + right),
            (Value::Number(left), "-", Value::Number(right)) => Value::Number(left - right),
            (Value::Number(left), "*", Value::Number(right)) => Value::Number(left * right),
            (Value::List(mut left), "+" | "|", Value::List(right)) => {
                left.extend(right);
                Value::List(left)
            }
            // What is known of a list is kept: the rest is one unknown element.
            (Value::List(mut left), "+", Value::Unknown(what)) => {
                left.push(Item { value: Value::Unknown(what), place: self.script.place(right) });
                Value::List(left)
            }
            (Value::Unknown(what), "+", Value::List(right)) => {
                let mut all = vec![Item { value: Value::Unknown(what), place: self.script.place(left) }];
                all.extend(right);
                Value::List(all)
            }
            (Value::Dict(mut left), "|", Value::Dict(right)) => {
                left.entries.extend(right.entries);
                left.unknown = left.unknown.take().or(right.unknown);
                Value::Dict(left)
            }
            (Value::Unknown(what), _, _) | (_, _, Value::Unknown(what)) => Value::Unknown(what),
            _ => unknown("an expression"),
        }
    }
}

/// A number (docs.python.org, Numeric literals).
fn number(text: &str) -> Option<f64> {
    let text = text.replace('_', "").to_ascii_lowercase();
    let whole = |digits: &str, base| u32::from_str_radix(digits, base).ok().map(f64::from);
    match text.get(..2) {
        Some("0x") => whole(text.get(2..)?, 16),
        Some("0b") => whole(text.get(2..)?, 2),
        Some("0o") => whole(text.get(2..)?, 8),
        _ => text.parse().ok(),
    }
}
