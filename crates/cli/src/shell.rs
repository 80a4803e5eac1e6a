//! Words of a POSIX shell.

/// A word that stands for these bytes: in single quotes, or written by `printf` where a byte is not a visible character
/// of ASCII. Nothing in it is expanded.
pub(crate) fn quoted(value: &[u8]) -> String {
    let is_visible = value.iter().all(|byte| matches!(byte, b' '..=b'~'));
    // Services read `##name[` as a command in whatever is printed.
    if is_visible && !value.windows(2).any(|two| two == b"##") {
        return in_single_quotes(&String::from_utf8_lossy(value));
    }
    let mut format = String::new();
    for (at, byte) in value.iter().enumerate() {
        match byte {
            b'\\' => format.push_str("\\\\"),
            b'%' => format.push_str("%%"),
            // At the beginning, `-` would be an option.
            b'-' if at > 0 => format.push('-'),
            b' '..=b'~' if !matches!(byte, b'#' | b'-') => format.push(char::from(*byte)),
            _ => format.push_str(&format!("\\{byte:03o}")),
        }
    }
    // A command substitution drops line breaks at its end, which no value of HTTP has.
    format!("\"$(printf {})\"", in_single_quotes(&format))
}

/// A word for people: without quotes where it needs none.
pub(crate) fn word(text: &str) -> String {
    let is_simple =
        |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'/' | b'.' | b'_' | b'-' | b'=' | b':');
    match !text.is_empty() && !text.starts_with('-') && text.bytes().all(is_simple) {
        true => text.to_owned(),
        false => in_single_quotes(text),
    }
}

fn in_single_quotes(text: &str) -> String {
    format!("'{}'", text.replace('\'', "'\\''"))
}
