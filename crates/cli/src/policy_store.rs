//! The published policies: the keys of KV that hold them, and their metadata.

use core::fmt;
use std::collections::BTreeMap;
use std::io::Write as _;

use corsgate_policy::kv::{CURRENT_POLICY, POLICIES, POLICY_VERSIONS, PREVIOUS_POLICY, is_policy_id};
use serde::{Deserialize, Serialize};
use tempfile::NamedTempFile;
use thiserror::Error;

use crate::failure::Failure;
use crate::interruption;
use crate::output::human::plural;
use crate::progress::Shown;
use crate::system;
use crate::wrangler::{Wrangler, WranglerOptions};

/// The maximum size of a key's metadata, in bytes of JSON (Cloudflare's limits of KV).
const MOST_METADATA: usize = 1024;

/// A key.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Key {
    /// The policy in force.
    Current,
    /// The policy before; in force while the current one cannot be read.
    Previous,
    /// The permanent copy of a policy, by its id.
    Version(String),
}

impl Key {
    /// The key of the permanent copy with this id, if the id is valid.
    pub(crate) fn version(id: &str) -> Option<Self> {
        is_policy_id(id).then(|| Self::Version(id.to_owned()))
    }

    /// Checks that the key may hold a policy with this id: the name of a version contains its id.
    ///
    /// # Errors
    /// If the id is another one.
    pub(crate) fn require_of(&self, id: &str) -> Result<(), Failure> {
        match self {
            Self::Version(named) if named != id => Err(self.overwritten()),
            _ => Ok(()),
        }
    }

    /// The message about a version with the wrong content.
    pub(crate) fn overwritten(&self) -> Failure {
        Failure::Kv(format!(
            "`{self}` does not hold this policy: versions never change, so something else wrote to it"
        ))
    }

    fn parse(text: &str) -> Option<Self> {
        match text {
            CURRENT_POLICY => Some(Self::Current),
            PREVIOUS_POLICY => Some(Self::Previous),
            text => Self::version(text.strip_prefix(POLICY_VERSIONS)?),
        }
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Current => f.write_str(CURRENT_POLICY),
            Self::Previous => f.write_str(PREVIOUS_POLICY),
            Self::Version(id) => write!(f, "{POLICY_VERSIONS}{id}"),
        }
    }
}

/// The act that put a policy under its key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Operation {
    Publish,
    Revoke,
    Rollback,
    /// It was not put in force by this tool, and was copied when it was replaced.
    Keep,
}

/// The metadata of a policy's key.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Note {
    /// The policy's id.
    pub(crate) id: Option<String>,
    pub(crate) act: Option<Operation>,
    pub(crate) message: Option<String>,
    pub(crate) time: Option<String>,
    /// The id of the policy that was live before.
    pub(crate) base: Option<String>,
    /// The tool that wrote it.
    pub(crate) tool: Option<String>,
}

/// A message cannot be kept beside a policy.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub(crate) enum MessageError {
    #[error("the message is empty: write why the policy changes")]
    Empty,
    /// The number of bytes by which the note exceeds the limit of KV.
    #[error("the message is too long to be stored with the policy, by {}", plural(*.excess, "byte"))]
    TooLong { excess: usize },
}

impl Note {
    /// The note for an act at the present time.
    ///
    /// # Errors
    /// When it is too long for KV, or has no message at all.
    pub(crate) fn new(
        act: Operation,
        id: &str,
        message: &str,
        base: Option<&str>,
    ) -> Result<Self, MessageError> {
        let note = Self {
            id: Some(id.to_owned()),
            act: Some(act),
            message: Some(message.to_owned()),
            time: system::now(),
            base: base.map(str::to_owned),
            tool: Some(concat!("corsgate ", env!("CARGO_PKG_VERSION")).to_owned()),
        };
        if message.trim().is_empty() {
            return Err(MessageError::Empty);
        }
        let length = note.json().len();
        match length.checked_sub(MOST_METADATA).filter(|excess| *excess > 0) {
            Some(excess) => Err(MessageError::TooLong { excess }),
            None => Ok(note),
        }
    }

    fn json(&self) -> String {
        // The note contains only texts and names, so this does not fail.
        serde_json::to_string(self).unwrap_or_default()
    }
}

/// All keys with their metadata, without the policies themselves.
#[derive(Debug, Default)]
pub(crate) struct Listing {
    pub(crate) notes: BTreeMap<Key, Note>,
}

impl Listing {
    pub(crate) fn has(&self, key: &Key) -> bool {
        self.notes.contains_key(key)
    }

    pub(crate) fn has_version(&self, id: &str) -> bool {
        Key::version(id).is_some_and(|key| self.has(&key))
    }
}

#[derive(Deserialize)]
struct ListedKey {
    name: String,
    #[serde(default)]
    metadata: serde_json::Value,
}

/// The KV namespace, for its policies.
#[derive(Debug)]
pub(crate) struct PolicyStore {
    wrangler: Wrangler,
}

impl PolicyStore {
    /// # Errors
    /// When there is no wrangler.
    pub(crate) fn open(options: &WranglerOptions) -> Result<Self, Failure> {
        Ok(Self { wrangler: Wrangler::find(options)? })
    }

    /// Lists all keys.
    ///
    /// # Errors
    /// When wrangler fails.
    pub(crate) fn list(&self) -> Result<Listing, Failure> {
        let _shown = reading(POLICIES);
        let prefix = format!("--prefix={POLICIES}");
        let printed = self.wrangler.kv(&["key", "list", &prefix])?;
        let listed: Vec<ListedKey> = serde_json::from_slice(&printed).map_err(|error| {
            Failure::Wrangler(format!("`wrangler kv key list` did not print a list of keys: {error}"))
        })?;
        // Ignore keys that are not those of policies, and metadata in any other form.
        let notes = listed.into_iter().filter_map(|listed| {
            let note = serde_json::from_value(listed.metadata).unwrap_or_default();
            Some((Key::parse(&listed.name)?, note))
        });
        Ok(Listing { notes: notes.collect() })
    }

    /// Reads a key that has been listed.
    ///
    /// # Errors
    /// When wrangler fails.
    pub(crate) fn read(&self, key: &Key) -> Result<Vec<u8>, Failure> {
        let _shown = reading(&key.to_string());
        self.wrangler.kv(&["key", "get", &key.to_string()])
    }

    /// Reads a key, if it exists. The keys are listed first, because wrangler prints a sentence in place of the value of a
    /// missing key.
    ///
    /// # Errors
    /// When wrangler fails.
    pub(crate) fn find(&self, key: &Key) -> Result<Option<Vec<u8>>, Failure> {
        if self.list()?.has(key) { self.read(key).map(Some) } else { Ok(None) }
    }

    /// Writes a key.
    ///
    /// # Errors
    /// When wrangler fails, or the file by which it gets the value cannot be written.
    pub(crate) fn write(&self, key: &Key, value: &[u8], note: &Note) -> Result<(), Failure> {
        let mut shown = Shown::default();
        shown.show(&format!("writing `{key}`"));
        // Remove the temporary file in any case.
        let _held = interruption::hold();
        let file = written(value).map_err(|error| {
            let folder = std::env::temp_dir();
            let why = system::sentence(&error);
            Failure::Wrangler(format!("cannot write a temporary file to `{}`: {why}", folder.display()))
        })?;
        let (path, metadata) =
            (format!("--path={}", file.path().display()), format!("--metadata={}", note.json()));
        self.wrangler.kv(&["key", "put", &key.to_string(), &path, &metadata]).map(|_printed| ())
    }
}

fn written(value: &[u8]) -> std::io::Result<NamedTempFile> {
    let mut file = tempfile::Builder::new().prefix("corsgate-").suffix(".json").tempfile()?;
    file.write_all(value)?;
    file.flush()?;
    Ok(file)
}

fn reading(what: &str) -> Shown {
    let mut shown = Shown::default();
    shown.show(&format!("reading `{what}`"));
    shown
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
        // A character counts with the bytes of its JSON form.
        assert!(note(&"\n".repeat(longest / 2 + 1)).is_err());
        assert!(note(" \n").is_err());
    }

    #[test]
    fn foreign_keys_are_none_of_ours() {
        for name in
            ["policy/currents", "policy/version/", "policy/version/XYZ", "policy/version/3f2a9c0d1e5b7a64/x"]
        {
            assert_eq!(Key::parse(name), None, "{name}");
        }
        let key = Key::Version("3f2a9c0d1e5b7a64".to_owned());
        assert_eq!(Key::parse(&key.to_string()), Some(key));
    }
}
