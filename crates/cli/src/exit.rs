//! How the tool ends.

use std::process::ExitCode;

/// The exit codes, the same for all verbs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Exit {
    /// All is well.
    Fine = 0,
    /// The tool could not do its work.
    Failed = 1,
    /// The command line makes no sense.
    Usage = 2,
    /// The answer is no, or the two differ.
    Different = 10,
    /// There is something wrong with the file.
    Findings = 11,
    /// Tests failed, or none ran.
    TestsFailed = 12,
    /// Another policy is live than was compared.
    Moved = 13,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}
