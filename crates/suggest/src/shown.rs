//! Makes text from a client safe to show and to write into files.

/// The most characters of such a text that are shown. An origin from a browser is far shorter.
const MOST: usize = 160;

/// Escapes a text for a terminal, a TOML comment and a patch: everything but printable ASCII. Letters of other scripts
/// are escaped too, because they may look like ASCII letters, run from right to left, or have no width.
#[must_use]
pub fn shown(text: &str) -> String {
    let mut written = String::new();
    for letter in text.chars() {
        if written.len() > MOST {
            written.push_str("...");
            break;
        }
        match letter {
            // Escape backslashes, so that no text looks like an escape, and backticks, so that none ends its quotes.
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
