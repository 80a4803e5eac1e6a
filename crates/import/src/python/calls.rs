//! Calls and comprehensions that only build a value.

use tree_sitter::Node;

use crate::python::evaluate::Reader;
use crate::python::script::arguments;
use crate::python::value::{Item, Value, bounded, unknown};
use crate::syntax::children;

impl<'t> Reader<'_, 't> {
    /// `[it.strip() for it in …]` and `[str(it) for it in …]` over a list that is known.
    pub(super) fn comprehension(&self, node: Node<'t>, depth: usize) -> Value {
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
    pub(super) fn call(&self, node: Node<'t>, depth: usize) -> Value {
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

pub(super) fn environment(name: &str) -> Value {
    unknown(&format!("the environment variable `{}`", crate::shown::name(name)))
}
