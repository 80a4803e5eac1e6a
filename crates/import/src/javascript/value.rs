//! What expressions stand for, as far as that can be known without running them.

use core::cell::Cell;

use tree_sitter::Node;

use crate::javascript::literal::{number, unescape};
use crate::javascript::script::Script;
use crate::place::Place;
use crate::syntax::children;

/// The deepest nesting that is read, and the most nodes in one value.
const MAX_DEPTH: usize = 24;
const MAX_NODES: usize = 400_000;
/// The longest text that is computed, in bytes.
const MAX_TEXT: usize = 65_536;

/// A value, with its node.
#[derive(Clone, Debug)]
pub(crate) struct Item<'t> {
    pub(crate) value: Value<'t>,
    pub(crate) node: Node<'t>,
    pub(crate) place: Place,
}

#[derive(Clone, Debug)]
pub(crate) enum Value<'t> {
    Text(String),
    Number(f64),
    Bool(bool),
    /// `null` or `undefined`.
    Nothing(Nothing),
    List(Vec<Item<'t>>),
    /// A `Set` of the items of a list.
    Set(Vec<Item<'t>>),
    Table(Table<'t>),
    Expression {
        source: String,
        flags: String,
    },
    Function(Node<'t>),
    /// What only running the program would tell, as a noun.
    Unknown(String),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Nothing {
    Null,
    Undefined,
}

/// An object. A key that stands twice has its last value.
#[derive(Clone, Debug, Default)]
pub(crate) struct Table<'t> {
    entries: Vec<(String, Item<'t>)>,
    /// Something else may set any key.
    pub(crate) unknown: Option<(String, Place)>,
}

impl<'t> Table<'t> {
    /// The value of a key. Keys that an unknown part may set are unknown.
    pub(crate) fn get(&self, key: &str) -> Option<&Item<'t>> {
        self.entries.iter().rev().find(|(name, _)| name == key).map(|(_, item)| item)
    }

    /// An object with one key.
    pub(crate) fn of(key: &str, item: Item<'t>) -> Self {
        Self { entries: vec![(key.to_owned(), item)], unknown: None }
    }

    /// The object with the keys of another put over its own.
    pub(crate) fn with(&self, other: &Self) -> Self {
        let entries = self.entries.iter().chain(&other.entries).cloned().collect();
        Self { entries, unknown: self.unknown.clone().or_else(|| other.unknown.clone()) }
    }

    pub(crate) fn keys(&self) -> impl Iterator<Item = (&str, &Item<'t>)> {
        self.entries.iter().map(|(key, item)| (key.as_str(), item))
    }
}

impl Value<'_> {
    /// Whether it counts as true; `None` if that cannot be known.
    pub(crate) fn truth(&self) -> Option<bool> {
        match self {
            Self::Text(text) => Some(!text.is_empty()),
            Self::Number(number) => Some(*number != 0.0 && !number.is_nan()),
            Self::Bool(bool) => Some(*bool),
            Self::Nothing(_) => Some(false),
            Self::Unknown(_) => None,
            _ => Some(true),
        }
    }

    /// The value as a noun.
    pub(crate) fn noun(&self) -> String {
        match self {
            Self::Text(_) => "a text",
            Self::Number(_) => "a number",
            Self::Bool(_) => "a boolean",
            Self::Nothing(_) => "nothing",
            Self::List(_) => "a list",
            Self::Set(_) => "a `Set`",
            Self::Table(_) => "an object",
            Self::Expression { .. } => "a regular expression",
            Self::Function(_) => "a callback",
            Self::Unknown(what) => what,
        }
        .to_owned()
    }
}

/// The value of an expression.
pub(crate) fn item<'t>(script: &Script<'t>, node: Node<'t>) -> Item<'t> {
    Reader { script, left: Cell::new(MAX_NODES) }.item(node, 0)
}

/// The text of an expression, if it is one.
pub(crate) fn text<'t>(script: &Script<'t>, node: Node<'t>) -> Option<String> {
    match item(script, node).value {
        Value::Text(text) => Some(text),
        _ => None,
    }
}

pub(super) struct Reader<'r, 't> {
    pub(super) script: &'r Script<'t>,
    left: Cell<usize>,
}

impl<'t> Reader<'_, 't> {
    pub(super) fn item(&self, node: Node<'t>, depth: usize) -> Item<'t> {
        let value = match self.left.get().checked_sub(1) {
            Some(left) if depth < MAX_DEPTH => {
                self.left.set(left);
                self.value(node, depth + 1)
            }
            _ => Value::Unknown("an expression that is nested too deeply".to_owned()),
        };
        Item { value, node, place: self.script.place(node) }
    }

    fn value(&self, node: Node<'t>, depth: usize) -> Value<'t> {
        let script = self.script;
        match node.kind() {
            "string" | "template_string" => self.text(node, depth),
            "number" => number(script.text(node)).map_or_else(|| unknown("a number"), Value::Number),
            "true" => Value::Bool(true),
            "false" => Value::Bool(false),
            "null" => Value::Nothing(Nothing::Null),
            "undefined" => Value::Nothing(Nothing::Undefined),
            "regex" => {
                let part = |field| node.child_by_field_name(field).map(|it| script.text(it).to_owned());
                Value::Expression {
                    source: part("pattern").unwrap_or_default(),
                    flags: part("flags").unwrap_or_default(),
                }
            }
            "array" => self.list(&children(node), depth),
            "object" => Value::Table(self.table(node, depth)),
            "arrow_function" | "function_expression" | "function_declaration" | "method_definition" => {
                Value::Function(node)
            }
            "parenthesized_expression" | "as_expression" | "satisfies_expression" | "non_null_expression" => {
                children(node)
                    .first()
                    .map_or_else(|| unknown("an expression"), |inner| self.value_at(*inner, depth))
            }
            "identifier" | "shorthand_property_identifier" => self.name(node, depth),
            "member_expression" | "subscript_expression" => self.member(node, depth),
            "binary_expression" => self.binary(node, depth),
            "unary_expression" => self.unary(node, depth),
            "call_expression" | "new_expression" => self.call(node, depth),
            "ternary_expression" => unknown("a condition"),
            "await_expression" => unknown("a promise"),
            _ if node.is_error() => unknown("a text that is not JavaScript"),
            _ => unknown("an expression"),
        }
    }

    pub(super) fn value_at(&self, node: Node<'t>, depth: usize) -> Value<'t> {
        self.item(node, depth).value
    }

    fn text(&self, node: Node<'t>, depth: usize) -> Value<'t> {
        let mut text = String::new();
        for part in children(node) {
            match part.kind() {
                "string_fragment" => text.push_str(self.script.text(part)),
                "escape_sequence" => unescape(self.script.text(part), &mut text),
                "template_substitution" => {
                    let inner = children(part).first().map(|inner| self.value_at(*inner, depth));
                    match inner {
                        Some(Value::Text(inner)) => text.push_str(&inner),
                        Some(Value::Number(inner)) => text.push_str(&inner.to_string()),
                        Some(other) => return unknown(&other.noun()),
                        None => return unknown("a template"),
                    }
                }
                _ => return unknown("a text that is not JavaScript"),
            }
        }
        if text.len() > MAX_TEXT {
            return unknown("a very long text");
        }
        // Templates of other programs are filled in before the text is used.
        match ["{{", "<%", "${", "%%"].iter().any(|mark| text.contains(mark)) {
            true => unknown("a template"),
            false => Value::Text(text),
        }
    }

    fn list(&self, parts: &[Node<'t>], depth: usize) -> Value<'t> {
        let mut items = Vec::new();
        for part in parts {
            if part.kind() != "spread_element" {
                items.push(self.item(*part, depth));
                continue;
            }
            let inner = children(*part).first().map(|inner| self.item(*inner, depth));
            match inner {
                Some(Item { value: Value::List(inner) | Value::Set(inner), .. }) => items.extend(inner),
                Some(other) => items.push(Item { value: Value::Unknown(other.value.noun()), ..other }),
                None => {}
            }
        }
        Value::List(items)
    }

    fn table(&self, node: Node<'t>, depth: usize) -> Table<'t> {
        let mut table = Table::default();
        if node.has_error() {
            table.unknown = Some(("a text that is not JavaScript".to_owned(), self.script.place(node)));
        }
        for part in children(node) {
            match part.kind() {
                "pair" => {
                    let key = part.child_by_field_name("key");
                    let name = key.and_then(|key| match key.kind() {
                        "property_identifier" => Some(self.script.text(key).to_owned()),
                        "computed_property_name" => match self.value_at(*children(key).first()?, depth) {
                            Value::Text(name) => Some(name),
                            _ => None,
                        },
                        _ => match self.value_at(key, depth) {
                            Value::Text(name) => Some(name),
                            _ => None,
                        },
                    });
                    let value = part.child_by_field_name("value").map(|value| self.item(value, depth));
                    match (name, value) {
                        (Some(name), Some(value)) => table.entries.push((name, value)),
                        _ => table.unknown = Some(("a computed key".to_owned(), self.script.place(part))),
                    }
                }
                "shorthand_property_identifier" => {
                    table.entries.push((self.script.text(part).to_owned(), self.item(part, depth)));
                }
                "method_definition" => {
                    let name = part.child_by_field_name("name").map(|name| self.script.text(name).to_owned());
                    let is_getter = self.script.text(part).starts_with("get ");
                    let value = match is_getter {
                        true => unknown("a getter"),
                        false => Value::Function(part),
                    };
                    let item = Item { value, node: part, place: self.script.place(part) };
                    table.entries.extend(name.map(|name| (name, item)));
                }
                "spread_element" => match children(part).first().map(|inner| self.value_at(*inner, depth)) {
                    Some(Value::Table(inner)) => {
                        table.entries.extend(inner.entries);
                        table.unknown = table.unknown.or(inner.unknown);
                    }
                    Some(Value::Nothing(_)) => {}
                    other => {
                        let what = other.map_or_else(|| "an expression".to_owned(), |it| it.noun());
                        table.unknown = Some((what, self.script.place(part)));
                    }
                },
                _ => {
                    table.unknown =
                        Some(("a text that is not JavaScript".to_owned(), self.script.place(part)))
                }
            }
        }
        table
    }

    fn name(&self, node: Node<'t>, depth: usize) -> Value<'t> {
        let name = self.script.text(node);
        if name == "undefined" {
            return Value::Nothing(Nothing::Undefined);
        }
        match self.script.binding(name) {
            Some(bound) if bound.kind() == "variable_declarator" => {
                match bound.child_by_field_name("value") {
                    Some(value) => self.value_at(value, depth),
                    None => unknown(&format!("the variable `{}`", crate::shown::name(name))),
                }
            }
            Some(bound) if bound.kind() == "function_declaration" => Value::Function(bound),
            _ => unknown(&format!("the variable `{}`", crate::shown::name(name))),
        }
    }

    fn member(&self, node: Node<'t>, depth: usize) -> Value<'t> {
        let script = self.script;
        let Some(object) = node.child_by_field_name("object") else { return unknown("an expression") };
        let key = match (node.child_by_field_name("property"), node.child_by_field_name("index")) {
            (Some(property), _) => Some(script.text(property).to_owned()),
            (None, Some(index)) => match self.value_at(index, depth) {
                Value::Text(text) => Some(text),
                Value::Number(number) => Some(number.to_string()),
                _ => None,
            },
            _ => None,
        };
        let is_environment =
            matches!(script.text(object), "process.env" | "import.meta.env" | "Bun.env" | "c.env" | "env");
        if is_environment {
            let name = key.as_deref().map(crate::shown::name).unwrap_or_default();
            return unknown(&format!("the environment variable `{name}`"));
        }
        match (self.value_at(object, depth), key) {
            (Value::Table(table), Some(key)) if table.unknown.is_none() => match table.get(&key) {
                Some(item) => item.value.clone(),
                None => Value::Nothing(Nothing::Undefined),
            },
            (Value::List(items), Some(key)) => {
                let known = items.iter().all(|item| !matches!(item.value, Value::Unknown(_)));
                let item = key.parse::<usize>().ok().and_then(|at| items.get(at)).filter(|_| known);
                item.map_or_else(|| unknown("an expression"), |item| item.value.clone())
            }
            (Value::Unknown(what), _) => Value::Unknown(what),
            _ => unknown("an expression"),
        }
    }

    fn binary(&self, node: Node<'t>, depth: usize) -> Value<'t> {
        let part = |field| node.child_by_field_name(field);
        let (Some(left), Some(operator), Some(right)) = (part("left"), part("operator"), part("right"))
        else {
            return unknown("an expression");
        };
        let operator = self.script.text(operator);
        let (left, right) = (self.value_at(left, depth), self.value_at(right, depth));
        match (left, operator, right) {
            (Value::Text(left), "+", Value::Text(right)) if left.len() + right.len() <= MAX_TEXT => {
                Value::Text(left + &right)
            }
            (Value::Text(left), "+", Value::Number(right)) => Value::Text(format!("{left}{right}")),
            (Value::Number(left), "+", Value::Number(right)) => Value::Number(left + right),
            (Value::Number(left), "-", Value::Number(right)) => Value::Number(left - right),
            (Value::Number(left), "*", Value::Number(right)) => Value::Number(left * right),
            (Value::Number(left), "/", Value::Number(right)) => Value::Number(left / right),
            (Value::Unknown(what), _, _) | (_, _, Value::Unknown(what)) => Value::Unknown(what),
            _ => unknown("an expression"),
        }
    }

    fn unary(&self, node: Node<'t>, depth: usize) -> Value<'t> {
        let operator = node.child_by_field_name("operator").map(|it| self.script.text(it));
        let argument = node.child_by_field_name("argument").map(|it| self.value_at(it, depth));
        match (operator, argument) {
            (Some("!"), Some(value)) => {
                value.truth().map_or_else(|| unknown(&value.noun()), |truth| Value::Bool(!truth))
            }
            (Some("-"), Some(Value::Number(number))) => Value::Number(-number),
            (Some("void"), _) => Value::Nothing(Nothing::Undefined),
            (_, Some(Value::Unknown(what))) => Value::Unknown(what),
            _ => unknown("an expression"),
        }
    }
}

pub(super) fn unknown<'t>(what: &str) -> Value<'t> {
    Value::Unknown(what.to_owned())
}
