//! The facts about a request: everything that the decision depends on, and nothing else.

use crate::origin::Origin;
use crate::policy::limit::Client;

/// The header that detects loops: it lists the authorities of the gateways that the request has passed.
pub const HOP_HEADER: &str = "corsgate-hop";

/// The parts of a request that matter. The platform joins repeated headers: two `Origin` lines become one
/// value with a comma, which is malformed.
#[derive(Clone, Copy, Debug, Default)]
pub struct Facts<'a> {
    /// The method, in its original case.
    pub method: &'a str,
    /// The parsed URL.
    pub url: RequestUrl<'a>,
    /// `Origin`.
    pub origin: Option<&'a str>,
    /// `Access-Control-Request-Method`.
    pub requested_method: Option<&'a str>,
    /// `Access-Control-Request-Headers`.
    pub requested_headers: Option<&'a str>,
    /// `Sec-Fetch-Site`, which pages cannot set.
    pub sec_fetch_site: Option<&'a str>,
    /// `Sec-Fetch-Storage-Access` is `inactive`: the user has allowed cookies here, but the browser did not send them.
    pub storage_access_inactive: bool,
    /// `Upgrade`.
    pub upgrade: Option<&'a str>,
    /// `Accept`.
    pub accept: Option<&'a str>,
    /// `Authorization` is present.
    pub has_authorization: bool,
    /// There is a body.
    pub has_body: bool,
    /// `CF-Connecting-IP`: the client's address, set by Cloudflare.
    pub client_ip: Option<&'a str>,
    /// The value of [`HOP_HEADER`].
    pub hops: Option<&'a str>,
    /// The names of all headers, separated by spaces. No decision depends on them; only a request that is
    /// [forwarded](crate::response::forward) needs them.
    pub header_names: &'a str,
}

/// The URL of a request, as slices of its WHATWG serialization.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RequestUrl<'a> {
    /// `scheme://host[:port]`: the origin of the gateway, as a browser would serialize it.
    pub origin: &'a str,
    /// The scheme without `:`.
    pub scheme: &'a str,
    /// `host[:port]`.
    pub authority: &'a str,
    /// The host alone, an IPv6 address with its brackets. The trailing dot of a fully qualified name is
    /// removed: DNS finds the same server, so the same route must match.
    pub host: &'a str,
    /// The path; it begins with `/`.
    pub path: &'a str,
    /// The query; it begins with `?`, or is empty.
    pub query: &'a str,
}

impl<'a> RequestUrl<'a> {
    /// Splits the serialization of a parsed `http` or `https` URL. Returns `None` for another scheme, a user
    /// name, or a host with characters that no name or address contains. URL parsing accepts some of these
    /// (such as the `*` of `OPTIONS *`), but no browser sends them.
    #[must_use]
    pub fn parse(href: &'a str) -> Option<Self> {
        let (scheme, rest) = match href.strip_prefix("https://") {
            Some(rest) => ("https", rest),
            None => ("http", href.strip_prefix("http://")?),
        };
        let position = |text: &str, mark| text.bytes().position(|byte| byte == mark);
        let authority_length = position(rest, b'/')?;
        let (authority, rest) = rest.split_at_checked(authority_length)?;
        let origin = href.get(..scheme.len() + 3 + authority_length)?;
        let named =
            |byte: u8| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b':' | b'[' | b']');
        if authority.is_empty() || !authority.bytes().all(named) {
            return None;
        }
        let port = match position(authority, b']') {
            Some(bracket) => Some(bracket + 1).filter(|end| *end < authority.len()),
            None => position(authority, b':'),
        };
        let host = authority.get(..port.unwrap_or(authority.len()))?;
        let host = host.strip_suffix('.').unwrap_or(host);
        if host.is_empty() || host.ends_with('.') {
            return None;
        }
        let without_fragment = rest.get(..position(rest, b'#').unwrap_or(rest.len()))?;
        let query_start = position(without_fragment, b'?').unwrap_or(without_fragment.len());
        let (path, query) = without_fragment.split_at_checked(query_start)?;
        Some(Self { origin, scheme, authority, host, path, query })
    }
}

/// How CORS classifies a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A CORS-preflight request (Fetch, 3.3.2): `OPTIONS` with `Origin` and
    /// `Access-Control-Request-Method`.
    Preflight,
    /// A WebSocket handshake, which CORS does not cover, so the gateway checks its origin.
    Handshake,
    /// Any other request.
    Actual,
}

/// The origin that a request claims to come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Initiator<'a> {
    /// There is no `Origin`.
    Unnamed,
    /// The gateway's own origin.
    SameOrigin,
    /// `null`.
    Opaque,
    /// A value that no browser sends.
    Malformed,
    /// A page of this origin.
    Origin(Origin<'a>),
}

impl<'a> Facts<'a> {
    /// How CORS classifies the request.
    #[must_use]
    pub fn kind(&self) -> Kind {
        if self.method == "OPTIONS" && self.origin.is_some() && self.requested_method.is_some() {
            Kind::Preflight
        } else if self.upgrade.is_some_and(names_websocket) {
            Kind::Handshake
        } else {
            Kind::Actual
        }
    }

    /// The origin that the request claims to come from.
    #[must_use]
    pub fn initiator(&self) -> Initiator<'a> {
        match (self.origin, self.foreign_origin()) {
            (None, _) => Initiator::Unnamed,
            (Some(_), None) => Initiator::SameOrigin,
            (_, Some("null")) => Initiator::Opaque,
            (_, Some(origin)) => Origin::parse(origin).map_or(Initiator::Malformed, Initiator::Origin),
        }
    }

    /// `Origin`, whatever it is, unless it is the gateway's own.
    pub(crate) fn foreign_origin(&self) -> Option<&'a str> {
        // Pages under `Referrer-Policy: no-referrer` send `null` even to themselves (Fetch,
        // "append a request Origin header"); only the browser can write Sec-Fetch-Site.
        let own = |origin: &&str| {
            *origin == self.url.origin || *origin == "null" && self.sec_fetch_site == Some("same-origin")
        };
        self.origin.filter(|origin| !own(origin))
    }

    /// What identifies the client to the route's limits.
    #[must_use]
    pub fn client(&self) -> Client<'a> {
        Client { ip: self.client_ip, origin: self.origin }
    }

    /// The names of all headers.
    pub(crate) fn names(&self) -> impl Iterator<Item = &'a str> + use<'a> {
        self.header_names.split(' ').filter(|name| !name.is_empty())
    }

    /// Whether a cache in front of the upstream may store the response.
    pub(crate) fn is_cacheable(&self) -> bool {
        matches!(self.method, "GET" | "HEAD")
            && self.upgrade.is_none()
            && !self.has_authorization
            && !self.accept.is_some_and(wants_event_stream)
    }

    /// Whether the request has passed this gateway before.
    pub(crate) fn is_loop(&self) -> bool {
        self.hops.is_some_and(|hops| hops.split(',').any(|hop| hop.trim() == self.url.authority))
    }
}

/// Whether the method asks the server to repeat the request: TRACE, or TRACK on old servers.
#[must_use]
pub fn asks_for_repetition(method: &str) -> bool {
    ["TRACE", "TRACK"].iter().any(|name| name.eq_ignore_ascii_case(method))
}

fn wants_event_stream(accept: &str) -> bool {
    const EVENT_STREAM: &[u8] = b"text/event-stream";
    accept.as_bytes().windows(EVENT_STREAM.len()).any(|part| part.eq_ignore_ascii_case(EVENT_STREAM))
}

fn names_websocket(upgrade: &str) -> bool {
    upgrade.split(',').any(|protocol| protocol.trim().eq_ignore_ascii_case("websocket"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_is_cut_into_what_was_parsed() {
        for (href, origin, host, path, query) in [
            ("https://api.example.com/a/b?c=d", "https://api.example.com", "api.example.com", "/a/b", "?c=d"),
            ("http://localhost:8787/", "http://localhost:8787", "localhost", "/", ""),
            ("http://[::1]:8787/x?", "http://[::1]:8787", "[::1]", "/x", "?"),
            ("http://[::1]/x#f?g", "http://[::1]", "[::1]", "/x", ""),
            ("https://api.example.com./x", "https://api.example.com.", "api.example.com", "/x", ""),
            ("https://h//evil.com/@x?/y", "https://h", "h", "//evil.com/@x", "?/y"),
        ] {
            let url = RequestUrl::parse(href).expect(href);
            assert_eq!((url.origin, url.host, url.path, url.query), (origin, host, path, query), "{href}");
        }
        for href in [
            "",
            "/x",
            "https://user@host/",
            "ftp://host/",
            "https:///",
            "*",
            "http://api.example.com*/",
            "http://a../",
            "http://./",
        ] {
            assert_eq!(RequestUrl::parse(href), None, "{href}");
        }
    }

    #[test]
    fn only_options_with_both_headers_is_a_preflight() {
        let facts = Facts {
            method: "OPTIONS",
            origin: Some("https://a.example"),
            requested_method: Some("PUT"),
            ..Facts::default()
        };
        assert_eq!(facts.kind(), Kind::Preflight);
        assert_eq!(Facts { origin: None, ..facts }.kind(), Kind::Actual);
        assert_eq!(Facts { requested_method: None, ..facts }.kind(), Kind::Actual);
        assert_eq!(Facts { method: "options", ..facts }.kind(), Kind::Actual);
        let upgrade = Facts { method: "GET", upgrade: Some("h2c, WebSocket"), ..Facts::default() };
        assert_eq!(upgrade.kind(), Kind::Handshake);
        assert_eq!(Facts { upgrade: Some("h2c"), ..upgrade }.kind(), Kind::Actual);
    }
}
