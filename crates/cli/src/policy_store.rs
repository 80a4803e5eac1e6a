//! The published policies in KV: their keys and metadata.

use core::fmt;
use std::collections::BTreeMap;

use corsgate_policy::kv::{CURRENT_POLICY, POLICIES, POLICY_VERSIONS, PREVIOUS_POLICY, is_policy_id};

use crate::failure::Failure;
use crate::namespace::Namespace;
pub(crate) use crate::note::{Note, Operation};
use crate::wrangler::WranglerOptions;

/// A key.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Key {
    /// The policy in force.
    Current,
    /// The policy before, which the gateway uses while the current one cannot be read.
    Previous,
    /// The permanent copy of a policy, by its id.
    Version(String),
}

impl Key {
    /// The key of the permanent copy with this id, if the id is valid.
    pub(crate) fn version(id: &str) -> Option<Self> {
        is_policy_id(id).then(|| Self::Version(id.to_owned()))
    }

    /// Checks that the key may contain a policy with this id: the key of a version contains the id.
    ///
    /// # Errors
    /// When the ids differ.
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

/// The KV namespace, as a store of policies.
#[derive(Debug)]
pub(crate) struct PolicyStore {
    namespace: Namespace,
}

impl PolicyStore {
    /// # Errors
    /// When there is no wrangler.
    pub(crate) fn open(options: &WranglerOptions) -> Result<Self, Failure> {
        Ok(Self { namespace: Namespace::open(options)? })
    }

    /// Lists all keys.
    ///
    /// # Errors
    /// When wrangler fails.
    pub(crate) fn list(&self) -> Result<Listing, Failure> {
        let listed = self.namespace.list(POLICIES)?;
        // Ignore keys that do not belong to policies.
        let notes = listed.into_iter().filter_map(|listed| Some((Key::parse(&listed.name)?, listed.note())));
        Ok(Listing { notes: notes.collect() })
    }

    /// Reads a key that a listing contained.
    ///
    /// # Errors
    /// When wrangler fails.
    pub(crate) fn read(&self, key: &Key) -> Result<Vec<u8>, Failure> {
        self.namespace.get(&key.to_string())
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
    /// When wrangler fails, or the temporary file with the value cannot be written.
    pub(crate) fn write(&self, key: &Key, value: &[u8], note: &Note) -> Result<(), Failure> {
        self.namespace.put(&key.to_string(), value, note, None)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_of_others_are_ignored() {
        for name in
            ["policy/currents", "policy/version/", "policy/version/XYZ", "policy/version/3f2a9c0d1e5b7a64/x"]
        {
            assert_eq!(Key::parse(name), None, "{name}");
        }
        let key = Key::Version("3f2a9c0d1e5b7a64".to_owned());
        assert_eq!(Key::parse(&key.to_string()), Some(key));
    }
}
