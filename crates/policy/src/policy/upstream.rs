//! The server that a route forwards to.

use core::fmt;

use crate::origin::{Origin, OriginError, split_scheme};
use crate::path::{PathError, PathPattern};
use crate::policy::request_headers::OWN_NAMES;

/// A server behind the gateway.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Upstream {
    /// An absolute URL.
    Url(UpstreamUrl),
    /// A service binding of the Worker.
    Service(String),
    /// The zone's own origin: the Worker stands on a Route of the zone.
    Zone,
}

/// Scheme, host, port and base path: the part of an upstream's URL that a client must never choose.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UpstreamUrl {
    origin: String,
    /// The base path: empty, or `/base` without a trailing slash.
    base: String,
}

/// Why a text is not an upstream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UpstreamError {
    /// The part before the path is not an origin in canonical form.
    Origin(OriginError),
    /// Neither `https` nor `http` to this machine.
    Insecure,
    /// The base path could not be that of a parsed URL.
    Base(PathError),
    /// The name of a service binding is not an identifier.
    ServiceName,
    /// The service binding is one of the gateway's own bindings or variables.
    OwnBinding,
}

impl fmt::Display for UpstreamError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Origin(OriginError::MissingScheme) => f.write_str(
                "an upstream is an `https://` URL, `service:NAME` of a service binding, or `zone`",
            ),
            Self::Origin(error) => error.fmt(f),
            Self::Insecure => f.write_str("an upstream needs `https`; `http` is allowed only on loopback"),
            Self::Base(error) => error.fmt(f),
            Self::ServiceName => {
                f.write_str("the name of a service binding consists of letters, digits and `_`")
            }
            Self::OwnBinding => {
                f.write_str("this name is the gateway's own; give the service binding another")
            }
        }
    }
}

impl core::error::Error for UpstreamError {}

impl Upstream {
    /// Reads `https://host[:port][/base]`, `service:NAME` or `zone`.
    ///
    /// # Errors
    /// When it is none of these.
    pub fn parse(text: &str) -> Result<Self, UpstreamError> {
        if text == "zone" {
            return Ok(Self::Zone);
        }
        match text.strip_prefix("service:") {
            Some(name) => Self::service(name),
            None => UpstreamUrl::parse(text).map(Self::Url),
        }
    }

    #[inline(never)]
    fn service(name: &str) -> Result<Self, UpstreamError> {
        let identifier = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
            && name.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_');
        match identifier {
            true if OWN_NAMES.contains(&name) => Err(UpstreamError::OwnBinding),
            true => Ok(Self::Service(name.to_owned())),
            false => Err(UpstreamError::ServiceName),
        }
    }
}

impl UpstreamUrl {
    fn parse(text: &str) -> Result<Self, UpstreamError> {
        let authority = split_scheme(text).map_or(text.len(), |(scheme, _)| scheme.len() + 3);
        let path = text.bytes().skip(authority).position(|byte| byte == b'/');
        let end = path.map_or(text.len(), |at| authority + at);
        let (origin, path) = text.split_at_checked(end).unwrap_or((text, ""));
        let parsed = Origin::parse(origin).map_err(UpstreamError::Origin)?;
        if !matches!(parsed.scheme(), "https" | "http") || parsed.is_insecure() {
            return Err(UpstreamError::Insecure);
        }
        let base = path.trim_end_matches('/');
        if base.contains('*') {
            return Err(UpstreamError::Base(PathError::Wildcard));
        }
        if !base.is_empty() {
            PathPattern::parse(base).map_err(UpstreamError::Base)?;
        }
        Ok(Self { origin: origin.to_owned(), base: base.to_owned() })
    }

    /// Reads the output of [`Display`](fmt::Display).
    #[must_use]
    pub fn from_text(text: &str) -> Option<Self> {
        Self::parse(text).ok()
    }

    /// The URL of a request: origin, base path, matched pathname and query, concatenated. Nothing is
    /// resolved, so no pathname can reach another host or leave the base.
    pub fn write_target(&self, pathname: &str, query: &str, target: &mut String) {
        for part in [&self.origin, &self.base, pathname, query] {
            target.push_str(part);
        }
    }

    /// Scheme, host and port, in canonical form.
    pub(crate) fn origin(&self) -> &str {
        &self.origin
    }

    /// The base path: empty, or `/base` without a trailing slash.
    pub(crate) fn base(&self) -> &str {
        &self.base
    }
}

impl fmt::Display for UpstreamUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.origin, self.base)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url(text: &str) -> UpstreamUrl {
        UpstreamUrl::parse(text).expect(text)
    }

    #[test]
    fn the_three_kinds_of_upstream() {
        assert_eq!(Upstream::parse("zone"), Ok(Upstream::Zone));
        assert_eq!(Upstream::parse("service:LEGACY_2"), Ok(Upstream::Service("LEGACY_2".to_owned())));
        for (text, written) in [
            ("https://origin.example.net", "https://origin.example.net"),
            ("https://origin.example.net/", "https://origin.example.net"),
            ("https://origin.example.net:8443/base/", "https://origin.example.net:8443/base"),
            ("http://127.0.0.1:9000/a/B", "http://127.0.0.1:9000/a/B"),
        ] {
            assert_eq!(url(text).to_string(), written, "{text}");
        }
    }

    #[test]
    fn what_a_client_could_bend_is_no_upstream() {
        for (text, error) in [
            ("", UpstreamError::Origin(OriginError::MissingScheme)),
            ("origin.example.net", UpstreamError::Origin(OriginError::MissingScheme)),
            ("http://origin.example.net", UpstreamError::Insecure),
            ("ftp://origin.example.net", UpstreamError::Insecure),
            ("https://user@origin.example.net", UpstreamError::Origin(OriginError::Userinfo)),
            ("https://origin.example.net?x", UpstreamError::Origin(OriginError::Query)),
            ("https://origin.example.net:443", UpstreamError::Origin(OriginError::DefaultPort)),
            ("https://origin.example.net/a?x", UpstreamError::Base(PathError::NotOnlyPath)),
            ("https://origin.example.net/../a", UpstreamError::Base(PathError::DotSegment)),
            ("https://origin.example.net//a", UpstreamError::Base(PathError::EmptySegment)),
            ("https://origin.example.net/a/*", UpstreamError::Base(PathError::Wildcard)),
            ("service:", UpstreamError::ServiceName),
            ("service:A-B", UpstreamError::ServiceName),
        ] {
            assert_eq!(Upstream::parse(text), Err(error), "{text}");
        }
        for name in OWN_NAMES {
            assert_eq!(Upstream::parse(&format!("service:{name}")), Err(UpstreamError::OwnBinding), "{name}");
        }
    }

    #[test]
    fn the_client_chooses_path_and_query_and_nothing_else() {
        for (upstream, pathname, query, target) in [
            ("https://o.example", "/x", "?a=b", "https://o.example/x?a=b"),
            ("https://o.example/base", "//evil.com/x", "", "https://o.example/base//evil.com/x"),
            ("https://o.example", "//evil.com/x", "", "https://o.example//evil.com/x"),
            ("https://o.example", "/@evil.com", "?", "https://o.example/@evil.com?"),
        ] {
            let mut written = String::new();
            url(upstream).write_target(pathname, query, &mut written);
            assert_eq!(written, target);
        }
    }
}
