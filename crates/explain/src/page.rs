//! What a page asks its browser for, and the requests that the browser sends for it.

use corsgate_policy::fetch::method;
use corsgate_policy::fetch::mixed_content::is_mixed;
use corsgate_policy::fetch::request_header::{self, Unsafe, unsafe_names};
use corsgate_policy::grammar::host::is_loopback;
use corsgate_policy::grammar::token::{is_field_value, is_token, members};
use corsgate_policy::{Kind, RequestUrl};

use url::{Host, Url};

use crate::engine::Browser;
use crate::initiator::Initiator;
use crate::page_url;
use crate::request_error::RequestError;
use crate::wire_request::WireRequest;

/// A request that a page asks its browser for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PageRequest {
    /// The `http` or `https` URL, as URL parsing serializes it.
    pub(crate) href: String,
    /// The URL's scheme was `ws` or `wss`, or the caller asked for a handshake.
    pub(crate) websocket: bool,
    pub(crate) method: String,
    /// The page's origin, as sent in `Origin`.
    pub(crate) origin: String,
    /// The headers that a script sets. Unknown values (`None`) count as safelisted.
    pub(crate) headers: Vec<(String, Option<String>)>,
    /// The credentials mode is `include`.
    pub(crate) credentials: bool,
    /// What of the page makes the request.
    pub(crate) initiator: Initiator,
    /// An observed preflight, with the method and headers that it asked for. If present, it is the only preflight sent.
    pub(crate) seen: Option<SeenPreflight>,
}

/// The method and headers that an observed preflight asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct SeenPreflight {
    pub(crate) method: String,
    pub(crate) headers: Option<String>,
}

/// The parts of a request, as a user writes them.
#[derive(Clone, Debug, Default)]
pub struct Parts {
    /// The URL. The schemes `ws` and `wss` make the request a handshake.
    pub url: String,
    /// The method. An empty one means `GET`.
    pub method: String,
    /// The origin of the page.
    pub origin: String,
    /// Header names and values. A value of `None` is unknown.
    pub headers: Vec<(String, Option<String>)>,
    /// The request carries cookies.
    pub credentials: bool,
    /// The request opens a WebSocket.
    pub websocket: bool,
    /// What of the page makes the request.
    pub initiator: Initiator,
    /// A preflight was seen, even if neither method nor headers need one.
    pub preflight: bool,
}

impl PageRequest {
    /// Builds a request. The second value holds sentences about the parts that were left out.
    ///
    /// # Errors
    /// If no page can send such a request.
    pub fn new(parts: Parts) -> Result<(Self, Vec<String>), RequestError> {
        let (href, scheme) = page_url::read(&parts.url)?;
        let websocket = parts.websocket || matches!(scheme.as_str(), "ws" | "wss");
        if !is_field_value(&parts.origin) || parts.origin.is_empty() {
            return Err(RequestError::Origin(parts.origin));
        }
        let method = if parts.method.is_empty() { "GET" } else { &parts.method };
        if !is_token(method.as_bytes()) {
            return Err(RequestError::MalformedMethod(method.to_owned()));
        }
        if websocket && !method.eq_ignore_ascii_case("GET") {
            return Err(RequestError::HandshakeMethod(method.to_owned()));
        }
        if method::is_forbidden(method) {
            return Err(RequestError::ForbiddenMethod(method.to_owned()));
        }
        let asks = |name: &str| name.to_ascii_lowercase().starts_with("access-control-request-");
        let sendable = |value: &Option<String>| value.as_deref().is_none_or(is_field_value);
        if let Some((name, _)) = parts.headers.iter().find(|(name, value)| asks(name) && !sendable(value)) {
            return Err(RequestError::HeaderValue(name.clone()));
        }
        let (mut notes, mut headers) = (Vec::new(), Vec::new());
        let (mut asked_method, mut asked_headers) = (None, None);
        let mut credentials = parts.credentials;
        for (name, value) in parts.headers {
            if !is_token(name.as_bytes()) {
                return Err(RequestError::HeaderName(name));
            }
            let lower = name.to_ascii_lowercase();
            match lower.as_str() {
                "access-control-request-method" => asked_method = value,
                "access-control-request-headers" => asked_headers = value,
                "cookie" => credentials = true,
                "origin" => {}
                _ if request_header::is_forbidden(&lower) => {
                    notes.push(format!("only the browser sets `{lower}`, so it is ignored"));
                }
                _ => headers.push((lower, value)),
            }
        }
        let mut request = Self {
            href,
            websocket,
            method: method::normalize(method).to_owned(),
            origin: parts.origin,
            headers,
            credentials,
            initiator: parts.initiator,
            seen: None,
        };
        if parts.preflight && !websocket {
            let names: Vec<_> = request.unsafe_names().into_iter().map(|(name, _)| name).collect();
            let headers = Some(names.join(",")).filter(|names| !names.is_empty());
            request.seen = Some(SeenPreflight { method: request.method.clone(), headers });
        }
        if let Some(method) = asked_method.filter(|_| request.method == "OPTIONS") {
            notes.push(
                "this is a preflight: it is explained together with the request that it asks for".to_owned(),
            );
            request.see_preflight(method, asked_headers);
        }
        Ok((request, notes))
    }

    /// Derives the request from an observed preflight that asks for it.
    fn see_preflight(&mut self, method: String, headers: Option<String>) {
        let names = headers.iter().flat_map(|names| members(names)).map(str::to_ascii_lowercase);
        let names = names.filter(|name| is_token(name.as_bytes()));
        self.headers = names.map(|name| (name, None)).collect();
        self.method.clone_from(&method);
        // A preflight carries no cookies, so it does not show whether the request does.
        self.seen = Some(SeenPreflight { method, headers });
    }

    /// The URL, always with `http` or `https`.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.href
    }

    /// The URL as a page writes it: a handshake has `ws` or `wss`.
    #[must_use]
    pub fn page_url(&self) -> String {
        match self.href.strip_prefix("http") {
            Some(rest) if self.websocket => format!("ws{rest}"),
            _ => self.href.clone(),
        }
    }

    /// The headers that a script sets, in lower case. An unknown value is `None`.
    #[must_use]
    pub fn headers(&self) -> &[(String, Option<String>)] {
        &self.headers
    }

    /// The method of the request itself, not of its preflight.
    #[must_use]
    pub fn method(&self) -> &str {
        &self.method
    }

    /// The page's origin, as sent in `Origin`.
    #[must_use]
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// What of the page makes the request.
    #[must_use]
    pub fn initiator(&self) -> Initiator {
        self.initiator
    }

    /// Whether the browser blocks the request, or opens no WebSocket, because a secure page asks for an insecure URL.
    /// Safari does not exempt loopback addresses.
    #[must_use]
    pub fn is_mixed_content(&self, browser: Browser) -> bool {
        let url = RequestUrl::parse(&self.href).map(|url| url.origin).unwrap_or_default();
        !self.initiator.is_upgraded() && is_mixed(&self.origin, url, browser != Browser::Safari)
    }

    /// Whether a page of a public site asks for an address of a local network or of this machine
    /// (<https://wicg.github.io/local-network-access/>), as far as the URLs show it.
    #[must_use]
    pub fn is_local_network(&self) -> bool {
        let host = |url: &str| Url::parse(url).ok().is_some_and(|url| is_local(&url));
        host(&self.href) && !host(&self.origin)
    }

    /// Whether the request carries cookies.
    #[must_use]
    pub fn has_credentials(&self) -> bool {
        self.credentials
    }

    /// Whether the request opens a WebSocket.
    #[must_use]
    pub fn is_websocket(&self) -> bool {
        self.websocket
    }

    /// Whether page and URL have the same origin, so that CORS does not apply (Fetch, "main fetch").
    #[must_use]
    pub fn is_same_origin(&self) -> bool {
        RequestUrl::parse(&self.href).is_some_and(|url| url.origin == self.origin)
    }

    /// The header names that a preflight asks for, each with the reason.
    #[must_use]
    pub fn unsafe_names(&self) -> Vec<(String, Unsafe)> {
        match &self.seen {
            // What a preflight asks for is not safelisted, whether or not the value is known.
            Some(seen) => {
                let known = unsafe_names(&self.headers);
                let why = |name: &str| {
                    let known = known.iter().find(|(known, _)| known == name).map(|(_, why)| *why);
                    known.filter(|why| *why != Unsafe::Unknown).unwrap_or(Unsafe::Name)
                };
                let asked = members(seen.headers.as_deref().unwrap_or_default()).map(str::to_ascii_lowercase);
                let mut names: Vec<_> = asked
                    .filter(|name| is_token(name.as_bytes()))
                    .map(|name| (why(&name), name))
                    .map(|(why, name)| (name, why))
                    .collect();
                names.sort_by(|(one, _), (other, _)| one.cmp(other));
                names.dedup_by(|(one, _), (other, _)| one == other);
                names
            }
            None => unsafe_names(&self.headers),
        }
    }

    /// Whether the browser sends a preflight, and why or why not.
    #[must_use]
    pub fn need(&self) -> Need {
        if self.websocket {
            return Need::No(NoNeed::Handshake);
        }
        if self.is_same_origin() {
            return Need::No(NoNeed::SameOrigin);
        }
        let why = self.unsafe_parts();
        match (why.is_empty(), &self.seen) {
            (false, _) => Need::Yes(why),
            (true, Some(_)) => Need::Yes(vec![Cause::Seen]),
            (true, None) => Need::No(NoNeed::Simple),
        }
    }

    /// What of the request is not safelisted.
    pub(crate) fn unsafe_parts(&self) -> Vec<Cause> {
        let method = Some(&self.method).filter(|method| !method::is_safelisted(method));
        let method = method.map(|method| Cause::Method(method.clone()));
        let headers = self.unsafe_names().into_iter().map(|(name, why)| Cause::Header(name, why));
        method.into_iter().chain(headers).collect()
    }

    /// The requests on the wire, in the order in which a browser sends them.
    #[must_use]
    pub fn sent(&self) -> Vec<WireRequest> {
        let mut sent = Vec::new();
        if matches!(self.need(), Need::Yes(_)) {
            let names: Vec<_> = self.unsafe_names().into_iter().map(|(name, _)| name).collect();
            let headers = Some(names.join(",")).filter(|names| !names.is_empty());
            let seen = self.seen.clone().unwrap_or(SeenPreflight { method: self.method.clone(), headers });
            sent.push(WireRequest {
                kind: Kind::Preflight,
                method: "OPTIONS".to_owned(),
                requested_method: Some(seen.method),
                requested_headers: seen.headers,
                ..self.actual()
            });
        }
        sent.push(self.actual());
        sent
    }

    fn actual(&self) -> WireRequest {
        WireRequest {
            kind: if self.websocket { Kind::Handshake } else { Kind::Actual },
            method: self.method.clone(),
            href: self.href.clone(),
            // Fetch, "append a request `Origin` header": a same-origin `GET` or `HEAD` carries none.
            origin: Some(self.origin.clone()).filter(|_| {
                self.websocket || !self.is_same_origin() || !matches!(self.method.as_str(), "GET" | "HEAD")
            }),
            requested_method: None,
            requested_headers: None,
            same_origin: self.is_same_origin(),
            authorization: self.headers.iter().any(|(name, _)| name == "authorization"),
            accept: self
                .headers
                .iter()
                .find(|(name, _)| name == "accept")
                .and_then(|(_, value)| value.clone()),
        }
    }
}

fn is_local(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(address)) => address.is_loopback() || address.is_private() || address.is_link_local(),
        Some(Host::Ipv6(address)) => {
            address.is_loopback() || address.is_unique_local() || address.is_unicast_link_local()
        }
        Some(Host::Domain(name)) => is_loopback(name) || name.ends_with(".local"),
        None => false,
    }
}

/// Whether the browser sends a preflight.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Need {
    /// A preflight is needed, for these reasons.
    Yes(Vec<Cause>),
    /// No preflight is needed.
    No(NoNeed),
}

/// Why a browser sends a preflight.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cause {
    /// The method is not safelisted.
    Method(String),
    /// The header is not safelisted.
    Header(String, Unsafe),
    /// A preflight was observed although neither method nor headers need one: there are upload listeners, for example.
    Seen,
}

/// Why a browser sends no preflight.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoNeed {
    /// CORS does not apply to WebSockets.
    Handshake,
    /// The page has the gateway's own origin.
    SameOrigin,
    /// The method and all headers are safelisted.
    Simple,
}
