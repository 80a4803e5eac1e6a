//! The server that a route forwards to, and the public form of its URLs.

use core::fmt;

use crate::origin::{Origin, OriginError};
use crate::path::{PathError, PathPattern};

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
        if let Some(name) = text.strip_prefix("service:") {
            let identifier = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
                && name.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_');
            return if identifier {
                Ok(Self::Service(name.to_owned()))
            } else {
                Err(UpstreamError::ServiceName)
            };
        }
        UpstreamUrl::parse(text).map(Self::Url)
    }
}

impl UpstreamUrl {
    fn parse(text: &str) -> Result<Self, UpstreamError> {
        let authority = text.find("://").map_or(text.len(), |at| at + 3);
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

    /// The part of a URL after this origin and base: the path of the same resource at the gateway.
    ///
    /// `None` if the URL is relative, is elsewhere, or could be read as elsewhere: then it must stay
    /// unchanged.
    fn strip<'a>(&self, url: &'a str) -> Option<&'a str> {
        let rest = strip_prefix_ignore_case(url, &self.origin)?;
        let rest = match self.origin.starts_with("https:") {
            true => rest.strip_prefix(":443").unwrap_or(rest),
            false => rest.strip_prefix(":80").unwrap_or(rest),
        };
        let path = rest.strip_prefix(self.base.as_str())?;
        let on_boundary = path.is_empty() || path.starts_with(['/', '?', '#']);
        // A browser would resolve backslashes and dot segments, which could leave the base.
        let end = path.find(['?', '#']).unwrap_or(path.len());
        let resolved =
            path.get(..end)?.split('/').all(|segment| !segment.contains('\\') && !is_dot_segment(segment));
        (on_boundary && resolved).then_some(path)
    }
}

/// The gateway's form of the upstream's `Location` or `Content-Location`: an absolute URL under the
/// upstream's origin and base becomes the same path under `public_origin`. `None` if the value must stay
/// unchanged.
#[must_use]
pub fn public_location(value: &str, upstream: &UpstreamUrl, public_origin: &str) -> Option<String> {
    let path = upstream.strip(value)?;
    let slash = if path.starts_with('/') { "" } else { "/" };
    Some(format!("{public_origin}{slash}{path}"))
}

fn strip_prefix_ignore_case<'a>(text: &'a str, prefix: &str) -> Option<&'a str> {
    let (head, tail) = text.split_at_checked(prefix.len())?;
    head.eq_ignore_ascii_case(prefix).then_some(tail)
}

/// WHATWG URL, "single-dot" and "double-dot path segment".
fn is_dot_segment(segment: &str) -> bool {
    let plain = segment.to_ascii_lowercase().replace("%2e", ".");
    plain == "." || plain == ".."
}

impl fmt::Display for UpstreamUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.origin, self.base)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

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

    #[test]
    fn locations_under_the_base_become_public_and_others_stay() {
        let upstream = url("https://origin.example.net/base");
        let public = |value| public_location(value, &upstream, "https://api.example.com");
        for (value, expected) in [
            ("https://origin.example.net/base/x", Some("https://api.example.com/x")),
            ("https://origin.example.net/base/x?y#z", Some("https://api.example.com/x?y#z")),
            ("https://origin.example.net/base", Some("https://api.example.com/")),
            ("https://origin.example.net/base?y", Some("https://api.example.com/?y")),
            ("HTTPS://Origin.Example.NET:443/base/x", Some("https://api.example.com/x")),
            ("https://origin.example.net/baseless", None),
            ("https://origin.example.net/other", None),
            ("https://origin.example.net:8443/base/x", None),
            ("https://origin.example.net.evil.com/base/x", None),
            ("https://origin.example.net/base/../x", None),
            ("https://origin.example.net/base/%2E%2e/x", None),
            ("https://origin.example.net/base\\x", None),
            ("https://origin.example.net/base/x\\..\\..", None),
            ("http://origin.example.net/base/x", None),
            ("/base/x", None),
            ("https://elsewhere.example/base/x", None),
            ("ü", None),
        ] {
            assert_eq!(public(value).as_deref(), expected, "{value}");
        }
        let root = url("http://127.0.0.1:9000");
        let public = |value| public_location(value, &root, "http://localhost:8787");
        assert_eq!(public("http://127.0.0.1:9000/json").as_deref(), Some("http://localhost:8787/json"));
        assert_eq!(public("http://127.0.0.1:90001/json"), None);
        assert_eq!(
            public("http://127.0.0.1:9000//evil.com").as_deref(),
            Some("http://localhost:8787//evil.com")
        );
    }
}
