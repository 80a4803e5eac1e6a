//! The text lists in KV and their versions.

use std::collections::BTreeMap;

use corsgate_authoring::id_of;
use corsgate_policy::kv::{is_policy_id, list_key};

use crate::failure::Failure;
use crate::namespace::Namespace;
use crate::note::Note;
use crate::wrangler::WranglerOptions;

/// The prefix of the keys of all lists and of their versions.
const ALL: &str = "allowlist";
/// The prefix of the keys of versions; the name of the list, `/` and an id follow. The gateway does not read them.
const VERSIONS: &str = "allowlist-version/";

/// The keys of a text list.
#[derive(Debug, Default)]
pub(crate) struct Listing {
    /// The note of the live list; none if there is no list.
    pub(crate) live: Option<Note>,
    /// The versions, by id.
    pub(crate) versions: BTreeMap<String, Note>,
}

/// The KV namespace, as a store of text lists.
#[derive(Debug)]
pub(crate) struct ListStore {
    pub(crate) namespace: Namespace,
}

/// The key of a version of a list.
pub(crate) fn version_key(name: &str, id: &str) -> String {
    format!("{VERSIONS}{name}/{id}")
}

impl ListStore {
    /// # Errors
    /// When there is no wrangler.
    pub(crate) fn open(options: &WranglerOptions) -> Result<Self, Failure> {
        Ok(Self { namespace: Namespace::open(options)? })
    }

    /// Lists the keys of a list.
    ///
    /// # Errors
    /// When wrangler fails.
    pub(crate) fn list(&self, name: &str) -> Result<Listing, Failure> {
        let (key, versions) = (list_key(name), version_key(name, ""));
        let mut listing = Listing::default();
        for listed in self.namespace.list(ALL)? {
            if listed.name == key {
                listing.live = Some(listed.note());
            } else if let Some(id) = listed.name.strip_prefix(&versions).filter(|id| is_policy_id(id)) {
                listing.versions.insert(id.to_owned(), listed.note());
            }
        }
        Ok(listing)
    }

    /// Reads the live list, if there is one.
    ///
    /// # Errors
    /// When wrangler fails.
    pub(crate) fn live(&self, name: &str, listing: &Listing) -> Result<Option<Vec<u8>>, Failure> {
        listing.live.as_ref().map(|_| self.namespace.get(&list_key(name))).transpose()
    }

    /// Reads a version.
    ///
    /// # Errors
    /// When wrangler fails, there is no such version, or its content does not match its id.
    pub(crate) fn version(&self, name: &str, id: &str, listing: &Listing) -> Result<Vec<u8>, Failure> {
        let key = version_key(name, id);
        if !listing.versions.contains_key(id) {
            return Err(Failure::Kv(format!(
                "there is no `{key}`: `corsgate list history {name}` lists the versions"
            )));
        }
        let bytes = self.namespace.get(&key)?;
        if id_of(&bytes) != id {
            return Err(Failure::Kv(format!(
                "`{key}` does not hold this list: versions never change, so something else wrote to it"
            )));
        }
        Ok(bytes)
    }
}
