//! What is suggested for refused origins.

pub mod json;

use corsgate_suggest::{Refusals, Suggestions};

/// The content of the output.
pub struct Suggested<'s> {
    /// The name of the policy.
    pub policy: &'s str,
    /// Absent for the base.
    pub environment: Option<&'s str>,
    /// The refusals in the report `top`.
    pub refusals: &'s Refusals,
    /// What is suggested.
    pub suggestions: &'s Suggestions,
    /// The patch of the files.
    pub patch: &'s str,
    /// Whether the patch contains test cases.
    pub cases_in_patch: bool,
    /// Whether the files have been written.
    pub wrote: bool,
}
