//! What a line says that is not about CORS.

use super::places::answered;
use crate::browser_error::BrowserError;
use crate::engine::Browser;

/// The error that a line of the network names: `net::ERR_…` and its like.
pub(super) fn net_error(text: &str) -> Option<BrowserError> {
    ["net::", "NS_ERROR_", "SEC_ERROR_", "SSL_ERROR_", "MOZILLA_PKIX_ERROR_"].iter().find_map(|mark| {
        let at = text.find(mark)?;
        BrowserError::of(text.get(at..)?.split([' ', ')', ',']).next()?)
    })
}

/// Chrome reports Local Network Access as a fault of CORS, so these come before any other sentence.
pub(super) const LOCAL_NETWORK: &[&str] =
    &["address space", "Local Network Access", "local network access", "LocalNetworkAccess"];

/// Parts of the sentences of browsers, with what they are about. An earlier row is more specific than a later one.
const MARKS: [(BrowserError, &[&str]); 17] = [
    (
        BrowserError::Framing,
        &["X-Frame-Options", "in a frame because", "frame-ancestors", "Refused to display"],
    ),
    (
        BrowserError::FrameAccess,
        &[
            "Blocked a frame with origin",
            "accessing a frame with origin",
            "accessing a cross-origin frame",
            "from accessing a cross-origin",
            "Permission denied to access property",
            "Failed to execute 'postMessage'",
            "Unable to post message to",
            "the recipient window's origin",
        ],
    ),
    (BrowserError::Canvas, &["ainted canvas", "anvas has been tainted", "tainted by cross-origin data"]),
    (
        BrowserError::UserInUrl,
        &[
            "URL that includes credentials",
            "embedded credentials",
            "contains user credentials",
            "contains credentials",
        ],
    ),
    (BrowserError::Redirect, &["contains a username and password, which is disallowed"]),
    (BrowserError::ForbiddenHeader, &["Refused to set unsafe header", "Attempt to set a forbidden header"]),
    (BrowserError::ServiceWorker, &["The FetchEvent for", "intercepted the request and encountered"]),
    (
        BrowserError::MixedContent,
        &[
            "Mixed Content:",
            "mixed active content",
            "mixed display content",
            "requested insecure content from",
            "was not allowed to display insecure content from",
            "was not allowed to run insecure content from",
            "The operation is insecure",
        ],
    ),
    (BrowserError::ContentSecurityPolicy, &["Content Security Policy", "Content-Security-Policy"]),
    (
        BrowserError::Isolation,
        &[
            "Cross-Origin-Resource-Policy",
            "Cross-Origin-Embedder-Policy",
            "Cross-Origin-Opener-Policy",
            "OpaqueResponseBlocking",
            "Opaque Response Blocking",
        ],
    ),
    (BrowserError::Disabled, &["CORS disabled", "CORSDisabled"]),
    (BrowserError::NoResponse, &["CORS request did not succeed", "CORSDidNotSucceed"]),
    (BrowserError::EventStream, &["EventSource's response has a"]),
    (
        BrowserError::ContentType,
        &["MIME type", "Refused to execute script", "Refused to apply style", "Failed to load module script"],
    ),
    (
        BrowserError::Cookies,
        &["third-party cookie", "Third-party cookie", "cookie or storage", "has been rejected because"],
    ),
    (BrowserError::Client, &["content blocker", "Content Blocker", "blocked by an extension"]),
    (BrowserError::Certificate, &["certificate", "SSL error", "TLS error"]),
];

/// Sentences about a connection, and then those that say nothing at all.
const LAST: [(BrowserError, &[&str]); 4] = [
    (
        BrowserError::Connection,
        &[
            "network connection was lost",
            "Could not connect to the server",
            "server with the specified hostname could not be found",
            "was interrupted while the page was loading",
            "can't establish a connection to the server",
            "connection appears to be offline",
            "The request timed out",
        ],
    ),
    (BrowserError::Aborted, &["AbortError", "The operation was aborted", "signal is aborted"]),
    (BrowserError::Font, &["downloadable font: download failed"]),
    (
        BrowserError::Unspecific,
        &[
            "due to access control checks",
            "NetworkError when attempting to fetch",
            "Failed to fetch",
            "Load failed",
            "Failed to load resource",
            "Network Error",
            "ERR_NETWORK",
            "Cross-Origin Request Blocked",
            "error loading dynamically imported module",
        ],
    ),
];

/// Every error that a sentence can name, with the parts by which the sentence is known. An earlier one is more specific.
pub fn marks() -> impl Iterator<Item = (BrowserError, &'static [&'static str])> {
    std::iter::once((BrowserError::LocalNetwork, LOCAL_NETWORK)).chain(MARKS).chain(LAST)
}

/// The browser whose sentence about mixed content a text is.
pub(super) fn browser_of_mixed_content(text: &str) -> Option<Browser> {
    let of = |browser, marks: &[&str]| marks.iter().any(|mark| text.contains(mark)).then_some(browser);
    of(Browser::Chrome, &["Mixed Content:"])
        .or_else(|| of(Browser::Firefox, &["Blocked loading mixed"]))
        .or_else(|| of(Browser::Safari, &["insecure content from"]))
}

/// An error that is not one of CORS.
pub(super) fn other_error(text: &str) -> Option<BrowserError> {
    let among = |rows: &[(BrowserError, &[&str])]| {
        let row = rows.iter().find(|(_, marks)| marks.iter().any(|mark| text.contains(mark)));
        row.map(|(error, _)| *error)
    };
    // `net::ERR_FAILED` says nothing, and the status beside it is that of a response that the page did not get.
    let named = net_error(text);
    among(&MARKS)
        .or(named)
        .or_else(|| answered(text).map(|_| BrowserError::Answered))
        .or_else(|| among(&LAST))
}
