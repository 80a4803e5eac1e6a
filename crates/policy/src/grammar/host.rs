//! Host names and addresses as URLs serialize them, and the patterns that routes match them with.

use core::fmt;
use core::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use crate::grammar::eight_bytes;

/// The longest host name DNS can carry, in bytes.
pub const MAX_HOST: usize = 253;
/// The longest label of a host name, in bytes (RFC 1035, 2.3.4).
pub const MAX_LABEL: usize = 63;

/// Why a text is not a host in its canonical form (WHATWG URL, "host serializer").
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HostError {
    /// The host is empty.
    Empty,
    /// Two dots in a row, or a dot at the start.
    EmptyLabel,
    /// A dot at the end: browsers treat it as another host.
    TrailingDot,
    /// More than [`MAX_HOST`] bytes.
    TooLong,
    /// A label of more than [`MAX_LABEL`] bytes.
    LabelTooLong,
    /// An upper-case letter; hosts are compared byte by byte and are lower-case.
    UpperCase,
    /// A character beyond ASCII; hosts travel as A-labels (`xn--…`).
    NotAscii,
    /// A `*` that is not a wildcard of the grammar.
    Wildcard,
    /// A byte that a host cannot contain.
    Byte(u8),
    /// An IPv4 or IPv6 address in another form than the one URLs serialize.
    NonCanonicalAddress,
}

impl fmt::Display for HostError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("the host is missing"),
            Self::EmptyLabel => f.write_str("the host has an empty label"),
            Self::TrailingDot => f.write_str("the host ends with a dot"),
            Self::TooLong => write!(f, "the host is longer than {MAX_HOST} bytes"),
            Self::LabelTooLong => {
                write!(f, "a label of the host is longer than {MAX_LABEL} bytes")
            }
            Self::UpperCase => f.write_str("the host has upper-case letters"),
            Self::NotAscii => f.write_str("the host is not in its ASCII form"),
            Self::Wildcard => f.write_str("`*` can only replace whole labels at the start of the host"),
            Self::Byte(byte) => {
                write!(f, "a host cannot contain `{}`", char::from(*byte).escape_default())
            }
            Self::NonCanonicalAddress => {
                f.write_str("the host is an IP address in a form that browsers never send")
            }
        }
    }
}

impl core::error::Error for HostError {}

/// Checks that a text is a host name or an address exactly as a browser would write it.
///
/// `_` is accepted in labels because browsers send it. An address is one when the last label
/// looks like a number (WHATWG URL, "ends-in-a-number checker").
pub(crate) fn check(host: &str) -> Result<(), HostError> {
    match host.strip_prefix('[') {
        Some(rest) => check_ipv6(rest),
        None => check_name(host),
    }
}

/// [`check`] for schemes that URLs do not treat as special: their hosts are opaque, without labels or case
/// folding (WHATWG URL, "opaque-host parser").
///
/// That parser accepts some more marks, which no application uses: a comma or a quote could end the value of a
/// header or an argument in a shell, and `*` is the wildcard of patterns.
pub(crate) fn check_opaque(host: &str) -> Result<(), HostError> {
    if let Some(rest) = host.strip_prefix('[') {
        return check_ipv6(rest);
    }
    if host.is_empty() {
        return Err(HostError::Empty);
    }
    if host.len() > MAX_HOST {
        return Err(HostError::TooLong);
    }
    match host.bytes().find(|byte| !is_opaque_byte(*byte)) {
        Some(byte) => Err(misplaced_byte(byte)),
        None => Ok(()),
    }
}

/// A byte of an opaque host.
pub(crate) fn is_opaque_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~' | b'%' | b'+' | b'=')
}

fn check_name(host: &str) -> Result<(), HostError> {
    let last_label = check_labels(host)?;
    // Few labels start with a digit, so most hosts skip the full check.
    if last_label.first().is_some_and(u8::is_ascii_digit) && is_number(last_label) && !is_canonical_ipv4(host)
    {
        return Err(HostError::NonCanonicalAddress);
    }
    Ok(())
}

/// Checks the labels of a name in one pass and returns the last.
fn check_labels(host: &str) -> Result<&[u8], HostError> {
    let bytes = host.as_bytes();
    if bytes.len() > MAX_HOST {
        return Err(HostError::TooLong);
    }
    let mut last_label: &[u8] = &[];
    for label in bytes.split(|byte| *byte == b'.') {
        // A byte that no label can contain is the more serious mistake, so report it first.
        if let Some(byte) = label.iter().find(|byte| !is_label_byte(**byte)) {
            return Err(misplaced_byte(*byte));
        }
        if label.len() > MAX_LABEL {
            return Err(HostError::LabelTooLong);
        }
        if label.is_empty() {
            return Err(empty_label(host));
        }
        last_label = label;
    }
    Ok(last_label)
}

/// Whether a host is a typical name: canonical, not an address, neither short nor long. `false` means only
/// that [`check`] must decide.
pub(crate) fn is_common_name(host: &str) -> bool {
    let canonical = eight_bytes::all(host, |part| {
        let dots = part.within(b'.', b'.');
        let labels = part.within(b'a', b'z') | part.within(b'0', b'9') | part.within(b'-', b'-');
        (labels | dots | part.within(b'_', b'_')) == eight_bytes::ALL && dots & eight_bytes::before(dots) == 0
    });
    // No label of a host that fits into one can be too long.
    if canonical != Some(true) || host.len() > MAX_LABEL || host.starts_with('.') {
        return false;
    }
    let last_label = host.bytes().rev().position(|byte| byte == b'.').unwrap_or(host.len());
    let first = host.as_bytes().get(host.len() - last_label);
    first.is_some_and(|byte| !byte.is_ascii_digit())
}

fn is_label_byte(byte: u8) -> bool {
    matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_')
}

fn misplaced_byte(byte: u8) -> HostError {
    match byte {
        b'A'..=b'Z' => HostError::UpperCase,
        b'*' => HostError::Wildcard,
        0x80.. => HostError::NotAscii,
        _ => HostError::Byte(byte),
    }
}

fn empty_label(host: &str) -> HostError {
    match host.strip_suffix('.') {
        _ if host.is_empty() => HostError::Empty,
        Some(rest) if !rest.is_empty() && !rest.split('.').any(str::is_empty) => HostError::TrailingDot,
        _ => HostError::EmptyLabel,
    }
}

/// Whether URL parsing treats the label as a number: decimal digits, or `0x` and hex digits.
fn is_number(label: &[u8]) -> bool {
    match label.strip_prefix(b"0x") {
        Some(hex) => hex.iter().all(u8::is_ascii_hexdigit),
        None => label.iter().all(u8::is_ascii_digit),
    }
}

fn is_canonical_ipv4(host: &str) -> bool {
    // The standard library's parser accepts only four decimal parts without leading zeros,
    // which is what the URL serializer writes.
    host.parse::<Ipv4Addr>().is_ok()
}

fn check_ipv6(after_bracket: &str) -> Result<(), HostError> {
    let address = after_bracket.strip_suffix(']').ok_or(HostError::Byte(b'['))?;
    let parsed = address.parse::<Ipv6Addr>().map_err(|_| HostError::NonCanonicalAddress)?;
    if Ipv6Text(parsed).to_string() == address { Ok(()) } else { Err(HostError::NonCanonicalAddress) }
}

/// An IPv6 address as the URL standard writes it ("IPv6 serializer"). The standard library's own
/// form differs: it writes the last 32 bits of mapped addresses as IPv4.
struct Ipv6Text(Ipv6Addr);

impl fmt::Display for Ipv6Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let pieces = self.0.segments();
        let (gap_start, gap_length) = longest_zero_run(&pieces);
        let mut separator = "";
        for (at, piece) in pieces.iter().enumerate() {
            if gap_length > 1 && at == gap_start {
                f.write_str("::")?;
                separator = "";
            }
            if gap_length > 1 && (gap_start..gap_start + gap_length).contains(&at) {
                continue;
            }
            write!(f, "{separator}{piece:x}")?;
            separator = ":";
        }
        Ok(())
    }
}

/// Start and length of the first longest run of zeros.
fn longest_zero_run(pieces: &[u16]) -> (usize, usize) {
    let mut best = (0, 0);
    let mut start = 0;
    for (at, piece) in pieces.iter().enumerate() {
        if *piece != 0 {
            start = at + 1;
        } else if at + 1 - start > best.1 {
            best = (start, at + 1 - start);
        }
    }
    best
}

/// Whether a host in canonical form is always this machine (Secure Contexts, 3.1).
#[must_use]
pub fn is_loopback(host: &str) -> bool {
    host == "localhost"
        || host.ends_with(".localhost")
        || host == "[::1]"
        || host.parse::<Ipv4Addr>().is_ok_and(|address| address.is_loopback())
}

/// Whether a host in canonical form is an address that only its own network routes to. Loopback is [`is_loopback`].
#[must_use]
pub fn is_private_address(host: &str) -> bool {
    let v4 = |address: Ipv4Addr| {
        let [first, second, ..] = address.octets();
        // The shared address space of providers (RFC 6598).
        let shared = first == 100 && (64..128).contains(&second);
        address.is_private() || address.is_link_local() || address.is_unspecified() || shared
    };
    match host.trim_start_matches('[').trim_end_matches(']').parse() {
        Ok(IpAddr::V4(address)) => v4(address),
        Ok(IpAddr::V6(address)) => {
            let mapped = address.to_ipv4_mapped().is_some_and(v4);
            mapped || address.is_unique_local() || address.is_unicast_link_local() || address.is_unspecified()
        }
        Err(_) => false,
    }
}

/// Whether a host in canonical form is an address, not a name.
#[must_use]
pub fn is_address(host: &str) -> bool {
    host.starts_with('[') || host.parse::<Ipv4Addr>().is_ok()
}

/// The hosts of a route: one host, or all names under one. Ports are ignored.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct HostPattern {
    /// The host, or for `*.example.com` the part with its leading dot.
    text: String,
    subdomains: bool,
}

impl HostPattern {
    /// Reads `api.example.com`, `[::1]` or `*.example.com`.
    ///
    /// # Errors
    /// When the host is not in canonical form, or the wildcard stands over an address.
    pub fn parse(text: &str) -> Result<Self, HostError> {
        let Some(parent) = text.strip_prefix("*.") else {
            check(text)?;
            return Ok(Self { text: text.to_owned(), subdomains: false });
        };
        check(parent)?;
        if is_address(parent) {
            return Err(HostError::Wildcard);
        }
        Ok(Self { text: format!(".{parent}"), subdomains: true })
    }

    /// The host, or for `*.example.com` the part with its leading dot.
    pub(crate) fn key(&self) -> &str {
        &self.text
    }

    /// Whether the pattern matches a host in canonical form.
    #[must_use]
    pub fn matches(&self, host: &str) -> bool {
        if self.subdomains {
            host.len() > self.text.len() && host.ends_with(&self.text)
        } else {
            host == self.text
        }
    }

    /// Whether this pattern matches every host that `other` matches.
    #[must_use]
    pub fn covers(&self, other: &Self) -> bool {
        if other.subdomains {
            self.subdomains && other.text.ends_with(&self.text)
        } else {
            self.matches(&other.text)
        }
    }
}

impl fmt::Display for HostPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", if self.subdomains { "*" } else { "" }, self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn canonical_hosts_are_accepted() {
        for host in [
            "localhost",
            "example.com",
            "a_b.example.com",
            "xn--bcher-kva.example",
            "-a.b",
            "0x.example",
            "127.0.0.1",
            "1.2.3.4.example",
            "[::1]",
            "[2001:db8::1]",
            "[::ffff:102:304]",
            "[1:0:0:2::3]",
            "[::]",
            "[1:2:3:4:5:6:7:8]",
            "[1:0:2:3:4:5:6:7]",
        ] {
            assert_eq!(check(host), Ok(()), "{host}");
        }
    }

    #[test]
    fn the_quick_look_accepts_only_what_the_closer_one_does() {
        let bytes = || (0..=0x7f_u8).map(char::from);
        let around = ["", "e", "exampl", "example", "example.org"];
        let pairs = around.into_iter().flat_map(|before| around.map(|after| (before, after)));
        let pairs = pairs.flat_map(|(before, after)| {
            bytes().flat_map(move |a| bytes().map(move |b| format!("{before}{a}{b}{after}")))
        });
        let edges = ["a.1b", "example.0x1", "example.1", "1.2.3.4", "127.0.0.1", "[::1]", "exampl\u{e9}.org"];
        let long = [60, 63, 64].map(|length| format!("{}.b", "a".repeat(length)));
        for host in pairs.chain(edges.map(str::to_owned)).chain(long) {
            assert!(!is_common_name(&host) || check_name(&host).is_ok(), "{host:?}");
        }
        for host in ["localhost", "app.example.com", "a_b.xn--bcher-kva.example", "1.2.3.4.a"] {
            assert!(is_common_name(host), "{host}");
        }
    }

    #[test]
    fn other_forms_are_refused_by_name() {
        let long_label = format!("{}.com", "a".repeat(64));
        let long_host = format!("{}com", "abcdefg.".repeat(32));
        for (host, error) in [
            ("", HostError::Empty),
            ("a..b", HostError::EmptyLabel),
            (".a", HostError::EmptyLabel),
            ("a.", HostError::TrailingDot),
            (long_label.as_str(), HostError::LabelTooLong),
            (long_host.as_str(), HostError::TooLong),
            ("Example.com", HostError::UpperCase),
            ("bücher.example", HostError::NotAscii),
            ("*.example.com", HostError::Wildcard),
            ("a b", HostError::Byte(b' ')),
            ("a%2eb", HostError::Byte(b'%')),
            ("1.2.3", HostError::NonCanonicalAddress),
            ("1.2.3.04", HostError::NonCanonicalAddress),
            ("1.2.3.256", HostError::NonCanonicalAddress),
            ("0x7f000001", HostError::NonCanonicalAddress),
            ("example.0x1", HostError::NonCanonicalAddress),
            ("[app.example.com]", HostError::NonCanonicalAddress),
            ("[::1", HostError::Byte(b'[')),
            ("[0:0:0:0:0:0:0:1]", HostError::NonCanonicalAddress),
            ("[::FFFF:102:304]", HostError::NonCanonicalAddress),
            ("[::ffff:1.2.3.4]", HostError::NonCanonicalAddress),
            ("[fe80::1%eth0]", HostError::NonCanonicalAddress),
        ] {
            assert_eq!(check(host), Err(error), "{host}");
        }
    }

    #[test]
    fn patterns_match_whole_labels_and_never_the_apex() {
        let exact = HostPattern::parse("api.example.com").expect("valid");
        assert!(exact.matches("api.example.com"));
        assert!(!exact.matches("x.api.example.com"));
        let subdomains = HostPattern::parse("*.example.com").expect("valid");
        for host in ["a.example.com", "a.b.example.com"] {
            assert!(subdomains.matches(host), "{host}");
        }
        for host in ["example.com", "aexample.com", ".example.com", "example.com.evil"] {
            assert!(!subdomains.matches(host), "{host}");
        }
        assert!(subdomains.covers(&exact) && !exact.covers(&subdomains));
        assert_eq!(subdomains.to_string(), "*.example.com");
        assert_eq!(HostPattern::parse("*.127.0.0.1"), Err(HostError::Wildcard));
    }

    #[test]
    fn loopback_is_known_by_name_and_address() {
        for host in ["localhost", "app.localhost", "127.0.0.1", "127.9.9.9", "[::1]"] {
            assert!(is_loopback(host), "{host}");
        }
        for host in ["localhost.example.com", "notlocalhost", "128.0.0.1", "[::2]"] {
            assert!(!is_loopback(host), "{host}");
        }
    }
}
