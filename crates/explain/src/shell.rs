//! Splits a command into words as a POSIX shell does (XCU, 2.2 and 2.6.5), including the `$'…'` of newer shells. No
//! shell runs and nothing is expanded: a `$` or a backquote is kept as it is, and reported.

use core::iter::Peekable;
use core::str::Chars;

use crate::command_error::CommandError;

/// The longest command that is read, in bytes.
pub(crate) const MAX_COMMAND: usize = 1024 * 1024;

/// The words of a command, up to where a shell would end it.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Words {
    pub(crate) words: Vec<String>,
    /// The command has something that a shell would expand: `$TOKEN`, `$(…)`.
    pub(crate) expansions: bool,
    /// More followed after a `|`, `;`, `&`, `<` or `>`, or on another line.
    pub(crate) more: bool,
}

/// Splits a command into words.
pub(crate) fn split(command: &str) -> Result<Words, CommandError> {
    if command.len() > MAX_COMMAND {
        return Err(CommandError::TooLong);
    }
    if command.contains(" ^\"") || command.contains("^\r\n") || command.contains("^\n") {
        return Err(CommandError::CommandPrompt);
    }
    let mut cut = Words::default();
    let mut word: Option<String> = None;
    // People copy the prompt too.
    let command = command.trim_start();
    let mut rest = command.strip_prefix("$ ").unwrap_or(command).chars().peekable();
    while let Some(character) = rest.next() {
        match character {
            '\'' => until_quote(&mut rest, word.get_or_insert_default())?,
            '"' => until_double_quote(&mut rest, word.get_or_insert_default(), &mut cut.expansions)?,
            '\\' => match rest.next() {
                // A backslash continues the line, also before a Windows line break.
                Some('\n') | None => {}
                Some('\r') if rest.peek() == Some(&'\n') => {
                    rest.next();
                }
                Some(escaped) => word.get_or_insert_default().push(escaped),
            },
            '$' if rest.peek() == Some(&'\'') => {
                rest.next();
                until_ansi_quote(&mut rest, word.get_or_insert_default())?;
            }
            // Bash reads `$"…"` as a string to translate.
            '$' if rest.peek() == Some(&'"') => {}
            ' ' | '\t' | '\r' => cut.words.extend(word.take()),
            '\n' | ';' | '|' | '&' | '<' | '>' => {
                // A number before a redirection belongs to it (`2>/dev/null`).
                let is_number = |word: &String| word.bytes().all(|byte| byte.is_ascii_digit());
                let of_redirection = |word: &String| matches!(character, '<' | '>') && is_number(word);
                cut.words.extend(word.take().filter(|word| !of_redirection(word)));
                cut.more = rest.any(|character| !character.is_whitespace());
                return Ok(cut);
            }
            '#' if word.is_none() => {
                cut.more = true;
                return Ok(cut);
            }
            _ => {
                cut.expansions |= character == '`' || character == '$' && expands(rest.peek());
                word.get_or_insert_default().push(character);
            }
        }
    }
    cut.words.extend(word);
    Ok(cut)
}

fn expands(next: Option<&char>) -> bool {
    next.is_some_and(|next| next.is_ascii_alphanumeric() || matches!(next, '_' | '{' | '('))
}

fn until_quote(rest: &mut Peekable<Chars<'_>>, word: &mut String) -> Result<(), CommandError> {
    for character in rest {
        match character {
            '\'' => return Ok(()),
            _ => word.push(character),
        }
    }
    Err(CommandError::UnendedQuotation("'…'"))
}

fn until_double_quote(
    rest: &mut Peekable<Chars<'_>>,
    word: &mut String,
    expansions: &mut bool,
) -> Result<(), CommandError> {
    while let Some(character) = rest.next() {
        match character {
            '"' => return Ok(()),
            '\\' => match rest.next() {
                Some('\n') => {}
                Some(escaped @ ('$' | '`' | '"' | '\\')) => word.push(escaped),
                Some(other) => word.extend(['\\', other]),
                None => break,
            },
            _ => {
                *expansions |= character == '`' || character == '$' && expands(rest.peek());
                word.push(character);
            }
        }
    }
    Err(CommandError::UnendedQuotation("\"…\""))
}

/// Reads the rest of `$'…'` (POSIX.1-2024, XCU 2.2.4).
fn until_ansi_quote(rest: &mut Peekable<Chars<'_>>, word: &mut String) -> Result<(), CommandError> {
    // Escapes denote bytes, and a character may need several.
    let mut bytes = Vec::new();
    let push = |bytes: &mut Vec<u8>, character: char| {
        bytes.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
    };
    while let Some(character) = rest.next() {
        match character {
            '\'' => {
                word.push_str(&String::from_utf8_lossy(&bytes));
                return Ok(());
            }
            '\\' => match rest.next() {
                Some('a') => bytes.push(0x07),
                Some('b') => bytes.push(0x08),
                Some('e' | 'E') => bytes.push(0x1b),
                Some('f') => bytes.push(0x0c),
                Some('n') => bytes.push(b'\n'),
                Some('r') => bytes.push(b'\r'),
                Some('t') => bytes.push(b'\t'),
                Some('v') => bytes.push(0x0b),
                Some('x') => bytes.push(u8::try_from(number(rest, 16, 2)).unwrap_or_default()),
                Some('u') => push(&mut bytes, char::from_u32(number(rest, 16, 4)).unwrap_or('\u{fffd}')),
                Some('U') => push(&mut bytes, char::from_u32(number(rest, 16, 8)).unwrap_or('\u{fffd}')),
                Some(digit @ '0'..='7') => {
                    let first = digit.to_digit(8).unwrap_or_default();
                    let digits = [first, digit_of(rest, 8), digit_of(rest, 8)];
                    let value = digits.into_iter().filter(|digit| *digit < 8).fold(0, |sum, it| sum * 8 + it);
                    bytes.push(u8::try_from(value & 0xff).unwrap_or_default());
                }
                Some(other) => push(&mut bytes, other),
                None => break,
            },
            _ => push(&mut bytes, character),
        }
    }
    Err(CommandError::UnendedQuotation("$'…'"))
}

/// The next digit, or `radix` if there is none.
fn digit_of(rest: &mut Peekable<Chars<'_>>, radix: u32) -> u32 {
    match rest.peek().and_then(|character| character.to_digit(radix)) {
        Some(digit) => {
            rest.next();
            digit
        }
        None => radix,
    }
}

fn number(rest: &mut Peekable<Chars<'_>>, radix: u32, most: usize) -> u32 {
    let mut value = 0_u32;
    for _ in 0..most {
        match digit_of(rest, radix) {
            digit if digit < radix => value = value.wrapping_mul(radix).wrapping_add(digit),
            _ => break,
        }
    }
    value
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn words_are_those_of_a_shell() {
        for (command, words) in [
            ("curl  a\tb", &["curl", "a", "b"][..]),
            ("curl 'a b'c\"d e\" ''", &["curl", "a bcd e", ""]),
            ("curl 'it'\\''s'", &["curl", "it's"]),
            ("curl \\\n  -X \\\r\n PUT", &["curl", "-X", "PUT"]),
            ("curl \"a\\\"b\\n\\$c\"", &["curl", "a\"b\\n$c"]),
            (r"curl $'a\'b\n\x41\u00e9\xc3\xa9\101\0'", &["curl", "a'b\nAééA\0"]),
            ("curl a\\ b", &["curl", "a b"]),
            ("$ curl a 2>/dev/null", &["curl", "a"]),
            ("curl a#b # c", &["curl", "a#b"]),
        ] {
            assert_eq!(
                split(command).map(|cut| cut.words),
                Ok(words.iter().map(|it| (*it).to_owned()).collect()),
                "{command}"
            );
        }
    }

    #[test]
    fn what_is_not_taken_for_words_is_told() {
        for (command, expansions, more) in [
            ("curl x | jq .", false, true),
            ("curl x > out", false, true),
            ("curl x; curl y", false, true),
            ("curl x\n", false, false),
            ("curl -H \"authorization: $TOKEN\"", true, false),
            ("curl '$TOKEN' a$ \"$\"", false, false),
            ("curl `x`", true, false),
        ] {
            let cut = split(command).expect("words");
            assert_eq!((cut.expansions, cut.more), (expansions, more), "{command}");
        }
        for command in ["curl 'x", "curl \"x\\", "curl $'x\\'", "curl ^\"x^\""] {
            assert!(split(command).is_err(), "{command}");
        }
    }

    proptest! {
        #[test]
        fn whatever_is_quoted_comes_back(words in prop::collection::vec("[^^]{0,12}", 1..5)) {
            let quote = |word: &String| format!("'{}'", word.replace('\'', r"'\''"));
            let command: Vec<_> = words.iter().map(quote).collect();
            prop_assert_eq!(split(&command.join(" ")).map(|cut| cut.words), Ok(words));
        }

        #[test]
        fn nothing_makes_it_panic(command in "(\\PC|['\"\\\\$\n ]){0,40}") {
            let _words_or_not = split(&command);
        }
    }
}
