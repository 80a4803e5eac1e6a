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

/// A word for people, for the shell that they have: without quotes where it needs none.
pub(crate) fn word(text: &str) -> String {
    if cfg!(windows) { windows_word(text) } else { posix_word(text) }
}

fn posix_word(text: &str) -> String {
    if is_simple(text, b"/._-=:") { text.to_owned() } else { in_single_quotes(text) }
}

/// For `cmd` and PowerShell alike, so in double quotes. Paths cannot contain one; what else would end a word, or stand for
/// something else within quotes, is in no name that this tool chooses.
fn windows_word(text: &str) -> String {
    if is_simple(text, br"\/._-=:") { text.to_owned() } else { format!("\"{}\"", text.replace('"', "")) }
}

/// Whether a shell reads a text as one word that stands for itself, and a program does not take it for an option.
fn is_simple(text: &str, marks: &[u8]) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || marks.contains(&byte);
    !text.is_empty() && !text.starts_with('-') && text.bytes().all(is_plain)
}

fn in_single_quotes(text: &str) -> String {
    format!("'{}'", text.replace('\'', "'\\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_one_word_on_each_system() {
        for (text, posix, windows) in [
            ("policy.toml", "policy.toml", "policy.toml"),
            ("/home/me/gate-way", "/home/me/gate-way", "/home/me/gate-way"),
            ("my gateway/policy.toml", "'my gateway/policy.toml'", "\"my gateway/policy.toml\""),
            (r"C:\Users\me\policy.toml", r"'C:\Users\me\policy.toml'", r"C:\Users\me\policy.toml"),
            (r"C:\Program Files\a", r"'C:\Program Files\a'", "\"C:\\Program Files\\a\""),
            (r"\\server\share\a", r"'\\server\share\a'", r"\\server\share\a"),
            (r"C:\a&b(1)", r"'C:\a&b(1)'", "\"C:\\a&b(1)\""),
            ("it's", r"'it'\''s'", "\"it's\""),
            ("the first policy", "'the first policy'", "\"the first policy\""),
            ("äö", "'äö'", "\"äö\""),
            ("-x", "'-x'", "\"-x\""),
            ("", "''", "\"\""),
        ] {
            assert_eq!(posix_word(text), posix, "{text}");
            assert_eq!(windows_word(text), windows, "{text}");
        }
    }
}
