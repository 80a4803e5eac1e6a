//! Splits a command as `cmd.exe` and the programs of Windows do: first the prompt takes its `^` away, then the program
//! splits what is left (<https://learn.microsoft.com/cpp/c-language/parsing-c-command-line-arguments>).

use super::CopyError;

/// Splits a command into words. The second value is what follows it.
pub(super) fn split(command: &str) -> Result<(Vec<String>, String), CopyError> {
    let (line, rest) = unescaped(command);
    Ok((words(&line)?, rest))
}

/// The line that the program gets: without the `^` outside of quotes, and without the line breaks that it continues.
fn unescaped(command: &str) -> (String, String) {
    let mut line = String::new();
    let mut is_quoted = false;
    let mut rest = command.chars().peekable();
    while let Some(character) = rest.next() {
        match character {
            '"' => {
                is_quoted = !is_quoted;
                line.push('"');
            }
            '^' if !is_quoted => match rest.next() {
                Some('\r') => {
                    rest.next_if_eq(&'\n');
                    continued(&mut rest, &mut line);
                }
                Some('\n') => continued(&mut rest, &mut line),
                Some(escaped) => line.push(escaped),
                None => {}
            },
            // The command ends here; an `&` within a word belongs to a URL that nobody has quoted.
            '\n' if !is_quoted => return (line, rest.collect()),
            '&' | '|' if !is_quoted && line.ends_with(' ') => return (line, rest.collect()),
            '\r' if !is_quoted => {}
            _ => line.push(character),
        }
    }
    (line, String::new())
}

/// A continued line break stands for nothing, and one behind it for itself: `^`, then two line breaks.
fn continued(rest: &mut core::iter::Peekable<core::str::Chars<'_>>, line: &mut String) {
    let before = rest.clone();
    rest.next_if_eq(&'\r');
    match rest.next_if_eq(&'\n') {
        Some(_) => line.push('\n'),
        None => *rest = before,
    }
}

fn words(line: &str) -> Result<Vec<String>, CopyError> {
    let (mut words, mut word): (Vec<String>, Option<String>) = (Vec::new(), None);
    let mut is_quoted = false;
    let mut rest = line.chars().peekable();
    while let Some(character) = rest.next() {
        match character {
            '\\' => {
                let mut count = 1;
                while rest.next_if_eq(&'\\').is_some() {
                    count += 1;
                }
                let word = word.get_or_insert_default();
                if rest.peek() == Some(&'"') {
                    // Each pair is one backslash, and one left over escapes the quotation mark.
                    word.extend(core::iter::repeat_n('\\', count / 2));
                    if count % 2 == 1 {
                        rest.next();
                        word.push('"');
                    }
                } else {
                    word.extend(core::iter::repeat_n('\\', count));
                }
            }
            '"' if is_quoted && rest.next_if_eq(&'"').is_some() => word.get_or_insert_default().push('"'),
            '"' => {
                is_quoted = !is_quoted;
                word.get_or_insert_default();
            }
            ' ' | '\t' | '\n' if !is_quoted => words.extend(word.take()),
            _ => word.get_or_insert_default().push(character),
        }
    }
    if is_quoted {
        return Err(CopyError::UnendedQuotation("\"…\""));
    }
    words.extend(word);
    Ok(words)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn words_are_those_of_the_command_prompt() {
        for (command, words) in [
            (
                "curl ^\"https://a.example/^%^7Ex?a=1^&b=2^\" ^\r\n  -H ^\"a: b^\"",
                &["curl", "https://a.example/%7Ex?a=1&b=2", "-H", "a: b"][..],
            ),
            (
                "curl \"https://a.example/\" ^\n  -H \"a: b\" --data \"{\"\"a\"\":1}\"",
                &["curl", "https://a.example/", "-H", "a: b", "--data", "{\"a\":1}"],
            ),
            (
                "curl ^\"u^\" --data-raw ^\"^{^\\^\"a^\\^\":^\\^\"^^ b^\\^\"^}^\"",
                &["curl", "u", "--data-raw", "{\"a\":\"^ b\"}"],
            ),
            ("curl \"a\\\\\" b\\c", &["curl", "a\\", "b\\c"]),
            ("curl ^\"a^\n\nb^\"", &["curl", "a\nb"]),
            ("curl \"\" x\nignored", &["curl", "", "x"]),
            ("curl ^\"x^\" &\r\ncurl ^\"y^\"", &["curl", "x"]),
        ] {
            assert_eq!(
                split(command).map(|(words, _)| words),
                Ok(words.iter().map(|it| (*it).to_owned()).collect()),
                "{command}"
            );
        }
        assert!(split("curl \"x").is_err());
    }

    proptest! {
        /// As Chromium quotes for the command prompt.
        #[test]
        fn whatever_is_quoted_comes_back(words in prop::collection::vec("[ -~]{1,12}", 1..4)) {
            let quote = |word: &String| {
                let mut quoted = String::from("^\"");
                for character in word.chars() {
                    match character {
                        '\\' => quoted.push_str("^\\^\\"),
                        '"' => quoted.push_str("^\\^\""),
                        other => quoted.extend(['^', other]),
                    }
                }
                quoted + "^\""
            };
            // Backslashes are doubled only before a quotation mark.
            prop_assume!(words.iter().all(|word| !word.contains('\\')));
            let command: Vec<_> = words.iter().map(quote).collect();
            prop_assert_eq!(split(&command.join(" ")), Ok((words, String::new())));
        }

        #[test]
        fn nothing_makes_it_panic(command in "(\\PC|[\"\\\\^\r\n ]){0,40}") {
            let _words_or_not = split(&command);
        }
    }
}
