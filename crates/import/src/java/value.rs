//! What expressions stand for, as far as that can be known without running them.

use core::cell::Cell;

use tree_sitter::Node;

use crate::java::literal::{number, unescape};
use crate::java::program::Program;
use crate::java::scope::Meaning;
use crate::place::Place;
use crate::syntax::{arguments, children};

/// The deepest nesting that is read, and the most nodes in one value.
const MAX_DEPTH: usize = 24;
const MAX_NODES: usize = 100_000;
/// The longest text that is computed, in bytes.
const MAX_TEXT: usize = 65_536;

/// A value, with its place.
#[derive(Clone, Debug)]
pub(crate) struct Item {
    pub(crate) value: Value,
    pub(crate) place: Place,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Value {
    Text(String),
    Number(i64),
    Bool(bool),
    Null,
    List(Vec<Item>),
    /// What only running the program would tell, as a noun.
    Unknown(String),
}

impl PartialEq for Item {
    fn eq(&self, other: &Self) -> bool {
        self.value == other.value
    }
}

impl Value {
    /// The value as a noun.
    pub(crate) fn noun(&self) -> String {
        match self {
            Self::Text(_) => "a text",
            Self::Number(_) => "a number",
            Self::Bool(_) => "a boolean",
            Self::Null => "`null`",
            Self::List(_) => "a list",
            Self::Unknown(what) => what,
        }
        .to_owned()
    }
}

/// The value of an expression.
pub(crate) fn item<'t>(program: &Program<'t>, node: Node<'t>) -> Item {
    Reader { program, left: Cell::new(MAX_NODES) }.item(node, 0)
}

struct Reader<'r, 't> {
    program: &'r Program<'t>,
    left: Cell<usize>,
}

/// Calls that make a list of their arguments, or of the list that is their only argument.
const LISTS: [&str; 16] = [
    "List.of",
    "Set.of",
    "Arrays.asList",
    "Stream.of",
    "Collections.singletonList",
    "Collections.singleton",
    "Collections.emptyList",
    "Collections.emptySet",
    "Collections.unmodifiableList",
    "List.copyOf",
    "Set.copyOf",
    "ImmutableList.of",
    "ImmutableSet.of",
    "ImmutableList.copyOf",
    "Lists.newArrayList",
    "Sets.newHashSet",
];

/// Methods of Spring's and Java's own types of methods.
const METHODS: [&str; 8] = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"];

impl<'t> Reader<'_, 't> {
    fn item(&self, node: Node<'t>, depth: usize) -> Item {
        let value = match self.left.get().checked_sub(1) {
            Some(left) if depth < MAX_DEPTH => {
                self.left.set(left);
                self.value(node, depth + 1)
            }
            _ => unknown("an expression that is nested too deeply"),
        };
        Item { value, place: self.program.place(node) }
    }

    fn value(&self, node: Node<'t>, depth: usize) -> Value {
        let program = self.program;
        let text = program.text(node);
        match node.kind() {
            "string_literal" => self.text(node),
            "decimal_integer_literal" | "hex_integer_literal" | "binary_integer_literal" => match text {
                "0" | "0L" | "0l" => Value::Number(0),
                _ => number(text).map_or_else(|| unknown("a number"), Value::Number),
            },
            "true" => Value::Bool(true),
            "false" => Value::Bool(false),
            "null_literal" => Value::Null,
            "parenthesized_expression" => self.inner(children(node).first().copied(), depth),
            "cast_expression" => self.inner(node.child_by_field_name("value"), depth),
            "array_initializer" | "element_value_array_initializer" => {
                Value::List(children(node).into_iter().map(|it| self.item(it, depth)).collect())
            }
            "array_creation_expression" => self.inner(node.child_by_field_name("value"), depth),
            "identifier" => self.name(node, depth),
            "field_access" => self.field(node, depth),
            "binary_expression" => self.binary(node, depth),
            "unary_expression" => {
                match node.child_by_field_name("operand").map(|it| self.item(it, depth).value) {
                    Some(Value::Number(number)) if text.starts_with('-') => {
                        Value::Number(number.saturating_neg())
                    }
                    Some(Value::Bool(value)) if text.starts_with('!') => Value::Bool(!value),
                    _ => unknown("an expression"),
                }
            }
            "method_invocation" => self.call(node, depth),
            "object_creation_expression" => self.created(node, depth),
            "ternary_expression" | "switch_expression" => unknown("a condition"),
            "lambda_expression" | "method_reference" => unknown("a function"),
            _ if node.is_error() => unknown("a text that is not Java"),
            _ => unknown("an expression"),
        }
    }

    fn inner(&self, node: Option<Node<'t>>, depth: usize) -> Value {
        node.map_or_else(|| unknown("an expression"), |node| self.item(node, depth).value)
    }

    fn text(&self, node: Node<'t>) -> Value {
        let mut text = String::new();
        if self.program.text(node).starts_with("\"\"\"") {
            return unknown("a text block");
        }
        for part in children(node) {
            match part.kind() {
                "string_fragment" => text.push_str(self.program.text(part)),
                "escape_sequence" => unescape(self.program.text(part), &mut text),
                _ => return unknown("a text that is not Java"),
            }
        }
        Value::Text(text)
    }

    fn name(&self, node: Node<'t>, depth: usize) -> Value {
        let name = self.program.text(node);
        match self.program.meaning(name, node.start_byte()) {
            Meaning::Value(value) => self.item(value, depth).value,
            Meaning::Unknown(what) => unknown(&format!("{what}, `{}`", crate::shown::name(name))),
            // `import static`
            Meaning::Elsewhere if METHODS.contains(&name) => Value::Text(name.to_owned()),
            Meaning::Elsewhere => {
                unknown(&format!("the constant `{}` of another file", crate::shown::name(name)))
            }
        }
    }

    fn field(&self, node: Node<'t>, depth: usize) -> Value {
        let part = |name| node.child_by_field_name(name);
        let (Some(object), Some(field)) = (part("object"), part("field")) else {
            return unknown("an expression");
        };
        let (owner, name) = (self.program.simple_name(object), self.program.text(field));
        match (owner, name) {
            ("RequestMethod" | "HttpMethod" | "Method", _) if METHODS.contains(&name) => {
                Value::Text(name.to_owned())
            }
            ("CorsConfiguration", "ALL") => Value::Text("*".to_owned()),
            ("Boolean", "TRUE") => Value::Bool(true),
            ("Boolean", "FALSE") => Value::Bool(false),
            // The constants are the names of the headers, in capitals and with underscores.
            ("HttpHeaders", _) if is_constant(name) => {
                Value::Text(name.replace('_', "-").to_ascii_lowercase())
            }
            ("this", _) => self.name(field, depth),
            // A constant of a class of this file.
            _ if self.program.types.iter().any(|it| {
                it.child_by_field_name("name").is_some_and(|it| self.program.text(it) == owner)
            }) =>
            {
                self.constant(owner, name, depth)
            }
            _ => unknown(&format!("the constant `{}` of another file", crate::shown::name(name))),
        }
    }

    fn constant(&self, owner: &str, name: &str, depth: usize) -> Value {
        let is_owner =
            |it: &&Node<'t>| it.child_by_field_name("name").is_some_and(|it| self.program.text(it) == owner);
        let owner = self.program.types.iter().find(is_owner);
        let body = owner.and_then(|it| it.child_by_field_name("body"));
        match body.map(|body| self.program.meaning(name, body.start_byte())) {
            Some(Meaning::Value(value)) => self.item(value, depth).value,
            _ => unknown(&format!("the constant `{}`", crate::shown::name(name))),
        }
    }

    fn binary(&self, node: Node<'t>, depth: usize) -> Value {
        let part = |field| node.child_by_field_name(field);
        let (Some(left), Some(operator), Some(right)) = (part("left"), part("operator"), part("right"))
        else {
            return unknown("an expression");
        };
        let operator = self.program.text(operator);
        match (self.item(left, depth).value, operator, self.item(right, depth).value) {
            (Value::Text(left), "+", Value::Text(right)) if left.len() + right.len() <= MAX_TEXT => {
                Value::Text(left + &right)
            }
            (Value::Text(left), "+", Value::Number(right)) => Value::Text(format!("{left}{right}")),
            (Value::Number(left), _, Value::Number(right)) => {
                let number = match operator {
                    "+" => left.checked_add(right),
                    "-" => left.checked_sub(right),
                    "*" => left.checked_mul(right),
                    "/" => left.checked_div(right),
                    _ => None,
                };
                number.map_or_else(|| unknown("an expression"), Value::Number)
            }
            (Value::Unknown(what), _, _) | (_, _, Value::Unknown(what)) => Value::Unknown(what),
            _ => unknown("an expression"),
        }
    }

    fn call(&self, node: Node<'t>, depth: usize) -> Value {
        let program = self.program;
        let method = program.method(node);
        let object = node.child_by_field_name("object");
        let owner = object.map(|it| program.simple_name(it)).unwrap_or_default();
        let given = || arguments(node).into_iter().map(|it| self.item(it, depth)).collect::<Vec<_>>();
        let number = || match given().as_slice() {
            [Item { value: Value::Number(number), .. }] => Some(*number),
            _ => None,
        };
        if LISTS.contains(&format!("{owner}.{method}").as_str()) {
            return listed(given());
        }
        let unit = match method {
            "ofSeconds" => 1,
            "ofMinutes" => 60,
            "ofHours" => 3_600,
            "ofDays" => 86_400,
            _ => 0,
        };
        let of_unit = match owner {
            "SECONDS" => 1,
            "MINUTES" => 60,
            "HOURS" => 3_600,
            "DAYS" => 86_400,
            _ => 0,
        };
        let seconds = |unit: i64| number().and_then(|number| number.checked_mul(unit)).map(Value::Number);
        let read = match (owner, method) {
            ("Duration", _) if unit > 0 => seconds(unit),
            (_, "toSeconds") if of_unit > 0 => seconds(of_unit),
            ("Boolean" | "Long" | "Integer" | "HttpMethod" | "RequestMethod", "valueOf") => {
                match given().as_slice() {
                    [Item { value: value @ (Value::Bool(_) | Value::Number(_)), .. }] => Some(value.clone()),
                    [Item { value: Value::Text(text), .. }] if owner.ends_with("Method") => {
                        Some(Value::Text(text.clone()))
                    }
                    _ => None,
                }
            }
            // What these are called on stays what it is.
            (
                _,
                "name" | "toString" | "getSeconds" | "toSeconds" | "toList" | "longValue" | "stream" | "trim",
            ) => object.map(|it| self.item(it, depth).value).map(|value| match (value, method) {
                (Value::Text(text), "trim") => Value::Text(text.trim().to_owned()),
                (value, _) => value,
            }),
            (_, "toArray") => object.map(|it| self.item(it, depth).value),
            (_, "split") => match (object.map(|it| self.item(it, depth).value), given().as_slice()) {
                (Some(Value::Text(text)), [Item { value: Value::Text(by), .. }]) if by == "," => {
                    let place = program.place(node);
                    // Empty texts at the end are left out (String.split).
                    let parts = text.trim_end_matches(',').split(',');
                    let parts =
                        parts.map(|it| Item { value: Value::Text(it.to_owned()), place: place.clone() });
                    Some(Value::List(parts.collect()))
                }
                (Some(Value::Unknown(what)), _) => Some(Value::Unknown(what)),
                _ => None,
            },
            _ => None,
        };
        read.unwrap_or_else(|| unknown(&format!("a call of `{}`", crate::shown::name(method))))
    }

    fn created(&self, node: Node<'t>, depth: usize) -> Value {
        let name =
            node.child_by_field_name("type").map(|it| self.program.simple_name(it)).unwrap_or_default();
        let has_body = children(node).iter().any(|it| it.kind() == "class_body");
        let given: Vec<_> = arguments(node).into_iter().map(|it| self.item(it, depth)).collect();
        match name {
            "ArrayList" | "LinkedList" | "HashSet" | "LinkedHashSet" if !has_body => match given.as_slice() {
                [] | [Item { value: Value::List(_), .. }] => listed(given),
                [Item { value: Value::Number(_), .. }] => Value::List(Vec::new()),
                _ => unknown("a list that the program makes"),
            },
            _ => unknown(&format!("a `{}`", crate::shown::name(name))),
        }
    }
}

/// The arguments as a list. One list is that list.
fn listed(given: Vec<Item>) -> Value {
    match given.as_slice() {
        [Item { value: list @ Value::List(_), .. }] => list.clone(),
        [Item { value: Value::Unknown(what), .. }] => Value::Unknown(what.clone()),
        _ => Value::List(given),
    }
}

fn is_constant(name: &str) -> bool {
    name.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'_')
}

fn unknown(what: &str) -> Value {
    Value::Unknown(what.to_owned())
}
