//! The versions of a list of keys, and the record of what was published last.

use std::collections::BTreeMap;

use corsgate_authoring::id_of;
use corsgate_policy::kv::is_policy_id;

use super::Keys;
use crate::failure::Failure;
use crate::namespace::Namespace;
use crate::note::Note;

/// The last part of the key that holds what was published last.
const PUBLISHED: &str = "published";

/// What has been published of the keys of a list.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct History {
    /// The note of the last publication.
    pub(crate) published: Option<Note>,
    /// The versions, by id.
    pub(crate) versions: BTreeMap<String, Note>,
}

/// The key of a version.
pub(crate) fn version_key(keys: Keys<'_>, id: &str) -> String {
    part(keys.name, keys.host, id)
}

/// The key of what was published last: the same text as its version, with the note of the publication.
pub(crate) fn published_key(keys: Keys<'_>) -> String {
    part(keys.name, keys.host, PUBLISHED)
}

fn part(name: &str, host: Option<&str>, last: &str) -> String {
    match host {
        Some(host) => format!("origin-history/{name}/{host}/{last}"),
        None => format!("origin-history/{name}/{last}"),
    }
}

/// Lists what has been published of a list: of the keys of all hosts, under `None`, and of those of each host.
///
/// # Errors
/// When wrangler fails.
pub(crate) fn histories(
    name: &str,
    namespace: &Namespace,
) -> Result<BTreeMap<Option<String>, History>, Failure> {
    let prefix = part(name, None, "");
    let mut found: BTreeMap<Option<String>, History> = BTreeMap::new();
    for listed in namespace.list(&prefix)? {
        let Some(rest) = listed.name.strip_prefix(&prefix) else { continue };
        let (host, last) = match rest.split_once('/') {
            Some((host, last)) => (Some(host.to_owned()), last),
            None => (None, rest),
        };
        if last == PUBLISHED {
            found.entry(host).or_default().published = Some(listed.note());
        } else if is_policy_id(last) {
            found.entry(host).or_default().versions.insert(last.to_owned(), listed.note());
        }
    }
    Ok(found)
}

/// Lists what has been published of these keys.
///
/// # Errors
/// When wrangler fails.
pub(crate) fn history(keys: Keys<'_>, namespace: &Namespace) -> Result<History, Failure> {
    let mut all = histories(keys.name, namespace)?;
    Ok(all.remove(&keys.host.map(str::to_owned)).unwrap_or_default())
}

/// Reads a version.
///
/// # Errors
/// When wrangler fails, there is no such version, or its content does not match its id.
pub(crate) fn version(
    keys: Keys<'_>,
    id: &str,
    history: &History,
    namespace: &Namespace,
) -> Result<String, Failure> {
    let key = version_key(keys, id);
    if !history.versions.contains_key(id) {
        return Err(Failure::Kv(format!(
            "there is no `{key}`: `corsgate list history {}` lists the versions",
            keys.name
        )));
    }
    let bytes = namespace.get(&key)?;
    match String::from_utf8(bytes) {
        Ok(text) if id_of(text.as_bytes()) == id => Ok(text),
        _ => Err(Failure::Kv(format!(
            "`{key}` does not hold these origins: versions never change, so something else wrote to it"
        ))),
    }
}
