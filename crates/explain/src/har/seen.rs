//! A request of an archive, and what became of it.

use corsgate_policy::fetch::{Blocked, CorsResponse};
use corsgate_policy::response::headers::SWITCHING_PROTOCOLS;

use super::entry::{Entry, shown};
use super::kind::RequestKind;
use crate::browser::faults;
use crate::browser_error::BrowserError;
use crate::page::PageRequest;

/// A request of an archive, with what became of it.
#[derive(Clone, Debug)]
pub struct Seen {
    /// The request.
    pub request: PageRequest,
    /// What became of it, by its own headers.
    pub ending: Ending,
    /// What the browser says of a failure, word for word, and what that is.
    pub error: Option<(String, BrowserError)>,
    /// Where a redirect led, if it is the response there that the page did not get.
    pub redirected: Option<Redirected>,
    /// The browser took the response out of its cache.
    pub cached: Option<Cached>,
    /// How often it is in the archive.
    pub count: usize,
    /// Why it needs no CORS, if it needs none: a server may refuse it nevertheless.
    pub without_cors: Option<&'static str>,
}

/// A redirect of an archive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Redirected {
    /// The URL that it leads to, without its query.
    pub to: String,
    /// The browser sent `Origin: null` there.
    pub is_tainted: bool,
}

/// A response out of the browser's cache.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cached {
    /// It has `Vary: Origin`, so that each origin has its own.
    ForThisOrigin,
    /// It does not, so it may be the one to another page.
    ForAllPages,
}

impl Cached {
    /// By the fields and the headers of an entry.
    pub(super) fn of(entry: &Entry) -> Option<Self> {
        let vary = entry.response_header("vary").unwrap_or_default();
        let varies =
            vary.split(',').map(str::trim).any(|name| name == "*" || name.eq_ignore_ascii_case("origin"));
        entry.is_from_cache().then_some(if varies { Self::ForThisOrigin } else { Self::ForAllPages })
    }
}

/// What became of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ending {
    /// The page could read the response.
    Readable,
    /// The browser kept the response from the page, or did not send the request.
    Blocked {
        /// The response is that of the preflight.
        preflight: bool,
        /// Its status.
        status: u16,
        /// All faults, in the order in which the browser trips over them. Never empty.
        faults: Vec<Blocked>,
    },
    /// The browser failed it, whatever the server says about CORS.
    NotCors(BrowserError),
    /// The gateway refused it, as its `Corsgate-Decision` says.
    Refused,
    /// No WebSocket was opened. The status is 0 if there was no response.
    NotOpened(u16),
    /// It failed, and the archive does not have the headers that say why.
    Failed,
}

impl Ending {
    /// Whether the page got what it asked for.
    #[must_use]
    pub fn is_readable(&self) -> bool {
        *self == Self::Readable
    }
}

/// What the browser says of an entry's failure.
pub(super) fn error_of(entry: &Entry) -> Option<(String, BrowserError)> {
    let text = entry.error()?;
    Some((shown(text), BrowserError::of(text)?))
}

/// What the browser says of a failure, in the entry of the request or of its preflight: whichever says more.
pub(super) fn error_of_both(entry: &Entry, preflight: Option<&Entry>) -> Option<(String, BrowserError)> {
    let says_more = |error: &(String, BrowserError)| error.1 != BrowserError::Unspecific;
    let (own, before) = (error_of(entry), preflight.and_then(error_of));
    match own {
        Some(own) if says_more(&own) => Some(own),
        own => before.filter(says_more).or(own),
    }
}

/// What became of a request, by its entry and that of its preflight.
pub(super) fn ending(
    request: &PageRequest,
    kind: RequestKind,
    entry: &Entry,
    preflight: Option<&Entry>,
    error: Option<BrowserError>,
) -> Ending {
    let of_preflight = preflight.and_then(error_of).map(|(_, error)| error);
    if let Some(error) = error.or(of_preflight).filter(|error| error.blocks()) {
        return Ending::NotCors(error);
    }
    if kind == RequestKind::Handshake {
        return match entry.status().unwrap_or(0) {
            SWITCHING_PROTOCOLS if error.is_none() => Ending::Readable,
            status => Ending::NotOpened(status),
        };
    }
    if let Some(preflight) = preflight.filter(|preflight| preflight.status().is_some()) {
        let blocked = checked(request, Some(request.method()), preflight);
        if let Some((status, faults)) = blocked {
            return Ending::Blocked { preflight: true, status, faults };
        }
    }
    let blocked = match kind {
        RequestKind::Preflight => checked(request, Some(request.method()), entry),
        RequestKind::Cors => checked(request, None, entry),
        RequestKind::Handshake | RequestKind::WithoutCors(_) => None,
    };
    if let Some((status, faults)) = blocked {
        return Ending::Blocked { preflight: kind == RequestKind::Preflight, status, faults };
    }
    let decision = entry.response_header("corsgate-decision").unwrap_or_default();
    let is_refused = ["reject;", "strip;"].iter().any(|verdict| decision.starts_with(verdict));
    match (is_refused, entry.status(), error) {
        (true, ..) => Ending::Refused,
        (false, Some(_), None) => Ending::Readable,
        (false, ..) => Ending::Failed,
    }
}

/// The faults of a response, with its status. `None` if there are none, or if the archive does not have its headers.
fn checked(
    request: &PageRequest,
    requested_method: Option<&str>,
    entry: &Entry,
) -> Option<(u16, Vec<Blocked>)> {
    let status = entry.status()?;
    if !entry.has_response_headers() && (200..300).contains(&status) {
        return None;
    }
    let response = CorsResponse::new(status, |name| entry.response_header(name));
    let mut faults = faults(request, requested_method, &response);
    if status == 304 {
        // A response that was validated has the headers of the stored one, which the archive may not have, and those of
        // the 304 in their place.
        faults.retain(|fault| matches!(fault, Blocked::OtherOrigin(_) | Blocked::AnyOriginWithCredentials));
    }
    (!faults.is_empty()).then_some((status, faults))
}
