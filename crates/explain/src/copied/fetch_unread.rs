//! In place of the reader of *Copy as fetch*, where there is no parser of JavaScript.

use super::{Copied, CopyError, Unread};

/// Refuses the script.
///
/// # Errors
/// Always.
pub fn read(_script: &str) -> Result<Copied, Unread> {
    Err(CopyError::NoJavaScript.into())
}

/// The same, as the one request of the script.
#[must_use]
pub fn read_all(script: &str) -> (Vec<Result<Copied, Unread>>, bool) {
    (vec![read(script)], false)
}
