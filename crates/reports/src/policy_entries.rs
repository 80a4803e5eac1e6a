//! What the policy in force lists, for the report of unused entries.

/// The entries of the policy and of its text lists.
#[derive(Clone, Debug, Default)]
pub struct PolicyEntries<'a> {
    /// The entries, each once for each place that lists it.
    pub entries: Vec<ListedEntry<'a>>,
    /// What cannot be told of, by name: lists that could not be read, and per-origin keys, which nobody can enumerate.
    pub not_covered: Vec<String>,
    /// `sample_allowed` of the policy, in millionths.
    pub sample_allowed: u32,
}

/// An entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ListedEntry<'a> {
    /// Its canonical text, as records name it.
    pub entry: &'a str,
    /// Where it stands, as the operator names it: an allowlist or a route.
    pub place: &'a str,
}
