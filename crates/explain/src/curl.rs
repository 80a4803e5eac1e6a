//! Reads requests from `curl` commands, copied from a browser or written by hand.

mod flag;

use url::Url;

use self::flag::{Flag, flag, takes_value};
use crate::command_error::CommandError;
use crate::own_headers::{is_never_of_scripts, is_seldom_of_scripts};
use crate::page::Parts;
use crate::shell;

/// A command as read.
#[derive(Debug)]
pub struct Curl {
    /// The request. Its origin is empty if the command names no page.
    pub parts: Parts,
    /// Sentences about what was left out or guessed.
    pub notes: Vec<String>,
}

/// Reads a command.
///
/// # Errors
/// If it cannot be read as a request.
pub fn read(command: &str) -> Result<Curl, CommandError> {
    let cut = shell::split(command)?;
    let mut notes = Vec::new();
    if cut.expansions {
        notes.push(
            "the command has a `$` or a backquote, which is taken literally because no shell is run"
                .to_owned(),
        );
    }
    if cut.more {
        notes.push("only the first command is read; the rest is ignored".to_owned());
    }
    read_noting(cut.words, notes)
}

/// Reads a command that is already split into words.
///
/// # Errors
/// If it cannot be read as a request.
pub fn read_words(words: Vec<String>) -> Result<Curl, CommandError> {
    read_noting(words, Vec::new())
}

fn read_noting(words: Vec<String>, notes: Vec<String>) -> Result<Curl, CommandError> {
    let mut words = words.into_iter();
    match words.next() {
        Some(first) if is_curl(&first) => {}
        Some(first) => return Err(CommandError::NotCurl(first)),
        None => return Err(CommandError::Empty),
    }
    let mut read = Reading { notes, ..Reading::default() };
    read.words(&mut words)?;
    read.conclude()
}

fn is_curl(word: &str) -> bool {
    let name = word.rsplit(['/', '\\']).next().unwrap_or(word);
    name == "curl" || name.eq_ignore_ascii_case("curl.exe")
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
    fn words(&mut self, words: &mut impl Iterator<Item = String>) -> Result<(), CommandError> {
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
    ) -> Result<(), CommandError> {
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
    fn short(&mut self, letters: &str, words: &mut impl Iterator<Item = String>) -> Result<(), CommandError> {
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

    fn take(&mut self, name: &str, flag: Flag, value: Option<String>) -> Result<(), CommandError> {
        let value = match value {
            Some(value) => value,
            None if takes_value(flag) => return Err(CommandError::MissingValue(name.to_owned())),
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
                None => {
                    self.notes.push(format!("`{}` is not a header and is ignored", line.escape_debug()));
                }
            },
        }
    }

    fn conclude(mut self) -> Result<Curl, CommandError> {
        let mut urls = self.urls.into_iter();
        let Some(url) = urls.next() else {
            return Err(CommandError::MissingUrl);
        };
        let others = urls.count();
        if others > 0 {
            self.notes.push(format!("only the first of {} URLs is explained", others + 1));
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
        let method = self.method.unwrap_or_else(|| {
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
        let (mut origin, mut websocket) = (String::new(), false);
        let mut referer = self.referer;
        // Only browsers send these headers.
        let copied = self
            .headers
            .iter()
            .any(|(name, _)| name.starts_with("sec-fetch-") || name.starts_with("sec-ch-"));
        let (mut headers, mut own) = (Vec::new(), Vec::new());
        for (name, value) in self.headers {
            match name.as_str() {
                "origin" => origin = value,
                "referer" => referer = Some(value),
                "upgrade" => websocket = value.eq_ignore_ascii_case("websocket"),
                "cookie" => self.credentials = true,
                _ if is_never_of_scripts(&name) => {}
                _ if copied && is_seldom_of_scripts(&name) => own.push(name),
                _ => headers.push((name, Some(value))),
            }
        }
        let told: Vec<_> = own.iter().map(|name| format!("`{name}`")).collect();
        if !told.is_empty() {
            self.notes.push(format!(
                "treated as set by the browser: {}; if the page sets them, add `--header`",
                told.join(", ")
            ));
        }
        if origin.is_empty()
            && let Some(page) = referer.as_deref().and_then(origin_of)
        {
            self.notes.push(format!("the command has no `Origin`: `{page}` is taken from its `Referer`"));
            origin = page;
        }
        let parts = Parts { url, method, origin, headers, credentials: self.credentials, websocket };
        Ok(Curl { parts, notes: self.notes })
    }
}

/// The origin of a page with this URL.
pub(crate) fn origin_of(page: &str) -> Option<String> {
    let origin = Url::parse(page).ok()?.origin();
    origin.is_tuple().then(|| origin.ascii_serialization())
}

#[cfg(test)]
mod tests;
