//! The known contents of KV.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use corsgate_authoring::UnknownList;
use corsgate_policy::grammar::day::Day;
use corsgate_policy::kv::{list_key, list_name};
use corsgate_policy::origin::entry::{LineError, last_day_of_key};
use corsgate_policy::origin::set::OriginSet;
use corsgate_policy::{Answers, Examined, KeyAnswer, Policy};
use thiserror::Error;

/// The known contents of KV. Unknown lists and keys are treated as absent and reported as [`Unknown`].
#[derive(Debug, Default)]
pub struct Kv {
    /// Text lists, by key.
    lists: BTreeMap<String, OriginSet>,
    /// Keys that hold a single origin each.
    keys: BTreeMap<String, KeyAnswer>,
}

/// The prefix of keys that hold a single origin.
const KEYS: &str = "origin/";

/// A list or key that the gateway would read from KV but that is unknown.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Unknown {
    /// A text list, by the name in its key.
    List(String),
    /// The full key of a single origin.
    Key(String),
}

/// A key or value that the gateway does not read as an origin.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum KeyError {
    /// The key is not that of an origin.
    #[error("`{}` is not the key of an origin: write one such as `origin/NAME/https://app.example.com`", .0.escape_debug())]
    Name(String),
    /// The value of this key is malformed.
    #[error(
        "the value of `{0}` cannot be read, so the gateway ignores the key: write for example `{{\"expires\":\"2031-01-31\"}}`"
    )]
    Value(String),
}

impl Kv {
    /// Adds a text list, parsed as the policy defines. Returns a sentence for each line that the gateway skips.
    ///
    /// # Errors
    /// If the policy has no such list.
    pub fn add_list(&mut self, policy: &Policy, name: &str, text: &str) -> Result<Vec<String>, UnknownList> {
        let key = list_key(name);
        let Some((_, list)) = policy.kv_lists().find(|(_, list)| list.key == key) else {
            let known: BTreeSet<_> = policy.kv_lists().filter_map(|(_, list)| list_name(&list.key)).collect();
            return Err(UnknownList::new(name, known));
        };
        let read = list.read(text);
        let mut sentences: Vec<_> = read
            .bad_lines
            .iter()
            .map(|bad| match bad.error {
                LineError::InsecureOnRoute | LineError::WildcardOnRoute | LineError::ExtensionsOnRoute => {
                    format!("line {}: {}", bad.number, bad.error)
                }
                _ => format!("line {}: {}; the gateway ignores the line", bad.number, bad.error),
            })
            .collect();
        if read.bad_line_count > read.bad_lines.len() {
            sentences.push(format!("and {} more lines", read.bad_line_count - read.bad_lines.len()));
        }
        self.lists.insert(key, read.origins);
        Ok(sentences)
    }

    /// Adds the key of an origin with its value.
    ///
    /// # Errors
    /// If the key is not that of an origin, or the gateway would not accept the value.
    pub fn add_key(&mut self, key: &str, value: &str) -> Result<(), KeyError> {
        let rest = key.strip_prefix(KEYS).and_then(|rest| rest.split_once('/'));
        if rest.is_none_or(|(name, origin)| name.is_empty() || !origin.contains("://")) {
            return Err(KeyError::Name(key.to_owned()));
        }
        let last_day = last_day_of_key(value).ok_or_else(|| KeyError::Value(key.to_owned()))?;
        self.keys.insert(key.to_owned(), KeyAnswer::Present(last_day));
        Ok(())
    }

    /// The patterns of the text lists, each with the key of its list.
    pub fn entries(&self) -> impl Iterator<Item = (Cow<'_, str>, &str)> {
        self.lists.iter().flat_map(|(key, list)| list.patterns().map(move |pattern| (pattern, key.as_str())))
    }

    /// Answers the KV reads that a request needs.
    pub(crate) fn answer<'a>(
        &'a self,
        examined: &Examined<'a>,
        nothing: &'a OriginSet,
        today: Day,
        unknown: &mut BTreeSet<Unknown>,
    ) -> Answers<'a> {
        let mut answers = Answers::default();
        for lookup in &examined.lists(today) {
            let key = &lookup.list.key;
            let list = self.lists.get(key).unwrap_or_else(|| {
                unknown.insert(Unknown::List(list_name(key).unwrap_or(key).to_owned()));
                nothing
            });
            answers.add_list(lookup, Some(list));
        }
        for lookup in &examined.keys(&answers, today) {
            let answer = self.keys.get(&lookup.key).copied().unwrap_or_else(|| {
                unknown.insert(Unknown::Key(lookup.key.clone()));
                KeyAnswer::Absent
            });
            answers.add_key(lookup, answer);
        }
        answers
    }
}
