//! Slow, obvious evaluations of origins, patterns and lists, and of URLs by the `url` crate.

use corsgate_policy::grammar::day::Day;
use corsgate_policy::origin::pattern::OriginPattern;
use url::Host;

/// The pattern for every extension of Firefox.
pub const ANY_EXTENSION: &str = "moz-extension://*";

/// Whether a browser could serialize an origin in this way.
#[must_use]
pub fn is_origin(text: &str) -> bool {
    let Some((scheme, authority)) = text.split_once("://") else {
        return false;
    };
    let (host, port) = split_port(authority);
    let is_web = is_web(scheme);
    text.len() <= 512
        && is_scheme(scheme)
        && port.is_none_or(|port| is_port(scheme, port))
        && match is_web {
            true => (is_name(host) || host.starts_with('[')) && is_web_host(host),
            false => is_opaque(host),
        }
}

/// Whether an entry matches an origin.
#[must_use]
pub fn stands_for(pattern: &str, origin: &str) -> bool {
    if pattern == ANY_EXTENSION {
        return origin.strip_prefix("moz-extension://").is_some_and(is_uuid);
    }
    let parts = |text: &str| {
        let (scheme, authority) = text.split_once("://").unwrap_or_default();
        let (host, port) = split_port(authority);
        (scheme.to_owned(), host.to_owned(), port.map(str::to_owned))
    };
    let (scheme, host, port) = parts(pattern);
    let (origin_scheme, origin_host, origin_port) = parts(origin);
    let host_fits = match host.strip_prefix("*.") {
        Some(parent) => {
            origin_host.strip_suffix(parent).is_some_and(|labels| labels.len() > 1 && labels.ends_with('.'))
        }
        None => origin_host == host,
    };
    is_origin(origin)
        && origin_scheme == scheme
        && host_fits
        && (port.as_deref() == Some("*") || port == origin_port)
}

/// An origin that a pattern matches, unless it is longer than any origin.
#[must_use]
pub fn member(pattern: &str) -> String {
    if pattern == ANY_EXTENSION {
        return "moz-extension://01234567-89ab-4cde-8f01-23456789abcd".to_owned();
    }
    let named = pattern.replacen("://*.", "://a.", 1);
    match named.strip_suffix(":*") {
        Some(host) => format!("{host}:5000"),
        None => named,
    }
}

/// Whether an origin or a pattern has plain `http` and another machine.
#[must_use]
pub fn is_insecure(text: &str) -> bool {
    let Some(authority) = text.strip_prefix("http://") else {
        return false;
    };
    !is_loopback(split_port(authority).0)
}

/// Whether a pattern allows any port of another machine.
#[must_use]
pub fn opens_ports(pattern: &str) -> bool {
    let authority = pattern.split_once("://").unwrap_or_default().1;
    let (host, port) = split_port(authority);
    port == Some("*") && !is_loopback(host.strip_prefix("*.").unwrap_or(host))
}

/// A line of a list in KV: an entry and its last day, nothing, or a mistake.
///
/// # Errors
/// The line is ignored.
#[expect(clippy::result_unit_err, reason = "which mistake it is, the unit tests say")]
pub fn list_line(line: &str, wildcards: bool) -> Result<Option<(String, Day)>, ()> {
    let words = line.split([' ', '\t', '\n', '\r', '\u{c}']).filter(|word| !word.is_empty());
    let words: Vec<_> = words.take_while(|word| !word.starts_with('#')).collect();
    let (origin, life) = match words.as_slice() {
        [] => return Ok(None),
        [origin] => (*origin, Day::NEVER),
        [origin, life] => {
            let day = life.strip_prefix("expires=").ok_or(())?;
            (*origin, Day::parse(day).map_err(drop)?)
        }
        _ => return Err(()),
    };
    let admitted = OriginPattern::parse(origin).is_ok() && (wildcards || !origin.contains('*'));
    admitted.then(|| Some((origin.to_owned(), life))).ok_or(())
}

/// The lines of a list in KV.
pub fn list_lines(text: &str) -> impl Iterator<Item = &str> {
    text.strip_prefix('\u{feff}').unwrap_or(text).split('\n')
}

/// Whether a text is a token of RFC 9110.
#[must_use]
pub fn is_token(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(c))
}

fn is_web(scheme: &str) -> bool {
    ["http", "https"].contains(&scheme)
}

fn is_scheme(scheme: &str) -> bool {
    let rest = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "+-.".contains(c);
    scheme != "file" && scheme.starts_with(|c: char| c.is_ascii_lowercase()) && scheme.chars().all(rest)
}

fn is_port(scheme: &str, port: &str) -> bool {
    let default = match scheme {
        "http" => "80",
        "https" => "443",
        _ => "",
    };
    port != default && port.parse::<u16>().is_ok_and(|number| number > 0 && number.to_string() == port)
}

/// A host of a scheme that URLs do not treat as special: it is kept as it is written (WHATWG URL, "opaque-host parser").
fn is_opaque(host: &str) -> bool {
    let byte = |c: char| c.is_ascii_alphanumeric() || "-._~%+=".contains(c);
    match host.strip_prefix('[') {
        Some(_) => Host::parse(host).is_ok_and(|parsed| parsed.to_string() == host),
        None => (1..=253).contains(&host.len()) && host.chars().all(byte),
    }
}

/// A UUID in lower case.
fn is_uuid(text: &str) -> bool {
    let lengths: Vec<_> = text.split('-').map(str::len).collect();
    let digit = |c: char| c == '-' || c.is_ascii_digit() || ('a'..='f').contains(&c);
    lengths == [8, 4, 4, 4, 12] && text.chars().all(digit)
}

fn is_name(host: &str) -> bool {
    let byte = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-' || c == '_';
    let label = |label: &str| (1..=63).contains(&label.len()) && label.chars().all(byte);
    host.len() <= 253 && host.split('.').all(label)
}

/// Whether URL parsing leaves the host unchanged. It also checks that A-labels decode. The gateway does not: no
/// browser sends one that does not decode, and it could only be listed by name.
fn is_web_host(host: &str) -> bool {
    Host::parse(&host.replace("xn--", "xn0-")).is_ok_and(|parsed| match parsed {
        Host::Domain(_) => true,
        Host::Ipv4(_) | Host::Ipv6(_) => parsed.to_string() == host,
    })
}

fn is_loopback(host: &str) -> bool {
    host == "localhost"
        || host.ends_with(".localhost")
        || match Host::parse(host) {
            Ok(Host::Ipv4(address)) => address.is_loopback(),
            Ok(Host::Ipv6(address)) => address.is_loopback(),
            _ => false,
        }
}

fn split_port(authority: &str) -> (&str, Option<&str>) {
    match authority.rsplit_once(':') {
        Some((host, port)) if !port.contains(']') => (host, Some(port)),
        _ => (authority, None),
    }
}
