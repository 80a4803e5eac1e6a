//! The requests of an archive: which need CORS, and what became of them.

use std::collections::{BTreeMap, HashMap};

use corsgate_policy::Policy;
use corsgate_policy::grammar::token::{is_token, members};
use url::Url;

use super::entry::Entry;
use super::kind::{RequestKind, kind};
use super::seen::{Ending, Seen, ending, error_of_both};
use super::stream::{Options, Page};
use crate::browser_error::BrowserError;
use crate::copied::{is_never_of_scripts, is_seldom_of_scripts, origin_of};
use crate::engine::Browser;
use crate::initiator::Initiator;
use crate::page::{PageRequest, Parts};

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

/// A preflight that was put to a request, or the method alone if the exporter left its headers out.
struct Preflight<'e> {
    entry: &'e Entry,
    method: Option<&'e str>,
    is_taken: bool,
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
        let mut preflights: HashMap<&str, Vec<Preflight<'_>>> = HashMap::new();
        for entry in entries.iter().filter(|entry| kind(entry) == RequestKind::Preflight) {
            let method = entry.header("access-control-request-method");
            let preflight = Preflight { entry, method, is_taken: false };
            preflights.entry(without_fragment(&entry.request.url)).or_default().push(preflight);
        }
        let mut known: HashMap<String, usize> = HashMap::new();
        for entry in entries {
            let kind = kind(entry);
            if kind == RequestKind::Preflight {
                continue;
            }
            let url = without_fragment(&entry.request.url);
            let preflight = preflights.get_mut(url).and_then(|all| preflight_of(entry, all));
            let preflight = preflight.filter(|_| kind == RequestKind::Cors).map(|preflight| {
                preflight.is_taken = true;
                preflight.entry
            });
            self.add(entry, kind, preflight, pages, policy, options, &mut known);
        }
        let alone = |entry: &&Entry| {
            kind(entry) == RequestKind::Preflight
                && preflights
                    .get(without_fragment(&entry.request.url))
                    .is_some_and(|all| all.iter().any(|it| core::ptr::eq(it.entry, *entry) && !it.is_taken))
        };
        for entry in entries.iter().filter(alone) {
            if entry.has_header("access-control-request-method") {
                self.add(entry, RequestKind::Preflight, None, pages, policy, options, &mut known);
            } else {
                let why = "a preflight without its headers, whose request is not in the archive";
                *self.unreadable.entry(why.to_owned()).or_default() += 1;
            }
        }
    }

    #[expect(clippy::too_many_arguments, reason = "an entry is judged in the light of the whole archive")]
    fn add(
        &mut self,
        entry: &Entry,
        kind: RequestKind,
        preflight: Option<&Entry>,
        pages: &[Page],
        policy: Option<&Policy>,
        options: Options<'_>,
        known: &mut HashMap<String, usize>,
    ) {
        let error = error_of_both(entry, preflight);
        if let RequestKind::WithoutCors(why) = kind
            && (entry.header("origin").is_none() || !may_be_refused(entry))
        {
            *self.without_cors.entry(why).or_default() += 1;
            return self.tell(entry, error);
        }
        let Some(page) = options.origin.map(str::to_owned).or_else(|| page_of(entry, pages)) else {
            self.without_page += 1;
            return self.tell(entry, error);
        };
        let Ok(mut url) = Url::parse(&entry.request.url) else {
            *self.unreadable.entry("an invalid URL".to_owned()).or_default() += 1;
            return;
        };
        // The query does not affect the decision, and may hold secrets that must not be printed.
        url.set_query(None);
        let _cannot_fail = (url.set_username(""), url.set_password(None));
        let host = url.host_str().unwrap_or_default().trim_end_matches('.').to_owned();
        let parts = Parts {
            url: url.into(),
            method: entry.request.method.clone(),
            origin: page,
            headers: headers(entry, preflight),
            credentials: options.credentials || entry.has_cookies(),
            websocket: kind == RequestKind::Handshake,
            initiator: initiator(entry),
            preflight: preflight.is_some(),
        };
        let request = match PageRequest::new(parts) {
            Ok((request, _notes)) => request,
            Err(error) => {
                *self.unreadable.entry(error.to_string()).or_default() += 1;
                return;
            }
        };
        if request.is_same_origin() && !request.is_websocket() {
            *self.without_cors.entry("a request to the page's own origin").or_default() += 1;
            return self.tell(entry, error);
        }
        let ending = ending(&request, kind, entry, preflight, error.as_ref().map(|(_, error)| *error));
        // What came back was not blocked.
        let is_mixed = entry.status().is_none()
            && request.is_mixed_content(options.browser.or(self.browser).unwrap_or_default());
        let ending = match ending {
            Ending::Failed | Ending::NotOpened(0) if is_mixed => Ending::NotCors(BrowserError::MixedContent),
            Ending::Failed if is_unsaid(error.as_ref()) && request.is_local_network() => {
                Ending::NotCors(BrowserError::LocalNetwork)
            }
            ending => ending,
        };
        if ending.is_readable() {
            let is_known = entry.has_response_headers() || request.is_websocket();
            *(if is_known { &mut self.readable } else { &mut self.without_headers }) += 1;
            return;
        }
        if policy.is_some_and(|policy| !policy.routes().iter().any(|route| route.answers_for(&host))) {
            return self.is_elsewhere(host, &ending, error.map(|(_, error)| error));
        }
        let key =
            format!("{:?} {ending:?} {:?}", request_key(&request), error.as_ref().map(|(text, _)| text));
        match known.get(&key).and_then(|at| self.failed.get_mut(*at)) {
            Some(seen) => seen.count += 1,
            None => {
                known.insert(key, self.failed.len());
                let without_cors = match kind {
                    RequestKind::WithoutCors(why) => Some(why),
                    _ => None,
                };
                self.failed.push(Seen { request, ending, error, count: 1, without_cors });
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

/// The preflight of a request, of those for its URL. Browsers keep the answer to one, so it may stand for several requests.
/// Of several attempts, a request that got a response had a preflight that succeeded, and one that got none may have had
/// one that did not.
fn preflight_of<'p, 'e>(entry: &Entry, all: &'p mut [Preflight<'e>]) -> Option<&'p mut Preflight<'e>> {
    let is_its = |preflight: &Preflight<'_>| {
        let method = preflight.method.is_none_or(|asked| asked.eq_ignore_ascii_case(&entry.request.method));
        let origins = (preflight.entry.header("origin"), entry.header("origin"));
        method && !matches!(origins, (Some(asked), Some(sent)) if asked != sent)
    };
    let has_response = entry.status().is_some();
    let is_like = |preflight: &Preflight<'_>| {
        has_response == preflight.entry.status().is_some_and(|status| (200..300).contains(&status))
    };
    let rank = |preflight: &Preflight<'_>| (is_like(preflight), !preflight.is_taken);
    let its = all.iter_mut().filter(|preflight| is_its(preflight));
    // The last of the best for a request with a response, the first for one without.
    its.reduce(|best, next| match rank(next).cmp(&rank(best)) {
        core::cmp::Ordering::Greater => next,
        core::cmp::Ordering::Equal if has_response => next,
        _ => best,
    })
}

/// Whether a server may have refused a request that needs no CORS: it failed, or the gateway says so.
fn may_be_refused(entry: &Entry) -> bool {
    let decision = entry.response_header("corsgate-decision").unwrap_or_default();
    entry.status().is_none() || decision.starts_with("reject;") || decision.starts_with("strip;")
}

/// Whether the browser does not say why a request failed. For Local Network Access, Chromium does not.
fn is_unsaid(error: Option<&(String, BrowserError)>) -> bool {
    error.is_none_or(|(_, error)| *error == BrowserError::Unspecific)
}

fn without_fragment(url: &str) -> &str {
    url.split('#').next().unwrap_or(url)
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
