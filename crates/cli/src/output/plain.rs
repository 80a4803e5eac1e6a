//! Escapes texts from others for a terminal: what clients send may contain control characters, or letters that reverse
//! the direction of a line.

use core::fmt::Write as _;

use unicode_width::{UnicodeWidthChar as _, UnicodeWidthStr as _};

/// The maximum number of columns of a text from others in a sentence.
const EXCERPT: usize = 300;

/// Letters and marks that are invisible, although they are not control characters and have a width.
const BLANK: [char; 6] = ['\u{ad}', '\u{115f}', '\u{1160}', '\u{2800}', '\u{3164}', '\u{ffa0}'];

/// Whether a character can be shown unchanged: it is visible, has a width of one or two columns, and moves no other
/// text.
fn is_plain(character: char) -> bool {
    let is_drawn = character.width().is_some_and(|width| width > 0) && !BLANK.contains(&character);
    let stays = !character.is_whitespace() && !turns(character) && character != '\\';
    character == ' ' || is_drawn && stays
}

/// Whether it is in a block of scripts that are written from right to left: such a letter can reorder the text after
/// it.
fn turns(character: char) -> bool {
    matches!(character, '\u{590}'..='\u{8ff}' | '\u{fb1d}'..='\u{fdff}' | '\u{fe70}'..='\u{feff}')
        || matches!(character, '\u{10800}'..='\u{10fff}' | '\u{1e800}'..='\u{1efff}')
}

/// Writes every character that is not plainly visible as `\u{…}`: control characters, direction marks, characters
/// without a width, and unusual spaces. Backslashes are doubled, so that different texts stay different.
pub(crate) fn plain(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '\\' => shown.push_str("\\\\"),
            character if is_plain(character) => shown.push(character),
            character => shown.extend(character.escape_unicode()),
        }
    }
    shown
}

/// The beginning of a text, escaped by [`plain`].
pub(crate) fn excerpt(text: &str) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let shown = plain(&line);
    match columns(&shown) > EXCERPT {
        true => format!("{}…", beginning(&shown, EXCERPT)),
        false => shown,
    }
}

/// The width in columns of a terminal.
pub(crate) fn columns(text: &str) -> usize {
    text.width()
}

/// The longest beginning that fits.
pub(crate) fn beginning(text: &str, most: usize) -> &str {
    let mut taken = 0;
    let end = text.char_indices().find(|(_, character)| {
        taken += character.width().unwrap_or(0);
        taken > most
    });
    end.and_then(|(at, _)| text.get(..at)).unwrap_or(text)
}

/// Escapes characters in JSON that control a terminal. The JSON means the same, because such characters occur only in
/// strings.
pub(crate) fn json(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for character in text.chars() {
        if matches!(character, ' '..='~' | '\n') || is_plain(character) {
            shown.push(character);
        } else {
            for unit in character.encode_utf16(&mut [0; 2]) {
                // Writing to a string does not fail.
                let _written = write!(shown, "\\u{unit:04x}");
            }
        }
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn terminal_control_characters_are_escaped() {
        for (text, expected) in [
            ("https://shop.example", "https://shop.example"),
            ("https://b\u{fc}cher.example", "https://b\u{fc}cher.example"),
            ("a\u{1b}[2Jb", "a\\u{1b}[2Jb"),
            ("a\u{9b}b", "a\\u{9b}b"),
            ("a\nb\tc\u{7f}", "a\\u{a}b\\u{9}c\\u{7f}"),
            ("a\u{202e}b\u{2066}c\u{200f}", "a\\u{202e}b\\u{2066}c\\u{200f}"),
            ("a\u{200b}b\u{feff}c\u{ad}d\u{3164}", "a\\u{200b}b\\u{feff}c\\u{ad}d\\u{3164}"),
            ("a\u{a0}b\u{3000}c\u{2028}d", "a\\u{a0}b\\u{3000}c\\u{2028}d"),
            ("\u{5d0}b\u{628}", "\\u{5d0}b\\u{628}"),
            ("e\u{301}\u{e0041}", "e\\u{301}\\u{e0041}"),
            ("a\\u{1b}", "a\\\\u{1b}"),
            ("\u{6771}\u{4eac}", "\u{6771}\u{4eac}"),
        ] {
            assert_eq!(plain(text), expected, "{text:?}");
        }
    }

    #[test]
    fn a_beginning_counts_columns() {
        assert_eq!(beginning("\u{6771}\u{4eac}x", 3), "\u{6771}");
        assert_eq!(beginning("abc", 3), "abc");
        assert_eq!(excerpt(" a\n\n b\u{7} "), "a b\\u{7}");
        assert_eq!(columns(&excerpt(&"x".repeat(999))), EXCERPT + 1);
    }

    proptest! {
        #[test]
        fn no_text_controls_a_terminal(text: String) {
            let shown = plain(&text);
            prop_assert!(shown.chars().all(|character| character == '\\' || is_plain(character)), "{:?}", shown);
            prop_assert!(columns(&shown) >= text.chars().count());
        }

        #[test]
        fn escaped_json_means_the_same(text: String) {
            let written = json(&serde_json::json!({ "text": text }).to_string());
            prop_assert!(written.chars().all(|c| c == '\\' || is_plain(c)), "{:?}", written);
            let read: serde_json::Value = serde_json::from_str(&written).expect("it is JSON");
            prop_assert_eq!(&read["text"], &serde_json::Value::from(text));
        }
    }
}
