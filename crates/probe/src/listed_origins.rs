//! The origins that the user says are allowed.

use corsgate_policy::grammar::day::Day;
use corsgate_policy::origin::Origin;
use corsgate_policy::origin::entry::Entry;
use corsgate_policy::origin::pattern::{ANY_EXTENSION, OriginPattern, PatternError};
use corsgate_policy::origin::set::{AcceptedEntries, Membership, OriginSet};
use thiserror::Error;

/// Origins and patterns that should be allowed.
#[derive(Debug, Default)]
pub struct ListedOrigins {
    set: OriginSet,
    origins: Vec<String>,
}

/// A text that is neither an origin nor a pattern.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("`{}` is not an origin: {error}; write one such as `https://app.example.com`", .text.escape_debug())]
pub struct NotAnOrigin {
    text: String,
    error: PatternError,
}

/// The extension of Firefox that stands for all of them.
const SAMPLE_EXTENSION: &str = "moz-extension://c0259a7e-0000-4000-8000-000000000000";

/// The label that replaces the `*` of a pattern's `*.`.
const SAMPLE: &str = "corsgate-probe";

impl ListedOrigins {
    /// Parses origins and patterns as written in a policy: `https://app.example.com`, `https://*.example.com`.
    ///
    /// # Errors
    /// If a text is neither an origin nor a pattern.
    pub fn new<'a>(patterns: impl IntoIterator<Item = &'a str>) -> Result<Self, NotAnOrigin> {
        let mut entries = Vec::new();
        let mut origins: Vec<String> = Vec::new();
        for text in patterns {
            let pattern =
                OriginPattern::parse(text).map_err(|error| NotAnOrigin { text: text.to_owned(), error })?;
            let origin = match text {
                ANY_EXTENSION => SAMPLE_EXTENSION.to_owned(),
                _ => text.replacen("://*.", &format!("://{SAMPLE}."), 1),
            };
            let origin = origin.strip_suffix(":*").map(str::to_owned).unwrap_or(origin);
            if !origins.contains(&origin) {
                origins.push(origin);
            }
            entries.push(Entry { pattern, expires: Day::NEVER });
        }
        Ok(Self { set: OriginSet::new(entries), origins })
    }

    /// The origins to send requests with. A pattern contributes one origin that it matches.
    #[must_use]
    pub fn origins(&self) -> &[String] {
        &self.origins
    }

    /// Whether an entry matches this origin.
    #[must_use]
    pub fn has(&self, origin: &str) -> bool {
        let found = Origin::parse(origin);
        found.is_ok_and(|origin| {
            self.set.find(&origin, AcceptedEntries::ALL, Day::from_days(0)) != Membership::Absent
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_stand_for_origins_and_are_asked_by_one() {
        let listed = ListedOrigins::new(["https://*.example.com", "http://localhost:*", "https://a.example"])
            .expect("listed");
        assert_eq!(
            listed.origins(),
            ["https://corsgate-probe.example.com", "http://localhost", "https://a.example"]
        );
        for origin in ["https://x.example.com", "http://localhost:3000", "https://a.example"] {
            assert!(listed.has(origin), "{origin}");
        }
        for origin in ["https://example.com", "https://A.example", "null", "https://a.example/"] {
            assert!(!listed.has(origin), "{origin}");
        }
        assert!(ListedOrigins::new(["app.example.com"]).is_err());
        let apps =
            ["app://.", "safari-web-extension://140BB581-ABCD-4E5F-8A9B-0C1D2E3F4A5B", "moz-extension://*"];
        let listed = ListedOrigins::new(apps).expect("listed");
        assert_eq!(listed.origins(), [apps[0], apps[1], SAMPLE_EXTENSION]);
        assert!(listed.origins().iter().all(|origin| listed.has(origin)));
        assert!(!listed.has(&apps[1].to_lowercase()));
        assert!(ListedOrigins::new(["null"]).is_err());
    }
}
