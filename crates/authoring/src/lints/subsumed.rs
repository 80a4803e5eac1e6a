//! CG302.

use std::collections::{BTreeMap, HashSet};

use corsgate_policy::grammar::day::Day;
use corsgate_policy::grammar::family::HeaderFamily;
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

    origins = ["https://*.example.com"]   # covers https://app.example.com

The same is said of a family of headers inside another (`x-amz-meta-*` beside `x-amz-*`), and beside `*`. A single name inside a family stays: every preflight is answered with it, so that browsers cache it, and the gateway's own responses expose it."#,
);

fn run(subject: &Subject<'_>, report: &mut Report) {
    for list in subject.lists() {
        for (at, finding) in of_list(list.entries) {
            report.add(finding.at(subject.origin_span(&list.place, at), ""));
        }
    }
    for (cors, rules) in subject.rules() {
        for (key, headers) in
            [("request_headers", &rules.request_headers), ("exposed_headers", &rules.exposed_headers)]
        {
            for (at, message) in families(headers) {
                let span = subject.span(&cors.key(key).index(at));
                report.add(Finding::new(&LINT, message).at(span, ""));
            }
        }
    }
}

/// The families of a list of headers that another entry makes unnecessary, by position.
fn families(headers: &[String]) -> Vec<(usize, String)> {
    let any = headers.iter().any(|name| name == "*");
    let parsed: Vec<_> = headers
        .iter()
        .enumerate()
        .filter_map(|(at, name)| Some((at, HeaderFamily::parse(name).ok()?)))
        .collect();
    let needless = parsed.iter().filter_map(|(at, family)| {
        let name = headers.get(*at)?;
        if any {
            return Some((*at, format!("`*` also matches the names of `{name}`")));
        }
        let wider = |(other_at, other): &&(usize, HeaderFamily)| {
            other.covers(family) && (other != family || other_at < at)
        };
        let (wide_at, wide) = parsed.iter().find(wider)?;
        Some((
            *at,
            match wide == family {
                true => format!("`{name}` is in this list twice"),
                false => format!("`{}` also matches the names of `{name}`", headers.get(*wide_at)?),
            },
        ))
    });
    needless.collect()
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

#[cfg(test)]
mod tests {
    use super::families;

    #[test]
    fn a_family_inside_another_or_beside_a_star_is_needless() {
        let found = |names: &[&str]| {
            let names: Vec<_> = names.iter().map(|name| (*name).to_owned()).collect();
            families(&names)
        };
        assert_eq!(found(&["x-amz-*", "x-amz-acl", "x-other-*"]), []);
        assert_eq!(
            found(&["X-Amz-Meta-*", "x-amz-*", "x-amz-*"]),
            [
                (0, "`x-amz-*` also matches the names of `X-Amz-Meta-*`".to_owned()),
                (2, "`x-amz-*` is in this list twice".to_owned()),
            ]
        );
        assert_eq!(found(&["x-a-*", "*"]), [(0, "`*` also matches the names of `x-a-*`".to_owned())]);
    }
}
