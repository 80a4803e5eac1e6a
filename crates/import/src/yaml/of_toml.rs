//! The same values from TOML, which Traefik also reads.

use corsgate_authoring::Source;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::node::{List, Node, Table, Value};
use super::parse::Parsed;
use crate::place::Places;

/// Parses a file of TOML. What follows a mistake is read as far as it can be.
pub(crate) fn of_toml(source: &Source) -> Parsed {
    let mut parsed = Parsed::default();
    let places = Places::new(source, 0);
    let (document, errors) = DeTable::parse_recoverable(source.text());
    if let Some(error) = errors.first() {
        let message = "something here is not TOML: what it belongs to is not read";
        parsed.hole(message, None, &places.at(error.span().map_or(0, |span| span.start)));
    }
    let place = places.at(document.span().start);
    let mut table = table(document.get_ref(), &places);
    if !errors.is_empty() {
        table.unknown = Some(("what could not be read".to_owned(), place.clone()));
    }
    parsed.documents.push(Node { value: Value::Table(table), place });
    parsed
}

fn table(read: &DeTable<'_>, places: &Places<'_>) -> Table {
    let mut table = Table::default();
    // In the order of the file.
    let mut entries: Vec<_> = read.iter().collect();
    entries.sort_by_key(|(key, _)| key.span().start);
    for (key, value) in entries {
        let place = places.at(key.span().start);
        table.set(key.get_ref().to_string(), Node { value: self::value(value, places), place });
    }
    table
}

fn value(read: &Spanned<DeValue<'_>>, places: &Places<'_>) -> Value {
    let plain = |text: String| Value::Scalar { text, is_plain: true };
    match read.get_ref() {
        DeValue::String(text) => Value::Scalar { text: text.to_string(), is_plain: false },
        DeValue::Integer(number) => plain(number.to_string()),
        DeValue::Float(number) => plain(number.to_string()),
        DeValue::Boolean(value) => plain(value.to_string()),
        DeValue::Datetime(date) => plain(date.to_string()),
        DeValue::Array(items) => {
            let item = |item: &Spanned<DeValue<'_>>| Node {
                value: value(item, places),
                place: places.at(item.span().start),
            };
            Value::List(List { items: items.iter().map(item).collect(), unknown: None })
        }
        DeValue::Table(read) => Value::Table(table(read, places)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(text: &str) -> Parsed {
        of_toml(&Source::from_bytes("a.toml", text.as_bytes().to_vec()).expect("text"))
    }

    #[test]
    fn values_have_their_places() {
        let parsed = parsed("# a note\n[a.b]\nc = [\n  1,\n  'two',\n]\nd = true\n[[a.e]]\nf = 1.5\n");
        assert!(parsed.holes.is_empty(), "{:?}", parsed.holes);
        let root = parsed.documents.first().and_then(Node::table).expect("a table");
        let b = root.table("a").and_then(|it| it.table("b")).expect("a table");
        let c = b.items("c");
        assert_eq!(c.iter().map(|it| it.text().unwrap_or_default()).collect::<Vec<_>>(), ["1", "two"]);
        assert_eq!(c.iter().map(|it| it.place.line).collect::<Vec<_>>(), [4, 5]);
        assert_eq!(b.text("d"), Some("true"));
        assert_eq!(b.get("d").map(|it| it.place.line), Some(7));
        let e = root.table("a").map(|it| it.items("e")).expect("a list");
        assert_eq!(e.first().and_then(Node::table).and_then(|it| it.text("f")), Some("1.5"));
    }

    #[test]
    fn a_mistake_is_a_hole_with_its_line() {
        for text in ["a = [1,\n", "[a]\nb = \n", "[a]\nb = 1\nb = 2\n", "[a\n", "a = 'x\n"] {
            let parsed = parsed(text);
            assert_eq!(parsed.holes.len(), 1, "{text}");
            let root = parsed.documents.first().and_then(Node::table).expect("a table");
            assert!(root.unknown.is_some(), "{text}");
        }
        let deep = format!("a = {}1{}", "[".repeat(100_000), "]".repeat(100_000));
        assert_eq!(self::parsed(&deep).holes.len(), 1);
    }
}
