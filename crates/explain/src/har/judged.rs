//! What became of an entry's request, in the light of the whole archive.

use std::collections::HashMap;

use corsgate_policy::Policy;
use corsgate_policy::grammar::token::{is_token, members};
use url::Url;

use super::entry::Entry;
use super::kind::RequestKind;
use super::preflights::Preflights;
use super::redirects::Redirects;
use super::seen::{Cached, Ending, Redirected, ending, error_of_both};
use super::stream::{Options, Page};
use crate::browser_error::BrowserError;
use crate::copied::redirects::Hop;
use crate::copied::{is_never_of_scripts, is_seldom_of_scripts};
use crate::engine::Browser;
use crate::initiator::Initiator;
use crate::page::{PageRequest, Parts};
use crate::shown::without_secrets;

/// What an entry is judged in the light of.
pub(super) struct Light<'e, 'o> {
    pub(super) entries: &'e [Entry],
    pub(super) pages: &'e [Page],
    pub(super) policy: Option<&'o Policy>,
    pub(super) options: Options<'o>,
    /// The browser by which requests are judged.
    pub(super) browser: Browser,
    pub(super) preflights: Preflights<'e>,
    pub(super) redirects: Redirects<'e>,
    /// Where in `failed` a request is, by what the gateway and the browser treat alike.
    pub(super) known: HashMap<String, usize>,
}

/// A request at one of the URLs that it was led to, and what became of it there.
pub(super) struct Judged {
    pub(super) request: PageRequest,
    pub(super) ending: Ending,
    pub(super) error: Option<(String, BrowserError)>,
    pub(super) cached: Option<Cached>,
    /// The archive has the headers of the response, or none are needed.
    pub(super) is_known: bool,
}

/// Why an entry cannot be judged.
pub(super) enum Unjudged {
    SameOrigin,
    Unreadable(String),
}

/// Where redirects led a request.
pub(super) enum Followed {
    /// It was not redirected.
    Nowhere,
    /// To this URL, with what became of the request there.
    To(Redirected, Box<Judged>),
    /// To a URL whose response the archive does not have.
    Unknown,
}

impl<'e> Light<'e, '_> {
    /// What became of an entry's request.
    pub(super) fn judged(
        &self,
        entry: &Entry,
        kind: RequestKind,
        preflight: Option<&Entry>,
        origin: String,
    ) -> Result<Judged, Unjudged> {
        let error = error_of_both(entry, preflight);
        let invalid = |_| Unjudged::Unreadable("an invalid URL".to_owned());
        let mut url = Url::parse(&entry.request.url).map_err(invalid)?;
        // The query does not affect the decision, and may hold secrets that must not be printed.
        url.set_query(None);
        let _cannot_fail = (url.set_username(""), url.set_password(None));
        let parts = Parts {
            url: url.into(),
            method: entry.request.method.clone(),
            origin,
            headers: headers(entry, preflight),
            credentials: self.options.credentials || entry.has_cookies(),
            websocket: kind == RequestKind::Handshake,
            initiator: initiator(entry),
            preflight: preflight.is_some(),
        };
        let (request, _notes) =
            PageRequest::new(parts).map_err(|error| Unjudged::Unreadable(error.to_string()))?;
        if request.is_same_origin() && !request.is_websocket() {
            return Err(Unjudged::SameOrigin);
        }
        let ending = ending(&request, kind, entry, preflight, error.as_ref().map(|(_, error)| *error));
        // What came back was not blocked.
        let is_mixed = entry.status().is_none() && request.is_mixed_content(self.browser);
        let ending = match ending {
            Ending::Failed | Ending::NotOpened(0) if is_mixed => Ending::NotCors(BrowserError::MixedContent),
            Ending::Failed if is_unsaid(error.as_ref()) && request.is_local_network() => {
                Ending::NotCors(BrowserError::LocalNetwork)
            }
            ending => ending,
        };
        let is_known = entry.has_response_headers() || request.is_websocket();
        Ok(Judged { request, ending, error, cached: Cached::of(entry), is_known })
    }

    /// Follows the redirects of a request as its browser did, up to the response that decides.
    pub(super) fn followed(&mut self, at: usize, entry: &'e Entry, first: &Judged) -> Followed {
        let (begin, mut at, mut entry) = (at, at, entry);
        let mut followed = Followed::Nowhere;
        let mut hop = Hop::first(&first.request);
        loop {
            let here = match &followed {
                Followed::To(_, judged) => &**judged,
                _ => first,
            };
            // A browser checks each response on the way, and may say itself that it does not follow.
            let may_go_on =
                here.ending.is_readable() || here.ending == Ending::Failed && is_unsaid(here.error.as_ref());
            let (Some(status), Some(location)) = (entry.status(), entry.location()) else { return followed };
            if !may_go_on {
                return followed;
            }
            // With its query, which the other entry's URL has too.
            hop.request.href = entry.request.url.split('#').next().unwrap_or_default().to_owned();
            hop = match hop.follow(status, location) {
                Ok(next) => next,
                Err(error) => {
                    let to = shown_target(&entry.request.url, location);
                    let ending = Ending::NotCors(error);
                    let judged = Judged {
                        request: here.request.clone(),
                        ending,
                        error: here.error.clone(),
                        cached: None,
                        is_known: true,
                    };
                    let is_tainted = hop.is_tainted();
                    return Followed::To(Redirected { to, is_tainted }, Box::new(judged));
                }
            };
            if here.ending == Ending::Failed {
                return followed;
            }
            let asked = (hop.request.method(), hop.request.url());
            let target = self.redirects.take(self.entries, (begin, at), asked, first.request.origin());
            let Some((next_at, next)) = target else { return Followed::Unknown };
            // What was on the wire, if the archive has it.
            let sent = next.header("origin").filter(|origin| !origin.is_empty());
            let sent = sent.filter(|_| self.options.origin.is_none());
            if let Some(sent) = sent {
                sent.clone_into(&mut hop.request.origin);
            }
            let preflight = self.preflights.take(next);
            let Ok(judged) = self.judged(next, RequestKind::Cors, preflight, hop.request.origin.clone())
            else {
                return Followed::Unknown;
            };
            let to = judged.request.url().to_owned();
            followed = Followed::To(Redirected { to, is_tainted: hop.is_tainted() }, Box::new(judged));
            (at, entry) = (next_at, next);
        }
    }

    pub(super) fn has_route(&self, request: &PageRequest) -> bool {
        let host = host(request);
        self.policy.is_none_or(|policy| policy.routes().iter().any(|route| route.answers_for(&host)))
    }
}

pub(super) fn host(request: &PageRequest) -> String {
    let url = Url::parse(request.url()).ok();
    let host = url.as_ref().and_then(Url::host_str).unwrap_or_default();
    host.trim_end_matches('.').to_owned()
}

/// Where a redirect leads, without what may be secret.
fn shown_target(from: &str, location: &str) -> String {
    let to = Url::parse(from).ok().and_then(|from| from.join(location).ok());
    without_secrets(&to.map_or_else(|| location.to_owned(), String::from))
}

/// Whether the browser does not say why a request failed. For Local Network Access, Chromium does not.
fn is_unsaid(error: Option<&(String, BrowserError)>) -> bool {
    error.is_none_or(|(_, error)| *error == BrowserError::Unspecific)
}

/// The headers that the script set: those that the preflight asks for, or those that a browser does not add by itself.
fn headers(entry: &Entry, preflight: Option<&Entry>) -> Vec<(String, Option<String>)> {
    let owned = |(name, value): (&str, Option<&str>)| (name.to_owned(), value.map(str::to_owned));
    if let Some(asked) = preflight.filter(|it| it.has_header("access-control-request-method")) {
        let names = asked.header("access-control-request-headers").unwrap_or_default();
        let names = members(names).map(str::to_ascii_lowercase).filter(|name| is_token(name.as_bytes()));
        let value = |name: &str| entry.header(name).map(str::to_owned);
        return names.map(|name| (value(&name), name)).map(|(value, name)| (name, value)).collect();
    }
    let is_event_source = initiator(entry) == Initiator::Resource;
    let of_browser = |name: &str| {
        let of_stream = is_event_source && matches!(name, "last-event-id" | "accept");
        of_stream
            || is_never_of_scripts(name)
            || is_seldom_of_scripts(name)
            || matches!(name, "origin" | "referer" | "cookie")
    };
    let of_script = |(name, _): &(&str, Option<&str>)| !of_browser(name);
    entry.headers().filter(of_script).map(owned).collect()
}

fn initiator(entry: &Entry) -> Initiator {
    let is_stream = entry.header("accept").is_some_and(|accept| accept.trim() == "text/event-stream");
    let destination = entry.header("sec-fetch-dest").filter(|it| *it != "empty");
    let named = entry.resource_type().and_then(Initiator::of_resource_type);
    match destination.and_then(Initiator::of_resource_type).or(named) {
        // `fetch` may ask for a stream too, but its archive says so.
        None if is_stream => Initiator::Resource,
        Some(initiator) => initiator,
        None => Initiator::default(),
    }
}
