//! What expressions stand for, as far as that can be known without running them.

use core::cell::Cell;

use tree_sitter::Node;

use crate::place::Place;
use crate::python::script::{Script, arguments};
use crate::python::text::unescaped;
use crate::syntax::children;

/// The deepest nesting that is read, and the most nodes in one value.
const MAX_DEPTH: usize = 24;
const MAX_NODES: usize = 400_000;
/// The longest text that is computed, in bytes.
const MAX_TEXT: usize = 65_536;

/// A value, with its place.
#[derive(Clone, Debug)]
pub(super) struct Item {
    pub(super) value: Value,
    pub(super) place: Place,
}

#[derive(Clone, Debug)]
pub(super) enum Value {
    Text(String),
    Number(f64),
    Bool(bool),
    None,
    /// A list, a tuple or a set.
    List(Vec<Item>),
    Dict(Dict),
    /// What `re.compile` gives.
    Pattern {
        source: String,
        ignores_case: bool,
    },
    /// A `timedelta`, in seconds.
    Duration(f64),
    /// What only running the program would tell, as a noun.
    Unknown(String),
}

/// A dictionary. A key that stands twice has its last value.
#[derive(Clone, Debug, Default)]
pub(super) struct Dict {
    pub(super) entries: Vec<(Item, Item)>,
    /// Something else may set any key.
    pub(super) unknown: Option<(String, Place)>,
}

impl Dict {
    pub(super) fn texts(&self) -> impl Iterator<Item = (&str, &Item)> {
        self.entries.iter().filter_map(|(key, item)| match &key.value {
            Value::Text(key) => Some((key.as_str(), item)),
            _ => None,
        })
    }
}

impl Value {
    /// Whether it counts as true; `None` if that cannot be known.
    pub(super) fn truth(&self) -> Option<bool> {
        Some(match self {
            Self::Text(text) => !text.is_empty(),
            Self::Number(number) | Self::Duration(number) => *number != 0.0,
            Self::Bool(bool) => *bool,
            Self::None => false,
            Self::List(items) => !items.is_empty(),
            Self::Dict(dict) if dict.unknown.is_none() => !dict.entries.is_empty(),
            Self::Pattern { .. } => true,
            Self::Dict(_) | Self::Unknown(_) => return None,
        })
    }

    /// The value as a noun.
    pub(super) fn noun(&self) -> String {
        match self {
            Self::Text(_) => "a text",
            Self::Number(_) => "a number",
            Self::Bool(_) => "a boolean",
            Self::None => "`None`",
            Self::List(_) => "a list",
            Self::Dict(_) => "a dictionary",
            Self::Pattern { .. } => "a regular expression",
            Self::Duration(_) => "a duration",
            Self::Unknown(what) => what,
        }
        .to_owned()
    }
}

/// The value of an expression.
pub(super) fn item<'t>(script: &Script<'t>, node: Node<'t>) -> Item {
    Reader { script, left: Cell::new(MAX_NODES) }.item(node, 0)
}

/// The keyword arguments of a call, and what comes with `**`.
pub(super) fn keywords<'t>(script: &Script<'t>, call: Node<'t>) -> Dict {
    Reader { script, left: Cell::new(MAX_NODES) }.keywords(call, 0)
}

struct Reader<'r, 't> {
    script: &'r Script<'t>,
    left: Cell<usize>,
}

impl<'t> Reader<'_, 't> {
    fn item(&self, node: Node<'t>, depth: usize) -> Item {
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

    fn value_at(&self, node: Node<'t>, depth: usize) -> Value {
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
                    let has_format = children(part).len() > 1;
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

    fn keywords(&self, call: Node<'t>, depth: usize) -> Dict {
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

    /// `[it.strip() for it in …]` and `[str(it) for it in …]` over a list that is known.
    fn comprehension(&self, node: Node<'t>, depth: usize) -> Value {
        let parts = children(node);
        let [body, clause] = parts.as_slice() else { return unknown("a comprehension") };
        let (left, right) = (clause.child_by_field_name("left"), clause.child_by_field_name("right"));
        let (Some(left), Some(right)) = (left, right) else { return unknown("a comprehension") };
        let name = self.script.text(left);
        let body = self.script.text(*body);
        let is_plain = body == name || body == format!("str({name})");
        let is_trimmed = body == format!("{name}.strip()");
        match self.value_at(right, depth) {
            Value::List(mut items) if is_plain || is_trimmed => {
                for item in &mut items {
                    match &item.value {
                        Value::Text(text) if is_trimmed => item.value = Value::Text(text.trim().to_owned()),
                        Value::Text(_) | Value::Unknown(_) => {}
                        _ => return unknown("a comprehension"),
                    }
                }
                Value::List(items)
            }
            Value::Unknown(what) => Value::Unknown(what),
            _ => unknown("a comprehension"),
        }
    }

    /// The few calls that only build a value.
    fn call(&self, node: Node<'t>, depth: usize) -> Value {
        let script = self.script;
        let Some(function) = node.child_by_field_name("function") else { return unknown("a call") };
        if node.has_error() {
            return unknown("a text that is not Python");
        }
        let given = arguments(node);
        let positional: Vec<_> = given
            .iter()
            .filter(|it| it.kind() != "keyword_argument")
            .map(|it| self.item(*it, depth))
            .collect();
        let first = positional.first().map(|it| it.value.clone());
        let name = script.text(function);
        let is_environment = [
            "getenv",
            "environ.get",
            "os.environ.get",
            "config",
            "env",
            "env.list",
            "env.bool",
            "env.str",
            "env.json",
            "os.getenv",
            "decouple.config",
        ];
        if is_environment.contains(&name)
            && !matches!(script.first_binding(name).map(|it| it.kind()), Some("function_definition"))
        {
            return match first {
                Some(Value::Text(name)) => environment(&name),
                _ => unknown("an environment variable"),
            };
        }
        match (name, first) {
            ("re.compile" | "compile", Some(Value::Text(source))) => {
                let flags: Vec<_> = given.iter().skip(1).collect();
                return match flags.as_slice() {
                    [] => Value::Pattern { source, ignores_case: false },
                    [flags] => {
                        pattern(source, script.text(flags.child_by_field_name("value").unwrap_or(**flags)))
                    }
                    _ => unknown("a call of `compile`"),
                };
            }
            ("list" | "tuple" | "set" | "frozenset" | "sorted", Some(Value::List(items)))
                if given.len() == 1 =>
            {
                return Value::List(items);
            }
            ("list" | "tuple" | "set", None) if given.is_empty() => return Value::List(Vec::new()),
            ("str", Some(Value::Text(text))) if given.len() == 1 => return Value::Text(text),
            ("dict", None) => return Value::Dict(self.keywords(node, depth)),
            ("dict", Some(Value::Dict(mut dict))) if positional.len() == 1 => {
                let more = self.keywords(node, depth);
                dict.entries.extend(more.entries);
                dict.unknown = dict.unknown.take().or(more.unknown);
                return Value::Dict(dict);
            }
            ("timedelta" | "datetime.timedelta", _) => return self.duration(node, &positional, depth),
            _ => {}
        }
        let object = function.child_by_field_name("object").map(|it| self.value_at(it, depth));
        let method = function.child_by_field_name("attribute").map(|it| script.text(it));
        match (object, method, positional.first().map(|it| &it.value)) {
            (Some(Value::Text(text)), Some("split"), Some(Value::Text(by)))
                if !by.is_empty() && given.len() == 1 =>
            {
                let place = script.place(node);
                let part = |part: &str| Item { value: Value::Text(part.to_owned()), place: place.clone() };
                Value::List(text.split(by.as_str()).map(part).collect())
            }
            (Some(Value::Text(text)), Some("split"), None) if given.is_empty() => {
                let place = script.place(node);
                let part = |part: &str| Item { value: Value::Text(part.to_owned()), place: place.clone() };
                Value::List(text.split_whitespace().map(part).collect())
            }
            (Some(Value::Text(by)), Some("join"), Some(Value::List(items))) => {
                let texts: Option<Vec<_>> = items
                    .iter()
                    .map(|item| match &item.value {
                        Value::Text(text) => Some(text.as_str()),
                        _ => None,
                    })
                    .collect();
                texts.map_or_else(|| unknown("a call of `join`"), |texts| bounded(texts.join(&by)))
            }
            (Some(Value::Duration(seconds)), Some("total_seconds"), None) => Value::Number(seconds),
            (Some(Value::Unknown(what)), Some(_), _) => Value::Unknown(what),
            _ => {
                let is_name = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_.".contains(&byte));
                match is_name && name.len() <= 40 {
                    true => unknown(&format!("a call of `{name}`")),
                    false => unknown("a call"),
                }
            }
        }
    }

    fn duration(&self, call: Node<'t>, positional: &[Item], depth: usize) -> Value {
        let keywords = self.keywords(call, depth);
        if keywords.unknown.is_some() {
            return unknown("a duration");
        }
        let units = ["days", "seconds", "microseconds", "milliseconds", "minutes", "hours", "weeks"];
        let positional = units.iter().copied().zip(positional.iter());
        let mut seconds = 0.0;
        for (unit, item) in positional.chain(keywords.texts()) {
            let Value::Number(count) = item.value else { return unknown("a duration") };
            let length = match unit {
                "days" => 86_400.0,
                "seconds" => 1.0,
                "minutes" => 60.0,
                "hours" => 3600.0,
                "weeks" => 604_800.0,
                _ => return unknown("a duration"),
            };
            seconds += count * length;
        }
        Value::Duration(seconds)
    }
}

/// The attributes of a class with those of the classes that it extends, and whether each is set under a condition; the
/// second is a base that is not in this file.
pub(super) fn attributes<'t>(
    script: &Script<'t>,
    class: Node<'t>,
    depth: usize,
) -> (Vec<(&'t str, Node<'t>, bool)>, Option<&'t str>) {
    let mut found = Vec::new();
    let mut unknown_base = None;
    let bases = class.child_by_field_name("superclasses").map(children).unwrap_or_default();
    // The first base decides, so it comes last.
    for base in bases.into_iter().rev() {
        let name = script.text(base);
        let known = script.binding(name).filter(|it| it.kind() == "class_definition" && depth < 8);
        match known {
            Some(base) => {
                let (of_base, unknown) = attributes(script, base, depth + 1);
                found.extend(of_base);
                unknown_base = unknown_base.or(unknown);
            }
            None if name == "object" => {}
            None => unknown_base = unknown_base.or(Some(name)),
        }
    }
    let body = class.child_by_field_name("body");
    for assignment in script.assignments.iter().filter(|it| body.is_some_and(|body| is_in(**it, body))) {
        let (left, right) = (assignment.child_by_field_name("left"), assignment.child_by_field_name("right"));
        let (Some(left), Some(right)) = (left.filter(|it| it.kind() == "identifier"), right) else {
            continue;
        };
        let is_direct =
            assignment.parent().and_then(|it| it.parent()) == body && assignment.kind() == "assignment";
        found.push((script.text(left), right, !is_direct));
    }
    (found, unknown_base)
}

fn is_in(node: Node<'_>, outer: Node<'_>) -> bool {
    node.start_byte() >= outer.start_byte() && node.end_byte() <= outer.end_byte()
}

/// What the libraries bring.
fn builtin(script: &Script<'_>, name: &str, place: &Place) -> Option<Value> {
    let (module, own) = match script.imported(name) {
        Some(imported) => imported,
        // A fragment may leave out the import.
        None if !script.is_bound(name) => ("corsheaders.defaults", name),
        None => return None,
    };
    let names: &[&str] = match (module, own) {
        ("corsheaders.defaults", "default_headers") => &DEFAULT_HEADERS,
        ("corsheaders.defaults", "default_methods") => &DEFAULT_METHODS,
        _ => return None,
    };
    let item = |name: &&str| Item { value: Value::Text((*name).to_owned()), place: place.clone() };
    Some(Value::List(names.iter().map(item).collect()))
}

/// `default_headers` and `default_methods` of django-cors-headers. Until version 3, `accept-encoding`, `dnt` and `origin`
/// stood among the headers, which no page can set.
pub(super) const DEFAULT_HEADERS: [&str; 6] =
    ["accept", "authorization", "content-type", "user-agent", "x-csrftoken", "x-requested-with"];
pub(super) const DEFAULT_METHODS: [&str; 6] = ["DELETE", "GET", "OPTIONS", "PATCH", "POST", "PUT"];

/// The flags of `re` that change nothing for texts without line breaks and beyond ASCII.
fn pattern(source: String, flags: &str) -> Value {
    let mut ignores_case = false;
    for flag in flags.split('|') {
        match flag.trim().trim_start_matches("re.") {
            "I" | "IGNORECASE" => ignores_case = true,
            "A" | "ASCII" | "M" | "MULTILINE" | "S" | "DOTALL" | "U" | "UNICODE" | "0" => {}
            _ => return unknown("a regular expression with a flag that is not read"),
        }
    }
    Value::Pattern { source, ignores_case }
}

fn environment(name: &str) -> Value {
    unknown(&format!("the environment variable `{}`", crate::shown::name(name)))
}

fn bounded(text: String) -> Value {
    if text.len() > MAX_TEXT { unknown("a very long text") } else { Value::Text(text) }
}

pub(super) fn unknown(what: &str) -> Value {
    Value::Unknown(what.to_owned())
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
