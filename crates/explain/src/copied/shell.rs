//! Splits a command into words as a POSIX shell does (XCU, 2.2 and 2.6.5), including the `$'…'` of newer shells. No
//! shell runs and nothing is expanded: a `$` or a backquote is kept as it is, and reported.

use core::iter::Peekable;
use core::str::Chars;

use super::{CopyError, MAX_TEXT};

/// The words of a command, up to where a shell would end it.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Words {
    pub(super) words: Vec<String>,
    /// The command has something that a shell would expand: `$TOKEN`, `$(…)`.
    pub(super) expansions: bool,
    /// More followed after a `|`, `;`, `&`, `<` or `>`, or on another line.
    pub(super) more: bool,
    /// What followed.
    pub(super) rest: String,
    /// An `&` within a URL was not quoted.
    pub(super) ampersand: bool,
    /// A word processor has put its own quotation marks or dashes.
    pub(super) typographic: bool,
}

/// The shell for which a command is quoted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Dialect {
    Posix,
    /// `cmd.exe`.
    CommandPrompt,
    PowerShell,
}

/// The shell for which a command is quoted. Only what stands outside of quotes tells them apart: a body may hold any of
/// their marks.
pub(super) fn dialect(command: &str) -> Dialect {
    let mut rest = command.chars().peekable();
    while let Some(character) = rest.next() {
        let ends_line = |next: Option<&char>| matches!(next, Some('\r' | '\n'));
        match character {
            '^' if ends_line(rest.peek()) || rest.peek() == Some(&'"') => return Dialect::CommandPrompt,
            '`' if ends_line(rest.peek()) => return Dialect::PowerShell,
            '\\' => {
                rest.next();
            }
            '\'' => {
                rest.find(|character| *character == '\'');
            }
            '"' => {
                while let Some(quoted) = rest.next() {
                    match quoted {
                        '"' => break,
                        '\\' => {
                            rest.next();
                        }
                        _ => {}
                    }
                }
            }
            _ => {}
        }
    }
    Dialect::Posix
}

/// The command without a prompt that was copied with it: `$ `, `C:\>`, `PS C:\> `, `me@host:~$ `.
pub(super) fn without_prompt(command: &str) -> &str {
    let command = command.trim_start();
    let line = command.lines().next().unwrap_or_default();
    let before = line.find(['\'', '"', '=']).and_then(|at| line.get(..at)).unwrap_or(line);
    for mark in ["$ ", "% ", "# ", "> ", ">", "\u{276f} "] {
        if let Some((_, rest)) = before.split_once(mark)
            && let Some(command) = command.get(before.len() - rest.len()..)
            && is_curl(rest.split_whitespace().next().unwrap_or_default())
        {
            return command;
        }
    }
    for mark in ["$ ", "% ", "> "] {
        if let Some(command) = command.strip_prefix(mark) {
            return command;
        }
    }
    command
}

/// Whether a text is a `curl` command, possibly with a prompt, variables and the like before it.
pub(super) fn begins_with_curl(text: &str) -> bool {
    let mut words = without_prompt(text).split_whitespace();
    words.find(|word| !(is_wrapper(word) || is_assignment(word))).is_some_and(is_curl)
}

/// The next `curl` command in what follows a command.
pub(super) fn next_command(rest: &str) -> Option<&str> {
    let is_separator = |character: char| matches!(character, '\n' | ';' | '&' | '|');
    rest.match_indices(['c', 'C']).find_map(|(at, _)| {
        let name = rest.get(at..at + "curl".len())?;
        if !name.eq_ignore_ascii_case("curl") {
            return None;
        }
        // A prompt and a few variables may stand before it.
        let before = rest.get(..at)?;
        let from = before.char_indices().rev().take(MOST_BEFORE).find(|(_, it)| is_separator(*it));
        let begin = match from {
            Some((at, separator)) => at + separator.len_utf8(),
            None if before.chars().take(MOST_BEFORE).count() < MOST_BEFORE => 0,
            None => return None,
        };
        let end = rest.len().min(at + "curl.exe".len());
        let end = (end..rest.len()).find(|end| rest.is_char_boundary(*end)).unwrap_or(rest.len());
        begins_with_curl(rest.get(begin..end)?).then(|| rest.get(begin..)).flatten()
    })
}

/// How far before its name a command may begin, in characters.
const MOST_BEFORE: usize = 300;

/// Whether a word is the name of the program.
pub(super) fn is_curl(word: &str) -> bool {
    let word = word.trim_matches(['"', '\'']);
    let name = word.rsplit(['/', '\\']).next().unwrap_or(word);
    name.eq_ignore_ascii_case("curl") || name.eq_ignore_ascii_case("curl.exe")
}

/// Whether a word runs the command that follows it.
pub(super) fn is_wrapper(word: &str) -> bool {
    matches!(word, "time" | "command" | "exec" | "nohup" | "sudo" | "env" | "builtin" | "&" | "!" | "(")
}

/// Whether a word before a command sets a variable for it.
pub(super) fn is_assignment(word: &str) -> bool {
    word.split_once('=').is_some_and(|(name, _)| {
        let is_name = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
        !name.is_empty()
            && name.bytes().all(is_name)
            && !name.starts_with(|first: char| first.is_ascii_digit())
    })
}

/// Splits a command into words.
pub(super) fn split(command: &str) -> Result<Words, CopyError> {
    if command.len() > MAX_TEXT {
        return Err(CopyError::TooLong);
    }
    let mut cut = Words::default();
    let mut word: Option<String> = None;
    let mut rest = without_prompt(command).chars().peekable();
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
            '\u{2018}' | '\u{201c}' | '\u{201e}' if word.is_none() => {
                cut.typographic = true;
                until_typographic_quote(&mut rest, character, word.get_or_insert_default())?;
            }
            '\u{2013}' | '\u{2014}' if word.is_none() => {
                cut.typographic = true;
                let dashes = if rest.clone().nth(1).is_some_and(char::is_alphabetic) { "--" } else { "-" };
                word = Some(dashes.to_owned());
            }
            '\u{a0}' => cut.words.extend(word.take()),
            '&' if word.as_ref().is_some_and(|word| word.contains("://"))
                && rest.peek().is_some_and(|next| !next.is_whitespace() && *next != '&') =>
            {
                cut.ampersand = true;
                word.get_or_insert_default().push('&');
            }
            ' ' | '\t' | '\r' => cut.words.extend(word.take()),
            '\n' | ';' | '|' | '&' | '<' | '>' => {
                // A number before a redirection belongs to it (`2>/dev/null`).
                let is_number = |word: &String| word.bytes().all(|byte| byte.is_ascii_digit());
                let of_redirection = |word: &String| matches!(character, '<' | '>') && is_number(word);
                cut.words.extend(word.take().filter(|word| !of_redirection(word)));
                cut.rest = rest.collect();
                cut.more = !cut.rest.trim().is_empty();
                return Ok(cut);
            }
            '#' if word.is_none() => {
                cut.rest = rest.collect();
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

/// Reads up to the mark that closes a quotation of a word processor.
fn until_typographic_quote(
    rest: &mut Peekable<Chars<'_>>,
    opened: char,
    word: &mut String,
) -> Result<(), CopyError> {
    let closes = |character: char| match opened {
        '\u{2018}' => matches!(character, '\u{2019}' | '\u{2018}' | '\''),
        _ => matches!(character, '\u{201d}' | '\u{201c}' | '"'),
    };
    for character in rest {
        if closes(character) {
            return Ok(());
        }
        word.push(character);
    }
    Err(CopyError::UnendedQuotation("'…'"))
}

fn until_quote(rest: &mut Peekable<Chars<'_>>, word: &mut String) -> Result<(), CopyError> {
    for character in rest {
        match character {
            '\'' => return Ok(()),
            _ => word.push(character),
        }
    }
    Err(CopyError::UnendedQuotation("'…'"))
}

fn until_double_quote(
    rest: &mut Peekable<Chars<'_>>,
    word: &mut String,
    expansions: &mut bool,
) -> Result<(), CopyError> {
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
    Err(CopyError::UnendedQuotation("\"…\""))
}

/// Reads the rest of `$'…'` (POSIX.1-2024, XCU 2.2.4).
fn until_ansi_quote(rest: &mut Peekable<Chars<'_>>, word: &mut String) -> Result<(), CopyError> {
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
    Err(CopyError::UnendedQuotation("$'…'"))
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
        for command in ["curl 'x", "curl \"x\\", "curl $'x\\'"] {
            assert!(split(command).is_err(), "{command}");
        }
    }

    proptest! {
        #[test]
        fn whatever_is_quoted_comes_back(words in prop::collection::vec("\\PC{0,12}", 1..5)) {
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
