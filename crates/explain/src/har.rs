//! Reads the failed cross-origin requests from an HTTP archive (HAR 1.2,
//! <http://www.softwareishard.com/blog/har-12-spec/>).

use std::collections::BTreeMap;

use corsgate_policy::response::headers::SWITCHING_PROTOCOLS;
use corsgate_policy::{Policy, Route};
use serde::{Deserialize, Deserializer};
use thiserror::Error;
use url::Url;

use crate::curl::origin_of;
use crate::own_headers::{is_never_of_scripts, is_seldom_of_scripts};
use crate::page::{PageRequest, Parts};

/// The longest archive that is read, in bytes.
pub const MAX_HAR: usize = 256 * 1024 * 1024;

/// The requests of an archive that need an explanation.
#[derive(Debug, Default)]
pub struct Har {
    /// Failed cross-origin requests without duplicates, each with its number of occurrences, in the archive's order.
    pub failed: Vec<(PageRequest, usize)>,
    /// Hosts that no route of the policy matches, each with its number of failed requests.
    pub elsewhere: BTreeMap<String, usize>,
    /// The number of failed cross-origin requests that cannot be explained, for each reason (a sentence).
    pub unreadable: BTreeMap<String, usize>,
    /// The number of failed requests that name no page.
    pub without_page: usize,
    /// The number of all requests in the archive.
    pub entries: usize,
}

#[derive(Deserialize)]
#[serde(expecting = "an object with `log`")]
struct Archive {
    log: Log,
}

#[derive(Deserialize)]
#[serde(expecting = "an object with `entries`")]
struct Log {
    #[serde(default, deserialize_with = "or_none")]
    pages: Vec<Page>,
    entries: Vec<Entry>,
}

#[derive(Deserialize)]
#[serde(expecting = "a page")]
struct Page {
    id: Option<String>,
    /// Browsers write the page's URL here.
    title: Option<String>,
}

#[derive(Deserialize)]
#[serde(expecting = "an entry with `request` and `response`")]
struct Entry {
    pageref: Option<String>,
    request: HarRequest,
    response: Option<Response>,
    #[serde(rename = "_resourceType")]
    resource_type: Option<String>,
    /// Chromium writes the error here or in the response.
    #[serde(rename = "_error")]
    error: Option<serde_json::Value>,
}

#[derive(Deserialize)]
#[serde(expecting = "a request with `method` and `url`")]
struct HarRequest {
    method: String,
    url: String,
    #[serde(default, deserialize_with = "or_none")]
    headers: Vec<Header>,
    #[serde(default, deserialize_with = "or_none")]
    cookies: Vec<serde::de::IgnoredAny>,
}

#[derive(Deserialize)]
#[serde(expecting = "a response")]
struct Response {
    status: Option<f64>,
    #[serde(default, deserialize_with = "or_none")]
    headers: Vec<Header>,
    #[serde(rename = "_error")]
    error: Option<serde_json::Value>,
}

#[derive(Deserialize)]
#[serde(expecting = "a header with `name` and `value`")]
struct Header {
    name: String,
    #[serde(default, deserialize_with = "or_none")]
    value: String,
}

/// Some tools write `null` for unknown values. One such entry must not make the whole archive unreadable.
fn or_none<'de, T: Default + Deserialize<'de>, D: Deserializer<'de>>(value: D) -> Result<T, D::Error> {
    Ok(Option::deserialize(value)?.unwrap_or_default())
}

fn value_of<'h>(headers: &'h [Header], name: &str) -> Option<&'h str> {
    headers.iter().find(|header| header.name.eq_ignore_ascii_case(name)).map(|header| header.value.as_str())
}

impl Entry {
    /// There is no status, the browser reports an error, the gateway refused the request, or a WebSocket did not open.
    fn has_failed(&self) -> bool {
        let Some(response) = &self.response else { return true };
        let says = |error: &Option<serde_json::Value>| match error {
            None | Some(serde_json::Value::Null) => false,
            Some(serde_json::Value::String(text)) => !text.is_empty(),
            Some(_) => true,
        };
        let decision = value_of(&response.headers, "corsgate-decision").unwrap_or_default();
        let refused = ["reject;", "strip;"].iter().any(|verdict| decision.starts_with(verdict));
        let status = response.status.unwrap_or_default();
        let unopened = self.is_websocket() && status != f64::from(SWITCHING_PROTOCOLS);
        status <= 0.0 || says(&self.error) || says(&response.error) || refused || unopened
    }

    fn is_websocket(&self) -> bool {
        let scheme = self.request.url.get(..3).unwrap_or_default();
        scheme.eq_ignore_ascii_case("ws:")
            || scheme.eq_ignore_ascii_case("wss")
            || self.resource_type.as_deref() == Some("websocket")
    }

    /// The page's origin: from `Origin` (which failed requests often lack), else `Referer`, else the entry's page.
    fn origin(&self, pages: &[Page]) -> Option<String> {
        let header = |name| value_of(&self.request.headers, name).filter(|value| !value.is_empty());
        if let Some(origin) = header("origin") {
            return Some(origin.to_owned());
        }
        let page = || {
            let pageref = self.pageref.as_ref()?;
            pages.iter().find(|page| page.id.as_ref() == Some(pageref))?.title.as_deref().and_then(origin_of)
        };
        header("referer").and_then(origin_of).or_else(page)
    }

    /// The headers that a script may have set.
    fn headers(&self) -> Vec<(String, Option<String>)> {
        let lower =
            self.request.headers.iter().map(|header| (header.name.to_ascii_lowercase(), &header.value));
        let of_script = lower.filter(|(name, _)| !is_never_of_scripts(name) && !is_seldom_of_scripts(name));
        of_script.map(|(name, value)| (name, Some(value.clone()))).collect()
    }

    /// Whether CORS does not apply: pages load such resources from anywhere. With CORS, an element sends `Origin`.
    fn is_no_cors(&self) -> bool {
        const SHOWN: [&str; 7] = ["document", "image", "media", "script", "stylesheet", "manifest", "ping"];
        // Only Chromium writes the resource type. All browsers send the fetch mode.
        let mode = value_of(&self.request.headers, "sec-fetch-mode");
        let shown = self.resource_type.as_deref().is_some_and(|kind| SHOWN.contains(&kind))
            || mode.is_some_and(|mode| matches!(mode, "no-cors" | "navigate"));
        shown && value_of(&self.request.headers, "origin").is_none()
    }
}

/// Why bytes cannot be read as an HTTP archive.
#[derive(Debug, Error)]
pub enum ArchiveError {
    /// The file is empty, or white space alone.
    #[error("the file is empty")]
    Empty,
    /// The file is not JSON.
    #[error("not JSON: {0}")]
    NotJson(serde_json::Error),
    /// The file is JSON of another structure.
    #[error("not an HTTP archive (HAR 1.2): {0}")]
    NotAnArchive(serde_json::Error),
}

/// Reads an archive. `origin` overrides the origin of every page. `credentials` says that requests carried cookies,
/// which archives often leave out.
///
/// # Errors
/// If it is not an archive.
pub fn read(
    json: &[u8],
    policy: &Policy,
    origin: Option<&str>,
    credentials: bool,
) -> Result<Har, ArchiveError> {
    let json = json.strip_prefix(b"\xef\xbb\xbf").unwrap_or(json);
    let archive: Archive = serde_json::from_slice(json).map_err(|error| match error.classify() {
        serde_json::error::Category::Data => ArchiveError::NotAnArchive(error),
        serde_json::error::Category::Eof if json.trim_ascii().is_empty() => ArchiveError::Empty,
        _ => ArchiveError::NotJson(error),
    })?;
    let mut har = Har { entries: archive.log.entries.len(), ..Har::default() };
    for entry in archive.log.entries.iter().filter(|entry| entry.has_failed() && !entry.is_no_cors()) {
        har.add(entry, &archive.log.pages, policy, origin, credentials);
    }
    har.drop_doubled_preflights();
    Ok(har)
}

impl Har {
    fn add(
        &mut self,
        entry: &Entry,
        pages: &[Page],
        policy: &Policy,
        origin: Option<&str>,
        credentials: bool,
    ) {
        let Ok(mut url) = Url::parse(&entry.request.url) else {
            *self.unreadable.entry("an invalid URL".to_owned()).or_default() += 1;
            return;
        };
        // The gateway never sees `data:`, `file:` and extension URLs.
        if !matches!(url.scheme(), "http" | "https" | "ws" | "wss") {
            return;
        }
        let Some(page) = origin.map(str::to_owned).or_else(|| entry.origin(pages)) else {
            self.without_page += 1;
            return;
        };
        // The query does not affect the decision, and may hold secrets that must not be printed.
        url.set_query(None);
        let host = url.host_str().unwrap_or_default().trim_end_matches('.').to_owned();
        let cookies = credentials
            || !entry.request.cookies.is_empty()
            || value_of(&entry.request.headers, "cookie").is_some();
        let parts = Parts {
            url: url.into(),
            method: entry.request.method.clone(),
            origin: page,
            headers: entry.headers(),
            credentials: cookies,
            websocket: entry.is_websocket(),
        };
        let request = match PageRequest::new(parts) {
            Ok((request, _notes)) => request,
            Err(error) => {
                *self.unreadable.entry(error.to_string()).or_default() += 1;
                return;
            }
        };
        if request.is_same_origin() && !request.is_websocket() {
            return;
        }
        if !policy.routes().iter().any(|route: &Route| route.answers_for(&host)) {
            *self.elsewhere.entry(host).or_default() += 1;
            return;
        }
        match self.failed.iter_mut().find(|(known, _)| is_alike(known, &request)) {
            Some((_, count)) => *count += 1,
            None => self.failed.push((request, 1)),
        }
    }

    /// Drops a failed preflight if the request that it was for failed too: that request's explanation covers both.
    fn drop_doubled_preflights(&mut self) {
        let same = |one: &PageRequest, other: &PageRequest| {
            (&one.href, &one.origin, &one.method) == (&other.href, &other.origin, &other.method)
        };
        let requests: Vec<_> =
            self.failed.iter().map(|(request, _)| request).filter(|it| it.seen.is_none()).cloned().collect();
        self.failed.retain(|(request, _)| {
            request.seen.is_none() || !requests.iter().any(|other| same(request, other))
        });
    }
}

/// Whether the gateway and the browser treat two requests alike.
fn is_alike(one: &PageRequest, other: &PageRequest) -> bool {
    let key = |it: &PageRequest| (it.websocket, it.credentials, it.unsafe_names());
    (&one.href, &one.origin, &one.method, &one.seen)
        == (&other.href, &other.origin, &other.method, &other.seen)
        && key(one) == key(other)
}

#[cfg(test)]
mod tests;
