//! What is known about the keys of a kind of file, beside the tables that they stand in.

use crate::{home, table};

/// What to say of keys that are not where they should be. Policies and case files have keys of the
/// same names, with other homes.
pub(crate) struct Vocabulary {
    /// What to do with an unknown key that is like none of its table.
    pub(crate) advice: fn(&str) -> Option<String>,
    /// What to write where a key is missing.
    pub(crate) example: fn(&str) -> Option<&'static str>,
}

/// That of policies.
pub(crate) static POLICY: Vocabulary = Vocabulary { advice: home::advice, example: table::example };
