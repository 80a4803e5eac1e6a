//! Repairs hosts of routes, origins and upstreams.

use corsgate_policy::grammar::host::{HostError, HostPattern};
use url::Host;

use super::{
    MAX_STEPS, Repair, changed, consider, regular_expression, separated, split_path, split_port, write,
};
use crate::slip;

/// Repairs a host of a route.
pub(super) fn repair(text: &str, in_list: bool) -> Option<Repair> {
    let parts: Option<Vec<_>> = slip::elements(text).map(host_pattern).collect();
    match parts.as_deref() {
        Some([host]) => return Some(write(host)),
        Some([_, ..]) => return Some(separated(parts.iter().flatten().map(String::as_str), in_list, "host")),
        _ => {}
    }
    if regular_expression::is_one(text) {
        return Some(consider(
            "regular expressions are not supported: list each host, or write `*.example.com` for every name under `example.com`",
        ));
    }
    match text.trim_start_matches("*.").contains('*') {
        // A port or a scheme makes no difference: the text means every host.
        true if text.contains("*:") || matches!(text, "*" | "*.*") || text.ends_with("://*") => {
            Some(consider("leave `hosts` out: a route without it matches every host"))
        }
        true => Some(consider(
            "`*.example.com` matches every name under `example.com`; if you do not mean that, list each host",
        )),
        false => None,
    }
}

/// The host pattern meant by a text as copied from a browser's address bar.
fn host_pattern(text: &str) -> Option<String> {
    let rest = text.trim().split_once("://").map_or(text.trim(), |(_, rest)| rest);
    let mut host = split_port(split_path(rest).0).0.to_owned();
    for _ in 0..MAX_STEPS {
        match HostPattern::parse(&host) {
            Ok(_) => return Some(host),
            // Cookies and proxies write a host and all its subdomains this way.
            Err(HostError::EmptyLabel) if host.starts_with('.') => host = format!("*{host}"),
            Err(error) => host = canonical(&host, error)?,
        }
    }
    None
}

/// A host as serialized in URLs: lower case, A-labels, addresses in canonical form.
pub(super) fn canonical(text: &str, error: HostError) -> Option<String> {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_are_found_in_urls() {
        for (text, repaired) in [
            ("https://api.example.com/v1", Some("api.example.com")),
            ("API.example.com:8787", Some("api.example.com")),
            ("*.Bücher.example", Some("*.xn--bcher-kva.example")),
            ("[0:0::1]:80", Some("[::1]")),
            ("https://*.example.com:443/x", Some("*.example.com")),
            (".example.com", Some("*.example.com")),
            ("", None),
            ("api.*.com", None),
        ] {
            assert_eq!(host_pattern(text).as_deref(), repaired, "{text}");
        }
    }

    #[test]
    fn wildcards_and_expressions_are_explained() {
        for (text, sentence) in [
            ("*", "leave `hosts` out"),
            ("*:8080", "leave `hosts` out"),
            ("https://*", "leave `hosts` out"),
            ("api.*.com", "`*.example.com` matches"),
            ("*example.com", "`*.example.com` matches"),
            ("^.*\\.example\\.com$", "regular expressions are not supported"),
        ] {
            let Some(Repair::Consider(advice)) = repair(text, true) else { panic!("{text}") };
            assert!(advice.contains(sentence), "{text}: {advice}");
        }
        let several = Repair::Write("\"a.example\", \"b.example\"".to_owned());
        assert_eq!(repair("a.example, https://b.example/", true), Some(several));
    }
}
