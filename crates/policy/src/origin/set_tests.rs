//! The index returns what its patterns say, and agrees with a linear scan.

use super::*;
use crate::origin::pattern::OriginPattern;

const TODAY: &str = "2026-06-15";

fn set(entries: &[(&str, &str)]) -> OriginSet {
    OriginSet::new(entries.iter().map(|(pattern, expires)| Entry {
        pattern: OriginPattern::parse(pattern).expect(pattern),
        expires: if expires.is_empty() { Day::NEVER } else { Day::parse(expires).expect(expires) },
    }))
}

fn find<'s>(set: &'s OriginSet, origin: &'s str) -> Membership<'s> {
    let origin = Origin::parse(origin).expect(origin);
    set.find(&origin, AcceptedEntries::ALL, Day::parse(TODAY).expect(TODAY))
}

#[test]
fn each_form_finds_its_origins_and_no_others() {
    let set = set(&[
        ("https://app.example.com", ""),
        ("https://*.example.com", ""),
        ("https://*.ports.example:*", ""),
        ("http://localhost:*", ""),
        ("https://api.example.org:8443", ""),
        ("https://*.deep.sub.example.net", ""),
        ("capacitor://localhost", ""),
    ]);
    for (origin, entry) in [
        ("https://app.example.com", "https://app.example.com"),
        ("https://b.example.com", "https://*.example.com"),
        ("https://c.b.example.com", "https://*.example.com"),
        ("https://a_b.example.com", "https://*.example.com"),
        ("https://x.ports.example", "https://*.ports.example:*"),
        ("https://x.ports.example:81", "https://*.ports.example:*"),
        ("http://localhost", "http://localhost:*"),
        ("http://localhost:5173", "http://localhost:*"),
        ("https://api.example.org:8443", "https://api.example.org:8443"),
        ("https://x.deep.sub.example.net", "https://*.deep.sub.example.net"),
        ("capacitor://localhost", "capacitor://localhost"),
    ] {
        assert_eq!(find(&set, origin), Membership::Listed(entry), "{origin}");
    }
    for origin in [
        "https://example.com",
        "http://app.example.com",
        "https://app.example.com:8443",
        "https://b.example.com:8443",
        "https://evilexample.com",
        "https://example.com.evil.org",
        "https://app.example.com.evil.org",
        "https://ports.example:81",
        "https://localhost:5173",
        "http://x.localhost:5173",
        "https://api.example.org",
        "https://deep.sub.example.net",
        "https://x.sub.example.net",
        "ionic://localhost",
        "capacitor://localhost:80",
    ] {
        assert_eq!(find(&set, origin), Membership::Absent, "{origin}");
    }
}

#[test]
fn the_pattern_for_extensions_finds_those_of_firefox_and_nothing_else() {
    let uuid = "4ed7f644-c3b5-4bf1-983f-2c8718f52222";
    let set = set(&[("moz-extension://*", ""), ("app://.", ""), ("safari-web-extension://AB", "")]);
    let extension = format!("moz-extension://{uuid}");
    assert_eq!(find(&set, &extension), Membership::Listed("moz-extension://*"));
    assert_eq!(find(&set, "app://."), Membership::Listed("app://."));
    assert_eq!(find(&set, "safari-web-extension://AB"), Membership::Listed("safari-web-extension://AB"));
    for origin in [
        "moz-extension://a.b".to_owned(),
        "moz-extension://%2a".to_owned(),
        format!("{extension}:80"),
        format!("moz-extension://{}", uuid.to_uppercase()),
        format!("moz-extension://{uuid}0"),
        format!("moz-extensions://{uuid}"),
        format!("chrome-extension://{uuid}"),
        "app://..".to_owned(),
        "app://.:80".to_owned(),
        "app://%2E".to_owned(),
        "safari-web-extension://ab".to_owned(),
        "https://app.example.com".to_owned(),
    ] {
        assert_eq!(find(&set, &origin), Membership::Absent, "{origin}");
    }
    for accepted in [
        AcceptedEntries { extensions: false, ..AcceptedEntries::ALL },
        AcceptedEntries { wildcards: false, ..AcceptedEntries::ALL },
    ] {
        let found = set.find(&Origin::parse(&extension).expect("an origin"), accepted, Day::NEVER);
        assert_eq!(found, Membership::Absent);
    }
}

#[test]
fn an_entry_is_good_through_its_last_day_and_a_good_one_wins() {
    let set = set(&[
        ("https://today.example.com", "2026-06-15"),
        ("https://gone.example.org", "2026-06-14"),
        ("https://gone.example.com", "2026-06-14"),
        ("https://*.example.com", "2026-12-31"),
        ("https://twice.example.org", "2026-01-01"),
        ("https://twice.example.org", "2027-01-01"),
        ("https://twice.example.org", "2026-02-01"),
    ]);
    for (origin, answer) in [
        ("https://today.example.com", Membership::Listed("https://today.example.com")),
        ("https://gone.example.org", Membership::Expired("https://gone.example.org")),
        ("https://gone.example.com", Membership::Listed("https://*.example.com")),
        ("https://twice.example.org", Membership::Listed("https://twice.example.org")),
        ("https://other.example.org", Membership::Absent),
    ] {
        assert_eq!(find(&set, origin), answer, "{origin}");
    }
    assert_eq!(set.len(), 5);
}

#[test]
fn a_route_that_admits_less_sees_less() {
    let set = set(&[
        ("http://partner.example.com", ""),
        ("https://*.partner.example.com", ""),
        ("http://localhost:3000", ""),
        ("https://exact.example.com", ""),
    ]);
    let accepted = AcceptedEntries { insecure: false, wildcards: false, extensions: false };
    for (origin, listed) in [
        ("http://partner.example.com", false),
        ("https://a.partner.example.com", false),
        ("http://localhost:3000", true),
        ("https://exact.example.com", true),
    ] {
        let found = set.find(&Origin::parse(origin).expect(origin), accepted, Day::NEVER);
        assert_eq!(matches!(found, Membership::Listed(_)), listed, "{origin}");
    }
}

#[test]
fn a_host_of_a_hundred_labels_is_answered() {
    let host = "a.".repeat(120) + "example.com";
    let set = set(&[("https://*.example.com", "")]);
    assert_eq!(find(&set, &format!("https://{host}")), Membership::Listed("https://*.example.com"));
}

/// The slow, obvious matcher that the index is compared with.
#[cfg(not(target_arch = "wasm32"))]
mod against_the_obvious {
    use super::*;
    use proptest::prelude::*;

    fn matches(pattern: &str, origin: &str) -> bool {
        let (pattern_scheme, pattern_rest) = pattern.split_once("://").expect("pattern");
        let (scheme, rest) = origin.split_once("://").expect("origin");
        let split = |text: &'_ str| match text.split_once(':') {
            Some((host, port)) => (host.to_owned(), port.to_owned()),
            None => (text.to_owned(), String::new()),
        };
        let (pattern_host, pattern_port) = split(pattern_rest);
        let (host, port) = split(rest);
        let host_matches = match pattern_host.strip_prefix('*') {
            Some(suffix) => host.ends_with(suffix) && host.len() > suffix.len(),
            None => host == pattern_host,
        };
        pattern_scheme == scheme && host_matches && (pattern_port == "*" || pattern_port == port)
    }

    fn host() -> impl Strategy<Value = String> {
        prop::collection::vec(prop::sample::select(vec!["a", "b", "ab", "example", "com"]), 1..5)
            .prop_map(|labels| labels.join("."))
    }

    fn origin(port: &'static [&'static str]) -> impl Strategy<Value = (String, String, String)> {
        let scheme = prop::sample::select(vec!["https", "http"]);
        (scheme.prop_map(str::to_owned), host(), prop::sample::select(port).prop_map(str::to_owned))
    }

    fn pattern() -> impl Strategy<Value = String> {
        (origin(&["", ":8080", ":*"]), any::<bool>()).prop_map(|((scheme, host, port), wild)| {
            format!("{scheme}://{}{host}{port}", if wild { "*." } else { "" })
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2_000))]
        #[test]
        fn the_index_answers_as_a_scan_does(
            patterns in prop::collection::vec((pattern(), 0_u32..4), 0..40),
            (scheme, host, port) in origin(&["", ":8080", ":81"]),
        ) {
            let day = |n: u32| Day::from_calendar(2026, 6, 14 + n).expect("a day of June");
            let set = OriginSet::new(patterns.iter().map(|(text, expires)| Entry {
                pattern: OriginPattern::parse(text).expect("generated"),
                expires: day(*expires),
            }));
            let origin = format!("{scheme}://{host}{port}");
            let matching = || patterns.iter().filter(|(pattern, _)| matches(pattern, &origin));
            let good = matching().any(|(_, expires)| *expires >= 1);
            let found = set.find(&Origin::parse(&origin).expect("generated"), AcceptedEntries::ALL, day(1));
            match found {
                Membership::Listed(entry) => prop_assert!(good && matches(entry, &origin)),
                Membership::Expired(entry) => {
                    prop_assert!(!good && matches(entry, &origin));
                }
                Membership::Absent => prop_assert!(matching().next().is_none()),
            }
        }
    }
}
