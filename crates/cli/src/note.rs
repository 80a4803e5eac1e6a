//! The metadata of a key in KV: who wrote it, when, and why.

use corsgate_policy::grammar::day::Day;
use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::output::human::plural;
use crate::system;

/// The maximum size of a key's metadata, in bytes of JSON (Cloudflare's limits of KV).
const MOST_METADATA: usize = 1024;

/// The operation that wrote a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Operation {
    Publish,
    Revoke,
    Rollback,
    /// An origin was added to a list.
    Add,
    /// An origin was removed from a list.
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
    /// The id of the policy or list that was live before.
    pub(crate) base: Option<String>,
    /// The name and version of the tool that wrote it.
    pub(crate) tool: Option<String>,
    /// Of the key of an origin: the last day in its value, or `never`. KV writes a value and its metadata together, so
    /// the value need not be read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) last_day: Option<String>,
    /// Of a published list of keys: not all of its keys have been written.
    #[serde(skip_serializing_if = "core::ops::Not::not")]
    pub(crate) unfinished: bool,
}

/// A message that cannot be stored with a policy or a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub(crate) enum MessageError {
    #[error("the message is empty: write why {kept} changes")]
    Empty {
        /// What the message is about.
        kept: &'static str,
    },
    /// The note is longer than KV accepts.
    #[error("the message is too long to be stored with {kept}, by {}", plural(*.excess, "byte"))]
    TooLong {
        /// What the message is about.
        kept: &'static str,
        /// By how many bytes it is too long.
        excess: usize,
    },
}

impl Note {
    /// The note for an operation on a policy, now.
    ///
    /// # Errors
    /// When it is too long for KV, or has no message.
    pub(crate) fn new(
        act: Operation,
        id: &str,
        message: &str,
        base: Option<&str>,
    ) -> Result<Self, MessageError> {
        Self::about("the policy", act, Some(id), message, base)
    }

    /// The note for an operation on a list, now.
    ///
    /// # Errors
    /// When it is too long for KV, or has no message.
    pub(crate) fn of_list(
        act: Operation,
        id: Option<&str>,
        message: &str,
        base: Option<&str>,
    ) -> Result<Self, MessageError> {
        Self::about("the list", act, id, message, base)
    }

    /// The note for the key of an origin whose value has this last day, now.
    ///
    /// # Errors
    /// When it is too long for KV, or has no message.
    pub(crate) fn of_key(act: Operation, message: &str, last_day: Day) -> Result<Self, MessageError> {
        let note = Self::of_list(act, None, message, None)?;
        Self { last_day: Some(last_day.to_string()), ..note }.within_metadata("the list")
    }

    /// The note for a list of keys of which none has been written yet.
    ///
    /// # Errors
    /// When it is too long for KV.
    pub(crate) fn unfinished(self) -> Result<Self, MessageError> {
        Self { unfinished: true, ..self }.within_metadata("the list")
    }

    /// Whether it can be the note of the value with this id. If it names another, somebody has written the value since.
    pub(crate) fn is_of(&self, id: &str) -> bool {
        self.id.as_deref().is_none_or(|noted| noted == id)
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
            ..Self::default()
        };
        if message.trim().is_empty() {
            return Err(MessageError::Empty { kept });
        }
        note.within_metadata(kept)
    }

    fn within_metadata(self, kept: &'static str) -> Result<Self, MessageError> {
        let length = self.json().len();
        match length.checked_sub(MOST_METADATA).filter(|excess| *excess > 0) {
            Some(excess) => Err(MessageError::TooLong { kept, excess }),
            None => Ok(self),
        }
    }

    /// The JSON that KV stores.
    pub(crate) fn json(&self) -> String {
        // A note has only strings, so serialising it does not fail.
        serde_json::to_string(self).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_note_that_is_too_long_for_kv_is_rejected() {
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
        // A letter counts with the bytes that JSON needs for it.
        assert!(note(&"\n".repeat(longest / 2 + 1)).is_err());
        assert!(note(" \n").is_err());
    }
}
