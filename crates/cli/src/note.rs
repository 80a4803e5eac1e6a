//! What is noted beside a key of KV: who wrote it, when, and why.

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::output::human::plural;
use crate::system;

/// Of the metadata of a key, in bytes of JSON (Cloudflare's limits of KV).
const MOST_METADATA: usize = 1024;

/// The act that put a policy or a list under its key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Operation {
    Publish,
    Revoke,
    Rollback,
    /// An origin of a list was added.
    Add,
    /// An origin of a list was removed.
    Remove,
    /// Somebody else had put it in force; it was kept when it was replaced.
    Keep,
}

/// The metadata of a key: of a policy, of a list, or of an origin.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Note {
    /// The id of the policy or the list.
    pub(crate) id: Option<String>,
    pub(crate) act: Option<Operation>,
    pub(crate) message: Option<String>,
    pub(crate) time: Option<String>,
    /// The id of what was live before.
    pub(crate) base: Option<String>,
    /// The tool that wrote it.
    pub(crate) tool: Option<String>,
}

/// A message cannot be kept beside a policy or a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub(crate) enum MessageError {
    #[error("the message is empty: write why {kept} changes")]
    Empty {
        /// What it is about.
        kept: &'static str,
    },
    /// By how many bytes the note is longer than KV takes.
    #[error("the message is too long to be stored with {kept}, by {}", plural(*.excess, "byte"))]
    TooLong {
        /// What it is about.
        kept: &'static str,
        /// The bytes too many.
        excess: usize,
    },
}

impl Note {
    /// The note for an act on a policy at the present time.
    ///
    /// # Errors
    /// When it is too long for KV, or has no message at all.
    pub(crate) fn new(
        act: Operation,
        id: &str,
        message: &str,
        base: Option<&str>,
    ) -> Result<Self, MessageError> {
        Self::about("the policy", act, Some(id), message, base)
    }

    /// The note for an act on a list.
    ///
    /// # Errors
    /// When it is too long for KV, or has no message at all.
    pub(crate) fn of_list(
        act: Operation,
        id: Option<&str>,
        message: &str,
        base: Option<&str>,
    ) -> Result<Self, MessageError> {
        Self::about("the list", act, id, message, base)
    }

    fn about(
        kept: &'static str,
        act: Operation,
        id: Option<&str>,
        message: &str,
        base: Option<&str>,
    ) -> Result<Self, MessageError> {
        let note = Self {
            id: id.map(str::to_owned),
            act: Some(act),
            message: Some(message.to_owned()),
            time: system::now(),
            base: base.map(str::to_owned),
            tool: Some(concat!("corsgate ", env!("CARGO_PKG_VERSION")).to_owned()),
        };
        if message.trim().is_empty() {
            return Err(MessageError::Empty { kept });
        }
        let length = note.json().len();
        match length.checked_sub(MOST_METADATA).filter(|excess| *excess > 0) {
            Some(excess) => Err(MessageError::TooLong { kept, excess }),
            None => Ok(note),
        }
    }

    /// As KV keeps it.
    pub(crate) fn json(&self) -> String {
        // Texts and names alone: writing them does not fail.
        serde_json::to_string(self).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_note_fits_beside_its_key_or_is_refused() {
        let note = |message: &str| {
            Note::new(Operation::Publish, "3f2a9c0d1e5b7a64", message, Some("0123456789abcdef"))
        };
        assert!(note("x").is_ok_and(|note| note.json().len() < 250));
        let longest = (1..1024).rev().find(|length| note(&"x".repeat(*length)).is_ok()).unwrap();
        assert_eq!(note(&"x".repeat(longest)).unwrap().json().len(), MOST_METADATA);
        let sentence = "the message is too long to be stored with the policy, by 1 byte";
        assert_eq!(
            note(&"x".repeat(longest + 1)).map_err(|error| error.to_string()),
            Err(sentence.to_owned())
        );
        // A letter counts as the bytes that JSON takes for it.
        assert!(note(&"\n".repeat(longest / 2 + 1)).is_err());
        assert!(note(" \n").is_err());
    }
}
