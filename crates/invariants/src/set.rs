//! Lists that are sets in KV. The input is a text list that is written as a set; behind the line `value`, the bytes of a value
//! in KV; behind the line `body`, the bytes of a set after its checksum, which is made to fit.
//!
//! No bytes end in a panic. Bytes that are no set are refused as a whole. A set decides about any origin as the text with its
//! entries does, and has the same entries.

use corsgate_policy::KvList;
use corsgate_policy::grammar::day::Day;
use corsgate_policy::origin::Origin;
use corsgate_policy::origin::entry::{ListPatterns, parse_line};
use corsgate_policy::origin::list::TextList;
use corsgate_policy::origin::set::AcceptedEntries;
use corsgate_policy::origin::sorted::{is_set, set_of, text_of_set, write_set};

use crate::reference;

/// The maximum number of origins that are looked up.
const PROBES: usize = 24;

/// Checks the rules above.
pub fn holds(input: &[u8]) {
    if let Some(value) = input.strip_prefix(b"value\n") {
        return check(value.to_vec());
    }
    if let Some(body) = input.strip_prefix(b"body\n") {
        return check(set_of(body));
    }
    let text = crate::text(input);
    let entry = |line| parse_line(line, ListPatterns::Wildcards).ok().flatten();
    let set = write_set(reference::list_lines(&text).filter_map(entry));
    assert!(is_set(&set) && text_of_set(set.clone()).is_ok(), "what was written can be read");
    agrees_with(set.clone(), &text);
    check(set);
}

/// Any value either is no list, or decides as the text with its entries does.
fn check(value: Vec<u8>) {
    match text_of_set(value.clone()) {
        Ok(text) => agrees_with(value, &text),
        Err(_) if is_set(&value) => {
            // The tool refuses more: what is no origin, which no request can name.
            if let Ok(stored) = list(ListPatterns::Wildcards).read_set(value) {
                let strange = stored.origins.patterns().filter(|entry| Origin::parse(entry).is_err());
                assert!(strange.count() > 0, "a set of origins is refused by both or by neither");
            }
        }
        Err(_) => assert!(list(ListPatterns::Wildcards).read_set(value).is_err(), "a text is no set"),
    }
}

fn list(patterns: ListPatterns) -> KvList {
    KvList { key: "allowlist/a".to_owned(), patterns, accepted: AcceptedEntries::ALL }
}

fn agrees_with(value: Vec<u8>, text: &str) {
    for patterns in [ListPatterns::Exact, ListPatterns::Wildcards] {
        let stored = list(patterns).read_set(value.clone()).expect("a set").origins;
        let parsed = TextList::parse(text, patterns).origins;
        for probe in probes(text) {
            let Ok(origin) = Origin::parse(&probe) else { continue };
            for days in [0, 20_000, 30_000, u32::MAX] {
                let today = Day::from_days(days);
                for (insecure, wildcards) in [(false, false), (false, true), (true, false), (true, true)] {
                    let accepted = AcceptedEntries { insecure, wildcards, extensions: wildcards };
                    let (found, expected) =
                        (stored.find(&origin, accepted, today), parsed.find(&origin, accepted, today));
                    assert_eq!(found, expected, "{probe} on {today}");
                }
            }
        }
    }
}

/// The words of the text that are origins, with neighbours of them, and examples of those that are patterns.
fn probes(text: &str) -> Vec<String> {
    let words = text.split_ascii_whitespace().filter(|word| word.contains("://"));
    let near =
        |word: &str| [word.to_owned(), reference::member(word), format!("{word}x"), format!("{word}:1")];
    let probes = words.flat_map(near);
    probes.filter(|probe| Origin::parse(probe).is_ok()).take(PROBES).collect()
}
