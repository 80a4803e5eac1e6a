//! `outcomes`: decisions over time.

use super::{DECISIONS_AND_RECORDS, MOST, Part, by_keys, key_members};
use crate::dialect::Source;
use crate::json::Json;
use crate::order::ordered;
use crate::query::Figures;
use crate::report_request::ReportRequest;
use crate::results::{BadResults, Results};
use crate::time::{DAY, HOUR, MINUTE};

/// The most steps of a range.
const STEPS: u64 = 200;

pub(super) fn figures(request: &ReportRequest, source: Source) -> Vec<Figures> {
    let figures = by_keys(request, request.range_of(source), DECISIONS_AND_RECORDS.to_vec(), MOST);
    vec![Figures { step: Some(step(request, source)), ..figures }]
}

/// The shortest step that fits, but no shorter than the unit of the embedded store.
fn step(request: &ReportRequest, source: Source) -> u64 {
    let range = request.range_of(source);
    let least = match source {
        Source::Embedded if !range.is_by_the_minute(request.now) => HOUR,
        _ => MINUTE,
    };
    let fits = |step: &u64| *step >= least && range.length() <= STEPS * step;
    [MINUTE, 5 * MINUTE, HOUR].into_iter().find(fits).unwrap_or(DAY)
}

/// What happened in a step, under one combination of keys.
struct Cell<'a> {
    start: u64,
    keys: Vec<&'a str>,
    decisions: u64,
    records: u64,
}

/// `limit` is the number of combinations of keys, each with all its steps: those with the most decisions in
/// total.
pub(super) fn rows<'a>(
    request: &ReportRequest,
    source: Source,
    results: &mut Results<'a>,
) -> Result<Part<'a>, BadResults> {
    let mut cells = Vec::new();
    for mut row in results.next()? {
        let (start, keys) = (row.number()?, row.texts(request.by.len())?);
        let [decisions, records] = row.numbers()?;
        cells.push(Cell { start, keys, decisions, records });
    }
    let cells = ordered(cells, |one, other| one.keys.cmp(&other.keys));
    let series = cells.chunk_by(|one, other| one.keys == other.keys);
    let series = series.map(|cells| (cells.iter().map(|cell| cell.decisions).sum::<u64>(), cells));
    let mut series = ordered(series.collect(), |(one, _), (other, _)| other.cmp(one));
    series.truncate(request.limit);
    let listed = series.iter().map(|(decisions, _)| decisions).sum();
    let kept: Vec<_> = series.into_iter().flat_map(|(_, cells)| cells).collect();
    // The keys break ties, because the cells of a step are in the order of their series.
    let kept = ordered(kept, |one, other| {
        let by_figure = one.start.cmp(&other.start).then(other.decisions.cmp(&one.decisions));
        by_figure.then_with(|| one.keys.cmp(&other.keys))
    });
    let rows = kept.into_iter().map(|cell| {
        let mut members = vec![("time", Json::Time(cell.start))];
        let keys = request.by.iter().zip(&cell.keys);
        members.extend(keys.flat_map(|(key, value)| key_members(*key, value)));
        members.push(("decisions", Json::Number(cell.decisions)));
        members.push(("rows", Json::Number(cell.records)));
        Json::Object(members)
    });
    let further = vec![("step", Json::Number(step(request, source)))];
    Ok(Part { listed: Some(listed), further, rows: rows.collect() })
}
