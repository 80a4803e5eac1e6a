//! Telling whether a text from KV is the one that was read before.

use std::hash::{DefaultHasher, Hasher};

/// Tells texts apart. Not secret and not signed: only the operator writes them.
pub(crate) fn fingerprint(text: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    hasher.write(text.as_bytes());
    hasher.finish()
}
