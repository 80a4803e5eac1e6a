//! Advice about the keys of a kind of file.

use crate::{misplaced_key, table};

/// The advice for missing and misplaced keys. Policies and case files have keys with the same names in different
/// tables.
pub(crate) struct Vocabulary {
    /// What to do with an unknown key that resembles no key of its table.
    pub(crate) advice: fn(&str) -> Option<String>,
    /// What to write for a missing key.
    pub(crate) example: fn(&str) -> Option<&'static str>,
}

/// The vocabulary of policies.
pub(crate) static POLICY: Vocabulary = Vocabulary { advice: misplaced_key::advice, example: table::example };
