//! Why a patch is not shown.

use corsgate_authoring::{SourceError, UnknownList};
use corsgate_explain::KeyError;
use corsgate_policy::ReadError;
use thiserror::Error;

/// The patch would not do what is meant.
#[derive(Debug, Error)]
pub enum Unsound {
    /// The file has no array for an addition.
    #[error("an allowlist was not found in the file")]
    MissingPlace,
    /// The text with the additions cannot be read.
    #[error("the policy with the additions: {0}")]
    Source(SourceError),
    /// The text with the additions has errors.
    #[error("the policy with the additions does not compile")]
    Compile,
    /// Each addition is fine alone, but together they cause this finding.
    #[error("all additions together cause a finding: {0}")]
    Finding(String),
    /// The result differs in more than the entries in force.
    #[error("the additions would change more than the origins")]
    OtherValues,
    /// The policy has no such list in KV.
    #[error(transparent)]
    List(#[from] UnknownList),
    /// The policy has no such key in KV.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// No URL reaches this route.
    #[error("no request reaches `{0}`")]
    UnreachableRoute(String),
    /// This origin is not decided as meant on this route.
    #[error("`{0}` would not get the intended decision on `{1}`")]
    Decision(String, String),
    /// One of the two policies cannot be compared.
    #[error(transparent)]
    Policy(#[from] ReadError),
    /// The comparison finds a change of another kind.
    #[error("the additions would also have this effect: {0}")]
    OtherChange(String),
    /// The comparison finds a widening that nobody asked for.
    #[error("the additions would allow more than intended: {0}")]
    OpensMore(String),
    /// The comparison finds no widening of this route.
    #[error("the additions would not allow `{0}`")]
    OpensLess(String),
}
