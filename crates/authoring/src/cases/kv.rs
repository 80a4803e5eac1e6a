//! Reads the contents of KV that the cases give: `[lists]` and `[keys]`.

use core::error::Error;
use std::collections::BTreeMap;

use corsgate_policy::grammar::day::Day;
use corsgate_policy::grammar::host::HostPattern;
use corsgate_policy::origin::entry::{LineError, ListPatterns, parse_line};
use corsgate_policy::origin::pattern::OriginPattern;
use toml::de::DeValue;

use crate::cases::file::{day, named};
use crate::cases::words::VOCABULARY;
use crate::cursor::{Cursor, quoted};
use crate::finding::{Finding, Span};
use crate::mistakes;
use crate::table::Table;

/// Reads the file of a list, by its path as the cases write it. The message of the error becomes that of a finding.
pub type ReadList<'f> = dyn FnMut(&str) -> Result<String, Box<dyn Error>> + 'f;

/// The contents of KV, as a file of cases gives them.
#[derive(Clone, Debug, Default)]
pub(crate) struct Kv {
    /// Text lists, by the name in their key.
    pub(crate) lists: BTreeMap<String, TextOf>,
    /// Keys for single origins, by the name in the keys.
    pub(crate) keys: BTreeMap<String, KeysOf>,
}

/// The text of a list.
#[derive(Clone, Debug)]
pub(crate) struct TextOf {
    /// The place of its name.
    pub(crate) name: Span,
    pub(crate) text: String,
}

/// The keys for the origins of one list.
#[derive(Clone, Debug)]
pub(crate) struct KeysOf {
    /// The place of the list's name.
    pub(crate) name: Span,
    pub(crate) entries: Vec<KeyEntry>,
}

/// A key for one origin.
#[derive(Clone, Debug)]
pub(crate) struct KeyEntry {
    pub(crate) span: Span,
    pub(crate) origin: String,
    /// The host in the key, with `scope = "host"`.
    pub(crate) host: Option<String>,
    pub(crate) expires: Day,
}

impl KeysOf {
    /// The last day of the key `[<host>/]<origin>`, if there is one.
    pub(crate) fn find(&self, key: &str) -> Option<Day> {
        let is = |entry: &&KeyEntry| match &entry.host {
            None => key == entry.origin,
            Some(host) => {
                key.strip_prefix(host.as_str()).and_then(|rest| rest.strip_prefix('/'))
                    == Some(entry.origin.as_str())
            }
        };
        self.entries.iter().find(is).map(|entry| entry.expires)
    }
}

/// Reads `[lists]`.
pub(crate) fn read_lists(
    table: &mut Table<'_, '_>,
    read_list: &mut ReadList<'_>,
) -> BTreeMap<String, TextOf> {
    let names: BTreeMap<_, _> = table.names().collect();
    let texts = table.entries(|_name, list| read_text(list, read_list).unwrap_or_default());
    let with_name = |(name, text): (String, String)| {
        let span = names.get(name.as_str()).cloned().unwrap_or_default();
        (name, TextOf { name: span, text })
    };
    texts.into_iter().map(with_name).collect()
}

fn read_text(list: Cursor<'_, '_>, read_list: &mut ReadList<'_>) -> Option<String> {
    match list.value() {
        DeValue::Table(_) => {
            let file = list.table(|table| {
                table.speak(&VOCABULARY);
                table
                    .required("file")
                    .and_then(|file| {
                        let path = named(file)?;
                        Some((read_list(&path.text), path.span))
                    })
                    .and_then(|(text, span)| match text {
                        Ok(text) => Some(text),
                        Err(error) => {
                            table.report(
                                Finding::new(&mistakes::LIST_FILE, error.to_string()).at(Some(span), ""),
                            );
                            None
                        }
                    })
            });
            file.flatten()
        }
        DeValue::String(path) => {
            let meant = format!("{{ file = {} }}", quoted(path));
            list.refuse_for("a list of lines, or a table with `file`", Some(meant))
        }
        _ => {
            let lines = list.list("a list of lines, or a table with `file`", read_line)?;
            Some(lines.join("\n"))
        }
    }
}

/// Reads a line in the form of KV. The gateway skips an invalid line; here it is a mistake.
fn read_line(line: Cursor<'_, '_>) -> Option<String> {
    let DeValue::String(text) = line.value() else { return line.string() };
    // The policy says whether the list may have wildcards.
    match parse_line(text, ListPatterns::Wildcards) {
        Err(error) => line.reject(Finding::new(mistakes::of_line(&error), error.to_string())),
        Ok(_) => line.string(),
    }
}

/// Reads `[keys]`.
pub(crate) fn read_keys(table: &mut Table<'_, '_>) -> BTreeMap<String, KeysOf> {
    let names: BTreeMap<_, _> = table.names().collect();
    let read =
        |_name: &str, keys: Cursor<'_, '_>| keys.list("a list of origins", read_key).unwrap_or_default();
    let with_name = |(name, entries): (String, Vec<KeyEntry>)| {
        let span = names.get(name.as_str()).cloned().unwrap_or_default();
        (name, KeysOf { name: span, entries })
    };
    table.entries(read).into_iter().map(with_name).collect()
}

fn read_key(key: Cursor<'_, '_>) -> Option<KeyEntry> {
    match key.value() {
        DeValue::Table(_) => {
            let span = key.span();
            key.table(|table| {
                table.speak(&VOCABULARY);
                let origin = table.required("origin").and_then(read_key_origin);
                let host = table.field("host").and_then(read_key_host);
                let expires = table.field("expires").and_then(day).unwrap_or(Day::NEVER);
                Some(KeyEntry { span, origin: origin?, host, expires })
            })?
        }
        DeValue::String(_) => {
            let span = key.span();
            Some(KeyEntry { span, origin: read_key_origin(key)?, host: None, expires: Day::NEVER })
        }
        _ => key.refuse("an origin, or a table with `origin`"),
    }
}

/// Reads the origin in a key. The gateway looks for the origin that a browser sends: a key in any other form is never found.
fn read_key_origin(origin: Cursor<'_, '_>) -> Option<String> {
    let DeValue::String(text) = origin.value() else { return origin.string() };
    let error = match OriginPattern::parse(text) {
        Ok(pattern) if pattern.form().is_exact() => return origin.string(),
        Ok(_) => LineError::WildcardInExactList,
        Err(error) => LineError::Pattern(error),
    };
    origin.reject(Finding::new(mistakes::of_line(&error), error.to_string()))
}

/// Reads the host in a key, which is the host of a request.
fn read_key_host(host: Cursor<'_, '_>) -> Option<String> {
    let DeValue::String(text) = host.value() else { return host.string() };
    let message = match HostPattern::parse(text) {
        Ok(_) if !text.starts_with("*.") => return host.string(),
        Ok(_) => "a key has one host, without `*`".to_owned(),
        Err(error) => error.to_string(),
    };
    host.reject(Finding::new(&mistakes::HOST, message))
}
