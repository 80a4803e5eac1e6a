//! Texts of Python (docs.python.org, Lexical analysis, String and Bytes literals).

/// The text of a literal without its prefix and its quotation marks.
pub(super) fn unescaped(text: &str) -> Option<String> {
    let mut plain = String::with_capacity(text.len());
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        if character != '\\' {
            plain.push(character);
            continue;
        }
        let escaped = characters.next()?;
        let code = |digits: String| u32::from_str_radix(&digits, 16).ok().and_then(char::from_u32);
        match escaped {
            // A line that goes on.
            '\n' => {}
            '\r' => {
                characters.next_if_eq(&'\n');
            }
            '\\' | '\'' | '"' => plain.push(escaped),
            'a' => plain.push('\u{7}'),
            'b' => plain.push('\u{8}'),
            'f' => plain.push('\u{c}'),
            'n' => plain.push('\n'),
            'r' => plain.push('\r'),
            't' => plain.push('\t'),
            'v' => plain.push('\u{b}'),
            'x' => plain.push(code(characters.by_ref().take(2).collect())?),
            'u' => plain.push(code(characters.by_ref().take(4).collect())?),
            'U' => plain.push(code(characters.by_ref().take(8).collect())?),
            'N' => return None,
            '0'..='7' => {
                let mut value = escaped.to_digit(8)?;
                for _ in 0..2 {
                    let Some(digit) = characters.peek().and_then(|it| it.to_digit(8)) else { break };
                    value = value * 8 + digit;
                    characters.next();
                }
                plain.push(char::from_u32(value)?);
            }
            // Anything else keeps its backslash.
            _ => plain.extend(['\\', escaped]),
        }
    }
    Some(plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_are_those_of_python() {
        for (text, plain) in [
            (r"a\.b", r"a\.b"),
            (r"\d", r"\d"),
            (r"\\d", r"\d"),
            (r"\x41\u0042\103", "ABC"),
            ("a\\\nb", "ab"),
            (r"\'\n", "'\n"),
        ] {
            assert_eq!(unescaped(text).as_deref(), Some(plain), "{text}");
        }
        assert_eq!(unescaped(r"\N{DOT}"), None);
        assert_eq!(unescaped(r"\xZ"), None);
    }
}
