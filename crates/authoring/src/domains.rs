//! Facts about hosts and headers that hold for every policy, for callers that judge a request.

use corsgate_policy::origin::pattern::PatternForm;
use strsim::damerau_levenshtein;

use crate::lints::public_suffix;

/// From this length on, in characters, names that differ in two letters still count as alike.
const LONG_NAME: usize = 9;

/// Why a pattern allows sites of many owners: its wildcard is directly over a public suffix, or above some.
#[must_use]
pub fn many_owners(form: &PatternForm<'_>) -> Option<String> {
    public_suffix::of_line(form).map(|finding| finding.message)
}

/// The registered domain of a name: the longest public suffix and the label before it. `None` for a suffix itself and
/// for a single label.
#[must_use]
pub fn registrable_domain(host: &str) -> Option<&str> {
    public_suffix::registrable_domain(host)
}

/// Whether a name is itself a public suffix, under which anybody can get a name.
#[must_use]
pub fn is_public_suffix(host: &str) -> bool {
    public_suffix::kind(host).is_some()
}

/// The platform's suffix that a name is under, such as `github.io`. Anybody can get a neighbouring name, and take this
/// one over once it is given up.
#[must_use]
pub fn platform_of(host: &str) -> Option<&str> {
    let domain = registrable_domain(host)?;
    let (_, suffix) = domain.split_once('.')?;
    public_suffix::is_of_platform(suffix).then_some(suffix)
}

/// The known registered domain that another could be mistaken for: one or two letters apart, visually alike, or the
/// same name under another suffix.
#[must_use]
pub fn look_alike<'k>(domain: &str, known: impl IntoIterator<Item = &'k str>) -> Option<&'k str> {
    let name = first_label(domain);
    let most = if name.chars().count() >= LONG_NAME { 2 } else { 1 };
    known.into_iter().filter(|other| *other != domain).find(|other| {
        let other_name = first_label(other);
        // All short names are near each other.
        let comparable = name.len() > 3 && other_name.len() > 3;
        let same_suffix = domain.strip_prefix(name) == other.strip_prefix(other_name);
        name == other_name
            || skeleton(name) == skeleton(other_name)
            || comparable && same_suffix && damerau_levenshtein(name, other_name) <= most
    })
}

fn first_label(domain: &str) -> &str {
    domain.split_once('.').map_or(domain, |(label, _)| label)
}

/// A form that is equal for names that look alike (Unicode UTS 39, limited to the characters of hosts in ASCII form).
fn skeleton(name: &str) -> String {
    let joined = name.replace("rn", "m").replace("vv", "w").replace("cl", "d");
    let letters = joined.chars().filter(|letter| !matches!(letter, '-' | '_'));
    letters
        .map(|letter| match letter {
            '0' => 'o',
            '1' | 'i' => 'l',
            '5' => 's',
            other => other,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn suffixes_are_known_and_those_of_platforms_told_from_the_others() {
        for (host, suffix, platform) in [
            ("github.io", true, None),
            ("team.github.io", false, Some("github.io")),
            ("x.team.github.io", false, Some("github.io")),
            ("my-app.pages.dev", false, Some("pages.dev")),
            ("co.uk", true, None),
            ("example.co.uk", false, None),
            ("shop.example", false, None),
            ("localhost", false, None),
        ] {
            assert_eq!((is_public_suffix(host), platform_of(host)), (suffix, platform), "{host}");
        }
    }

    #[test]
    fn names_that_could_be_taken_for_each_other_are_found() {
        let known = ["example.com", "bank.example", "pay.example"];
        for (domain, alike) in [
            ("exarnple.com", Some("example.com")),
            ("examp1e.com", Some("example.com")),
            ("exampel.com", Some("example.com")),
            ("ex-ample.org", Some("example.com")),
            ("example.net", Some("example.com")),
            ("bamk.example", Some("bank.example")),
            ("example.com", None),
            ("partner.example", None),
            ("bamk.com", None),
            ("may.example", None),
        ] {
            assert_eq!(look_alike(domain, known), alike, "{domain}");
        }
    }
}
