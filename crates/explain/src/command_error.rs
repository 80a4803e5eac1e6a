//! Why a `curl` command cannot be read.

use thiserror::Error;

use crate::shell::MAX_COMMAND;

/// The command cannot be read as a request.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum CommandError {
    /// The command has no words.
    #[error("the command is empty: write a command that begins with `curl`")]
    Empty,
    /// The command exceeds the maximum length.
    #[error("the command is longer than {} MiB", MAX_COMMAND / (1024 * 1024))]
    TooLong,
    /// The command is quoted for `cmd.exe`.
    #[error("the command is for the command prompt of Windows: copy it as cURL (bash)")]
    CommandPrompt,
    /// A quotation that begins in this form is not closed.
    #[error("a quotation mark is not closed: put the whole command in `{0}`")]
    UnendedQuotation(&'static str),
    /// The first word is not `curl`.
    #[error("a command must begin with `curl`, but this one begins with `{}`", .0.escape_debug())]
    NotCurl(String),
    /// A flag that takes a value is the last word.
    #[error("`{0}` has no value after it")]
    MissingValue(String),
    /// The command has no URL.
    #[error("the command has no URL: write one such as `https://api.example.com/users`")]
    MissingUrl,
}
