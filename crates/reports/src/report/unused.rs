//! `unused`: entries of the policy in force, and of its lists in KV, that no record names.

use corsgate_policy::origin::pattern::OriginPattern;

use super::{DECISIONS_AND_RECORDS, MOST, Part};
use crate::dimension::Dimension;
use crate::json::Json;
use crate::order::ordered;
use crate::policy_entries::{ListedEntry, PolicyEntries};
use crate::query::{Figures, Filter};
use crate::range::Range;
use crate::report_request::ReportRequest;
use crate::results::{BadResults, Results};
use crate::seen;

pub(super) fn figures(range: Range) -> Vec<Figures> {
    let (keys, filters) = (vec![Dimension::Entry], vec![Filter::Has(Dimension::Entry)]);
    let measures = DECISIONS_AND_RECORDS.to_vec();
    vec![Figures { range, step: None, keys, filters, measures, limit: MOST }]
}

pub(super) fn rows<'a>(
    request: &ReportRequest,
    results: &mut Results<'a>,
    listed: &PolicyEntries<'a>,
) -> Result<Part<'a>, BadResults> {
    let used = results.next()?.map(|mut row| row.text()).collect::<Result<Vec<_>, _>>()?;
    // If the result has as many rows as the limit allows, more entries than these may be in use.
    let complete = used.len() < MOST;
    let used = ordered(used, Ord::cmp);
    let entries = ordered(listed.entries.clone(), |one, other| {
        (&one.entry, one.place).cmp(&(&other.entry, other.place))
    });
    let wildcards: Vec<_> = entries.iter().filter_map(Wildcard::of).collect();
    let (mut count, mut unused) = (0, Vec::new());
    for places in entries.chunk_by(|one, other| one.entry == other.entry) {
        count += 1;
        if let Some(entry) = places.first().filter(|entry| used.binary_search(&&*entry.entry).is_err()) {
            unused.push((&*entry.entry, places));
        }
    }
    let not_listed = unused.len().saturating_sub(request.limit);
    let uses = seen::uses(listed.sample_allowed);
    let further = vec![
        ("entries", Json::Number(count)),
        ("unused", Json::Number(unused.len() as u64)),
        ("unlisted", Json::Number(not_listed as u64)),
        ("complete", Json::Flag(complete)),
        ("sample_allowed", Json::Millionths(listed.sample_allowed)),
        ("uses_seen", uses.map_or(Json::Null, Json::Number)),
        ("not_covered", Json::List(listed.not_covered.iter().cloned().map(Json::Owned).collect())),
    ];
    let owned = |text: &str| Json::Owned(text.to_owned());
    let row = |(entry, places): (&str, &[ListedEntry<'a>])| {
        let covering = covering(entry, places, &wildcards).map_or(Json::Null, owned);
        let places = Json::texts(places.iter().map(|entry| entry.place));
        Json::Object(vec![("entry", owned(entry)), ("places", places), ("covered_by", covering)])
    };
    let rows = unused.into_iter().take(request.limit).map(row).collect();
    Ok(Part { listed: None, further, rows })
}

/// An entry that matches several origins.
struct Wildcard<'e> {
    entry: &'e ListedEntry<'e>,
    pattern: OriginPattern,
}

impl<'e> Wildcard<'e> {
    fn of(entry: &'e ListedEntry<'e>) -> Option<Self> {
        let pattern = OriginPattern::parse(&entry.entry).ok().filter(|pattern| !pattern.form().is_exact())?;
        Some(Self { entry, pattern })
    }
}

/// A wildcard that records may name in place of the entry, because it matches the same origins. Within one list, records
/// always name an entry for a single origin rather than a wildcard.
fn covering<'e>(entry: &str, places: &[ListedEntry<'_>], wildcards: &[Wildcard<'e>]) -> Option<&'e str> {
    let pattern = OriginPattern::parse(entry).ok()?;
    let form = pattern.form();
    let competes = |wildcard: &&Wildcard<'e>| {
        let elsewhere = || places.iter().any(|entry| entry.place != wildcard.entry.place);
        wildcard.entry.entry != entry && (!form.is_exact() || elsewhere())
    };
    let covers = |wildcard: &&Wildcard<'e>| wildcard.pattern.form().covers(&form);
    wildcards.iter().filter(competes).find(covers).map(|wildcard| &*wildcard.entry.entry)
}
