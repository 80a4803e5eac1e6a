//! Requests from an HTTP archive (HAR 1.2, <http://www.softwareishard.com/blog/har-12-spec/>): those of other origins
//! that failed.

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

/// What an archive has to explain.
#[derive(Debug, Default)]
pub struct Har {
    /// Failed requests of other origins, each once, with how often it is there, in the order of the archive.
    pub failed: Vec<(PageRequest, usize)>,
    /// Hosts that no route of the policy answers for, with how many failed requests went there.
    pub elsewhere: BTreeMap<String, usize>,
    /// How many failed requests of other origins cannot be explained, by the sentence that says why.
    pub unreadable: BTreeMap<String, usize>,
    /// How many failed requests name no page.
    pub without_page: usize,
    /// How many requests there are.
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
    /// Browsers write the URL here.
    title: Option<String>,
}

#[derive(Deserialize)]
#[serde(expecting = "an entry with `request` and `response`")]
struct Entry {
    pageref: Option<String>,
    request: Request,
    response: Option<Response>,
    #[serde(rename = "_resourceType")]
    resource_type: Option<String>,
    /// Where Chromium writes it, or with the response.
    #[serde(rename = "_error")]
    error: Option<serde_json::Value>,
}

#[derive(Deserialize)]
#[serde(expecting = "a request with `method` and `url`")]
struct Request {
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

/// Some tools write `null` for what they do not know: one such entry must not hide all others.
fn or_none<'de, T: Default + Deserialize<'de>, D: Deserializer<'de>>(value: D) -> Result<T, D::Error> {
    Ok(Option::deserialize(value)?.unwrap_or_default())
}

fn value_of<'h>(headers: &'h [Header], name: &str) -> Option<&'h str> {
    headers.iter().find(|header| header.name.eq_ignore_ascii_case(name)).map(|header| header.value.as_str())
}

impl Entry {
    /// It has no status, the browser names an error, the gateway refused it, or a socket was not opened.
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

    /// The page that asked: by `Origin`, which failed requests often lack, by `Referer`, or by the page of the entry.
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

    /// What a script may have set.
    fn headers(&self) -> Vec<(String, Option<String>)> {
        let lower =
            self.request.headers.iter().map(|header| (header.name.to_ascii_lowercase(), &header.value));
        let of_script = lower.filter(|(name, _)| !is_never_of_scripts(name) && !is_seldom_of_scripts(name));
        of_script.map(|(name, value)| (name, Some(value.clone()))).collect()
    }

    /// Pages show such things from anywhere, unless an element asks for CORS: then there is an `Origin`.
    fn is_no_cors(&self) -> bool {
        const SHOWN: [&str; 7] = ["document", "image", "media", "script", "stylesheet", "manifest", "ping"];
        // Only Chromium says of what type a resource is; all browsers say in which mode it is fetched.
        let mode = value_of(&self.request.headers, "sec-fetch-mode");
        let shown = self.resource_type.as_deref().is_some_and(|kind| SHOWN.contains(&kind))
            || mode.is_some_and(|mode| matches!(mode, "no-cors" | "navigate"));
        shown && value_of(&self.request.headers, "origin").is_none()
    }
}

/// Bytes are not an HTTP archive.
#[derive(Debug, Error)]
pub enum ArchiveError {
    /// There are none but white space.
    #[error("the file is empty")]
    Empty,
    /// They are not JSON.
    #[error("not JSON: {0}")]
    NotJson(serde_json::Error),
    /// They are JSON of another form.
    #[error("not an HTTP archive (HAR 1.2): {0}")]
    NotAnArchive(serde_json::Error),
}

/// Reads an archive. `origin` takes the place of whatever page asked; `credentials` says that cookies went along, which
/// archives often leave out.
///
/// # Errors
/// When it is no archive.
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
            *self.unreadable.entry("a URL that is none".to_owned()).or_default() += 1;
            return;
        };
        // Data, files and extensions: no gateway sees them.
        if !matches!(url.scheme(), "http" | "https" | "ws" | "wss") {
            return;
        }
        let Some(page) = origin.map(str::to_owned).or_else(|| entry.origin(pages)) else {
            self.without_page += 1;
            return;
        };
        // The query decides nothing, and may hold what nobody should print.
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

    /// A preflight that failed stands beside the request that it was for: that one tells both.
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

/// Whether two requests are one to the gateway and to the browser.
fn is_alike(one: &PageRequest, other: &PageRequest) -> bool {
    let key = |it: &PageRequest| (it.websocket, it.credentials, it.unsafe_names());
    (&one.href, &one.origin, &one.method, &one.seen)
        == (&other.href, &other.origin, &other.method, &other.seen)
        && key(one) == key(other)
}

#[cfg(test)]
mod tests;
