//! Repairs origins and the patterns of allowlists.

use corsgate_policy::grammar::host::{HostError, is_loopback};
use corsgate_policy::origin::OriginError;
use corsgate_policy::origin::pattern::{OriginPattern, PatternError};

use super::{
    MAX_STEPS, Repair, changed, consider, host, regular_expression, separated, split_path, split_port, write,
};
use crate::domains;
use crate::letters;
use crate::lints::public_suffix;
use crate::slip;

/// Repairs an origin or a pattern.
pub(super) fn repair(text: &str, error: &PatternError, in_list: bool) -> Option<Repair> {
    if regular_expression::is_one(text) {
        return Some(consider(regular_expression::advice(text)));
    }
    if OriginPattern::parse(text).is_ok() {
        // `Timing-Allow-Origin` has no patterns.
        return Some(consider("list each origin: nothing but exact origins counts here"));
    }
    if let Some(repaired) = pattern(text) {
        let host =
            repaired.split_once("://").map_or("", |(_, rest)| split_port(rest).0.trim_start_matches("*."));
        return Some(match letters::homograph(host).filter(|_| !text.is_ascii()) {
            Some(why) => {
                consider(format!("write the name in ASCII letters, or `{repaired}` if you mean it: {why}"))
            }
            None => write(&repaired),
        });
    }
    let parts: Option<Vec<_>> = slip::elements(text).map(pattern).collect();
    if let Some(parts) = parts.filter(|parts| parts.len() > 1) {
        return Some(separated(parts.iter().map(String::as_str), in_list, "origin"));
    }
    match error {
        PatternError::Null => Some(consider("serve the page from an origin of its own, and list that")),
        PatternError::Origin(OriginError::Host(HostError::Wildcard)) => Some(consider(wildcard(text))),
        PatternError::Origin(OriginError::FileScheme) => {
            Some(consider("serve the page from a host, for example `http://localhost:8080`, and list that"))
        }
        PatternError::Origin(OriginError::Port) => {
            Some(consider("write the port number, or `:*` for any port"))
        }
        _ => None,
    }
}

/// The advice for a `*` that the grammar does not allow.
fn wildcard(text: &str) -> String {
    let parent = text.rsplit_once('*').and_then(|(before, rest)| {
        let (scheme, _) = before.split_once("://")?;
        let (_, parent) = split_path(rest).0.split_once('.')?;
        let wider = format!("{scheme}://*.{parent}");
        let form = OriginPattern::parse(&wider).ok()?;
        // Do not suggest a wildcard over a suffix under which anybody can get a name.
        let open = public_suffix::of_line(&form.form()).is_some() || !form.form().host.contains('.');
        (!open).then_some((wider, parent.to_owned()))
    });
    match parent {
        Some((wider, parent)) => {
            format!("list each host, or write `{wider}` if every name under `{parent}` belongs to you")
        }
        None => preview(text).unwrap_or_else(|| {
            "list each host: `*` replaces whole labels, as in `https://*.example.com`".to_owned()
        }),
    }
}

/// The advice for a `*` within the first label of a name on a shared domain, which is meant for previews.
fn preview(text: &str) -> Option<String> {
    let (before, rest) = text.split_once('*')?;
    let number = if before.ends_with(['/', '.']) { "pr-7" } else { "7" };
    let example = format!("{before}{number}{rest}");
    let pattern = OriginPattern::parse(&example).ok()?;
    let form = pattern.form();
    let suffix = domains::platform_of(form.host)?;
    Some(format!(
        "anybody can register a matching name under `{suffix}`; allow each preview by itself, from CI: `corsgate list add previews {example} --expires 7d`"
    ))
}

/// Repairs one mistake after another until the text is an origin or a pattern in canonical form.
#[must_use]
pub fn pattern(text: &str) -> Option<String> {
    let mut text = text.trim().to_owned();
    for _ in 0..MAX_STEPS {
        match OriginPattern::parse(&text) {
            Ok(_) => return Some(text),
            Err(PatternError::Origin(error)) => text = one_step(&text, error)?,
            Err(_) => return None,
        }
    }
    None
}

/// Repairs one mistake of an origin.
pub(super) fn one_step(text: &str, error: OriginError) -> Option<String> {
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
            format!("{scheme}://{}{port}", host::canonical(host, error)?)
        }
        _ => return None,
    })
}

/// The scheme that was left out before a host; `None` if the text is hardly a host.
fn scheme_for(rest: &str) -> Option<&'static str> {
    let (host, _) = split_port(split_path(rest.trim_start_matches('/')).0);
    match host {
        _ if is_loopback(host) => Some("http"),
        _ if host.contains('.') => Some("https"),
        _ => None,
    }
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
    fn misplaced_wildcards_are_repaired_or_explained() {
        for (text, advice) in [
            ("https://app-*.example.com", "write `https://*.example.com` if"),
            ("https://app.*.example.com:8443", "write `https://*.example.com:8443` if"),
            (
                "https://app-*.vercel.app",
                "anybody can register a matching name under `vercel.app`; allow each preview by itself, from CI: \
                 `corsgate list add previews https://app-7.vercel.app --expires 7d`",
            ),
            (
                "https://*-team.pages.dev",
                "`corsgate list add previews https://pr-7-team.pages.dev --expires 7d`",
            ),
            (
                "https://deploy-preview-*--shop.netlify.app",
                "deploy-preview-7--shop.netlify.app --expires 7d`",
            ),
            ("https://app.*", "list each host: `*`"),
            ("https://*app.com", "list each host: `*`"),
            ("https://*", "list each host: `*`"),
        ] {
            assert!(wildcard(text).contains(advice), "{text}: {}", wildcard(text));
        }
    }

    #[test]
    fn a_pattern_where_only_origins_count_is_not_repaired_to_itself() {
        for text in ["https://*.a.example", "https://a.example:*"] {
            let error = PatternError::Origin(OriginError::Host(HostError::Wildcard));
            let Some(Repair::Consider(advice)) = repair(text, &error, true) else { panic!("{text}") };
            assert_eq!(advice, "list each origin: nothing but exact origins counts here");
        }
    }

    #[test]
    fn several_origins_in_one_string_are_split() {
        let text = "https://a.example, b.example";
        let error = PatternError::Origin(OriginError::Whitespace);
        let written = Repair::Write("\"https://a.example\", \"https://b.example\"".to_owned());
        assert_eq!(repair(text, &error, true), Some(written));
        let Some(Repair::Consider(advice)) = repair(text, &error, false) else { panic!("no advice") };
        assert!(
            advice.starts_with("write each origin in a string of its own: \"https://a.example\","),
            "{advice}"
        );
    }
}
