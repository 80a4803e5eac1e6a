//! `origins`: the origins that are refused most: how much of their traffic, why, from where and when.

use super::share::{FEW, thousandths};
use super::{Part, by_keys, class, keys};
use crate::dimension::Dimension;
use crate::json::Json;
use crate::order::ordered;
use crate::query::{Figures, Filter, Measure, NEVER, When};
use crate::range::Range;
use crate::report_request::ReportRequest;
use crate::results::{BadResults, Results};

/// The most pairs of an origin and a reason, and the most places of origins, that are read. With texts of the greatest
/// length, all of it stays below what an answer of a source may have.
const MOST_REASONS: usize = 2_000;
const MOST_PLACES: usize = 4_000;
/// The most reasons in a row.
const REASONS: usize = 3;

const DECISIONS: (&str, Measure) = ("decisions", Measure::Decisions(When::Always));

pub(super) fn figures(request: &ReportRequest, range: Range) -> Vec<Figures> {
    let measures = vec![
        ("refused", Measure::Decisions(When::Refused)),
        DECISIONS,
        ("refused_records", Measure::Records(When::Refused)),
        ("records", Measure::Records(When::Always)),
        ("sampled_records", Measure::Records(When::Sampled)),
        ("first_seen", Measure::FirstRefused),
        ("last_seen", Measure::LastRefused),
    ];
    let own = by_keys(request, range, measures, request.limit);
    let refused = |key: &[Dimension], limit| {
        let mut filters = own.filters.clone();
        filters.push(Filter::Refused);
        let keys = [&[Dimension::Origin], key].concat();
        Figures { range, step: None, keys, filters, measures: vec![DECISIONS], limit }
    };
    let reasons = refused(&[Dimension::Reason], MOST_REASONS.min(request.limit * 4));
    let places = has_places(request).then(|| refused(&[Dimension::Country, Dimension::Colo], MOST_PLACES));
    [own, reasons].into_iter().chain(places).collect()
}

/// Whether the places are known: the embedded store does not keep them by route or policy.
fn has_places(request: &ReportRequest) -> bool {
    let unknown = |dimension: &Dimension| matches!(dimension, Dimension::Route | Dimension::Policy);
    !request.filters.iter().any(|(dimension, _)| unknown(dimension))
}

pub(super) fn rows<'a>(request: &ReportRequest, results: &mut Results<'a>) -> Result<Part<'a>, BadResults> {
    let origins = results.next()?;
    let mut reasons = Vec::new();
    for mut row in results.next()? {
        reasons.push((row.text()?, row.text()?));
    }
    // The sort keeps the order of the reasons of an origin, the most frequent first.
    let reasons = ordered(reasons, |(one, _), (other, _)| one.cmp(other));
    let mut places = Vec::new();
    if has_places(request) {
        for mut row in results.next()? {
            places.push((row.text()?, row.text()?, row.text()?));
        }
    }
    let reach_complete = has_places(request) && places.len() < MOST_PLACES;
    let places = ordered(places, |(one, ..), (other, ..)| one.cmp(other));

    let mut part = Part::default();
    let mut listed = 0;
    for mut row in origins {
        let mut members = keys(request, &mut row)?;
        let [refused, decisions, refused_records, records, sampled, first, last] = row.numbers()?;
        let origin = members.first().and_then(|(_, value)| value.as_text()).unwrap_or_default();
        listed += decisions;
        let reasons = of(&reasons, origin, |(of, _)| of);
        let places = of(&places, origin, |(of, ..)| of);
        members.push(("refused", Json::Number(refused)));
        members.push(("decisions", Json::Number(decisions)));
        members.push(("share", Json::Thousandths(thousandths(refused, decisions))));
        members.push(("refused_rows", Json::Number(refused_records)));
        members.push(("rows", Json::Number(records)));
        members.push(("few_rows", Json::Flag(sampled < FEW)));
        members.push(("countries", distinct(places.iter().map(|(_, country, _)| *country).collect())));
        members.push(("colos", distinct(places.iter().map(|(_, _, colo)| *colo).collect())));
        members.push(("first_seen", Json::time(if first == NEVER { 0 } else { first })));
        members.push(("last_seen", Json::time(last)));
        members.push(("reasons", Json::texts(reasons.iter().map(|(_, reason)| *reason).take(REASONS))));
        members.push(("class", reasons.first().map_or(Json::Null, |(_, reason)| class(reason))));
        part.rows.push(Json::Object(members));
    }
    part.listed = Some(listed);
    part.further = vec![("reach_complete", Json::Flag(reach_complete))];
    Ok(part)
}

/// The items of an origin, of items in the order of their origins.
fn of<'r, T>(items: &'r [T], origin: &str, origin_of: impl Fn(&T) -> &str) -> &'r [T] {
    let start = items.partition_point(|item| origin_of(item) < origin);
    let rest = items.get(start..).unwrap_or_default();
    let end = rest.partition_point(|item| origin_of(item) <= origin);
    rest.get(..end).unwrap_or_default()
}

/// How many different ones there are; null if none is known.
fn distinct<'a>(values: Vec<&str>) -> Json<'a> {
    let values = ordered(values, Ord::cmp);
    let count = values.chunk_by(|one, other| one == other).count();
    if count == 0 { Json::Null } else { Json::Number(count as u64) }
}
