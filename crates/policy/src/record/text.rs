//! What a column holds of a value.

use std::borrow::Cow;

use super::columns::LONGEST_ORIGIN;
use crate::grammar::eight_bytes;

/// Writes a value as a column of `longest` bytes holds it.
///
/// It is cut on a character boundary first. Then every control character and the separators of lines and paragraphs
/// become `?`, one for one: a value never ends the line that it stands on, for whoever reads that line, and never
/// grows past its column.
pub(super) fn push(value: &str, longest: usize, text: &mut String) {
    let kept = cut(value, longest);
    let printable = |byte: u8| matches!(byte, b' '..=b'~');
    let plain = eight_bytes::all(kept, |part| part.within(b' ', b'~') == eight_bytes::ALL)
        .unwrap_or_else(|| kept.bytes().all(printable));
    if plain {
        text.push_str(kept);
    } else {
        text.extend(kept.chars().map(|character| if breaks(character) { '?' } else { character }));
    }
}

/// The beginning of a value that a column of `longest` bytes has room for.
pub(super) fn cut(value: &str, longest: usize) -> &str {
    value.get(..value.floor_char_boundary(longest)).unwrap_or_default()
}

/// What may be recorded of an `Origin`: nothing behind the mark of a query or fragment, and of what stands before an
/// `@` only a name that looks like a host's. The marks themselves stay, to show what is wrong. All of it is looked at
/// before it is cut to its column: a password may be longer than that.
///
/// No browser sends one. Clients that put a whole URL there do, whose password must not be kept; and so does an
/// attacker who hopes that a server reads the first host (`https://app.example.com@evil.example`), whom the record
/// should show. So nothing between the first `:` behind `//` and the last `@` is ever kept, and a name before that only
/// if it is no token: short, in lower case, of labels with dots between them, the last of letters alone.
pub(super) fn without_secrets(origin: &str) -> Cow<'_, str> {
    // One by one: a search for a single byte looks at many at once.
    let marks = ['?', '#'].into_iter().filter_map(|mark| origin.find(mark));
    let origin = marks.min().and_then(|mark| origin.get(..=mark)).unwrap_or(origin);
    let Some((before, after)) = origin.rsplit_once('@') else { return Cow::Borrowed(origin) };
    let scheme = ["https://", "http://"].into_iter().find(|scheme| before.starts_with(scheme));
    let user = scheme.and_then(|scheme| before.strip_prefix(scheme)).unwrap_or_default();
    let (name, hidden) = match user.split_once(':') {
        Some((name, _)) if is_like_a_host(name) => (name, ":***"),
        None if is_like_a_host(user) => (user, ""),
        _ => ("", "***"),
    };
    Cow::Owned([scheme.unwrap_or_default(), name, hidden, "@", cut(after, LONGEST_ORIGIN)].concat())
}

/// Tokens are longer, or have upper-case letters, no dot, or digits at their end.
const LONGEST_NAME: usize = 64;

fn is_like_a_host(name: &str) -> bool {
    let is_label = |label: &str| {
        let of_host = |byte: u8| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-');
        !label.is_empty() && label.bytes().all(of_host)
    };
    name.len() <= LONGEST_NAME
        && name.rsplit_once('.').is_some_and(|(rest, last)| {
            rest.split('.').all(is_label)
                && last.len() >= 2
                && last.bytes().all(|byte| byte.is_ascii_lowercase())
        })
}

fn breaks(character: char) -> bool {
    character.is_control() || matches!(character, '\u{2028}' | '\u{2029}')
}

#[cfg(test)]
mod tests {
    use super::*;
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    #[test]
    fn a_value_is_cut_between_characters_and_stays_on_its_line() {
        for (value, longest, expected) in [
            ("", 4, ""),
            ("abc", 4, "abc"),
            ("abcde", 4, "abcd"),
            ("abcde", 0, ""),
            ("abc\u{e9}", 4, "abc"),
            ("abc\u{e9}", 5, "abc\u{e9}"),
            ("\u{1f4a9}\u{1f4a9}", 7, "\u{1f4a9}"),
            ("\u{1f4a9}", 3, ""),
            ("a\nb\r\0\x7f\t", 16, "a?b????"),
            ("https://a.example\n", 18, "https://a.example?"),
            ("https://a.example\n", 17, "https://a.example"),
            ("https://b\u{fc}cher.example\n", 64, "https://b\u{fc}cher.example?"),
            ("\u{85}\u{9f}\u{2028}\u{2029}", 16, "????"),
            ("\u{a0}\u{fffd}~", 16, "\u{a0}\u{fffd}~"),
        ] {
            let mut text = String::from(">");
            push(value, longest, &mut text);
            assert_eq!(text, format!(">{expected}"), "{value:?} in {longest}");
        }
    }
}
