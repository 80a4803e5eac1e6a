//! The few calls that only build a value, such as `new RegExp(…)`, `"a,b".split(",")` and `[…].concat(…)`.

use tree_sitter::Node;

use crate::javascript::script::callee;
use crate::javascript::value::{Item, Reader, Value, unknown};
use crate::syntax::arguments;

impl<'t> Reader<'_, 't> {
    /// The few calls that only build a value.
    pub(super) fn call(&self, node: Node<'t>, depth: usize) -> Value<'t> {
        let script = self.script;
        let function = callee(node).or_else(|| node.child_by_field_name("constructor"));
        let Some(function) = function else { return unknown("a call") };
        let given: Vec<_> = arguments(node).into_iter().map(|it| self.item(it, depth)).collect();
        let first = given.first().map(|item| item.value.clone());
        match (script.text(function), &first) {
            ("RegExp", Some(Value::Text(source))) => {
                let flags = match given.get(1).map(|item| &item.value) {
                    None => Some(String::new()),
                    Some(Value::Text(flags)) => Some(flags.clone()),
                    Some(_) => None,
                };
                return flags.map_or_else(
                    || unknown("a call of `RegExp`"),
                    |flags| Value::Expression { source: source.clone(), flags },
                );
            }
            ("RegExp", Some(Value::Expression { source, flags })) if given.len() == 1 => {
                return Value::Expression { source: source.clone(), flags: flags.clone() };
            }
            ("Set", Some(Value::List(list) | Value::Set(list))) => return Value::Set(list.clone()),
            ("Array.from", Some(Value::List(list) | Value::Set(list)))
            | ("Object.freeze", Some(Value::List(list))) => return Value::List(list.clone()),
            ("Object.freeze", Some(Value::Set(list))) => return Value::Set(list.clone()),
            ("Object.freeze", Some(Value::Table(table))) => return Value::Table(table.clone()),
            ("String", Some(Value::Text(text))) => return Value::Text(text.clone()),
            _ => {}
        }
        let method = function.child_by_field_name("property").map(|it| script.text(it));
        let object = function.child_by_field_name("object").map(|it| self.value_at(it, depth));
        match (object, method, first) {
            (Some(Value::Text(text)), Some("split"), Some(Value::Text(by))) if !by.is_empty() => {
                let parts = text.split(by.as_str()).map(|part| Item {
                    value: Value::Text(part.to_owned()),
                    node,
                    place: script.place(node),
                });
                Value::List(parts.collect())
            }
            (Some(Value::List(mut list)), Some("concat"), Some(Value::List(more))) if given.len() == 1 => {
                list.extend(more);
                Value::List(list)
            }
            (Some(Value::List(list)), Some("join"), by) => {
                let by = match by {
                    None => ",".to_owned(),
                    Some(Value::Text(by)) => by,
                    Some(_) => return unknown("a call of `join`"),
                };
                let texts: Option<Vec<_>> = list
                    .into_iter()
                    .map(|item| match item.value {
                        Value::Text(text) => Some(text),
                        _ => None,
                    })
                    .collect();
                texts.map_or_else(|| unknown("a call of `join`"), |texts| Value::Text(texts.join(&by)))
            }
            (Some(Value::Unknown(what)), Some(_), _) => Value::Unknown(what),
            _ => {
                let name = script.text(function);
                let is_name = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_$.".contains(&byte));
                unknown(&if is_name && name.len() <= 40 {
                    format!("a call of `{name}`")
                } else {
                    "a call".to_owned()
                })
            }
        }
    }
}
