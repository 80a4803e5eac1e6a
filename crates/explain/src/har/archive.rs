//! The requests of an archive: which need CORS, and what became of them.

use std::collections::{BTreeMap, HashMap};

use corsgate_policy::Policy;
use url::Url;

use super::entry::Entry;
use super::judged::{Followed, Judged, Light, Unjudged, host};
use super::kind::{RequestKind, kind};
use super::preflights::Preflights;
use super::redirects::Redirects;
use super::seen::{Ending, Seen, error_of_both};
use super::stream::{Options, Page};
use crate::browser_error::BrowserError;
use crate::copied::origin_of;
use crate::engine::Browser;
use crate::page::PageRequest;

/// The requests of an archive.
#[derive(Debug, Default)]
pub struct Har {
    /// The requests that did not give the page what it asked for, each once with its count, in the archive's order.
    pub failed: Vec<Seen>,
    /// The number of requests of CORS whose response the page could read.
    pub readable: usize,
    /// The number of requests of CORS that succeeded, whose response has no headers in the archive: whether the page could
    /// read it is not known.
    pub without_headers: usize,
    /// The number of requests of CORS that were redirected to a URL whose response is not in the archive: whether the page
    /// could read that is not known.
    pub without_target: usize,
    /// The number of requests that need no CORS, for each reason (what they are).
    pub without_cors: BTreeMap<&'static str, usize>,
    /// Hosts that no route of the policy matches, each with its number of failed requests, and what the browser says of
    /// them.
    pub elsewhere: BTreeMap<String, (usize, Vec<BrowserError>)>,
    /// The number of failed requests that cannot be explained, for each reason (a sentence).
    pub unreadable: BTreeMap<String, usize>,
    /// The number of failed requests that name no page.
    pub without_page: usize,
    /// The number of all requests in the archive.
    pub entries: usize,
    /// The browser that the archive is of, if it says so.
    pub browser: Option<Browser>,
    /// Sentences about the archive itself.
    pub notes: Vec<String>,
}

impl Har {
    /// Judges the entries of an archive.
    pub(super) fn judge(
        &mut self,
        entries: &[Entry],
        pages: &[Page],
        policy: Option<&Policy>,
        options: Options<'_>,
    ) {
        let mut light = Light {
            entries,
            pages,
            policy,
            options,
            browser: options.browser.or(self.browser).unwrap_or_default(),
            preflights: Preflights::of(entries),
            redirects: Redirects::of(entries),
            known: HashMap::new(),
        };
        for (at, entry) in entries.iter().enumerate() {
            let kind = kind(entry);
            if kind != RequestKind::Preflight && !light.redirects.has_taken(at) {
                self.add(at, entry, kind, &mut light);
            }
        }
        for (at, entry) in entries.iter().enumerate() {
            if kind(entry) != RequestKind::Preflight || !light.preflights.is_alone(entry) {
                continue;
            }
            if entry.has_header("access-control-request-method") {
                self.add(at, entry, RequestKind::Preflight, &mut light);
            } else {
                let why = "a preflight without its headers, whose request is not in the archive";
                *self.unreadable.entry(why.to_owned()).or_default() += 1;
            }
        }
    }

    fn add<'e>(&mut self, at: usize, entry: &'e Entry, kind: RequestKind, light: &mut Light<'e, '_>) {
        let preflight = (kind == RequestKind::Cors).then(|| light.preflights.take(entry)).flatten();
        if let RequestKind::WithoutCors(why) = kind
            && (entry.header("origin").is_none() || !may_be_refused(entry))
        {
            *self.without_cors.entry(why).or_default() += 1;
            return self.tell(entry, error_of_both(entry, preflight));
        }
        let page = light.options.origin.map(str::to_owned).or_else(|| page_of(entry, light.pages));
        let Some(page) = page else {
            self.without_page += 1;
            return self.tell(entry, error_of_both(entry, preflight));
        };
        let first = match light.judged(entry, kind, preflight, page) {
            Ok(first) => first,
            Err(Unjudged::Unreadable(why)) => {
                *self.unreadable.entry(why).or_default() += 1;
                return;
            }
            Err(Unjudged::SameOrigin) => {
                *self.without_cors.entry("a request to the page's own origin").or_default() += 1;
                return self.tell(entry, error_of_both(entry, preflight));
            }
        };
        let followed = match kind {
            RequestKind::Cors => light.followed(at, entry, &first),
            _ => Followed::Nowhere,
        };
        let (judged, redirected) = match &followed {
            Followed::Nowhere => (&first, None),
            Followed::To(redirected, judged) => (&**judged, Some(redirected.clone())),
            Followed::Unknown => {
                self.without_target += 1;
                return;
            }
        };
        if judged.ending.is_readable() {
            *(if judged.is_known { &mut self.readable } else { &mut self.without_headers }) += 1;
            return;
        }
        // A redirect is explained as what the page asked for, or else as the request that the policy has a route for.
        let (request, redirected) = match redirected {
            redirected if light.has_route(&first.request) => (&first.request, redirected),
            _ if light.has_route(&judged.request) => (&judged.request, None),
            _ => {
                let error = judged.error.as_ref().map(|(_, error)| *error);
                return self.is_elsewhere(host(&first.request), &judged.ending, error);
            }
        };
        let Judged { ending, error, cached, .. } = judged;
        let said = error.as_ref().map(|(text, _)| text);
        let key = format!("{:?} {ending:?} {said:?} {redirected:?} {cached:?}", request_key(request));
        match light.known.get(&key).and_then(|at| self.failed.get_mut(*at)) {
            Some(seen) => seen.count += 1,
            None => {
                light.known.insert(key, self.failed.len());
                let without_cors = match kind {
                    RequestKind::WithoutCors(why) => Some(why),
                    _ => None,
                };
                let (request, ending, error) = (request.clone(), ending.clone(), error.clone());
                let cached = *cached;
                self.failed.push(Seen { request, ending, error, redirected, cached, count: 1, without_cors });
            }
        }
    }

    fn is_elsewhere(&mut self, host: String, ending: &Ending, error: Option<BrowserError>) {
        let (count, errors) = self.elsewhere.entry(host).or_default();
        *count += 1;
        let told = match ending {
            Ending::NotCors(error) => Some(*error),
            // What broke a connection is told as well.
            _ => error.filter(|error| error.is_without_response()),
        };
        errors.extend(told.filter(|error| !errors.contains(error)));
    }

    /// A browser's own error is told whatever the request is.
    fn tell(&mut self, entry: &Entry, error: Option<(String, BrowserError)>) {
        let Some((_, error)) = error.filter(|(_, error)| error.blocks()) else { return };
        let host = Url::parse(&entry.request.url).ok().and_then(|url| url.host_str().map(str::to_owned));
        self.is_elsewhere(host.unwrap_or_default(), &Ending::NotCors(error), None);
    }

    /// Whether nothing in the archive was failed by the browser itself, where no request is explained, and no failed request
    /// was left out because its page is not known.
    #[must_use]
    pub fn is_fine_elsewhere(&self) -> bool {
        self.elsewhere.values().flat_map(|(_, errors)| errors).all(|error| !error.blocks())
            && self.without_page == 0
    }
}

/// Whether a server may have refused a request that needs no CORS: it failed, or the gateway says so.
fn may_be_refused(entry: &Entry) -> bool {
    let decision = entry.response_header("corsgate-decision").unwrap_or_default();
    entry.status().is_none() || decision.starts_with("reject;") || decision.starts_with("strip;")
}

/// The page's origin: from `Origin` (which failed requests often lack), else `Referer`, else the entry's page.
fn page_of(entry: &Entry, pages: &[Page]) -> Option<String> {
    let header = |name| entry.header(name).filter(|value| !value.is_empty());
    if let Some(origin) = header("origin") {
        return Some(origin.to_owned());
    }
    let page = || {
        let page = pages.iter().find(|page| !page.id.0.is_empty() && page.id.0 == entry.pageref.0)?;
        origin_of(&page.title.0)
    };
    header("referer").and_then(origin_of).or_else(page)
}

/// What the gateway and the browser treat alike.
fn request_key(request: &PageRequest) -> impl core::fmt::Debug {
    (
        request.href.clone(),
        request.origin.clone(),
        request.method.clone(),
        request.websocket,
        request.credentials,
        request.unsafe_names(),
        request.initiator,
        request.seen.is_some(),
    )
}
