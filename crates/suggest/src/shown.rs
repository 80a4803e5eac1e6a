//! Text that a client wrote, for people and files.

/// The most characters that are shown of such a text. An origin of a browser has far less.
const MOST: usize = 160;

/// A text that can stand in a terminal, a TOML comment and a patch: printable ASCII, everything else escaped. Letters of
/// other scripts are escaped too, since they may look like these, run from right to left, or have no width.
#[must_use]
pub fn shown(text: &str) -> String {
    let mut written = String::new();
    for letter in text.chars() {
        if written.len() > MOST {
            written.push_str("...");
            break;
        }
        match letter {
            // What is escaped must be told from what looks escaped, and nothing ends the quotes it stands in.
            '\\' | '`' => written.extend(letter.escape_unicode()),
            ' '..='~' => written.push(letter),
            _ => written.extend(letter.escape_unicode()),
        }
    }
    written
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_gets_out_of_a_line_or_deceives() {
        for (text, written) in [
            ("https://a.example", "https://a.example"),
            ("a\nb\r\tc", "a\\u{a}b\\u{d}\\u{9}c"),
            ("\u{1b}[31m\u{9b}", "\\u{1b}[31m\\u{9b}"),
            ("a\u{202e}b\u{200b}c\u{feff}", "a\\u{202e}b\\u{200b}c\\u{feff}"),
            ("\u{430}pple", "\\u{430}pple"),
            ("\u{2028}\u{85}\0", "\\u{2028}\\u{85}\\u{0}"),
            ("\\u{a}`", "\\u{5c}u{a}\\u{60}"),
        ] {
            assert_eq!(shown(text), written, "{text:?}");
        }
        let long = shown(&"a".repeat(10_000));
        assert!(long.len() < 200 && long.ends_with("..."), "{long}");
    }
}
