//! The entries of an allowlist: an origin, or one of the three wildcard forms of the grammar.

use core::fmt;

use crate::grammar::host::{self, HostError};
use crate::origin::{OriginError, Parts, split_scheme};

/// The pattern for every extension of Firefox, which gives each installation a random host.
pub const ANY_EXTENSION: &str = "moz-extension://*";

/// An origin pattern: `scheme://host[:port]`, `scheme://*.host[:port]`, or either with `:*` for any
/// port; and [`ANY_EXTENSION`]. That is the whole grammar; the lone `"*"` is a policy's word for "anyone" and no pattern.
///
/// Kept as its text, which is canonical: two patterns match the same origins exactly when their
/// texts are equal.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct OriginPattern {
    text: String,
}

/// Why a text is not an origin pattern.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PatternError {
    /// The text is not an origin, apart from its wildcards.
    Origin(OriginError),
    /// `null`, the origin of every sandboxed frame, identifies no site.
    Null,
    /// A lone `*`, where only an entry for some origins is allowed.
    AnyOrigin,
    /// A wildcard over an IP address, which has no subdomains.
    WildcardOnAddress,
    /// A wildcard with a scheme of web views or extensions, whose hosts have no hierarchy of owners.
    WildcardOnCustomScheme,
    /// A wildcard over a host so long that no name fits in front of it.
    WildcardOnLongHost,
}

impl fmt::Display for PatternError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Origin(error) => error.fmt(f),
            Self::Null => f.write_str("every sandboxed frame sends `null`, so it identifies no site"),
            Self::AnyOrigin => f.write_str("`*` cannot be listed with other origins"),
            Self::WildcardOnAddress => f.write_str("an IP address has no subdomains"),
            Self::WildcardOnCustomScheme => {
                f.write_str("only `http` and `https` origins can contain a wildcard, and `moz-extension://*`")
            }
            Self::WildcardOnLongHost => write!(
                f,
                "no origin can match: with a name in front, the host is longer than {} bytes",
                host::MAX_HOST
            ),
        }
    }
}

impl core::error::Error for PatternError {}

impl From<OriginError> for PatternError {
    fn from(error: OriginError) -> Self {
        Self::Origin(error)
    }
}

impl OriginPattern {
    /// Reads a pattern.
    ///
    /// # Errors
    /// Whatever is not of the grammar, named; in particular everything that no browser would send
    /// and that therefore could never match.
    pub fn parse(text: &str) -> Result<Self, PatternError> {
        match text {
            "null" => return Err(PatternError::Null),
            "*" => return Err(PatternError::AnyOrigin),
            ANY_EXTENSION => return Ok(Self { text: text.to_owned() }),
            _ => {}
        }
        let parts = Parts::split(text)?;
        let parent = parts.host.strip_prefix("*.");
        let any_port = parts.port == Some("*");
        if (parent.is_some() || parts.host == "*" || any_port) && !parts.is_web() {
            return Err(PatternError::WildcardOnCustomScheme);
        }
        if parts.host == "*" {
            return Err(OriginError::Host(HostError::Wildcard).into());
        }
        parts.check_host(parent.unwrap_or(parts.host))?;
        if parent.is_some_and(host::is_address) {
            return Err(PatternError::WildcardOnAddress);
        }
        // A name in front has at least one letter and a dot.
        if parent.is_some_and(|parent| parent.len() + 2 > host::MAX_HOST) {
            return Err(PatternError::WildcardOnLongHost);
        }
        if let Some(port) = parts.port.filter(|_| !any_port) {
            parts.parse_port(port)?;
        }
        Ok(Self { text: text.to_owned() })
    }

    /// The canonical text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The parts of the text.
    #[must_use]
    pub fn form(&self) -> PatternForm<'_> {
        PatternForm::of(&self.text)
    }
}

impl fmt::Display for OriginPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// The parts of a pattern's text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PatternForm<'a> {
    /// The scheme, without `://`.
    pub scheme: &'a str,
    /// The host, or the parent of the hosts when `subdomains` is set.
    pub host: &'a str,
    /// The pattern matches hosts with at least one more label in front.
    pub subdomains: bool,
    /// The port.
    pub port: PortPattern,
}

/// The port of a pattern.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PortPattern {
    /// The scheme's default port, which origins omit.
    Default,
    /// This port only.
    Exactly(u16),
    /// Any port, including the scheme's default (`:*`).
    Any,
}

impl<'a> PatternForm<'a> {
    /// Splits a text that [`OriginPattern::parse`] has accepted.
    pub(crate) fn of(text: &'a str) -> Self {
        let (scheme, authority) = split_scheme(text).unwrap_or_default();
        // A port contains no `]`, so a colon inside an IPv6 address is never the port delimiter.
        let (host, port) = match authority.rsplit_once(':').filter(|(_, port)| !port.contains(']')) {
            Some((host, "*")) => (host, PortPattern::Any),
            Some((host, port)) => (host, port.parse().map_or(PortPattern::Default, PortPattern::Exactly)),
            None => (authority, PortPattern::Default),
        };
        match host.strip_prefix("*.") {
            Some(parent) => Self { scheme, host: parent, subdomains: true, port },
            None => Self { scheme, host, subdomains: false, port },
        }
    }

    /// Whether a canonical text has this form. This is faster than splitting the text first.
    pub(crate) fn is_text(&self, text: &str) -> bool {
        let host = text.strip_prefix(self.scheme).and_then(|rest| rest.strip_prefix("://"));
        let host = if self.subdomains { host.and_then(|rest| rest.strip_prefix("*.")) } else { host };
        let Some(port) = host.and_then(|rest| rest.strip_prefix(self.host)) else {
            return false;
        };
        match (self.port, port.strip_prefix(':')) {
            (PortPattern::Default, None) => port.is_empty(),
            (PortPattern::Any, Some(port)) => port == "*",
            (PortPattern::Exactly(wanted), Some(port)) => port.parse() == Ok(wanted),
            _ => false,
        }
    }

    /// Whether the pattern matches a single origin.
    #[must_use]
    pub fn is_exact(&self) -> bool {
        !self.subdomains && self.port != PortPattern::Any && !self.is_any_extension()
    }

    /// Whether this is [`ANY_EXTENSION`].
    #[must_use]
    pub fn is_any_extension(&self) -> bool {
        self.host == "*"
    }

    /// Whether the pattern matches plain `http` origins of another machine.
    #[must_use]
    pub fn is_insecure(&self) -> bool {
        self.scheme == "http" && !host::is_loopback(self.host)
    }

    fn is_extension_of_firefox(&self) -> bool {
        self.port == PortPattern::Default && super::is_extension_of_firefox(self.scheme, self.host)
    }

    /// Whether this pattern matches every origin that `other` matches.
    #[must_use]
    pub fn covers(&self, other: &Self) -> bool {
        if self.is_any_extension() {
            return other.is_any_extension() || other.is_extension_of_firefox();
        }
        let host_covered = if self.subdomains {
            let parent = other.host.strip_suffix(self.host);
            match parent {
                Some("") => other.subdomains,
                Some(labels) => labels.ends_with('.'),
                None => false,
            }
        } else {
            !other.subdomains && self.host == other.host
        };
        self.scheme == other.scheme
            && host_covered
            && (self.port == PortPattern::Any || self.port == other.port)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::origin::Origin;

    #[test]
    fn the_whole_grammar() {
        for (text, host, subdomains, port) in [
            ("https://app.example.com", "app.example.com", false, PortPattern::Default),
            ("https://app.example.com:8443", "app.example.com", false, PortPattern::Exactly(8443)),
            ("https://*.example.com", "example.com", true, PortPattern::Default),
            ("https://*.example.com:8443", "example.com", true, PortPattern::Exactly(8443)),
            ("http://localhost:*", "localhost", false, PortPattern::Any),
            ("https://*.example.com:*", "example.com", true, PortPattern::Any),
            ("https://[::1]:*", "[::1]", false, PortPattern::Any),
            ("https://[::1]", "[::1]", false, PortPattern::Default),
            ("capacitor://localhost", "localhost", false, PortPattern::Default),
            ("app://.", ".", false, PortPattern::Default),
            ("app://%2A", "%2A", false, PortPattern::Default),
            ("app://[::1]:8080", "[::1]", false, PortPattern::Exactly(8080)),
            (
                "safari-web-extension://140BB581-ABCD-4E5F-8A9B-0C1D2E3F4A5B",
                "140BB581-ABCD-4E5F-8A9B-0C1D2E3F4A5B",
                false,
                PortPattern::Default,
            ),
            (ANY_EXTENSION, "*", false, PortPattern::Default),
        ] {
            let pattern = OriginPattern::parse(text).expect(text);
            let form = pattern.form();
            assert_eq!((form.host, form.subdomains, form.port), (host, subdomains, port), "{text}");
            assert_eq!(pattern.to_string(), text);
        }
    }

    #[test]
    fn nothing_outside_the_grammar_is_a_pattern() {
        let host = |error| PatternError::Origin(OriginError::Host(error));
        for (text, error) in [
            ("null", PatternError::Null),
            ("*", PatternError::AnyOrigin),
            ("https://*", host(HostError::Wildcard)),
            ("https://*:8443", host(HostError::Wildcard)),
            ("https://*.*.example.com", host(HostError::Wildcard)),
            ("https://app.*.com", host(HostError::Wildcard)),
            ("https://*app.example.com", host(HostError::Wildcard)),
            ("https://app.example.com:80*", PatternError::Origin(OriginError::Port)),
            ("https://*.", host(HostError::Empty)),
            ("https://*.127.0.0.1", PatternError::WildcardOnAddress),
            ("https://*.[::1]", PatternError::Origin(OriginError::Host(HostError::Byte(b'[')))),
            ("moz-extension://*:*", PatternError::WildcardOnCustomScheme),
            ("moz-extension://*:80", PatternError::WildcardOnCustomScheme),
            ("moz-extension://*.a", PatternError::WildcardOnCustomScheme),
            ("moz-extensions://*", PatternError::WildcardOnCustomScheme),
            ("chrome-extension://*", PatternError::WildcardOnCustomScheme),
            ("moz-extension://a*", host(HostError::Wildcard)),
            ("MOZ-EXTENSION://*", PatternError::Origin(OriginError::InvalidScheme)),
            ("moz-extension://*/", host(HostError::Wildcard)),
            ("capacitor://*.localhost", PatternError::WildcardOnCustomScheme),
            ("capacitor://localhost:*", PatternError::WildcardOnCustomScheme),
            ("*://example.com", PatternError::Origin(OriginError::InvalidScheme)),
            ("https://App.example.com", host(HostError::UpperCase)),
            ("https://bücher.example", host(HostError::NotAscii)),
            ("https://*.example.com/", PatternError::Origin(OriginError::TrailingSlash)),
        ] {
            assert_eq!(OriginPattern::parse(text), Err(error), "{text}");
        }
    }

    #[test]
    fn a_wildcard_that_no_host_can_match_is_refused() {
        let parent = |length: usize| "abcdefg.".repeat(40).get(..length - 1).expect("ASCII").to_owned() + "c";
        for (length, matches) in [(251, true), (252, false), (253, false)] {
            let parent = parent(length);
            let pattern = OriginPattern::parse(&format!("https://*.{parent}"));
            assert_eq!(pattern.is_ok(), matches, "{length}");
            assert_eq!(Origin::parse(&format!("https://a.{parent}")).is_ok(), matches, "{length}");
            if !matches {
                assert_eq!(pattern, Err(PatternError::WildcardOnLongHost));
            }
        }
    }

    #[test]
    fn covering_is_set_inclusion() {
        let covers = |a: &str, b: &str| {
            let (a, b) = (OriginPattern::parse(a).expect(a), OriginPattern::parse(b).expect(b));
            a.form().covers(&b.form())
        };
        for (wide, narrow) in [
            ("https://*.example.com", "https://a.example.com"),
            ("https://*.example.com", "https://*.a.example.com"),
            ("https://*.example.com:*", "https://*.example.com"),
            ("https://*.example.com:*", "https://a.b.example.com:8443"),
            ("https://a.example.com:*", "https://a.example.com"),
            (ANY_EXTENSION, "moz-extension://4ed7f644-c3b5-4bf1-983f-2c8718f52222"),
        ] {
            assert!(covers(wide, narrow), "{wide} covers {narrow}");
            assert!(!covers(narrow, wide), "{narrow} does not cover {wide}");
        }
        for (a, b) in [
            ("https://*.example.com", "https://example.com"),
            ("https://*.example.com", "https://notexample.com"),
            ("https://*.example.com", "http://a.example.com"),
            ("https://*.example.com", "https://a.example.com:8443"),
            ("https://a.example.com:8443", "https://a.example.com:*"),
            (ANY_EXTENSION, "moz-extension://a.b"),
            (ANY_EXTENSION, "moz-extension://4ed7f644-c3b5-4bf1-983f-2c8718f52222:80"),
            (ANY_EXTENSION, "chrome-extension://4ed7f644-c3b5-4bf1-983f-2c8718f52222"),
        ] {
            assert!(!covers(a, b), "{a} does not cover {b}");
        }
    }
}
