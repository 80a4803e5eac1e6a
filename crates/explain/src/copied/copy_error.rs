//! Why a copied text cannot be read.

use thiserror::Error;

use super::MAX_TEXT;

/// The text cannot be read as a request. Each message says what to copy or write instead.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum CopyError {
    /// There is nothing but white space.
    #[error(
        "there is nothing to read: copy a line of the console, a request (as cURL, fetch or PowerShell), or an archive (HAR)"
    )]
    Empty,
    /// The command has no words.
    #[error("the command is empty: write a command that begins with `curl`")]
    NoCommand,
    /// The text exceeds the maximum length.
    #[error("the command is longer than {} MiB: leave the body out; it has no effect on the decision", MAX_TEXT / (1024 * 1024))]
    TooLong,
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
    /// The command's URL is in a variable of the shell.
    #[error("the URL is in the variable `{}`, which is not known here: write the URL itself", .0.split('?').next().unwrap_or_default().escape_debug())]
    VariableUrl(String),
    /// The text is not JavaScript.
    #[error("the text is not JavaScript: {0}; copy the request again, with \"Copy as fetch\"")]
    NotJavaScript(String),
    /// There is no parser of JavaScript here (the feature `javascript`).
    #[error(
        "a call of `fetch` is not read here, as this page has no parser of JavaScript: copy the request as cURL or as PowerShell, or run `corsgate explain POLICY -`, which reads it"
    )]
    NoJavaScript,
    /// The script has no call of `fetch`.
    #[error(
        "the text has no call of `fetch`, `new EventSource` or `new WebSocket`, and other libraries are not read: copy the request itself from the network panel (as cURL, fetch, PowerShell or HAR), or write `--url`, `--origin`, `--method`, `--header` and `--credentials`"
    )]
    NoFetch,
    /// The URL of `fetch` is not a text.
    #[error(
        "the URL that `fetch` gets is computed by the script, which is not run: write the URL itself as a string"
    )]
    ComputedUrl,
    /// The text has no call of `Invoke-WebRequest`.
    #[error(
        "the text has no `Invoke-WebRequest` with a `-Uri`: copy the request again, with \"Copy as PowerShell\""
    )]
    NoWebRequest,
    /// The text is no kind that is known.
    #[error("{0}")]
    Unknown(String),
}
