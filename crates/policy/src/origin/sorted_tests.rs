//! A set decides as the text with its entries does, and bytes that are no set are refused.

use super::*;
use crate::origin::Origin;
use crate::origin::entry::{Entry, ListPatterns, parse_line};
use crate::origin::list::TextList;
use crate::origin::set::{AcceptedEntries, Membership, OriginSet};
use crate::policy::KvList;

const TODAY: &str = "2026-06-15";

const TEXT: &str = "https://app.example.com
http://app.example.com
https://app.example.com:8443
https://last-day.example expires=2026-06-15
https://gone.example expires=2026-06-14
https://covered.wild.example expires=2020-01-31
https://*.wild.example
https://*.gone.example expires=2020-01-31
http://localhost:*
https://[::1]:8443
capacitor://localhost
moz-extension://*
app://.
";

fn entries(text: &str) -> Vec<Entry> {
    let entry = |line| parse_line(line, ListPatterns::Wildcards).expect(line);
    text.lines().filter_map(entry).collect()
}

fn set(text: &str) -> Vec<u8> {
    write_set(entries(text))
}

fn list(patterns: ListPatterns) -> KvList {
    KvList { key: "allowlist/a".to_owned(), patterns, accepted: AcceptedEntries::ALL }
}

fn read(value: Vec<u8>) -> Result<OriginSet, UnreadableSet> {
    list(ListPatterns::Wildcards).read_set(value).map(|list| list.origins)
}

fn day() -> Day {
    Day::parse(TODAY).expect("a day")
}

/// A million times this many origins are in `docs/performance.md`.
fn many(count: usize) -> String {
    (0..count).map(|at| format!("https://tenant-{}.example.com\n", at * 7919 % count)).collect()
}

/// The bytes with the checksum that they should have.
fn signed(mut bytes: Vec<u8>) -> Vec<u8> {
    let sum = checksum(bytes.get(20..).unwrap_or_default()).to_le_bytes();
    if let Some(field) = bytes.get_mut(12..20) {
        field.copy_from_slice(&sum);
    }
    bytes
}

#[test]
fn a_set_decides_as_its_text_does() {
    for patterns in [ListPatterns::Exact, ListPatterns::Wildcards] {
        let text = TextList::parse(TEXT, patterns).origins;
        let stored = list(patterns).read_set(set(TEXT)).expect("a set").origins;
        for origin in [
            "https://app.example.com",
            "http://app.example.com",
            "https://app.example.com:8443",
            "https://app.example.com:8444",
            "http://app.example.com:8443",
            "https://last-day.example",
            "https://gone.example",
            "https://a.gone.example",
            "https://covered.wild.example",
            "https://wild.example",
            "https://a.b.wild.example",
            "http://localhost",
            "http://localhost:5173",
            "https://[::1]:8443",
            "https://[::1]",
            "capacitor://localhost",
            "app://.",
            "moz-extension://4ed7f644-c3b5-4bf1-983f-2c8718f52222",
            "https://ap.example.com",
            "https://xapp.example.com",
            "https://pp.example.com",
            "https://app.example.co",
            "https://com",
        ] {
            let origin = Origin::parse(origin).expect(origin);
            for insecure in [false, true] {
                for wildcards in [false, true] {
                    let accepted = AcceptedEntries { insecure, wildcards, extensions: wildcards };
                    let found = stored.find(&origin, accepted, day());
                    assert_eq!(found, text.find(&origin, accepted, day()), "{origin:?} {accepted:?}");
                }
            }
        }
        assert_eq!(stored.last_day("https://gone.example"), text.last_day("https://gone.example"));
        assert_eq!(stored.last_day("https://none.example"), None);
    }
}

#[test]
fn a_set_has_the_entries_of_its_text() {
    let stored = read(set(TEXT)).expect("a set");
    let mut patterns: Vec<_> = stored.patterns().collect();
    patterns.sort();
    let mut expected: Vec<_> = entries(TEXT).iter().map(|entry| entry.pattern.to_string()).collect();
    expected.sort();
    assert_eq!(patterns, expected);
    assert_eq!((stored.len(), stored.is_empty()), (expected.len(), false));
    let text = text_of_set(set(TEXT)).expect("a set");
    assert_eq!(set(&text), set(TEXT), "written again, it is the same set");
    let mut lines: Vec<_> = text.lines().collect();
    let mut written: Vec<_> = TEXT.lines().collect();
    lines.sort_unstable();
    written.sort_unstable();
    assert_eq!(lines, written);
}

#[test]
fn the_order_of_entries_does_not_matter_and_the_later_of_two_ends_counts() {
    let reversed: Vec<_> = entries(TEXT).into_iter().rev().collect();
    assert_eq!(write_set(reversed), set(TEXT));
    let a = "https://a.example expires=2020-01-01\n";
    let later = "https://a.example expires=2030-01-01\n";
    assert_eq!(set(&[later, a].concat()), set(later));
    assert_eq!(set(&[later, a, "https://a.example"].concat()), set("https://a.example"));
}

#[test]
fn an_empty_set_lists_nobody() {
    let empty = read(set("")).expect("a set");
    let origin = Origin::parse("https://a.example").expect("an origin");
    assert!(empty.is_empty());
    assert_eq!(empty.find(&origin, AcceptedEntries::ALL, day()), Membership::Absent);
    assert_eq!(text_of_set(set("")).as_deref(), Ok(""));
}

#[test]
fn every_origin_of_many_is_found_and_its_neighbours_are_not() {
    // Around the ends of blocks, and of the table that has their places.
    for count in [1, 31, 32, 33, 64, 65, 5_000] {
        let stored = read(set(&many(count))).expect("a set");
        assert_eq!(stored.len(), count);
        for at in 0..count {
            for (origin, is_listed) in [
                (format!("https://tenant-{at}.example.com"), true),
                (format!("https://tenant-{at}.example.co"), false),
                (format!("https://enant-{at}.example.com"), false),
                (format!("https://xtenant-{at}.example.com"), false),
                (format!("http://tenant-{at}.example.com"), false),
            ] {
                let parsed = Origin::parse(&origin).expect("an origin");
                let found = stored.find(&parsed, AcceptedEntries::ALL, day());
                let expected = if is_listed { Membership::Listed(&origin) } else { Membership::Absent };
                assert_eq!(found, expected);
            }
        }
    }
}

#[test]
fn the_longest_origins_are_found() {
    let host = "a.".repeat(126) + "b";
    let texts: Vec<_> =
        ["x", "y", "z"].iter().map(|first| format!("{}://{host}:65535", first.repeat(250))).collect();
    assert!(texts.iter().all(|text| text.len() == crate::origin::MAX_ORIGIN));
    let stored = read(set(&texts.join("\n"))).expect("a set");
    for text in &texts {
        let origin = Origin::parse(text).expect("an origin");
        assert_eq!(stored.find(&origin, AcceptedEntries::ALL, day()), Membership::Listed(text));
    }
}

#[test]
fn bytes_that_were_cut_are_refused() {
    let whole = set(&(many(100) + TEXT));
    for length in 8..whole.len() {
        let cut = whole.get(..length).expect("shorter").to_vec();
        assert_eq!(read(cut.clone()).err(), Some(UnreadableSet::Damaged), "{length}");
        assert_eq!(read(signed(cut)).err(), Some(UnreadableSet::Damaged), "{length}, signed");
    }
    let longer = [whole, vec![0]].concat();
    assert_eq!(read(longer.clone()).err(), Some(UnreadableSet::Damaged));
    assert_eq!(read(signed(longer)).err(), Some(UnreadableSet::Damaged));
}

#[test]
fn a_flipped_bit_is_noticed_wherever_it_is() {
    let whole = set(&(many(40) + TEXT));
    for at in 0..whole.len() {
        for bit in 0..8 {
            let mut flipped = whole.clone();
            if let Some(byte) = flipped.get_mut(at) {
                *byte ^= 1 << bit;
            }
            let expected = match at {
                8..12 => UnreadableSet::Version,
                _ => UnreadableSet::Damaged,
            };
            assert_eq!(read(flipped).err(), Some(expected), "bit {bit} of byte {at}");
        }
    }
}

#[test]
fn another_version_is_named() {
    let mut bytes = set(TEXT);
    if let Some(version) = bytes.get_mut(8) {
        *version = 2;
    }
    assert_eq!(read(signed(bytes)).err(), Some(UnreadableSet::Version));
}

/// A set of packed origins, with a correct checksum.
fn packed(count: u32, index: &[u32], origins: &[(usize, &[u8])]) -> Vec<u8> {
    let mut bytes = [MAGIC.as_slice(), &VERSION.to_le_bytes(), &[0; 12], &count.to_le_bytes()].concat();
    bytes.extend(index.iter().flat_map(|start| start.to_le_bytes()));
    for (shared, rest) in origins {
        let head = u16::try_from(shared << 10 | (rest.len() - 1)).expect("a head");
        bytes.extend(head.to_le_bytes());
        bytes.extend(*rest);
    }
    signed(bytes)
}

#[test]
fn a_signed_set_that_breaks_a_rule_is_refused() {
    assert!(read(packed(2, &[0], &[(0, b"moc.a"), (4, b"b")])).is_ok());
    for (why, bytes) in [
        ("unsorted", packed(2, &[0], &[(0, b"moc.b"), (4, b"a")])),
        ("the same twice", packed(2, &[0], &[(0, b"moc.a"), (4, b"a")])),
        ("more in common than there is", packed(2, &[0], &[(0, b"moc.a"), (6, b"b")])),
        ("a block that begins with something in common", packed(1, &[0], &[(1, b"moc.a")])),
        ("a block that begins elsewhere", packed(2, &[7], &[(0, b"moc.a"), (4, b"b")])),
        ("a block that begins outside", packed(2, &[u32::MAX], &[(0, b"moc.a"), (4, b"b")])),
        ("fewer origins than it says", packed(3, &[0], &[(0, b"moc.a"), (4, b"b")])),
        ("more origins than it says", packed(1, &[0], &[(0, b"moc.a"), (4, b"b")])),
        ("a number that overflows", packed(u32::MAX, &[0], &[(0, b"moc.a")])),
        ("no index", packed(1, &[], &[(0, b"moc.a")])),
    ] {
        assert_eq!(read(bytes).err(), Some(UnreadableSet::Damaged), "{why}");
    }
    let mut wildcards = set(TEXT);
    if let Some(field) = wildcards.get_mut(20..24) {
        field.copy_from_slice(&u32::MAX.to_le_bytes());
    }
    assert_eq!(read(signed(wildcards)).err(), Some(UnreadableSet::Damaged), "wildcards beyond the end");
}

#[test]
fn two_sets_have_two_fingerprints_and_a_text_has_none() {
    let (a, b) = (set(TEXT), set(&many(3)));
    let of = |bytes: &[u8]| set_fingerprint(bytes.get(..20).expect("longer"));
    assert!(of(&a).is_some() && of(&a) == of(&set(TEXT)) && of(&a) != of(&b));
    assert_eq!(set_fingerprint(TEXT.as_bytes()), None);
    assert!(!is_set(TEXT.as_bytes()) && !is_set(b"") && is_set(&a));
}

#[cfg(not(target_arch = "wasm32"))]
mod against_the_text {
    use super::*;
    use proptest::prelude::*;

    fn host() -> impl Strategy<Value = String> {
        prop::collection::vec(prop::sample::select(vec!["a", "b", "ab", "example", "com"]), 1..5)
            .prop_map(|labels| labels.join("."))
    }

    fn origin(ports: &'static [&'static str]) -> impl Strategy<Value = String> {
        let scheme = prop::sample::select(vec!["https", "http", "app"]);
        (scheme, host(), prop::sample::select(ports))
            .prop_map(|(scheme, host, port)| format!("{scheme}://{host}{port}"))
    }

    fn line() -> impl Strategy<Value = String> {
        let ends = prop::sample::select(vec!["", "", " expires=2026-06-14", " expires=2026-06-15"]);
        (origin(&["", ":8080", ":*"]), any::<bool>(), ends).prop_map(|(origin, wild, end)| {
            let origin = if wild { origin.replacen("://", "://*.", 1) } else { origin };
            format!("{origin}{end}\n")
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2_000))]
        #[test]
        fn either_form_gives_the_same_decision_for_any_origin(
            lines in prop::collection::vec(line(), 0..120),
            asked in prop::collection::vec(origin(&["", ":8080", ":81"]), 1..20),
            (insecure, wildcards, exact) in any::<(bool, bool, bool)>(),
        ) {
            let text = lines.concat();
            let patterns = if exact { ListPatterns::Exact } else { ListPatterns::Wildcards };
            let accepted = AcceptedEntries { insecure, wildcards, extensions: false };
            let written = text.lines().filter_map(|line| parse_line(line, ListPatterns::Wildcards).ok()?);
            let stored = list(patterns).read_set(write_set(written)).expect("a set").origins;
            let parsed = list(patterns).read(&text).origins;
            let listed: Vec<_> = parsed.patterns().map(std::borrow::Cow::into_owned).collect();
            for origin in listed.iter().chain(&asked).filter_map(|text| Origin::parse(text).ok()) {
                prop_assert_eq!(
                    stored.find(&origin, accepted, day()),
                    parsed.find(&origin, accepted, day())
                );
            }
            // Of a list of exact origins, a set counts only what a text counts.
            prop_assert!(listed.iter().all(|pattern| stored.last_day(pattern) == parsed.last_day(pattern)));
            prop_assert_eq!(stored.len(), parsed.len());
        }

        #[test]
        fn no_bytes_end_in_a_panic(
            mut bytes in prop::collection::vec(any::<u8>(), 0..300),
            sign in any::<bool>(),
        ) {
            if sign && let Some(beginning) = bytes.get_mut(..12) {
                beginning.copy_from_slice(&[MAGIC.as_slice(), &VERSION.to_le_bytes()].concat());
                bytes = signed(bytes);
            }
            if let Ok(stored) = read(bytes) {
                let origin = Origin::parse("https://a.example").expect("an origin");
                let _any = stored.find(&origin, AcceptedEntries::ALL, day());
                prop_assert_eq!(stored.patterns().count(), stored.len());
            }
        }
    }
}
