//! Reads requests from `curl` commands, copied from a browser or written by hand.

mod flag;

use self::flag::{Flag, flag, takes_value};
use super::shell::{self, Dialect, Words};
use super::{Copied, CopyError, Headers, MAX_TEXT, MOST_COPIES, Unread, command_prompt, powershell};
use crate::initiator::Initiator;
use crate::page::Parts;

/// Reads a command, quoted for bash, `cmd.exe` or PowerShell.
///
/// # Errors
/// If it cannot be read as a request.
pub fn read(command: &str) -> Result<Copied, Unread> {
    read_first(command).0
}

/// Reads each command of a text, up to [`MOST_COPIES`]. The second value is whether there are more.
#[must_use]
pub fn read_all(text: &str) -> (Vec<Result<Copied, Unread>>, bool) {
    let mut found = Vec::new();
    let mut rest = text.to_owned();
    loop {
        let (copied, behind) = read_first(&rest);
        found.push(copied);
        match shell::next_command(&behind) {
            None => return (found, false),
            Some(_) if found.len() >= MOST_COPIES => return (found, true),
            Some(next) => rest = next.to_owned(),
        }
    }
}

/// Reads the first command of a text, and returns it with what follows.
fn read_first(command: &str) -> (Result<Copied, Unread>, String) {
    if command.len() > MAX_TEXT {
        return (Err(CopyError::TooLong.into()), String::new());
    }
    let command = shell::without_prompt(command.trim_start_matches('\u{feff}'));
    let cut = match split(command) {
        Ok(cut) => cut,
        Err(error) => return (Err(error.into()), String::new()),
    };
    let mut notes = Vec::new();
    if cut.expansions {
        notes.push(
            "the command has a `$` or a backquote, which is taken literally because no shell is run"
                .to_owned(),
        );
    }
    if cut.ampersand {
        notes.push(
            "the URL has an unquoted `&`, at which a shell ends the command; it is read as part of the URL: put the URL in `'…'`"
                .to_owned(),
        );
    }
    if cut.typographic {
        notes.push(
            "the command has quotation marks or dashes of a word processor, which no shell knows; they are read as `'`, `\"` and `-`"
                .to_owned(),
        );
    }
    if cut.more && shell::next_command(&cut.rest).is_none() {
        notes.push("only the first command is read; the rest is ignored".to_owned());
    }
    (read_noting(cut.words, notes), cut.rest)
}

fn split(command: &str) -> Result<Words, CopyError> {
    match shell::dialect(command) {
        Dialect::Posix => shell::split(command),
        Dialect::CommandPrompt => {
            let (words, rest) = command_prompt::split(command)?;
            Ok(Words { words, more: !rest.trim().is_empty(), rest, ..Words::default() })
        }
        Dialect::PowerShell => {
            let (words, rest) = powershell::words(command)?;
            Ok(Words { words, more: !rest.trim().is_empty(), rest, ..Words::default() })
        }
    }
}

/// Reads a command that is already split into words.
///
/// # Errors
/// If it cannot be read as a request.
pub fn read_words(words: Vec<String>) -> Result<Copied, Unread> {
    read_noting(words, Vec::new())
}

fn read_noting(words: Vec<String>, notes: Vec<String>) -> Result<Copied, Unread> {
    let mut read = Reading { notes, ..Reading::default() };
    let done = read.command(words).and_then(|()| read.conclude());
    done.map_err(|error| Unread { error, notes: read.notes })
}

#[derive(Default)]
struct Reading {
    urls: Vec<String>,
    method: Option<String>,
    headers: Vec<(String, String)>,
    /// The content type that a body implies, which also implies the method.
    body: Option<&'static str>,
    json: bool,
    upload: bool,
    head: bool,
    get: bool,
    credentials: bool,
    referer: Option<String>,
    /// `Content-Type:` removes the content type that a body implies.
    without_type: bool,
    /// `--next` ended this request.
    ended: bool,
    notes: Vec<String>,
}

impl Reading {
    fn command(&mut self, words: Vec<String>) -> Result<(), CopyError> {
        let mut words = words.into_iter().skip_while(|word| shell::is_wrapper(word)).peekable();
        let mut variables = Vec::new();
        while let Some(word) = words.next_if(|word| shell::is_assignment(word) || shell::is_wrapper(word)) {
            // The value may be a secret.
            variables.extend(word.split_once('=').map(|(name, _)| format!("`{name}`")));
        }
        if !variables.is_empty() {
            self.notes.push(format!(
                "the command sets {} for itself, which is left out because no shell is run",
                variables.join(", ")
            ));
        }
        match words.next() {
            Some(first) if shell::is_curl(&first) => self.words(&mut words),
            Some(first) => Err(CopyError::NotCurl(first)),
            None => Err(CopyError::NoCommand),
        }
    }

    fn words(&mut self, words: &mut impl Iterator<Item = String>) -> Result<(), CopyError> {
        while let Some(word) = words.next() {
            if self.ended {
                self.notes.push("only the request before `--next` is explained".to_owned());
                return Ok(());
            }
            if word == "--" {
                self.urls.extend(words);
                return Ok(());
            }
            if let Some(long) = word.strip_prefix("--") {
                // curl itself does not accept `--name=value`, but people write it.
                let (name, attached) = match long.split_once('=') {
                    Some((name, value)) => (name, Some(value.to_owned())),
                    None => (long, None),
                };
                self.long(name, attached, words)?;
            } else if let Some(short) = word.strip_prefix('-').filter(|short| !short.is_empty()) {
                self.short(short, words)?;
            } else {
                self.urls.push(word);
            }
        }
        Ok(())
    }

    fn long(
        &mut self,
        name: &str,
        attached: Option<String>,
        words: &mut impl Iterator<Item = String>,
    ) -> Result<(), CopyError> {
        match flag(name).filter(|_| name.len() > 1) {
            Some(flag) => {
                let value = if takes_value(flag) { attached.or_else(|| words.next()) } else { None };
                self.take(&format!("--{name}"), flag, value)
            }
            None => {
                self.notes.push(format!("`--{}` is unknown and ignored", name.escape_debug()));
                Ok(())
            }
        }
    }

    /// Reads short flags in one word. One of them may take the rest of the word, or the next word, as its value.
    fn short(&mut self, letters: &str, words: &mut impl Iterator<Item = String>) -> Result<(), CopyError> {
        for (at, letter) in letters.char_indices() {
            let name = letter.to_string();
            let Some(flag) = flag(&name) else {
                self.notes.push(format!("`-{}` is unknown and ignored", letter.escape_debug()));
                continue;
            };
            if !takes_value(flag) {
                self.take(&format!("-{name}"), flag, None)?;
                continue;
            }
            let rest = letters.get(at + letter.len_utf8()..).unwrap_or_default();
            let value = if rest.is_empty() { words.next() } else { Some(rest.to_owned()) };
            return self.take(&format!("-{name}"), flag, value);
        }
        Ok(())
    }

    fn take(&mut self, name: &str, flag: Flag, value: Option<String>) -> Result<(), CopyError> {
        let value = match value {
            Some(value) => value,
            None if takes_value(flag) => return Err(CopyError::MissingValue(name.to_owned())),
            None => String::new(),
        };
        match flag {
            Flag::Header => self.header(&value),
            Flag::Request => self.method = Some(value),
            Flag::Data => self.body = self.body.or(Some("application/x-www-form-urlencoded")),
            Flag::Json => self.json = true,
            Flag::Form => self.body = Some("multipart/form-data"),
            Flag::Head => self.head = true,
            Flag::Get => self.get = true,
            Flag::User => self.headers.push(("authorization".to_owned(), "Basic".to_owned())),
            Flag::Bearer => self.headers.push(("authorization".to_owned(), "Bearer".to_owned())),
            Flag::Cookie => self.credentials = true,
            Flag::Url => self.urls.push(value),
            Flag::Range => self.headers.push(("range".to_owned(), format!("bytes={value}"))),
            Flag::Upload => self.upload = true,
            Flag::Referer => self.referer = Some(value),
            Flag::Next => self.ended = true,
            Flag::Other { .. } => {}
        }
        Ok(())
    }

    /// Reads `Name: value`. `Name:` removes a header, and `Name;` sends it empty.
    fn header(&mut self, line: &str) {
        if line.starts_with('@') {
            self.notes.push(format!("the headers in the file `{}` are not read", line.escape_debug()));
            return;
        }
        match line.split_once(':') {
            Some((name, value)) if value.trim().is_empty() => {
                self.headers.retain(|(known, _)| !known.eq_ignore_ascii_case(name.trim()));
                self.without_type |= name.trim().eq_ignore_ascii_case("content-type");
            }
            // A name that begins with a colon is an HTTP/2 pseudo-header. The URL has its value already.
            Some(("", _)) => {}
            Some((name, value)) => {
                self.headers.push((name.trim().to_ascii_lowercase(), value.trim().to_owned()))
            }
            None => match line.strip_suffix(';') {
                Some(name) => self.headers.push((name.trim().to_ascii_lowercase(), String::new())),
                // It may be a token.
                None => {
                    self.notes.push("a header without `:` is ignored: write `Name: value`".to_owned());
                }
            },
        }
    }

    fn conclude(&mut self) -> Result<Copied, CopyError> {
        let mut urls = core::mem::take(&mut self.urls).into_iter();
        let Some(url) = urls.next() else {
            return Err(CopyError::MissingUrl);
        };
        let others = urls.count();
        if others > 0 {
            self.notes.push(format!("only the first of {} URLs is explained", others + 1));
        }
        if url.starts_with('$') && !url.contains("://") {
            return Err(CopyError::VariableUrl(url));
        }
        let url = match url.contains("://") {
            true => url,
            false => {
                self.notes.push("the URL has no scheme, so curl uses `http`".to_owned());
                format!("http://{url}")
            }
        };
        let named = |name: &str| self.headers.iter().any(|(known, _)| known == name);
        let content_type = match (self.json, self.body) {
            (true, _) => Some("application/json"),
            (false, body) => body,
        };
        let has_body = content_type.is_some() && !self.get;
        let method = self.method.take().unwrap_or_else(|| {
            let implied = match (self.upload, self.head, has_body) {
                (true, ..) => "PUT",
                (false, true, _) => "HEAD",
                (false, false, true) => "POST",
                (false, false, false) => "GET",
            };
            implied.to_owned()
        });
        let implied = content_type.filter(|_| has_body && !self.without_type && !named("content-type"));
        self.headers.extend(implied.map(|implied| ("content-type".to_owned(), implied.to_owned())));
        let mut headers = Headers::read(core::mem::take(&mut self.headers), false);
        headers.referer = headers.referer.or_else(|| self.referer.take());
        let mut notes = core::mem::take(&mut self.notes);
        let origin = headers.origin("command", &mut notes);
        let initiator = if headers.is_event_source { Initiator::Resource } else { Initiator::default() };
        let parts = Parts {
            url,
            method,
            origin,
            headers: headers.of_script,
            credentials: self.credentials || headers.has_cookies,
            websocket: headers.opens_websocket,
            initiator,
            ..Parts::default()
        };
        Ok(Copied { parts, notes, without_cors: headers.without_cors })
    }
}

#[cfg(test)]
mod tests;
