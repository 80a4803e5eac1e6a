//! Finds the entry that differs from an origin in one respect.

use corsgate_policy::origin::Origin;
use corsgate_policy::origin::pattern::{OriginPattern, PatternForm, PortPattern};
use serde::Serialize;
use strsim::{damerau_levenshtein, levenshtein};

/// The one difference, most plausible first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Difference {
    /// The origin has upper-case letters.
    Case,
    /// A slash follows the origin.
    TrailingSlash,
    /// A path follows the origin.
    Path,
    /// A dot follows the host.
    TrailingDot,
    /// The schemes differ.
    Scheme,
    /// The ports differ.
    Port,
    /// Only one of the two hosts begins with `www.`.
    Www,
    /// The origin is the domain itself, but only its subdomains are listed.
    Apex,
    /// The origin is a subdomain of a listed host.
    Subdomain,
    /// The hosts differ in one letter.
    Letter,
    /// Two neighbouring letters of the host are swapped.
    Swapped,
}

impl Difference {
    const ALL: [Self; 11] = [
        Self::Case,
        Self::TrailingSlash,
        Self::Path,
        Self::TrailingDot,
        Self::Scheme,
        Self::Port,
        Self::Www,
        Self::Apex,
        Self::Subdomain,
        Self::Letter,
        Self::Swapped,
    ];

    /// The words that describe the origin, to be followed by the entry.
    #[must_use]
    pub fn phrase(self) -> &'static str {
        match self {
            Self::Case => "differs only in upper case from",
            Self::TrailingSlash => "differs only in the slash at its end from",
            Self::Path => "differs only in the path after it from",
            Self::TrailingDot => "differs only in the dot after its host from",
            Self::Scheme => "differs only in the scheme from",
            Self::Port => "differs only in the port from",
            Self::Www => "differs only in `www.` from",
            Self::Apex => "is the domain itself, but only its subdomains match",
            Self::Subdomain => "is a subdomain of, and therefore does not match,",
            Self::Letter => "differs in only one letter from",
            Self::Swapped => "has two letters swapped, compared with",
        }
    }

    /// The origin without this difference, if it has it.
    fn mend(self, origin: &str, entry: &PatternForm<'_>) -> Option<String> {
        let (scheme, authority) = origin.split_once("://")?;
        let split = || split_port(authority);
        let mended = match self {
            Self::Case => origin.to_ascii_lowercase(),
            Self::TrailingSlash => origin.strip_suffix('/')?.to_owned(),
            Self::Path => format!("{scheme}://{}", authority.split(['/', '?', '#']).next()?),
            Self::TrailingDot => {
                let (host, port) = split();
                format!("{scheme}://{}{port}", host.strip_suffix('.')?)
            }
            Self::Scheme => format!("{}://{authority}", entry.scheme),
            Self::Port => {
                let (host, _) = split();
                match entry.port {
                    PortPattern::Exactly(port) => format!("{scheme}://{host}:{port}"),
                    PortPattern::Default | PortPattern::Any => format!("{scheme}://{host}"),
                }
            }
            // A wildcard already matches `www.` as it does any other label.
            Self::Www if entry.subdomains => return None,
            Self::Www => match authority.strip_prefix("www.") {
                Some(rest) => format!("{scheme}://{rest}"),
                None => format!("{scheme}://www.{authority}"),
            },
            // Any one label would match.
            Self::Apex if entry.subdomains => format!("{scheme}://www.{authority}"),
            Self::Subdomain if !entry.subdomains && entry.host.contains('.') => {
                let (host, port) = split();
                host.strip_suffix(entry.host)?.strip_suffix('.')?;
                format!("{scheme}://{}{port}", entry.host)
            }
            Self::Letter | Self::Swapped => {
                let (host, port) = split();
                // A wildcard matches any labels before its domain.
                let labels = if entry.subdomains { entry.host.split('.').count() } else { usize::MAX };
                let (free, fixed) = last_labels(host, labels);
                let distance = match self {
                    Self::Letter => levenshtein(fixed, entry.host),
                    _ => damerau_levenshtein(fixed, entry.host),
                };
                (distance == 1).then_some(())?;
                format!("{scheme}://{free}{}{port}", entry.host)
            }
            Self::Apex | Self::Subdomain => return None,
        };
        (mended != origin).then_some(mended)
    }
}

fn split_port(authority: &str) -> (&str, &str) {
    match authority.rfind(':').filter(|at| !authority.get(*at..).is_some_and(|port| port.contains(']'))) {
        Some(at) => authority.split_at_checked(at).unwrap_or((authority, "")),
        None => (authority, ""),
    }
}

/// Splits a host before its last `labels` labels.
fn last_labels(host: &str, labels: usize) -> (&str, &str) {
    match host.rmatch_indices('.').nth(labels.saturating_sub(1)) {
        Some((at, _)) => host.split_at_checked(at + 1).unwrap_or(("", host)),
        None => ("", host),
    }
}

/// An entry that differs from an origin in one respect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Near<'e> {
    /// The entry as written in its list.
    pub entry: &'e str,
    /// How the origin differs from it.
    pub differs: Difference,
}

/// Of `entries`, the one that differs least from `origin`, which may be malformed. `None` if an entry matches it or
/// none is near.
#[must_use]
pub fn nearest<'e>(origin: &str, entries: impl IntoIterator<Item = &'e str>) -> Option<Near<'e>> {
    // Do not search for a mistake in a text of unbounded length.
    if origin.len() > corsgate_policy::origin::MAX_ORIGIN {
        return None;
    }
    let mut best: Option<Near<'e>> = None;
    for entry in entries {
        let Ok(pattern) = OriginPattern::parse(entry) else { continue };
        let form = pattern.form();
        if covers(&form, origin) {
            return None;
        }
        let better = |differs: &Difference| best.as_ref().is_none_or(|best| *differs < best.differs);
        let mut candidates = Difference::ALL.into_iter().filter(better);
        let found = candidates
            .find(|differs| differs.mend(origin, &form).is_some_and(|mended| covers(&form, &mended)));
        if let Some(differs) = found {
            best = Some(Near { entry, differs });
        }
    }
    best
}

fn covers(entry: &PatternForm<'_>, origin: &str) -> bool {
    if Origin::parse(origin).is_err() {
        return false;
    }
    OriginPattern::parse(origin).is_ok_and(|origin| entry.covers(&origin.form()))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn each_difference_is_named() {
        let entries = ["https://app.example.com", "https://*.preview.example.com", "http://localhost:5173"];
        for (origin, entry, differs) in [
            ("https://app.example.com:8443", "https://app.example.com", Difference::Port),
            ("http://localhost:3000", "http://localhost:5173", Difference::Port),
            ("http://app.example.com", "https://app.example.com", Difference::Scheme),
            ("https://localhost:5173", "http://localhost:5173", Difference::Scheme),
            ("https://www.app.example.com", "https://app.example.com", Difference::Www),
            ("https://preview.example.com", "https://*.preview.example.com", Difference::Apex),
            ("https://beta.app.example.com", "https://app.example.com", Difference::Subdomain),
            ("https://app.example.com.", "https://app.example.com", Difference::TrailingDot),
            ("https://app.example.com/", "https://app.example.com", Difference::TrailingSlash),
            ("https://pr-7.preview.example.com/", "https://*.preview.example.com", Difference::TrailingSlash),
            ("https://app.example.com/users", "https://app.example.com", Difference::Path),
            ("https://App.Example.com", "https://app.example.com", Difference::Case),
            ("https://app.exmaple.com", "https://app.example.com", Difference::Swapped),
            ("https://app.examplle.com", "https://app.example.com", Difference::Letter),
            ("https://a.preview.exampl.com", "https://*.preview.example.com", Difference::Letter),
            ("http://a.preview.example.com", "https://*.preview.example.com", Difference::Scheme),
            ("https://app.example.com:443", "https://app.example.com", Difference::Port),
        ] {
            assert_eq!(nearest(origin, entries), Some(Near { entry, differs }), "{origin}");
        }
        assert_eq!(
            nearest("https://example.com", ["https://www.example.com"]).map(|near| near.differs),
            Some(Difference::Www)
        );
        for origin in [
            "https://evil.example",
            "https://app.example.com",
            "https://a.preview.example.com",
            "http://app.example.com:8443",
            "https://app.example.com.evil.example",
            "https://evilapp.example.com.example",
            "null",
            "",
            "https://",
            "https://[::1",
        ] {
            assert_eq!(nearest(origin, entries), None, "{origin}");
        }
    }

    fn host() -> impl Strategy<Value = String> {
        "[a-z]{3,8}\\.[a-z]{4,8}\\.(com|example)"
    }

    proptest! {
        /// Every mended origin matches the entry, and did not before.
        #[test]
        fn what_is_said_of_an_entry_is_true(
            origin in "(https?|HTTP)://(www\\.)?[a-cA]{1,3}(\\.[ab]{1,2}){0,3}\\.?(:[0-9]{1,4})?/?",
            entries in prop::collection::vec("https?://(\\*\\.)?[a-c]{1,3}(\\.[ab]{1,2}){0,3}(:[0-9]{1,4}|:\\*)?", 0..6),
        ) {
            if let Some(near) = nearest(&origin, entries.iter().map(String::as_str)) {
                let pattern = OriginPattern::parse(near.entry).expect("a pattern");
                let mended = near.differs.mend(&origin, &pattern.form()).expect("a difference");
                prop_assert!(covers(&pattern.form(), &mended), "{} {:?}", mended, near);
                for entry in &entries {
                    let Ok(pattern) = OriginPattern::parse(entry) else { continue };
                    prop_assert!(!covers(&pattern.form(), &origin));
                }
            }
        }

        /// One difference is found, wherever the entry is among others.
        #[test]
        fn one_difference_is_found(host in host(), others in prop::collection::vec(host(), 0..5), at in 0_usize..6, port in 1024_u16..) {
            let entry = format!("https://{host}");
            let mut entries: Vec<_> = others.iter().filter(|other| **other != host).map(|host| format!("https://{host}")).collect();
            entries.insert(at.min(entries.len()), entry.clone());
            for (origin, differs) in [
                (format!("https://{host}:{port}"), Difference::Port),
                (format!("http://{host}"), Difference::Scheme),
                (format!("https://www.{host}"), Difference::Www),
                (format!("https://{host}/"), Difference::TrailingSlash),
                (format!("https://{host}."), Difference::TrailingDot),
                (format!("HTTPS://{host}"), Difference::Case),
            ] {
                let found = nearest(&origin, entries.iter().map(String::as_str));
                prop_assert_eq!(found, Some(Near { entry: &entry, differs }), "{}", origin);
            }
        }
    }
}
