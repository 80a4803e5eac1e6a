//! The last step for every line of output: it makes sure that no text from others is read as a command.
//!
//! Verbs escape texts from others with [`plain`](super::plain::plain) where they put them into a sentence. This step
//! is behind all verbs, so that none can forget it; only `results::write_foreign` passes it, where the output is a file or
//! goes to a program. A terminal obeys control characters. GitHub Actions takes a line
//! for a command if it begins with `::`, with or without white space before it, or contains `##[`
//! (<https://github.com/actions/runner/blob/main/src/Runner.Common/ActionCommand.cs>). Other services read `##vso[`
//! and `##teamcity[` in the same way.

use core::fmt::Write as _;

/// How an unsafe character is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Notation {
    /// `\u{3a}`, for people; the tool's own colours stay.
    People,
    /// The same, without colours.
    Plain,
    /// `\u003a`: in JSON, only strings contain such characters, and the escape means the same.
    Json,
    /// `&#x3a;`, which means the same in texts and attributes of XML.
    Xml,
}

/// Escapes everything in the text that could be read as a command.
pub(crate) fn fenced(text: &str, notation: Notation) -> String {
    fenced_from(text, notation, true)
}

/// Writes workflow commands of GitHub Actions, one a line: escapes their messages, and leaves the commands intact.
pub(crate) fn fenced_commands(text: &str) -> String {
    let lines = text.split_inclusive('\n').map(|line| match line.strip_prefix("::") {
        Some(rest) => format!("::{}", fenced_from(rest, Notation::Plain, false)),
        None => fenced(line, Notation::Plain),
    });
    lines.collect()
}

fn fenced_from(text: &str, notation: Notation, begins: bool) -> String {
    let mut fenced = String::with_capacity(text.len());
    let mut rest = text;
    let mut begins = begins;
    while let Some(character) = rest.chars().next() {
        let colour = if notation == Notation::People { colour(rest) } else { None };
        if let Some(colour) = colour {
            fenced.push_str(colour);
            rest = rest.get(colour.len()..).unwrap_or_default();
            continue;
        }
        let is_command = begins && rest.starts_with("::") || is_service_command(rest);
        if is_command || is_obeyed(character) && !rest.starts_with("\r\n") {
            notation.write(character, &mut fenced);
        } else {
            fenced.push(character);
        }
        begins = character == '\n' || begins && character.is_whitespace();
        rest = rest.get(character.len_utf8()..).unwrap_or_default();
    }
    fenced
}

impl Notation {
    fn write(self, character: char, text: &mut String) {
        // Writing to a string does not fail.
        let _written = match self {
            Self::People | Self::Plain => write!(text, "{}", character.escape_unicode()),
            Self::Json => {
                character.encode_utf16(&mut [0; 2]).iter().try_for_each(|unit| write!(text, "\\u{unit:04x}"))
            }
            Self::Xml => write!(text, "&#x{:x};", u32::from(character)),
        };
    }
}

/// Whether `##name[` begins here.
fn is_service_command(rest: &str) -> bool {
    rest.strip_prefix("##").is_some_and(|rest| {
        rest.trim_start_matches(|letter: char| letter.is_ascii_alphabetic()).starts_with('[')
    })
}

/// Control characters except line breaks and tabs, line separators, direction marks, and invisible characters.
fn is_obeyed(character: char) -> bool {
    character.is_control() && !matches!(character, '\n' | '\t')
        || matches!(character, '\u{2028}' | '\u{2029}' | '\u{61c}' | '\u{feff}')
        || matches!(character, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}')
        || matches!(character, '\u{e0000}'..='\u{e007f}')
}

/// The colour sequence at the beginning of the text (ECMA-48, SGR), if it is one that this tool writes: bold, faint,
/// underlined, or a foreground colour. None of these hides a text or gives it a background of its own colour.
fn colour(text: &str) -> Option<&str> {
    let parameters = text.strip_prefix("\u{1b}[")?;
    let end = parameters.find(|character: char| !matches!(character, '0'..='9' | ';'))?;
    let is_own = |parameter: &str| matches!(parameter.parse().unwrap_or(0), 0..=2 | 4 | 22 | 24 | 31..=37 | 39 | 91..=97);
    let known = parameters.get(..end)?.split(';').all(is_own);
    (known && parameters.get(end..)?.starts_with('m')).then(|| text.get(..end + 3)).flatten()
}

/// Text from others, for a message that this tool colours: colours in the text are escaped.
pub(crate) fn uncoloured(text: &str) -> String {
    text.replace('\u{1b}', "\\u{1b}")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn text_that_reads_as_a_command_is_escaped() {
        for (text, expected) in [
            ("::error::x", "\\u{3a}:error::x"),
            ("a\n  ::add-mask::x", "a\n  \\u{3a}:add-mask::x"),
            ("a ::error::x", "a ::error::x"),
            ("a ##[add-mask]x", "a \\u{23}#[add-mask]x"),
            ("##vso[task.setvariable]", "\\u{23}#vso[task.setvariable]"),
            ("## Heading", "## Heading"),
            ("a\r\n::x\ry", "a\r\n\\u{3a}:x\\u{d}y"),
            ("a\u{9b}2J\u{1b}]0;x\u{7}", "a\\u{9b}2J\\u{1b}]0;x\\u{7}"),
            ("\u{1b}[1;31mred\u{1b}[0m\u{1b}[2J", "\u{1b}[1;31mred\u{1b}[0m\\u{1b}[2J"),
            ("\u{1b}[0m::error", "\u{1b}[0m\\u{3a}:error"),
            ("\u{1b}[8mhidden\u{1b}[1;41m", "\\u{1b}[8mhidden\\u{1b}[1;41m"),
            ("a\u{202e}b\u{2028}c", "a\\u{202e}b\\u{2028}c"),
            ("\u{feff}::error", "\\u{feff}::error"),
        ] {
            assert_eq!(fenced(text, Notation::People), expected, "{text:?}");
        }
        assert_eq!(fenced("&#10;##[x]\n::y", Notation::Xml), "&#10;&#x23;#[x]\n&#x3a;:y");
    }

    proptest! {
        #[test]
        fn no_line_of_output_is_a_command(text in "[:#\\[a \n\r\t\u{1b}m0-9;\u{9b}\u{2028}\u{85}]{0,40}") {
            for notation in [Notation::People, Notation::Plain, Notation::Xml, Notation::Json] {
                let shown = fenced(&text, notation);
                for line in shown.split(['\n', '\r']) {
                    prop_assert!(!anstream::adapter::strip_str(line).to_string().trim_start().starts_with("::"), "{:?}", shown);
                    prop_assert!(!line.contains("##["), "{:?}", shown);
                }
                let obeyed = ['\u{9b}', '\u{2028}', '\u{85}'];
                prop_assert!(!shown.contains(obeyed), "{:?}", shown);
            }
        }

        #[test]
        fn escaped_json_means_the_same(text in "[:#\\[a \n\r\t\u{1b}\u{9b}\u{2028}\u{e0041}\\\\\"]{0,40}") {
            let value = serde_json::json!({ "text": text });
            let written = fenced(&serde_json::to_string_pretty(&value).expect("JSON"), Notation::Json);
            prop_assert_eq!(serde_json::from_str::<serde_json::Value>(&written).expect("it is JSON"), value);
        }
    }
}
