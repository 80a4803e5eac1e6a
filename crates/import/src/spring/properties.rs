//! `.properties` files (java.util.Properties): `name = value`, `name: value` and `name value`, with comments, escapes, lines
//! that go on behind a backslash, and the documents of Spring Boot that `#---` separates.

use corsgate_authoring::Source;

use crate::place::Places;
use crate::spring::configuration::Entry;
use crate::spring::keys::{Property, segments};

/// The properties of a file.
pub(super) fn read(source: &Source) -> Vec<Property> {
    let places = Places::new(source, 0);
    let mut properties = Vec::new();
    let mut document = 0;
    let (mut logical, mut begin, mut at) = (String::new(), 0, 0);
    for line in source.text().split_inclusive('\n') {
        let text = line.trim_end_matches(['\n', '\r']);
        let start = text.trim_start_matches([' ', '\t', '\u{c}']);
        let offset = at + (text.len() - start.len());
        at += line.len();
        if logical.is_empty() {
            begin = offset;
            if start.is_empty() || start.starts_with(['#', '!']) {
                document += usize::from(matches!(text.trim_end(), "#---" | "!---"));
                continue;
            }
        }
        let backslashes = start.len() - start.trim_end_matches('\\').len();
        if backslashes % 2 == 1 {
            logical.push_str(start.strip_suffix('\\').unwrap_or(start));
            continue;
        }
        logical.push_str(start);
        let (name, value) = split(&logical);
        let value = Entry::new(Ok(value), &places.at(begin));
        properties.push(Property { path: segments(&name), value, document });
        logical.clear();
    }
    properties
}

/// The name and the value of a line, without escapes.
fn split(line: &str) -> (String, String) {
    let mut name = String::new();
    let mut letters = line.chars();
    let mut rest = "";
    while let Some(letter) = letters.next() {
        match letter {
            '\\' => unescape(&mut letters, &mut name),
            '=' | ':' | ' ' | '\t' | '\u{c}' => {
                rest = letters.as_str();
                if !matches!(letter, '=' | ':') {
                    let trimmed = rest.trim_start_matches([' ', '\t', '\u{c}']);
                    rest = trimmed.strip_prefix(['=', ':']).unwrap_or(trimmed);
                }
                break;
            }
            letter => name.push(letter),
        }
    }
    let mut value = String::new();
    let mut letters = rest.trim_start_matches([' ', '\t', '\u{c}']).chars();
    while let Some(letter) = letters.next() {
        match letter {
            '\\' => unescape(&mut letters, &mut value),
            letter => value.push(letter),
        }
    }
    (name, value)
}

fn unescape(letters: &mut core::str::Chars<'_>, text: &mut String) {
    match letters.next() {
        Some('t') => text.push('\t'),
        Some('n') => text.push('\n'),
        Some('r') => text.push('\r'),
        Some('f') => text.push('\u{c}'),
        Some('u') => {
            let digits: String = letters.by_ref().take(4).collect();
            let code = u32::from_str_radix(&digits, 16).ok().and_then(char::from_u32);
            text.push(code.unwrap_or('\u{fffd}'));
        }
        Some(letter) => text.push(letter),
        None => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_read_as_java_reads_them() {
        let text = "# a note\na.b-c = d\n! another\ne\\:f: g\\u0041\\\n   h\n[i]  j k\n#---\nl=\n";
        let source = Source::from_bytes("a.properties", text.as_bytes().to_vec()).expect("text");
        let read: Vec<_> = read(&source)
            .into_iter()
            .map(|it| (it.path.join("/"), it.value.value.expect("a text"), it.value.place.line, it.document))
            .collect();
        let expected = [
            ("a/bc".to_owned(), "d".to_owned(), 2, 0),
            ("e:f".to_owned(), "gAh".to_owned(), 4, 0),
            ("i".to_owned(), "j k".to_owned(), 6, 0),
            ("l".to_owned(), String::new(), 8, 1),
        ];
        assert_eq!(read, expected);
    }
}
