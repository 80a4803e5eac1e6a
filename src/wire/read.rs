//! The message `read`: a key of KV to read, and its purpose. Rust writes it; JavaScript reads the key in it and passes the
//! message back with KV's answer. Several messages are one text, with a line for each.

use corsgate_policy::KvList;
use corsgate_policy::kv::{CURRENT_POLICY, PREVIOUS_POLICY};
use corsgate_policy::origin::entry::ListPatterns;
use corsgate_policy::origin::set::AcceptedEntries;

use super::Malformed;

const HEAD: &str = "read 1";
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
            Self::Policy => written(&["policy", key]),
            // The error contains no line break: it comes from a policy that was parsed as JSON.
            Self::PreviousPolicy { current, error } => {
                written(&["previous", &current.to_string(), &error.replace('\n', " "), key])
            }
            Self::List(list) => {
                let KvList { patterns, accepted, .. } = list;
                let wild = *patterns == ListPatterns::Wildcards;
                let rules = [wild, accepted.insecure, accepted.wildcards, accepted.extensions];
                let flags = rules.iter().fold(0, |flags, rule| flags << 1 | u32::from(*rule));
                written(&["list", &flags.to_string(), key])
            }
            Self::Filter(_) => written(&["filter", key]),
            Self::Key { client, .. } => written(&["key", client.as_deref().unwrap_or(NOBODY), key]),
        }
    }

    pub(crate) fn parse(line: &str) -> Result<Self, Malformed> {
        let words = line.strip_prefix(HEAD).and_then(|rest| rest.strip_prefix(' '));
        words.and_then(Self::parse_words).ok_or(MALFORMED)
    }

    fn parse_words(words: &str) -> Option<Self> {
        let (kind, rest) = words.split_once(' ')?;
        let read = match kind {
            "policy" => Self::Policy,
            _ => Self::parse_fields(kind, rest)?,
        };
        // The key is the last word.
        let key = read.key();
        let is_last = words.strip_suffix(key).is_some_and(|before| before.ends_with(' '));
        (is_last && !key.is_empty() && !key.contains(' ')).then_some(read)
    }

    /// Reads what follows the other kinds.
    // Not inlined: a new isolate reads the policy first.
    #[inline(never)]
    fn parse_fields(kind: &str, rest: &str) -> Option<Self> {
        Some(match kind {
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
        })
    }
}

/// By hand: a new isolate needs no formatting for its first request.
fn written(words: &[&str]) -> String {
    let mut line = HEAD.to_owned();
    for word in words {
        line.push(' ');
        line.push_str(word);
    }
    line
}
