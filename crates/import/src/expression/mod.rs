//! Regular expressions for origins: which origins one really matches, and which its author meant.
//!
//! `dialect` has the languages, and `translation` brings an expression of each into the syntax of `regex-syntax` and
//! refuses what has no counterpart there. `intended` reads the expression as its author did: a dot is a dot, and it means whole origins.
//! `automaton` compares both over all origins that a browser can send, so that the verdict is no guess.

mod automaton;
mod dialect;
mod groups;
mod intended;
mod translation;

pub(crate) use dialect::Compared;
pub use dialect::Expression;

use automaton::{Comparison, Language};
use corsgate_policy::origin::Origin;

/// What an expression matches, among the origins that browsers send.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Matched {
    /// Exactly the origins of these patterns. Labels with `_`, which the patterns also match, are left aside.
    Exactly(Vec<String>),
    /// All of them.
    Everything,
    /// Also this origin, which its author did not mean.
    Wider {
        /// The origin that it lets in.
        lets_in: String,
        /// What its author probably meant.
        intended: Vec<String>,
    },
    /// Not this origin, which the nearest patterns match.
    Narrower {
        /// The origin that only the patterns match.
        adds: String,
        /// The nearest patterns.
        nearest: Vec<String>,
    },
    /// No origin at all.
    Nothing,
    /// What cannot be said.
    Unreadable(&'static str),
}

impl Expression {
    /// What the expression matches.
    #[must_use]
    pub fn matched(&self) -> Matched {
        let Some(language) = Language::of(self.syntax()) else {
            return Matched::Unreadable("it is too large to compare");
        };
        let intended = intended::patterns(self.syntax());
        let comparison = language.compare(&intended);
        let Some(Comparison { everything, nothing, lets_in, adds }) = comparison else {
            return Matched::Unreadable("it is too large to compare");
        };
        if nothing {
            return Matched::Nothing;
        }
        if everything {
            return Matched::Everything;
        }
        match (lets_in, adds) {
            (None, None) => Matched::Exactly(intended),
            (Some(shortest), _) => {
                let told = telling(&intended).into_iter().find(|origin| language.matches(origin));
                Matched::Wider { lets_in: told.unwrap_or(shortest), intended }
            }
            (None, Some(adds)) => Matched::Narrower { adds, nearest: intended },
        }
    }

    /// Whether the expression matches an origin.
    #[must_use]
    pub fn matches(&self, origin: &str) -> bool {
        Language::of(self.syntax()).is_some_and(|language| language.matches(origin))
    }
}

/// Origins of strangers that only look like those of the patterns: the ones that a person understands at a glance.
fn telling(patterns: &[String]) -> Vec<String> {
    let mut origins = Vec::new();
    for pattern in patterns {
        let Some((scheme, rest)) = pattern.split_once("://") else { continue };
        let (host, port) = match rest.rsplit_once(':') {
            Some((host, "*")) => (host, String::new()),
            Some((host, port)) => (host, format!(":{port}")),
            None => (rest, String::new()),
        };
        let (label, host) = match host.strip_prefix("*.") {
            Some(host) => ("a.", host),
            None => ("", host),
        };
        origins.push(format!("{scheme}://{label}{host}.evil.example{port}"));
        origins.push(format!("{scheme}://evil{host}{port}"));
        for (at, _) in host.match_indices('.') {
            let (before, after) = host.split_at_checked(at).unwrap_or_default();
            origins.push(format!("{scheme}://{label}{before}x{}{port}", after.trim_start_matches('.')));
        }
        origins.push(format!("{scheme}://evil.{host}{port}"));
        origins.push(format!("http://{label}{host}{port}"));
        origins.push(format!("{scheme}://{label}{host}:8443"));
        origins.push(format!("evil://{label}{host}{port}"));
    }
    let inside = |origin: &String| patterns.iter().any(|pattern| automaton::pattern_matches(pattern, origin));
    origins.retain(|origin| Origin::parse(origin).is_ok() && !inside(origin));
    origins
}

#[cfg(test)]
mod tests {
    use super::*;

    fn javascript(source: &str) -> Matched {
        Expression::javascript(source, "").expect(source).matched()
    }

    #[test]
    fn exact_expressions_are_carried_over() {
        for (source, patterns) in [
            (
                r"^https:\/\/([a-z0-9-]+\.)*example\.com$",
                &["https://example.com", "https://*.example.com"][..],
            ),
            (r"^https://([a-z0-9-]+\.)+example\.com$", &["https://*.example.com"]),
            (r"^https://(.+\.)?example\.com$", &["https://example.com", "https://*.example.com"]),
            (r"^https://.*\.example\.com$", &["https://*.example.com"]),
            (r"^https://[^/]+\.example\.com$", &["https://*.example.com"]),
            (r"^https://app\.example\.com$", &["https://app.example.com"]),
            (r"^https://(app|www)\.example\.com$", &["https://app.example.com", "https://www.example.com"]),
            (r"^https?://localhost(:\d+)?$", &["http://localhost:*", "https://localhost:*"]),
            (r"^http://localhost:\d+$", &[]),
            (r"^https://app[12]\.example\.com$", &["https://app1.example.com", "https://app2.example.com"]),
            (r"^https://app[.]example[.]com$", &["https://app.example.com"]),
        ] {
            match javascript(source) {
                Matched::Exactly(found) => assert_eq!(found, patterns, "{source}"),
                other => assert!(patterns.is_empty(), "{source}: {other:?}"),
            }
        }
    }

    #[test]
    fn expressions_wider_than_they_look_are_named_with_an_origin() {
        for (source, lets_in, intended) in [
            (
                r"example\.com$",
                "https://evilexample.com",
                &["https://example.com", "https://*.example.com"][..],
            ),
            (r"\.example\.com$", "http://a.example.com", &["https://*.example.com"]),
            (r"^https://app.example.com$", "https://appxexample.com", &["https://app.example.com"]),
            (
                r"^https://app\.example\.com",
                "https://app.example.com.evil.example",
                &["https://app.example.com"],
            ),
            (r"https://app\.example\.com$", "", &["https://app.example.com"]),
            (
                r"^https://.*example\.com$",
                "https://evilexample.com",
                &["https://example.com", "https://*.example.com"],
            ),
            (r"^https?:\/\/(www\.)?example.com$", "", &[]),
        ] {
            let expression = Expression::javascript(source, "").expect(source);
            match expression.matched() {
                Matched::Wider { lets_in: found, intended: meant } => {
                    assert!(expression.matches(&found), "{source} matches {found}");
                    assert!(
                        !meant.iter().any(|pattern| automaton::pattern_matches(pattern, &found)),
                        "{source}: {found}"
                    );
                    assert!(lets_in.is_empty() || found == lets_in, "{source}: {found}");
                    assert!(intended.is_empty() || meant == intended, "{source}: {meant:?}");
                }
                other => assert!(source.starts_with("https"), "{source}: {other:?}"),
            }
        }
    }

    #[test]
    fn narrower_expressions_are_never_widened_in_silence() {
        for (source, adds) in [
            (r"^https://\w+\.example\.com$", "https://a.a.example.com"),
            (r"^https://[a-z]+\.example\.com$", ""),
            (r"^https://pr-\d+\.example\.com$", ""),
            (r"^https://[^.]+\.example\.com$", ""),
        ] {
            let expression = Expression::javascript(source, "").expect(source);
            let Matched::Narrower { adds: found, nearest } = expression.matched() else {
                panic!("{source}: {:?}", expression.matched())
            };
            assert_eq!(nearest, ["https://*.example.com"], "{source}");
            assert!(!expression.matches(&found), "{source}: {found}");
            if source.contains('w') {
                assert!(found.len() <= adds.len(), "{found}");
            }
        }
    }

    #[test]
    fn case_makes_no_difference_to_what_was_meant() {
        for source in [r"^https://(.+\.)?example\.com$", r"^HTTPS://(.+\.)?Example\.com$"] {
            let matched = Expression::javascript(source, "i").expect(source).matched();
            let patterns = ["https://example.com", "https://*.example.com"].map(str::to_owned);
            assert_eq!(matched, Matched::Exactly(patterns.to_vec()), "{source}");
        }
    }

    #[test]
    fn everything_and_nothing_are_known() {
        for source in [".*", "", "^.+$", "/?", "."] {
            assert_eq!(javascript(source), Matched::Everything, "{source}");
        }
        for source in ["^app$", "^https://APP$", "^$", r"^https://app\.example\.com/$"] {
            assert_eq!(javascript(source), Matched::Nothing, "{source}");
        }
        assert!(matches!(javascript("^https"), Matched::Wider { .. }));
    }
}
