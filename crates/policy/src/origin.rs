//! The serialized origin of a request, by the grammar of the Fetch Standard.

pub mod entry;
pub mod filter;
pub mod list;
pub mod pattern;
pub mod set;
pub mod sorted;

use core::fmt;

use crate::grammar::host::{self, HostError};

/// The longest `Origin` that is parsed, in bytes. A scheme, the longest host name and a port need less; a
/// longer value is malformed before any lookup.
pub const MAX_ORIGIN: usize = 512;

/// A tuple origin exactly as a browser serializes it: `scheme://host[:port]`, lower-case, no
/// default port, no path ([HTML, "serialization of an origin"]).
///
/// Two origins are the same when their texts are the same bytes, so the text is kept whole and its
/// parts are views into it.
///
/// [HTML, "serialization of an origin"]: https://html.spec.whatwg.org/#ascii-serialisation-of-an-origin
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Origin<'a> {
    text: &'a str,
    scheme: &'a str,
    host: &'a str,
    port: Option<u16>,
}

/// Why a text is not an origin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OriginError {
    /// More than [`MAX_ORIGIN`] bytes.
    TooLong,
    /// No `scheme://` at the start.
    MissingScheme,
    /// A scheme with a character that schemes cannot hold, or in upper case.
    InvalidScheme,
    /// A `file:` URL: its origin cannot be distinguished from that of another file.
    FileScheme,
    /// The host is not in canonical form.
    Host(HostError),
    /// `user@` before the host.
    Userinfo,
    /// A `/` at the end.
    TrailingSlash,
    /// A path behind the host.
    Path,
    /// A query behind the host.
    Query,
    /// A fragment behind the host.
    Fragment,
    /// A space, tab or line break.
    Whitespace,
    /// A `:` without a port, or a port that is not a number from 1 to 65535.
    Port,
    /// A port with leading zeros.
    ZeroPaddedPort,
    /// The scheme's default port, which browsers omit.
    DefaultPort,
}

impl fmt::Display for OriginError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = match self {
            Self::Host(error) => return error.fmt(f),
            Self::TooLong => return write!(f, "an origin has at most {MAX_ORIGIN} bytes"),
            Self::MissingScheme => "an origin begins with a scheme, such as `https://`",
            Self::InvalidScheme => "the scheme is not lower-case letters, digits, `+`, `-` or `.`",
            Self::FileScheme => "pages from files have no origin of their own",
            Self::Userinfo => "an origin has no user name or password",
            Self::TrailingSlash => "an origin has no trailing slash",
            Self::Path => "an origin has no path",
            Self::Query => "an origin has no query",
            Self::Fragment => "an origin has no fragment",
            Self::Whitespace => "an origin contains no white space; list each origin separately",
            Self::Port => "the port is not a number from 1 to 65535",
            Self::ZeroPaddedPort => "the port has leading zeros",
            Self::DefaultPort => "browsers omit the default port",
        };
        f.write_str(text)
    }
}

impl core::error::Error for OriginError {}

impl<'a> Origin<'a> {
    /// Reads a serialized tuple origin. The opaque origin, `null`, is not one.
    ///
    /// # Errors
    /// Whatever a browser would not send, named.
    pub fn parse(text: &'a str) -> Result<Self, OriginError> {
        // Almost every origin is a host name under `https` without a port.
        if let Some(host) = text.strip_prefix("https://").filter(|host| host::is_common_name(host)) {
            return Ok(Self { text, scheme: "https", host, port: None });
        }
        Self::parse_unusual(text)
    }

    // Not inlined: what most origins need stays short.
    #[inline(never)]
    fn parse_unusual(text: &'a str) -> Result<Self, OriginError> {
        let parts = Parts::split(text)?;
        parts.check_host(parts.host)?;
        let port = parts.port.map(|port| parts.parse_port(port)).transpose()?;
        Ok(Self { text, scheme: parts.scheme, host: parts.host, port })
    }

    /// The serialization, byte for byte as received.
    #[must_use]
    pub fn as_str(&self) -> &'a str {
        self.text
    }

    /// The scheme, without `://`.
    #[must_use]
    pub fn scheme(&self) -> &'a str {
        self.scheme
    }

    /// The host; an IPv6 address keeps its brackets.
    #[must_use]
    pub fn host(&self) -> &'a str {
        self.host
    }

    /// The port, unless it is the scheme's default.
    #[must_use]
    pub fn port(&self) -> Option<u16> {
        self.port
    }

    /// Whether the origin is an extension of Firefox: `moz-extension://` and a UUID.
    #[must_use]
    pub fn is_extension_of_firefox(&self) -> bool {
        self.port.is_none() && is_extension_of_firefox(self.scheme, self.host)
    }

    /// Whether the origin is plain `http` on another machine.
    #[must_use]
    pub fn is_insecure(&self) -> bool {
        self.scheme == "http" && !host::is_loopback(self.host)
    }
}

/// A text split by the delimiters of the origin grammar; the parts are not validated yet.
///
/// Shared with [`OriginPattern`](crate::origin::pattern::OriginPattern), whose host and port may contain
/// wildcards.
pub(crate) struct Parts<'a> {
    pub(crate) scheme: &'a str,
    pub(crate) host: &'a str,
    pub(crate) port: Option<&'a str>,
}

/// What stands before and behind the first `://`. The search of `str` for a text is a kilobyte of code, and slower for so
/// short a one.
pub(crate) fn split_scheme(text: &str) -> Option<(&str, &str)> {
    let scheme = text.as_bytes().windows(3).position(|three| three == b"://")?;
    Some((text.get(..scheme)?, text.get(scheme + 3..)?))
}

impl<'a> Parts<'a> {
    pub(crate) fn split(text: &'a str) -> Result<Self, OriginError> {
        if text.len() > MAX_ORIGIN {
            return Err(OriginError::TooLong);
        }
        // Almost every origin is `https`; search for another scheme only if it is not.
        let (scheme, authority) = match text.strip_prefix("https://") {
            Some(authority) => ("https", authority),
            None => split_scheme(text).ok_or(OriginError::MissingScheme)?,
        };
        check_scheme(scheme)?;
        // The first colon outside brackets ends the host: no host of the grammar has one.
        let position = |mark| authority.bytes().position(|byte| byte == mark);
        let host_end = match authority.starts_with('[') {
            true => position(b']').map_or(authority.len(), |end| end + 1),
            false => position(b':').unwrap_or(authority.len()),
        };
        let (host, port) = authority.split_at_checked(host_end).unwrap_or((authority, ""));
        let port = match port.strip_prefix(':') {
            Some(port) => Some(port),
            None if port.is_empty() => None,
            None => return Err(misplaced(port)),
        };
        Ok(Self { scheme, host, port })
    }

    /// Whether the scheme is `http` or `https`, whose hosts are domains and addresses. All other schemes
    /// belong to web views and extensions.
    pub(crate) fn is_web(&self) -> bool {
        matches!(self.scheme, "http" | "https")
    }

    pub(crate) fn check_host(&self, host: &str) -> Result<(), OriginError> {
        let checked = if self.is_web() { host::check(host) } else { host::check_opaque(host) };
        checked.map_err(|error| match error {
            HostError::Byte(_) => misplaced(host),
            _ => OriginError::Host(error),
        })
    }

    pub(crate) fn parse_port(&self, port: &str) -> Result<u16, OriginError> {
        if port.is_empty() || !port.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(match misplaced(port) {
                OriginError::Host(_) => OriginError::Port,
                named => named,
            });
        }
        if port.starts_with('0') {
            return Err(if port == "0" { OriginError::Port } else { OriginError::ZeroPaddedPort });
        }
        let number = port.parse::<u16>().map_err(|_| OriginError::Port)?;
        match (self.scheme, number) {
            ("http", 80) | ("https", 443) => Err(OriginError::DefaultPort),
            _ => Ok(number),
        }
    }
}

fn check_scheme(scheme: &str) -> Result<(), OriginError> {
    if matches!(scheme, "https" | "http") {
        return Ok(());
    }
    let well_formed = scheme.bytes().enumerate().all(|(at, byte)| match byte {
        b'a'..=b'z' => true,
        b'0'..=b'9' | b'+' | b'-' | b'.' => at > 0,
        _ => false,
    });
    match scheme {
        "" => Err(OriginError::MissingScheme),
        "file" => Err(OriginError::FileScheme),
        _ if well_formed => Ok(()),
        _ => Err(OriginError::InvalidScheme),
    }
}

/// Whether scheme and host are those of an extension of Firefox. The host is a UUID in lower case.
pub(crate) fn is_extension_of_firefox(scheme: &str, host: &str) -> bool {
    scheme == "moz-extension"
        && host.len() == 36
        && host.bytes().enumerate().all(|(at, byte)| match at {
            8 | 13 | 18 | 23 => byte == b'-',
            _ => matches!(byte, b'0'..=b'9' | b'a'..=b'f'),
        })
}

/// Names the part of a URL that follows the host or the port.
fn misplaced(text: &str) -> OriginError {
    let Some(at) = text.find(['/', '?', '#', '@', ' ', '\t', '\r', '\n']) else {
        let byte = text.bytes().find(|byte| !is_host_byte(*byte)).unwrap_or_default();
        return OriginError::Host(HostError::Byte(byte));
    };
    // A password may contain another delimiter before the `@`; user info is the more serious mistake.
    if text.contains('@') {
        return OriginError::Userinfo;
    }
    match text.as_bytes().get(at) {
        Some(b'/') if at + 1 == text.len() => OriginError::TrailingSlash,
        Some(b'/') => OriginError::Path,
        Some(b'?') => OriginError::Query,
        Some(b'#') => OriginError::Fragment,
        _ => OriginError::Whitespace,
    }
}

fn is_host_byte(byte: u8) -> bool {
    matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b':')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_browsers_send_is_an_origin() {
        for (text, scheme, host, port) in [
            ("https://app.example.com", "https", "app.example.com", None),
            ("http://localhost:5173", "http", "localhost", Some(5173)),
            ("https://a_b.example.com:65535", "https", "a_b.example.com", Some(65535)),
            ("https://[::1]:8443", "https", "[::1]", Some(8443)),
            ("http://127.0.0.1:1", "http", "127.0.0.1", Some(1)),
            ("http://example.com:443", "http", "example.com", Some(443)),
            ("capacitor://localhost", "capacitor", "localhost", None),
            ("chrome-extension://abcdefghijklmnop", "chrome-extension", "abcdefghijklmnop", None),
            ("app+v1.2://1.2.3", "app+v1.2", "1.2.3", None),
            ("app://.", "app", ".", None),
            ("app://..", "app", "..", None),
            ("app://a..B.", "app", "a..B.", None),
            ("moz-extension://%2a", "moz-extension", "%2a", None),
            ("moz-extension://x:80", "moz-extension", "x", Some(80)),
            ("app://[::1]:1", "app", "[::1]", Some(1)),
            (
                "ms-browser-extension://EdgeExtension_1~a+b=c",
                "ms-browser-extension",
                "EdgeExtension_1~a+b=c",
                None,
            ),
        ] {
            let origin = Origin::parse(text).expect(text);
            assert_eq!(
                (origin.as_str(), origin.scheme(), origin.host(), origin.port()),
                (text, scheme, host, port)
            );
        }
    }

    #[test]
    fn everything_else_is_malformed_and_says_why() {
        let long = format!("https://{}", "a".repeat(MAX_ORIGIN));
        for (text, error) in [
            ("", OriginError::MissingScheme),
            ("null", OriginError::MissingScheme),
            ("*", OriginError::MissingScheme),
            ("app.example.com", OriginError::MissingScheme),
            ("//app.example.com", OriginError::MissingScheme),
            ("://app.example.com", OriginError::MissingScheme),
            ("HTTPS://app.example.com", OriginError::InvalidScheme),
            ("1https://app.example.com", OriginError::InvalidScheme),
            ("https,https://app.example.com", OriginError::InvalidScheme),
            ("file://host", OriginError::FileScheme),
            ("APP://.", OriginError::InvalidScheme),
            ("app://./", OriginError::TrailingSlash),
            ("app://./x", OriginError::Path),
            ("app://.?x", OriginError::Query),
            ("app://.#x", OriginError::Fragment),
            ("app://a@.", OriginError::Userinfo),
            ("app:///", OriginError::TrailingSlash),
            ("app:.", OriginError::MissingScheme),
            ("moz-extension://", OriginError::Host(HostError::Empty)),
            ("moz-extension://:80", OriginError::Host(HostError::Empty)),
            ("moz-extension://*", OriginError::Host(HostError::Wildcard)),
            ("app://b\u{fc}cher", OriginError::Host(HostError::NotAscii)),
            ("app://a,b", OriginError::Host(HostError::Byte(b','))),
            ("app://a\"b", OriginError::Host(HostError::Byte(b'"'))),
            ("app://a'b", OriginError::Host(HostError::Byte(b'\''))),
            ("app://a;b", OriginError::Host(HostError::Byte(b';'))),
            ("app://a$b", OriginError::Host(HostError::Byte(b'$'))),
            ("app://a^b", OriginError::Host(HostError::Byte(b'^'))),
            ("app://a\\b", OriginError::Host(HostError::Byte(b'\\'))),
            ("app://a\u{1b}b", OriginError::Host(HostError::Byte(0x1b))),
            ("app://a\u{7f}b", OriginError::Host(HostError::Byte(0x7f))),
            ("app://[::1", OriginError::Host(HostError::Byte(b'['))),
            ("https://", OriginError::Host(HostError::Empty)),
            ("https://APP.example.com", OriginError::Host(HostError::UpperCase)),
            ("https://app.example.com.", OriginError::Host(HostError::TrailingDot)),
            ("https://..example.com", OriginError::Host(HostError::EmptyLabel)),
            ("https://[app.example.com]", OriginError::Host(HostError::NonCanonicalAddress)),
            ("https://[::1]x", OriginError::Host(HostError::Byte(0))),
            ("https://[::1", OriginError::Host(HostError::Byte(b'['))),
            ("https://*.example.com", OriginError::Host(HostError::Wildcard)),
            ("https://app.example.com/", OriginError::TrailingSlash),
            ("https://app.example.com:8443/", OriginError::TrailingSlash),
            ("https://app.example.com/x", OriginError::Path),
            ("https://evil.com/.example.com", OriginError::Path),
            ("https://app.example.com?x", OriginError::Query),
            ("https://app.example.com#x", OriginError::Fragment),
            ("https://user@app.example.com", OriginError::Userinfo),
            ("https://user:pass@app.example.com", OriginError::Userinfo),
            ("https://a.example, https://b.example", OriginError::Whitespace),
            ("https://a.example,https://b.example", OriginError::Host(HostError::Byte(b','))),
            ("https://a.example\\.evil.com", OriginError::Host(HostError::Byte(b'\\'))),
            ("https://app.example.com:", OriginError::Port),
            ("https://app.example.com:x", OriginError::Port),
            ("https://app.example.com:*", OriginError::Port),
            ("https://app.example.com:0", OriginError::Port),
            ("https://app.example.com:65536", OriginError::Port),
            ("https://app.example.com:123456", OriginError::Port),
            ("https://app.example.com:0443", OriginError::ZeroPaddedPort),
            ("https://app.example.com:443", OriginError::DefaultPort),
            ("http://app.example.com:80", OriginError::DefaultPort),
            (&long, OriginError::TooLong),
        ] {
            let found = Origin::parse(text).expect_err(text);
            match (found, error) {
                (OriginError::Host(HostError::Byte(_)), OriginError::Host(HostError::Byte(0))) => {}
                _ => assert_eq!(found, error, "{text}"),
            }
        }
    }

    #[test]
    fn only_http_from_another_machine_is_insecure() {
        for (text, insecure) in [
            ("http://example.com", true),
            ("http://localhost:3000", false),
            ("http://127.0.0.1", false),
            ("https://example.com", false),
            ("capacitor://localhost", false),
        ] {
            assert_eq!(Origin::parse(text).expect(text).is_insecure(), insecure, "{text}");
        }
    }
}
