//! What people can copy out of a browser, found out by its form: one file for each kind.
//!
//! - [`curl`] (`shell`, `command_prompt`): *Copy as cURL* for bash, `cmd.exe` and PowerShell, and commands written by hand;
//! - [`fetch_call`] (`javascript`): *Copy as fetch*, for browsers and for Node.js, with the feature `javascript`;
//! - [`powershell`]: *Copy as PowerShell*;
//! - [`console_line`]: a line of the console;
//! - [`response_head`]: the headers of responses;
//! - [`verbose`]: the request before them, as `curl -v` shows it;
//! - [`encoding`]: the encodings in which terminals and editors save such texts.
//!
//! Archives have a [module](crate::har) of their own.

mod command_prompt;
pub mod console_line;
mod copy_error;
pub mod curl;
pub mod encoding;
#[cfg(feature = "javascript")]
pub mod fetch_call;
#[cfg(not(feature = "javascript"))]
#[path = "fetch_unread.rs"]
pub mod fetch_call;
#[cfg(feature = "javascript")]
mod javascript;
mod kind;
mod own_headers;
pub mod powershell;
pub(crate) mod redirects;
pub mod response_head;
mod shell;
pub mod verbose;

use url::Url;

use crate::page::Parts;

pub use copy_error::CopyError;
pub use kind::Kind;
pub(crate) use own_headers::{is_never_of_scripts, is_seldom_of_scripts};

/// The longest text that is read, in bytes. An archive may be longer.
pub const MAX_TEXT: usize = 1024 * 1024;

/// The most requests that are read from one text.
pub const MOST_COPIES: usize = 200;

/// A request as read from a copied text.
#[derive(Debug, Default)]
pub struct Copied {
    /// The request. Its origin is empty if the text names no page.
    pub parts: Parts,
    /// Sentences about what was left out or guessed.
    pub notes: Vec<String>,
    /// Why the request needs no CORS, in a sentence, if it needs none.
    pub without_cors: Option<&'static str>,
}

/// A text that cannot be read as a request.
#[derive(Debug)]
pub struct Unread {
    /// Why.
    pub error: CopyError,
    /// Sentences about what was noticed before.
    pub notes: Vec<String>,
}

impl From<CopyError> for Unread {
    fn from(error: CopyError) -> Self {
        Self { error, notes: Vec::new() }
    }
}

/// The headers of a copied request, without those that browsers add by themselves. Only an exported request has the
/// latter; in one written by hand each header stands for itself.
#[derive(Debug, Default)]
struct Headers {
    of_script: Vec<(String, Option<String>)>,
    origin: Option<String>,
    referer: Option<String>,
    has_cookies: bool,
    opens_websocket: bool,
    is_event_source: bool,
    without_cors: Option<&'static str>,
    /// Names that a script could set, but that a browser more likely did.
    doubtful: Vec<String>,
}

impl Headers {
    /// `exported` says that a browser wrote the request, whatever its headers are.
    fn read(all: Vec<(String, String)>, exported: bool) -> Self {
        let mut headers = Self::default();
        let value = |name: &str| all.iter().find(|(known, _)| known == name).map(|(_, value)| value.clone());
        // Only browsers send these headers.
        let exported = exported
            || all.iter().any(|(name, _)| name.starts_with("sec-fetch-") || name.starts_with("sec-ch-"));
        headers.is_event_source = exported && value("accept").as_deref() == Some("text/event-stream");
        headers.without_cors = match value("sec-fetch-mode").as_deref() {
            Some("no-cors") => Some("a `no-cors` request"),
            Some("navigate") => Some("a navigation"),
            _ => None,
        };
        for (name, value) in all {
            match name.as_str() {
                "origin" => headers.origin = Some(value),
                "referer" => headers.referer = Some(value),
                "upgrade" => headers.opens_websocket = value.eq_ignore_ascii_case("websocket"),
                "cookie" => headers.has_cookies = true,
                _ if is_never_of_scripts(&name) => {}
                "last-event-id" if headers.is_event_source => {}
                _ if exported && is_seldom_of_scripts(&name) => headers.doubtful.push(name),
                _ => headers.of_script.push((name, Some(value))),
            }
        }
        headers
    }

    /// Says which headers are treated as the browser's, and takes the page from `Referer` if nothing else names it.
    fn origin(&self, what: &str, notes: &mut Vec<String>) -> String {
        let told: Vec<_> = self.doubtful.iter().map(|name| format!("`{name}`")).collect();
        if !told.is_empty() {
            notes.push(format!(
                "treated as set by the browser: {}; if the page sets them, add `--header`",
                told.join(", ")
            ));
        }
        match (&self.origin, self.referer.as_deref().and_then(origin_of)) {
            (Some(origin), _) => origin.clone(),
            (None, Some(page)) => {
                notes.push(format!("the {what} has no `Origin`: `{page}` is taken from its `Referer`"));
                page
            }
            (None, None) => String::new(),
        }
    }
}

/// The origin of a page with this URL.
pub(crate) fn origin_of(page: &str) -> Option<String> {
    let origin = Url::parse(page).ok()?.origin();
    origin.is_tuple().then(|| origin.ascii_serialization())
}
