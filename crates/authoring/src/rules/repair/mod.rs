//! What to write instead.

use corsgate_policy::document::Document;
use corsgate_policy::host::{self, HostError, HostPattern};
use corsgate_policy::origin::OriginError;
use corsgate_policy::path::{PathError, PathPattern};
use corsgate_policy::pattern::{OriginPattern, PatternError};
use corsgate_policy::upstream::{Upstream, UpstreamError};
use corsgate_policy::violation::Violation;
use url::{Host, Url};

use crate::cursor::quoted;
use crate::nearest::{listed, nearest};

/// A way out.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Repair {
    /// This TOML in its place.
    Write(String),
    /// A sentence.
    Consider(String),
}

/// The obvious repair of a text that breaks a rule, if there is one.
pub(crate) fn repair(violation: &Violation, text: &str, document: &Document) -> Option<Repair> {
    let write = |text: String| Repair::Write(quoted(&text));
    match violation {
        Violation::Pattern(_) if document.allowlists.contains_key(text) => Some(write(format!("@{text}"))),
        Violation::Pattern(_) => pattern(text).map(write),
        Violation::Host(_) => host_pattern(text).map(write),
        Violation::Upstream(_) => upstream(text).map(write),
        Violation::Path(error) => path(text, *error).map(write),
        Violation::UnknownUpstream(name) => {
            unknown(name, document.upstreams.keys().map(String::as_str), "[upstreams]", "")
        }
        Violation::UnknownAllowlist(name) => {
            unknown(name, document.allowlists.keys().map(String::as_str), "[allowlists]", "@")
        }
        Violation::LimitKey => {
            nearest(text, ["client_ip", "origin", "route"]).map(|key| write(key.to_owned()))
        }
        Violation::SecurityValue(values) => {
            nearest(text, values.iter().copied()).map(|value| write(value.to_owned()))
        }
        Violation::MaxAge => Some(Repair::Write("86400".to_owned())),
        _ => None,
    }
}

fn unknown<'k>(
    name: &str,
    known: impl Iterator<Item = &'k str> + Clone,
    table: &str,
    mark: &str,
) -> Option<Repair> {
    if let Some(near) = nearest(name, known.clone()) {
        return Some(Repair::Write(quoted(&format!("{mark}{near}"))));
    }
    let all = listed(known, "and");
    Some(Repair::Consider(match all.is_empty() {
        true => format!("`{table}` is empty"),
        false => format!("`{table}` has {all}"),
    }))
}

/// More repairs than this on one text are no longer obvious.
const MAX_STEPS: usize = 6;

/// Repairs one mistake after the other until the text is a pattern.
fn pattern(text: &str) -> Option<String> {
    let mut text = text.trim().to_owned();
    for _ in 0..MAX_STEPS {
        match OriginPattern::parse(&text) {
            Ok(_) => return Some(text),
            Err(PatternError::Origin(error)) => text = origin(&text, error)?,
            Err(_) => return None,
        }
    }
    None
}

fn upstream(text: &str) -> Option<String> {
    let mut text = text.trim().to_owned();
    for _ in 0..MAX_STEPS {
        match Upstream::parse(&text) {
            Ok(_) => return Some(text),
            Err(UpstreamError::Insecure) => text = format!("https://{}", text.strip_prefix("http://")?),
            Err(UpstreamError::Origin(error)) => {
                let (head, base) = split_path(&text);
                text = format!("{}{base}", origin(head, error)?);
            }
            Err(_) => return None,
        }
    }
    None
}

/// Repairs one mistake of an origin.
fn origin(text: &str, error: OriginError) -> Option<String> {
    let (scheme, rest) = text.split_once("://").unwrap_or(("", text));
    let (authority, _) = rest.split_at_checked(rest.find(['/', '?', '#']).unwrap_or(rest.len()))?;
    Some(match error {
        OriginError::MissingScheme => format!("{}://{}", scheme_for(rest)?, rest.trim_start_matches('/')),
        OriginError::InvalidScheme => format!("{}://{rest}", changed(scheme, scheme.to_ascii_lowercase())?),
        OriginError::TrailingSlash | OriginError::Path | OriginError::Query | OriginError::Fragment => {
            format!("{scheme}://{authority}")
        }
        OriginError::DefaultPort => format!("{scheme}://{}", authority.rsplit_once(':')?.0),
        OriginError::ZeroPaddedPort => {
            let (host, port) = authority.rsplit_once(':')?;
            format!("{scheme}://{host}:{}", port.trim_start_matches('0'))
        }
        OriginError::Host(error) => {
            let (host, port) = split_port(authority);
            format!("{scheme}://{}{port}", canonical_host(host, error)?)
        }
        _ => return None,
    })
}

/// What somebody left out before a host; nothing where it hardly is one.
fn scheme_for(rest: &str) -> Option<&'static str> {
    let (host, _) = split_port(split_path(rest.trim_start_matches('/')).0);
    match host {
        _ if host::is_loopback(host) => Some("http"),
        _ if host.contains('.') => Some("https"),
        _ => None,
    }
}

/// A host as URLs serialize it: lower-case, A-labels, addresses in their one form.
fn canonical_host(text: &str, error: HostError) -> Option<String> {
    let (wildcard, host) = match text.strip_prefix("*.") {
        Some(parent) => ("*.", parent),
        None => ("", text),
    };
    match error {
        HostError::UpperCase | HostError::NotAscii | HostError::NonCanonicalAddress => {
            let host = Host::parse(host).ok()?;
            changed(text, format!("{wildcard}{host}"))
        }
        HostError::TrailingDot => changed(text, text.trim_end_matches('.').to_owned()),
        _ => None,
    }
}

/// A host out of whatever a browser's address bar holds.
fn host_pattern(text: &str) -> Option<String> {
    let rest = text.trim().split_once("://").map_or(text.trim(), |(_, rest)| rest);
    let mut host = split_port(split_path(rest).0).0.to_owned();
    for _ in 0..MAX_STEPS {
        match HostPattern::parse(&host) {
            Ok(_) => return Some(host),
            Err(error) => host = canonical_host(&host, error)?,
        }
    }
    None
}

fn path(text: &str, error: PathError) -> Option<String> {
    let repaired = match error {
        PathError::NotAbsolute => format!("/{text}"),
        PathError::NotEncoded => {
            let mut url = Url::parse("https://x").ok()?;
            url.set_path(text);
            url.path().to_owned()
        }
        _ => return None,
    };
    PathPattern::parse(&repaired).is_ok().then_some(repaired)
}

/// The text, unless nothing about it has changed.
fn changed(before: &str, after: String) -> Option<String> {
    (before != after).then_some(after)
}

/// Cuts an authority into the host and the port with its colon.
fn split_port(authority: &str) -> (&str, &str) {
    let colon =
        authority.rfind(':').filter(|at| authority.get(*at..).is_some_and(|port| !port.contains(']')));
    authority.split_at_checked(colon.unwrap_or(authority.len())).unwrap_or((authority, ""))
}

/// Cuts a URL before its path.
fn split_path(url: &str) -> (&str, &str) {
    let start = url.find("://").map_or(0, |at| at + 3);
    let slash = url.get(start..).and_then(|rest| rest.find('/')).map_or(url.len(), |at| start + at);
    url.split_at_checked(slash).unwrap_or((url, ""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn origins_are_repaired_where_it_takes_no_thought() {
        for (text, repaired) in [
            ("app.example.com", Some("https://app.example.com")),
            ("//app.example.com:8443", Some("https://app.example.com:8443")),
            ("localhost:5173", Some("http://localhost:5173")),
            ("https://app.example.com/", Some("https://app.example.com")),
            ("https://app.example.com/app?x#y", Some("https://app.example.com")),
            (" https://app.example.com\n", Some("https://app.example.com")),
            ("HTTPS://App.Example.com:443/", Some("https://app.example.com")),
            ("https://*.Example.com:0443", Some("https://*.example.com")),
            ("https://bücher.example:8443", Some("https://xn--bcher-kva.example:8443")),
            ("https://127.1", Some("https://127.0.0.1")),
            ("https://[0:0::1]:*", Some("https://[::1]:*")),
            ("https://app.example.com.", Some("https://app.example.com")),
            ("spa", None),
            ("null", None),
            ("*", None),
            ("https://user@app.example.com", None),
            ("https://a.example https://b.example", None),
            ("https://app.*.com", None),
            ("https://app..example.com", None),
        ] {
            assert_eq!(pattern(text).as_deref(), repaired, "{text}");
        }
    }

    #[test]
    fn hosts_are_found_in_urls() {
        for (text, repaired) in [
            ("https://api.example.com/v1", Some("api.example.com")),
            ("API.example.com:8787", Some("api.example.com")),
            ("*.Bücher.example", Some("*.xn--bcher-kva.example")),
            ("[0:0::1]:80", Some("[::1]")),
            ("", None),
            ("api.*.com", None),
        ] {
            assert_eq!(host_pattern(text).as_deref(), repaired, "{text}");
        }
    }

    #[test]
    fn upstreams_keep_their_base() {
        for (text, repaired) in [
            ("origin.example.net/base", Some("https://origin.example.net/base")),
            ("http://Origin.example.net:80/base", Some("https://origin.example.net/base")),
            ("127.0.0.1:9000", Some("http://127.0.0.1:9000")),
            ("service:A-B", None),
            ("origin", None),
        ] {
            assert_eq!(upstream(text).as_deref(), repaired, "{text}");
        }
    }

    #[test]
    fn paths_become_absolute_and_encoded() {
        assert_eq!(path("api/*", PathError::NotAbsolute).as_deref(), Some("/api/*"));
        assert_eq!(path("/bücher", PathError::NotEncoded).as_deref(), Some("/b%C3%BCcher"));
        assert_eq!(path("/a//b", PathError::EmptySegment), None);
    }
}
