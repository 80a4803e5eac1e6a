//! The exit codes.

use std::process::ExitCode;

/// The exit codes, the same for all verbs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Exit {
    /// Success.
    Fine = 0,
    /// The tool could not do its work.
    Failed = 1,
    /// The command line is invalid.
    Usage = 2,
    /// The result is negative, or two things differ.
    Different = 10,
    /// The file has findings.
    Findings = 11,
    /// Tests failed, or none ran.
    TestsFailed = 12,
    /// The live policy is not the one that was compared.
    Moved = 13,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}
