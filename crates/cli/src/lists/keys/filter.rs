//! The filter beside the keys of a list, `origin-filter/NAME`: gateways read no key that it rules out. So it is written
//! before the keys that it must know, and never forgets one that is live.

use corsgate_policy::kv::{FILTERS, origin_key};
use corsgate_policy::origin::filter::{KeyFilter, hash_of, with_later_keys, write_filter};

use super::{Keys, Origins};
use crate::failure::Failure;
use crate::lists::form::MOST_BYTES;
use crate::namespace::Namespace;
use crate::note::Note;
use crate::output::diagnostics;

/// The key of the filter of a list.
pub(crate) fn filter_key(name: &str) -> String {
    format!("{FILTERS}{name}")
}

/// The filter of keys with these hashes.
///
/// # Errors
/// When KV does not take so long a value.
pub(crate) fn value_of(name: &str, hashes: Vec<u64>) -> Result<Vec<u8>, Failure> {
    let value = write_filter(name, hashes);
    match value.len() {
        length if length > MOST_BYTES => Err(too_long(length)),
        _ => Ok(value),
    }
}

/// The error for a filter that is longer than a value in KV may be.
pub(crate) fn too_long(length: usize) -> Failure {
    let mebibytes = |bytes: usize| bytes.div_ceil(1024 * 1024);
    Failure::Kv(format!(
        "the filter has {} MiB, and a value in KV at most {}, which are 23 million keys: divide the list into several with names of their own, and let the routes name all of them",
        mebibytes(length),
        mebibytes(MOST_BYTES)
    ))
}

/// Reads the filter of a list, if it has one.
///
/// # Errors
/// When wrangler fails.
fn live(name: &str, namespace: &Namespace) -> Result<Option<Vec<u8>>, Failure> {
    let key = filter_key(name);
    let exists = namespace.list(&key)?.iter().any(|listed| listed.name == key);
    exists.then(|| namespace.get(&key)).transpose()
}

/// Whether a publication of these origins writes the filter: if `asked` to and there is none, or if there is one that does
/// not know them all. `changes` says that keys are written or deleted.
///
/// # Errors
/// When wrangler fails.
pub(crate) fn is_written(
    keys: Keys<'_>,
    origins: &Origins,
    asked: bool,
    changes: bool,
    namespace: &Namespace,
) -> Result<bool, Failure> {
    let Some(live) = live(keys.name, namespace)? else { return Ok(asked) };
    let knows_all = KeyFilter::read(keys.name, live).is_some_and(|filter| {
        origins.keys().all(|origin| filter.may_have(&origin_key(keys.name, keys.host, origin)))
    });
    Ok(changes || !knows_all)
}

/// The filter of the keys that are live, of all hosts, and of these origins.
///
/// # Errors
/// When wrangler fails, or the filter is too long.
pub(crate) fn with_origins(
    keys: Keys<'_>,
    origins: &Origins,
    namespace: &Namespace,
) -> Result<Vec<u8>, Failure> {
    let live = namespace.list(&origin_key(keys.name, None, ""))?;
    let live = live.iter().map(|listed| hash_of(&listed.name));
    let new = origins.keys().map(|origin| hash_of(&origin_key(keys.name, keys.host, origin)));
    value_of(keys.name, live.chain(new).collect())
}

/// Makes the filter of the list, if it has one, know a key that will be written.
///
/// # Errors
/// When wrangler fails, or the filter takes no more keys.
pub(crate) fn admit(name: &str, key: &str, note: &Note, namespace: &Namespace) -> Result<(), Failure> {
    let Some(live) = live(name, namespace)? else { return Ok(()) };
    let filter = filter_key(name);
    match KeyFilter::read(name, live.clone()) {
        None => diagnostics::note(&format!(
            "`{filter}` cannot be read, so gateways read keys as without it; `corsgate list publish` writes it anew"
        )),
        Some(read) if read.may_have(key) => {}
        Some(_) => {
            let with = with_later_keys(name, live, &[hash_of(key)]).filter(|with| with.len() <= MOST_BYTES);
            let with = with.ok_or_else(|| {
                Failure::Kv(format!(
                    "`{filter}` takes no more keys that are added one by one: write it anew, with `corsgate list publish` or `corsgate list filter`, or delete it"
                ))
            })?;
            namespace.put(&filter, &with, note, None)?;
            diagnostics::note(&format!("wrote `{filter}`, which now knows `{key}`"));
        }
    }
    Ok(())
}
