//! The same values from JSON, read by the parser of JavaScript, which knows comments and trailing commas.

use crate::javascript::value::{Item, Value as Read};
use crate::yaml::node::{List, Node, Table, Value};

/// A value of JSON.
pub(crate) fn of_json(item: &Item<'_>) -> Node {
    let plain = |text: String| Value::Scalar { text, is_plain: true };
    let value = match &item.value {
        Read::Text(text) => Value::Scalar { text: text.clone(), is_plain: false },
        Read::Number(number) => plain(number.to_string()),
        Read::Bool(value) => plain(value.to_string()),
        Read::Nothing(_) => Value::Nothing,
        Read::List(items) => Value::List(List { items: items.iter().map(of_json).collect(), unknown: None }),
        Read::Table(read) => {
            let mut table = Table::default();
            table.unknown.clone_from(&read.unknown);
            for (key, item) in read.keys() {
                table.set(key.to_owned(), of_json(item));
            }
            Value::Table(table)
        }
        other => Value::Unknown(other.noun()),
    };
    Node { value, place: item.place.clone() }
}
