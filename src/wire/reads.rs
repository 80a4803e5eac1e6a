//! What must be read from KV, as it crosses to `kv.js` and comes back with what was found.

use corsgate_policy::KvList;
use corsgate_policy::origin::list::ListPatterns;
use corsgate_policy::origin::set::Admission;
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

use crate::records::log::{self, About, Event};
use crate::{kv::faults, kv::key_store, kv::list_store, kv::policy_store};

/// A key of KV to read, and what it is read for. Written as a line; the key is its last word.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Read {
    /// The policy in force.
    Policy,
    /// The policy before the one in force, which cannot be read: its fingerprint, and the error.
    PreviousPolicy { current: u64, error: String },
    /// A text list.
    List(KvList),
    /// A per-origin key, for a client (see [`corsgate_policy::policy::limit::client_key`]) whose budget it is read from.
    Key { client: Option<String>, key: String },
}

/// In place of a client, where none is to be charged.
const NOBODY: &str = "-";

impl Read {
    fn key(&self) -> &str {
        match self {
            Self::Policy => policy_store::CURRENT,
            Self::PreviousPolicy { .. } => policy_store::PREVIOUS,
            Self::List(list) => &list.key,
            Self::Key { key, .. } => key,
        }
    }

    pub(crate) fn line(&self) -> String {
        let key = self.key();
        match self {
            Self::Policy => format!("policy {key}"),
            // No word of an error holds a line break: it comes from a policy that was parsed as JSON.
            Self::PreviousPolicy { current, error } => {
                format!("previous {current} {} {key}", error.replace('\n', " "))
            }
            Self::List(list) => {
                let KvList { patterns, admission, .. } = list;
                let rules = [*patterns == ListPatterns::Wildcards, admission.insecure, admission.wildcards];
                let flags = rules.iter().fold(0, |flags, rule| flags << 1 | u8::from(*rule));
                format!("list {flags} {key}")
            }
            Self::Key { client, .. } => format!("key {} {key}", client.as_deref().unwrap_or(NOBODY)),
        }
    }

    fn parse(line: &str) -> Option<Self> {
        let (kind, rest) = line.split_once(' ')?;
        match kind {
            "policy" => Some(Self::Policy),
            "previous" => {
                let (current, rest) = rest.split_once(' ')?;
                let (error, _key) = rest.rsplit_once(' ')?;
                Some(Self::PreviousPolicy { current: current.parse().ok()?, error: error.to_owned() })
            }
            "list" => {
                let (flags, key) = rest.split_once(' ')?;
                let flags: u8 = flags.parse().ok()?;
                let patterns = match flags & 0b100 {
                    0 => ListPatterns::Exact,
                    _ => ListPatterns::Wildcards,
                };
                let admission = Admission { insecure: flags & 0b010 != 0, wildcards: flags & 0b001 != 0 };
                Some(Self::List(KvList { key: key.to_owned(), patterns, admission }))
            }
            "key" => {
                let (client, key) = rest.split_once(' ')?;
                let client = Some(client).filter(|client| *client != NOBODY).map(str::to_owned);
                Some(Self::Key { client, key: key.to_owned() })
            }
            _ => None,
        }
    }
}

/// What KV said of a key.
pub(crate) enum Found<'a> {
    Text(&'a str),
    /// There is no such key.
    Nothing,
    /// KV did not answer; the log has why.
    Failed,
}

/// For `kv.js`: takes in what KV said of a key. `read` is the line that asked, `began` the time of the request that it is
/// for, in milliseconds since 1970. Gives the line of a key that must be read next, if there is one.
#[wasm_bindgen]
#[must_use]
pub fn learn(
    context: &JsValue,
    read: &str,
    text: Option<String>,
    error: Option<String>,
    began: f64,
) -> Option<String> {
    let read = Read::parse(read)?;
    let found = match (&error, &text) {
        (Some(error), _) => {
            faults::note();
            log::capped(context, About::Faults, || Event::KvFailed { key: read.key(), error }.error());
            Found::Failed
        }
        (None, Some(text)) => Found::Text(text),
        (None, None) => Found::Nothing,
    };
    let next = match &read {
        Read::Policy => policy_store::learn_current(context, &found, began),
        Read::PreviousPolicy { current, error } => {
            policy_store::learn_previous(context, *current, error, &found, began);
            None
        }
        Read::List(list) => {
            list_store::learn(context, list, &found, began);
            None
        }
        Read::Key { client, key } => {
            key_store::learn(context, client.as_deref(), key, &found, began);
            None
        }
    };
    next.as_ref().map(Read::line)
}
