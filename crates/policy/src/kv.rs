//! The keys of Workers KV (binding `POLICY`), and the ids of the policies in them.

use crate::origin::set::hash_text;

/// The policy in force.
pub const CURRENT_POLICY: &str = "policy/current";
/// The policy before the one in force: used while the current one cannot be read.
pub const PREVIOUS_POLICY: &str = "policy/previous";
/// What all keys of policies begin with.
pub const POLICIES: &str = "policy/";
/// What the keys of the copies that never change begin with; the id of the policy follows.
pub const POLICY_VERSIONS: &str = "policy/version/";
/// What the keys of text lists begin with; the name of the list follows.
pub const LISTS: &str = "allowlist/";
/// What the keys of filters begin with; the name of a list with a key for each origin follows.
pub const FILTERS: &str = "origin-filter/";
/// The longest key, in bytes (Cloudflare's limits of KV).
pub const MAX_KEY: usize = 512;

/// A hash that tells the values of a key apart. It need not resist forgery: only the operator writes them.
#[must_use]
pub fn fingerprint(value: &str) -> u64 {
    hash_text(value)
}

/// Whether a text is the id of a policy: the first 16 hex digits of the SHA-256 of its canonical document without the id.
#[must_use]
pub fn is_policy_id(text: &str) -> bool {
    text.len() == 16 && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

/// The key of a text list.
#[must_use]
pub fn list_key(name: &str) -> String {
    format!("{LISTS}{name}")
}

/// The name of the list under a key.
#[must_use]
pub fn list_name(key: &str) -> Option<&str> {
    key.strip_prefix(LISTS)
}

/// The key of an origin in a list of one key per origin. A list with `scope = "host"` has one for each host.
#[must_use]
pub fn origin_key(list: &str, host: Option<&str>, origin: &str) -> String {
    match host {
        None => format!("origin/{list}/{origin}"),
        Some(host) => format!("origin/{list}/{host}/{origin}"),
    }
}

/// The key of the filter of the list to which the key of an origin belongs.
#[must_use]
pub fn filter_key(origin_key: &str) -> String {
    let name = origin_key.split('/').nth(1).unwrap_or_default();
    format!("{FILTERS}{name}")
}
