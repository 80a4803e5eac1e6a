//! Why a patch is not shown.

use corsgate_authoring::{SourceError, UnknownList};
use corsgate_explain::KeyError;
use corsgate_policy::ReadError;
use thiserror::Error;

/// The patch would not do what is meant.
#[derive(Debug, Error)]
pub enum Unsound {
    /// The file has no place where an addition could stand.
    #[error("the place of an allowlist in the file was not found")]
    MissingPlace,
    /// The text with the additions is no text of a policy.
    #[error("the policy with the additions: {0}")]
    Source(SourceError),
    /// The text with the additions has errors.
    #[error("the policy with the additions does not compile")]
    Compile,
    /// Each addition is fine alone, and all of them make this finding.
    #[error("together the additions make a finding: {0}")]
    Finding(String),
    /// More than the live entries differs.
    #[error("the additions would change more than the origins")]
    OtherValues,
    /// The policy has no such list in KV.
    #[error(transparent)]
    List(#[from] UnknownList),
    /// The policy has no such key in KV.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// No URL leads to this route.
    #[error("no request reaches `{0}`")]
    UnreachableRoute(String),
    /// The decision about this origin on this route is another.
    #[error("`{0}` would not be decided as meant on `{1}`")]
    Decision(String, String),
    /// One of the two policies cannot be compared.
    #[error(transparent)]
    Policy(#[from] ReadError),
    /// The comparison finds a change of another kind.
    #[error("the additions would also do this: {0}")]
    OtherChange(String),
    /// The comparison finds a widening that nobody asked for.
    #[error("the additions would open more than was meant: {0}")]
    OpensMore(String),
    /// The comparison finds no widening of this route.
    #[error("the additions would not open `{0}`")]
    OpensLess(String),
}
