//! Whether a text from KV is the same as the one read before.

use std::hash::{DefaultHasher, Hasher};

/// A hash that tells texts apart. It need not resist forgery: only the operator writes the texts.
pub(crate) fn fingerprint(text: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    hasher.write(text.as_bytes());
    hasher.finish()
}
