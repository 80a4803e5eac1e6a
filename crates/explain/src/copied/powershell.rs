//! Reads *Copy as PowerShell*: `Invoke-WebRequest` with its headers and its session. The script is not run.

use super::{Copied, CopyError, Headers, MAX_TEXT, MOST_COPIES, Unread};
use crate::page::Parts;

#[derive(Clone, Debug, PartialEq, Eq)]
enum Token {
    /// An unquoted word, such as a name of a command, a parameter, or a variable.
    Word(String),
    /// A text between quotes.
    Text(String),
    /// One of `{`, `}`, `(`, `)`, `=`, `,`.
    Mark(char),
    /// `;`, `|` or the end of a line.
    End,
}

/// The words of a command, up to its end, and what follows it.
pub(super) fn words(command: &str) -> Result<(Vec<String>, String), CopyError> {
    let mut words = Vec::new();
    let mut glued = false;
    let (tokens, rest) = tokens(command, true)?;
    for (token, is_glued) in tokens {
        let word = match token {
            Token::Word(word) | Token::Text(word) => word,
            Token::Mark(mark) => mark.to_string(),
            Token::End => break,
        };
        match words.last_mut().filter(|_| glued) {
            Some(last) => {
                let last: &mut String = last;
                last.push_str(&word);
            }
            None => words.push(word),
        }
        glued = is_glued;
    }
    Ok((words, rest))
}

/// A token, and whether the next one follows without a space.
type Found = (Token, bool);

/// The tokens of a script, or of its first command alone, and what is left of it.
fn tokens(script: &str, first_alone: bool) -> Result<(Vec<Found>, String), CopyError> {
    let mut tokens: Vec<Found> = Vec::new();
    let mut rest = script.trim().chars().peekable();
    while let Some(character) = rest.next() {
        let token = match character {
            ' ' | '\t' | '\r' | '\u{a0}' => continue,
            '`' => match rest.next() {
                Some('\r') => {
                    rest.next_if_eq(&'\n');
                    continue;
                }
                Some('\n') | None => continue,
                Some(escaped) => Token::Word(escaped.to_string()),
            },
            '\n' | ';' | '|' => Token::End,
            // PowerShell takes the quotation marks of word processors for its own.
            '\'' | '\u{2018}' | '\u{2019}' => Token::Text(literal(&mut rest)?),
            '"' | '\u{201c}' | '\u{201d}' => Token::Text(expandable(&mut rest)?),
            '{' | '}' | '(' | ')' | '=' | ',' => Token::Mark(character),
            '@' if matches!(rest.peek(), Some('{' | '(')) => continue,
            '#' => {
                rest.find(|character| *character == '\n');
                Token::End
            }
            _ => {
                let mut word = String::from(character);
                let ends = |character: &char| {
                    character.is_whitespace()
                        || "'\"`{}()=,;|\u{2018}\u{2019}\u{201c}\u{201d}".contains(*character)
                };
                while let Some(more) = rest.next_if(|character| !ends(character)) {
                    word.push(more);
                }
                Token::Word(word)
            }
        };
        if first_alone && token == Token::End && !tokens.is_empty() {
            return Ok((tokens, rest.collect()));
        }
        let glued = rest.peek().is_some_and(|next| !next.is_whitespace() && *next != '`');
        tokens.push((token, glued));
    }
    Ok((tokens, String::new()))
}

type Rest<'a> = core::iter::Peekable<core::str::Chars<'a>>;

fn literal(rest: &mut Rest<'_>) -> Result<String, CopyError> {
    let mut text = String::new();
    let is_mark = |character: char| matches!(character, '\'' | '\u{2018}' | '\u{2019}');
    while let Some(character) = rest.next() {
        match character {
            mark if is_mark(mark) => match rest.next_if(|next| is_mark(*next)) {
                Some(doubled) => text.push(doubled),
                None => return Ok(text),
            },
            _ => text.push(character),
        }
    }
    Err(CopyError::UnendedQuotation("'…'"))
}

fn expandable(rest: &mut Rest<'_>) -> Result<String, CopyError> {
    let mut text = String::new();
    let is_mark = |character: char| matches!(character, '"' | '\u{201c}' | '\u{201d}');
    while let Some(character) = rest.next() {
        match character {
            mark if is_mark(mark) => match rest.next_if(|next| is_mark(*next)) {
                Some(doubled) => text.push(doubled),
                None => return Ok(text),
            },
            '`' => match rest.next() {
                Some('n') => text.push('\n'),
                Some('r') => text.push('\r'),
                Some('t') => text.push('\t'),
                Some('0') => text.push('\0'),
                Some(escaped) => text.push(escaped),
                None => break,
            },
            _ => text.push(character),
        }
    }
    Err(CopyError::UnendedQuotation("\"…\""))
}

type Table = Vec<(String, String)>;

/// Reads the first call of a script.
///
/// # Errors
/// If it cannot be read as a request.
pub fn read(script: &str) -> Result<Copied, Unread> {
    let (mut all, _) = read_all(script);
    if all.is_empty() { Err(CopyError::NoWebRequest.into()) } else { all.swap_remove(0) }
}

/// Reads each call of a script, up to [`MOST_COPIES`]. The second value is whether there are more.
#[must_use]
pub fn read_all(script: &str) -> (Vec<Result<Copied, Unread>>, bool) {
    if script.len() > MAX_TEXT {
        return (vec![Err(CopyError::TooLong.into())], false);
    }
    let tokens: Vec<Token> = match tokens(script.trim_start_matches('\u{feff}'), false) {
        Ok((tokens, _)) => tokens.into_iter().map(|(token, _)| token).collect(),
        Err(error) => return (vec![Err(error.into())], false),
    };
    let mut found = Vec::new();
    let (mut before, mut rest): (&[Token], &[Token]) = (&[], &tokens);
    while let Some(at) = rest.iter().position(is_call) {
        if found.len() >= MOST_COPIES {
            return (found, true);
        }
        // What is set up before a call: its session and its variables.
        let set_up = tokens.get(..before.len() + at).unwrap_or_default();
        let call = rest.get(at..).unwrap_or_default();
        let since = rest.get(..at).unwrap_or_default();
        found.push(read_call(set_up, since, call));
        let end = call.iter().skip(1).position(is_call).map_or(call.len(), |next| next + 1);
        // The next call's own set-up stands between the end of this one and it.
        let end = call.get(..end).and_then(end_of).unwrap_or(end);
        before = tokens.get(..before.len() + at + end).unwrap_or_default();
        rest = tokens.get(before.len()..).unwrap_or_default();
    }
    if found.is_empty() {
        found.push(Err(CopyError::NoWebRequest.into()));
    }
    (found, false)
}

fn is_call(token: &Token) -> bool {
    matches!(token, Token::Word(word) if ["invoke-webrequest", "invoke-restmethod", "iwr", "irm"]
        .iter().any(|name| word.eq_ignore_ascii_case(name)))
}

/// Where a command ends: outside of `{ … }`, in which lines are entries of a table.
fn end_of(call: &[Token]) -> Option<usize> {
    let mut depth = 0_usize;
    call.iter().position(|token| {
        match token {
            Token::Mark('{') => depth += 1,
            Token::Mark('}') => depth = depth.saturating_sub(1),
            _ => {}
        }
        depth == 0 && *token == Token::End
    })
}

/// Reads a call. `set_up` is all that stands before it, and `since` what stands between the call before and it.
fn read_call(set_up: &[Token], since: &[Token], call: &[Token]) -> Result<Copied, Unread> {
    let mut notes = Vec::new();
    let mut called = Called::default();
    let variables = tables(set_up);
    let mut call = call.iter().skip(1).peekable();
    while let Some(token) = call.next() {
        match token {
            Token::End => break,
            Token::Word(word) if word.starts_with('-') => called.parameter(word, &mut call, &variables),
            Token::Word(url) | Token::Text(url) if called.url.is_empty() => called.url.clone_from(url),
            _ => {}
        }
    }
    if called.url.starts_with('$') {
        return Err(Unread { error: CopyError::VariableUrl(called.url), notes });
    }
    if called.url.is_empty() {
        return Err(Unread { error: CopyError::NoWebRequest, notes });
    }
    // Devtools write the session of each call before it.
    let is_session = |token: &Token| matches!(token, Token::Word(word) if word.to_ascii_lowercase().ends_with("webrequestsession"));
    let session = if since.iter().any(is_session) { since } else { set_up };
    let has_cookies = called.session
        && session.iter().any(
            |token| matches!(token, Token::Word(word) if word.to_ascii_lowercase().ends_with(".cookies.add")),
        );
    if called.has_body
        && called.content_type.is_none()
        && !called.headers.iter().any(|(name, _)| name == "content-type")
        && called.method.eq_ignore_ascii_case("post")
    {
        called.content_type = Some("application/x-www-form-urlencoded".to_owned());
    }
    called.headers.extend(called.content_type.map(|value| ("content-type".to_owned(), value)));
    // Chromium writes the fields of HTTP/2 without their colon.
    let exported = called.headers.iter().any(|(name, _)| name == "scheme" || name == "authority");
    called.headers.retain(|(name, _)| !(exported && is_pseudo(name)));
    let headers = Headers::read(called.headers, exported);
    let origin = headers.origin("command", &mut notes);
    let parts = Parts {
        url: called.url,
        method: called.method,
        origin,
        headers: headers.of_script,
        credentials: has_cookies || headers.has_cookies,
        websocket: headers.opens_websocket,
        ..Parts::default()
    };
    Ok(Copied { parts, notes, without_cors: headers.without_cors })
}

fn is_pseudo(name: &str) -> bool {
    matches!(name, "authority" | "method" | "path" | "scheme")
}

#[derive(Default)]
struct Called {
    url: String,
    method: String,
    headers: Table,
    content_type: Option<String>,
    has_body: bool,
    session: bool,
}

impl Called {
    fn parameter<'t>(
        &mut self,
        name: &str,
        rest: &mut core::iter::Peekable<impl Iterator<Item = &'t Token>>,
        variables: &[(String, Table)],
    ) {
        let lower = name.trim_start_matches('-').trim_end_matches(':').to_ascii_lowercase();
        // A parameter may be shortened as long as it is no other one.
        let is = |full: &str| lower.len() >= 3 && full.starts_with(&lower);
        let mut text = || match rest.peek() {
            Some(Token::Text(value)) => {
                rest.next();
                Some(value.clone())
            }
            Some(Token::Word(value)) if !value.starts_with('-') => {
                rest.next();
                Some(value.clone())
            }
            _ => None,
        };
        if is("uri") {
            self.url = text().unwrap_or_default();
        } else if is("method") || is("custommethod") {
            self.method = text().unwrap_or_default();
        } else if is("contenttype") {
            self.content_type = text();
        } else if is("websession") || is("sessionvariable") {
            self.session |= text().is_some();
        } else if is("body") || is("form") || is("infile") {
            self.has_body = true;
            let _value = text();
        } else if is("useragent") || is("timeoutsec") {
            let _value = text();
        } else if is("headers") {
            match rest.peek() {
                Some(Token::Mark('{')) => {
                    rest.next();
                    self.headers.extend(table(rest));
                }
                Some(Token::Word(variable)) => {
                    let known = variables.iter().find(|(name, _)| name.eq_ignore_ascii_case(variable));
                    self.headers.extend(known.map(|(_, table)| table.clone()).unwrap_or_default());
                }
                _ => {}
            }
        }
    }
}

/// The rest of `@{ name = value; … }`.
fn table<'t>(rest: &mut impl Iterator<Item = &'t Token>) -> Table {
    let mut table = Table::new();
    let mut name: Option<&String> = None;
    let mut is_value = false;
    for token in rest {
        match token {
            Token::Mark('}') => break,
            Token::Mark('=') => is_value = true,
            Token::End => (name, is_value) = (None, false),
            Token::Word(word) | Token::Text(word) => match name.take_if(|_| is_value) {
                Some(name) => {
                    table.push((name.trim().to_ascii_lowercase(), word.trim().to_owned()));
                    is_value = false;
                }
                None => name = Some(word),
            },
            Token::Mark(_) => {}
        }
    }
    table
}

/// The tables that the script puts into variables.
fn tables(tokens: &[Token]) -> Vec<(String, Table)> {
    let mut found = Vec::new();
    let mut rest = tokens.iter();
    while let Some(token) = rest.next() {
        let Token::Word(variable) = token else { continue };
        let mut ahead = rest.clone();
        if variable.starts_with('$')
            && ahead.next() == Some(&Token::Mark('='))
            && ahead.next() == Some(&Token::Mark('{'))
        {
            found.push((variable.clone(), table(&mut ahead)));
            rest = ahead;
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn words_are_those_of_powershell() {
        for (command, words) in [
            (
                "curl.exe 'https://a.example/?a=1&b=2' `\r\n  -H 'it''s' `\n -H \"a: `\"b`\"\"",
                &["curl.exe", "https://a.example/?a=1&b=2", "-H", "it's", "-H", "a: \"b\""][..],
            ),
            (
                "curl.exe -X PUT --json='{\"a\":1}' https://a.example; next",
                &["curl.exe", "-X", "PUT", "--json={\"a\":1}", "https://a.example"],
            ),
            ("curl.exe \u{201c}a b\u{201d} \u{2018}c\u{2019}", &["curl.exe", "a b", "c"]),
        ] {
            assert_eq!(
                super::words(command).map(|(words, _)| words),
                Ok(words.iter().map(|it| (*it).to_owned()).collect()),
                "{command}"
            );
        }
        assert!(super::words("curl.exe 'x").is_err());
    }

    proptest! {
        #[test]
        fn nothing_makes_it_panic(script in "(Invoke-WebRequest|-Headers|-Uri|@\\{|\\PC|['\"`$\n =};]){0,40}") {
            let _read_or_not = read(&script);
        }
    }
}
