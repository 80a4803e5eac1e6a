//! CG302.

use std::collections::{BTreeMap, HashSet};

use corsgate_policy::grammar::day::Day;
use corsgate_policy::policy::document::EntryDocument;

use crate::canonical::Wildcards;
use crate::finding::Finding;
use crate::lint::Lint;
use crate::lints::{Check, Subject};
use crate::report::Report;

pub(crate) const CHECK: Check = Check { lint: &LINT, run };

static LINT: Lint = Lint::info(
    302,
    "an entry that another one covers",
    r#"Another entry of the same list is the same, or is a wildcard that matches this origin too, and is valid for at least as long. The compiled policy leaves this entry out. If you remove only this entry one day, the other entry still allows the origin.

    origins = ["https://*.example.com"]   # covers https://app.example.com"#,
);

fn run(subject: &Subject<'_>, report: &mut Report) {
    for list in subject.lists() {
        for (at, finding) in of_list(list.entries) {
            report.add(finding.at(subject.origin_span(&list.place, at), ""));
        }
    }
}

/// The entries of a list that another one makes unnecessary, by position.
pub(crate) fn of_list(entries: &[EntryDocument]) -> Vec<(usize, Finding)> {
    let mut lives = BTreeMap::<String, Day>::new();
    for entry in entries {
        let life = lives.entry(entry.origin().to_owned()).or_insert(entry.last_day());
        *life = entry.last_day().max(*life);
    }
    let wildcards = Wildcards::of(&lives);
    // Of equal entries, keep the first one with the latest last day.
    let mut counted = HashSet::new();
    let needless = entries.iter().enumerate().filter_map(|(at, entry)| {
        let (origin, life) = (entry.origin(), entry.last_day());
        let longest = lives.get(origin) == Some(&life);
        let message = if !longest || !counted.insert(origin) {
            format!("`{origin}` is in this list twice")
        } else {
            format!("`{}` also matches `{origin}`", wildcards.covering(origin, life)?)
        };
        Some((at, Finding::new(&LINT, message)))
    });
    needless.collect()
}
