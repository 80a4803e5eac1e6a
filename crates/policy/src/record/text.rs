//! Shortens and cleans a value for its column.

use std::borrow::Cow;

use super::columns::LONGEST_ORIGIN;
use crate::grammar::eight_bytes;

/// Appends a value in the form that a column of `longest` bytes holds.
///
/// The value is cut at a character boundary. Then each control character, line separator and paragraph separator
/// becomes one `?`. So no reader of the line can take a value for the end of the line, and the value never outgrows its
/// column.
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

/// The longest prefix of a value that fits into a column of `longest` bytes.
pub(super) fn cut(value: &str, longest: usize) -> &str {
    value.get(..value.floor_char_boundary(longest)).unwrap_or_default()
}

/// The part of an `Origin` that may be recorded: nothing after the `?` of a query or the `#` of a fragment, and before
/// an `@` only a name that looks like a host. The marks themselves are kept, to show what is wrong. The whole value is
/// examined before it is cut to its column, because a password may be longer than the column.
///
/// No browser sends an origin with `@`. Clients that put a whole URL there do, and the password in that URL must not be
/// stored. An attacker also does, hoping that a server reads the first host
/// (`https://app.example.com@evil.example`), and the record should show that attempt. So nothing between the first `:`
/// after `//` and the last `@` is ever kept. A name before that is kept only if it cannot be a token: short, lower-case,
/// made of labels separated by dots, and with only letters in the last label.
pub(super) fn without_secrets(origin: &str) -> Cow<'_, str> {
    // Two searches: a search for a single byte compares many bytes at once.
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

/// The maximum length of a name. Tokens are longer, or have upper-case letters, no dot, or digits at their end.
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
