//! What the policy in force lists, for the report of unused entries.

use std::borrow::Cow;

/// The entries of the policy and of its lists in KV.
#[derive(Clone, Debug, Default)]
pub struct PolicyEntries<'a> {
    /// The entries, each once for each place that lists it.
    pub entries: Vec<ListedEntry<'a>>,
    /// The names of what the report does not cover: lists that could not be read, and sets of per-origin keys, which
    /// cannot be enumerated.
    pub not_covered: Vec<String>,
    /// `sample_allowed` of the policy, in millionths.
    pub sample_allowed: u32,
}

/// An entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedEntry<'a> {
    /// Its canonical text, as records name it.
    pub entry: Cow<'a, str>,
    /// The name of the allowlist or route that contains it.
    pub place: &'a str,
}
