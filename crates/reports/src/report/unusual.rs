//! `unusual`: keys that were never refused before, and keys that are refused far more than at this hour of the days before.

use super::{Part, RECORDS_AND_TIMES, by_keys, keys, seen_row};
use crate::json::Json;
use crate::order::ordered;
use crate::query::{Figures, Measure, When};
use crate::range::{Range, floor};
use crate::report_request::ReportRequest;
use crate::results::{BadResults, Results, Row};
use crate::score::Score;
use crate::time::{DAY, HOUR};

/// The columns with the figures of the days in the history, yesterday's first.
const DAYS: [&str; 14] = [
    "day_1", "day_2", "day_3", "day_4", "day_5", "day_6", "day_7", "day_8", "day_9", "day_10", "day_11",
    "day_12", "day_13", "day_14",
];
const HISTORY: u64 = DAYS.len() as u64 * DAY;
/// The minimum number of days for a history.
const FEWEST_DAYS: usize = 3;
/// The minimum number of decisions for a key to be unusual.
const FEWEST_DECISIONS: u64 = 10;
/// The maximum number of keys that are compared: those with the most decisions in the hour.
const CANDIDATES: usize = 1_000;

pub(super) fn figures(request: &ReportRequest, range: Range) -> Vec<Figures> {
    let hour = last_hour(range);
    let mut compared = vec![
        ("decisions", Measure::Decisions(When::Within(hour))),
        ("records", Measure::Records(When::Within(hour))),
    ];
    compared.extend(
        DAYS.into_iter()
            .zip(days_before(hour))
            .map(|(name, past)| (name, Measure::Decisions(When::Within(past)))),
    );
    let new = ("decisions", Measure::DecisionsIfNewSince(range.since));
    let new = [new].into_iter().chain(RECORDS_AND_TIMES).collect();
    let before = |time: u64| Range { since: time.saturating_sub(HISTORY), until: range.until };
    // The time of the oldest record: before it, the absence of records means nothing. The range is one day longer than
    // the history, because a record on that extra day shows that the first of the fourteen days is fully known.
    let oldest = Figures {
        range: before(hour.since.min(range.since).saturating_sub(DAY)),
        step: None,
        keys: Vec::new(),
        filters: Vec::new(),
        measures: vec![("first_seen", Measure::FirstSeen)],
        limit: 1,
    };
    vec![
        by_keys(request, before(hour.since), compared, CANDIDATES),
        by_keys(request, before(range.since), new, request.limit),
        oldest,
    ]
}

pub(super) fn rows<'a>(
    request: &ReportRequest,
    range: Range,
    results: &mut Results<'a>,
) -> Result<Part<'a>, BadResults> {
    let (compared, new) = (results.next()?, results.next()?);
    let [oldest] = results.one()?;
    let hour = last_hour(range);
    let is_kept = |past: &Range| oldest > 0 && past.since >= oldest;
    let days = days_before(hour).take_while(is_kept).count();

    let mut unusual = Vec::new();
    for row in compared {
        unusual.extend(unusual_row(request, row, days)?);
    }
    // Rows with equal scores keep their order, greatest figure first.
    let unusual = ordered(unusual, |(one, _), (other, _)| other.cmp(one));
    let mut newcomers = Vec::new();
    for row in new {
        let (decisions, row) = seen_row(request, row)?;
        if decisions > 0 {
            newcomers.push(row);
        }
    }

    let further = vec![
        ("hour", Json::Object(vec![("since", Json::Time(hour.since)), ("until", Json::Time(hour.until))])),
        ("history_since", Json::time(oldest)),
        ("history_days", Json::Number(days as u64)),
        ("new", Json::List(newcomers)),
    ];
    let rows = unusual.into_iter().take(request.limit).map(|(_, row)| row).collect();
    Ok(Part { listed: None, further, rows })
}

/// A row with its score, if the score is unusual.
fn unusual_row<'a>(
    request: &ReportRequest,
    mut row: Row<'a>,
    days: usize,
) -> Result<Option<(i64, Json<'a>)>, BadResults> {
    let mut members = keys(request, &mut row)?;
    let [decisions, records] = row.numbers()?;
    let history = row.numbers::<{ DAYS.len() }>()?;
    let kept = history.get(..days).filter(|_| days >= FEWEST_DAYS && decisions >= FEWEST_DECISIONS);
    let Some(score) = kept.and_then(|kept| Score::new(decisions, kept)).filter(|score| score.is_unusual())
    else {
        return Ok(None);
    };
    members.push(("score", Json::Thousandths(score.thousandths)));
    members.push(("decisions", Json::Number(decisions)));
    members.push(("median", Json::Thousandths(score.median)));
    members.push(("rows", Json::Number(records)));
    Ok(Some((score.thousandths, Json::Object(members))))
}

/// The clock hour that contains the end of the range, up to that end.
fn last_hour(range: Range) -> Range {
    Range { since: floor(range.until.saturating_sub(1), HOUR), until: range.until }
}

/// The range of the decisions that the report counts, apart from those of the days before.
pub(super) fn counted_in(range: Range) -> Range {
    Range { since: range.since.min(last_hour(range).since), until: range.until }
}

/// The same hour of the days before, yesterday's first.
fn days_before(hour: Range) -> impl Iterator<Item = Range> {
    let ago = move |days: u64| hour.since.saturating_sub(days * DAY);
    (1..=DAYS.len() as u64).map(move |days| Range { since: ago(days), until: ago(days) + HOUR })
}
