//! Lists in KV. The input is the text of a list.
//!
//! Each line is an entry, empty, or a reported mistake, and does not affect the others. A lookup agrees with a scan of
//! all entries, for every rule of a route and on every relevant day. `corsgate check --list` says the same about each
//! line as the gateway.

use corsgate_authoring::{Source, check_list};
use corsgate_policy::grammar::day::Day;
use corsgate_policy::origin::Origin;
use corsgate_policy::origin::entry::ListPatterns;
use corsgate_policy::origin::list::{REPORTED_LINES, TextList};
use corsgate_policy::origin::set::{AcceptedEntries, Membership};

use crate::reference;

/// The maximum number of origins that are looked up; a list of a few lines has fewer.
const PROBES: usize = 12;

/// Checks the rules above.
pub fn holds(input: &[u8]) {
    let text = crate::text(input);
    for patterns in [ListPatterns::Exact, ListPatterns::Wildcards] {
        let lines = reference::list_lines(&text)
            .map(|line| reference::list_line(line, patterns == ListPatterns::Wildcards));
        let lines: Vec<_> = lines.collect();
        let bad = lines.iter().enumerate().filter(|(_, line)| line.is_err());
        let bad: Vec<_> = bad.map(|(at, _)| at + 1).collect();
        let entries: Vec<_> = lines.iter().flatten().flatten().cloned().collect();

        let list = TextList::parse(&text, patterns);
        let reported: Vec<_> = list.bad_lines.iter().map(|bad| bad.number).collect();
        assert_eq!(list.bad_line_count, bad.len(), "{:?}", list.bad_lines);
        assert_eq!(reported, &bad[..bad.len().min(REPORTED_LINES)]);
        for probe in probes(&text) {
            check_lookups(&list, &entries, &probe);
        }
        check_authoring(&text, patterns, entries.len(), bad.len());
    }
}

/// The words of the text that are origins, and examples of those that are patterns.
fn probes(text: &str) -> Vec<String> {
    let words = text.split_ascii_whitespace().filter(|word| word.contains("://"));
    let probes = words.flat_map(|word| [word.to_owned(), reference::member(word)]);
    probes.filter(|probe| Origin::parse(probe).is_ok()).take(PROBES).collect()
}

fn check_lookups(list: &TextList, entries: &[(String, Day)], probe: &str) {
    let Ok(origin) = Origin::parse(probe) else { return };
    let fitting: Vec<_> =
        entries.iter().filter(|(pattern, _)| reference::stands_for(pattern, probe)).collect();
    let first = Day::from_unix_milliseconds(0.0);
    for today in fitting.iter().map(|(_, life)| *life).chain([first, Day::NEVER]) {
        for (insecure, wildcards) in [(false, false), (false, true), (true, false), (true, true)] {
            let found =
                list.origins.find(&origin, AcceptedEntries { insecure, wildcards, extensions: true }, today);
            let mut admitted = fitting.iter().filter(|(pattern, _)| {
                (insecure || !reference::is_insecure(pattern)) && (wildcards || !pattern.contains('*'))
            });
            let good = admitted.clone().any(|(_, life)| *life >= today);
            let agrees = match found {
                Membership::Listed(entry) => good && admitted.any(|(pattern, _)| pattern == entry),
                Membership::Expired(entry) => !good && admitted.any(|(pattern, _)| pattern == entry),
                Membership::Absent => admitted.next().is_none(),
            };
            assert!(agrees, "{probe} on {today}: {found:?} among {fitting:?}");
        }
    }
}

fn check_authoring(text: &str, patterns: ListPatterns, entries: usize, bad: usize) {
    let Ok(source) = Source::from_bytes("list.txt", text.as_bytes().to_vec()) else {
        return;
    };
    let checked = check_list(&source, patterns, Some(Day::from_unix_milliseconds(1e12)));
    assert_eq!(checked.origins, entries);
    assert!(bad == 0 || checked.report.has_errors(), "bad lines are errors");
    for finding in checked.report.findings() {
        let span = finding.span().unwrap_or_else(|| panic!("{finding:?} is about a line"));
        let words = text.get(span.clone()).unwrap_or_else(|| panic!("{finding:?} is in the text"));
        assert!(!words.is_empty() && !words.contains('\n'), "{finding:?}: {words:?}");
    }
}
