//! What is known of hosts and headers beyond any policy, for those who judge a request rather than compile a policy.

use corsgate_policy::origin::pattern::PatternForm;
use strsim::damerau_levenshtein;

use crate::lints::public_suffix;

/// Names as long as this, in characters, may differ in two letters and still be taken for each other.
const LONG_NAME: usize = 9;

/// Why a pattern admits sites of many owners: its wildcard stands directly over a public suffix, or above some.
#[must_use]
pub fn many_owners(form: &PatternForm<'_>) -> Option<String> {
    public_suffix::of_line(form).map(|finding| finding.message)
}

/// The part of a name that somebody has registered: the label before the longest public suffix, and that. Nothing for
/// a suffix itself, or for a single label.
#[must_use]
pub fn registrable_domain(host: &str) -> Option<&str> {
    public_suffix::registrable_domain(host)
}

/// Whether a name is a public suffix itself, under which anybody can have a name of their own.
#[must_use]
pub fn is_public_suffix(host: &str) -> bool {
    public_suffix::kind(host).is_some()
}

/// The suffix of a platform that a name stands under, such as `github.io`: anybody can have the name beside it, and take
/// it over once it is given up.
#[must_use]
pub fn platform_of(host: &str) -> Option<&str> {
    let domain = registrable_domain(host)?;
    let (_, suffix) = domain.split_once('.')?;
    public_suffix::is_of_platform(suffix).then_some(suffix)
}

/// Of known registered domains the one that another could be taken for: a letter or two apart, alike to the eye, or the
/// same name under another suffix.
#[must_use]
pub fn look_alike<'k>(domain: &str, known: impl IntoIterator<Item = &'k str>) -> Option<&'k str> {
    let name = first_label(domain);
    let most = if name.chars().count() >= LONG_NAME { 2 } else { 1 };
    known.into_iter().filter(|other| *other != domain).find(|other| {
        let other_name = first_label(other);
        // Short names are all near each other.
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

/// The letters as they look: what is equal here is easily taken for each other (Unicode UTS 39, of which hosts in
/// their ASCII form can hold no more than this).
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
