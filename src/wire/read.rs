//! The message `read`: a key of KV to read, and its purpose. Rust writes it; JavaScript reads the key in it and passes the
//! message back with KV's answer. Several messages are one text, with a line for each.

use corsgate_policy::KvList;
use corsgate_policy::kv::{CURRENT_POLICY, PREVIOUS_POLICY};
use corsgate_policy::origin::entry::ListPatterns;
use corsgate_policy::origin::set::AcceptedEntries;

use super::Malformed;

const HEAD: &str = "read 1 ";
const MALFORMED: Malformed = Malformed("read");

/// A key of KV to read, and its purpose.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Read {
    /// The policy in force.
    Policy,
    /// The previous policy, because the current one is invalid: the current one's fingerprint, and the error.
    PreviousPolicy { current: u64, error: String },
    /// A text list.
    List(KvList),
    /// The filter of a list with a key for each origin.
    Filter(String),
    /// A per-origin key, and the client whose budget is charged (see [`corsgate_policy::policy::limit::client_key`]).
    Key { client: Option<String>, key: String },
}

/// Stands in place of a client if none is charged.
const NOBODY: &str = "-";

impl Read {
    pub(crate) fn key(&self) -> &str {
        match self {
            Self::Policy => CURRENT_POLICY,
            Self::PreviousPolicy { .. } => PREVIOUS_POLICY,
            Self::List(list) => &list.key,
            Self::Filter(key) | Self::Key { key, .. } => key,
        }
    }

    /// The message: name, version, kind, the fields of that kind, and the key as the last word.
    pub(crate) fn line(&self) -> String {
        let key = self.key();
        match self {
            Self::Policy => format!("{HEAD}policy {key}"),
            // The error contains no line break: it comes from a policy that was parsed as JSON.
            Self::PreviousPolicy { current, error } => {
                format!("{HEAD}previous {current} {} {key}", error.replace('\n', " "))
            }
            Self::List(list) => {
                let KvList { patterns, accepted, .. } = list;
                let wild = *patterns == ListPatterns::Wildcards;
                let rules = [wild, accepted.insecure, accepted.wildcards, accepted.extensions];
                let flags = rules.iter().fold(0, |flags, rule| flags << 1 | u8::from(*rule));
                format!("{HEAD}list {flags} {key}")
            }
            Self::Filter(_) => format!("{HEAD}filter {key}"),
            Self::Key { client, .. } => format!("{HEAD}key {} {key}", client.as_deref().unwrap_or(NOBODY)),
        }
    }

    pub(crate) fn parse(line: &str) -> Result<Self, Malformed> {
        line.strip_prefix(HEAD).and_then(Self::parse_words).ok_or(MALFORMED)
    }

    fn parse_words(words: &str) -> Option<Self> {
        let (kind, rest) = words.split_once(' ')?;
        let read = match kind {
            "policy" => Self::Policy,
            "filter" => Self::Filter(rest.to_owned()),
            "previous" => {
                let (current, rest) = rest.split_once(' ')?;
                let (error, _key) = rest.rsplit_once(' ')?;
                Self::PreviousPolicy { current: current.parse().ok()?, error: error.to_owned() }
            }
            "list" => {
                let (flags, key) = rest.split_once(' ')?;
                let flags = flags.parse().ok().filter(|flags: &u8| *flags <= 0b1111)?;
                let patterns = match flags & 0b1000 {
                    0 => ListPatterns::Exact,
                    _ => ListPatterns::Wildcards,
                };
                let accepted = AcceptedEntries {
                    insecure: flags & 0b100 != 0,
                    wildcards: flags & 0b010 != 0,
                    extensions: flags & 0b001 != 0,
                };
                Self::List(KvList { key: key.to_owned(), patterns, accepted })
            }
            "key" => {
                let (client, key) = rest.split_once(' ')?;
                let client = Some(client).filter(|client| *client != NOBODY).map(str::to_owned);
                Self::Key { client, key: key.to_owned() }
            }
            _ => return None,
        };
        let key = words.rsplit(' ').next();
        (!read.key().is_empty() && key == Some(read.key())).then_some(read)
    }
}
