//! `unusual`: keys that were never refused before, and keys that are refused far more than at this hour of the days before.

use super::{Part, by_keys, keys};
use crate::json::Json;
use crate::query::{Figures, Measure, When};
use crate::range::{Range, floor};
use crate::request::Request;
use crate::results::{BadResults, Results};
use crate::score::{Score, UNUSUAL};
use crate::time::{DAY, HOUR};

/// The days that are compared with; the columns of their figures, yesterday's first.
const DAYS: [&str; 14] = [
    "day_1", "day_2", "day_3", "day_4", "day_5", "day_6", "day_7", "day_8", "day_9", "day_10", "day_11",
    "day_12", "day_13", "day_14",
];
const HISTORY: u64 = DAYS.len() as u64 * DAY;
/// Fewer days are no history.
const FEWEST_DAYS: usize = 3;
/// Fewer decisions are no pattern.
const FEWEST_DECISIONS: u64 = 10;
/// How many keys are looked at, those with the most decisions in the hour.
const CANDIDATES: usize = 1_000;

pub(super) fn figures(request: &Request, range: Range) -> Vec<Figures> {
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
    let new = vec![
        ("decisions", Measure::DecisionsIfNewSince(range.since)),
        ("records", Measure::Records(When::Always)),
        ("first_seen", Measure::FirstSeen),
        ("last_seen", Measure::LastSeen),
    ];
    let before = |time: u64| Range { since: time.saturating_sub(HISTORY), until: range.until };
    // How far back records go at all: before that, no records say nothing.
    let oldest = Figures {
        range: before(hour.since.min(range.since)),
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
    request: &Request,
    range: Range,
    results: &mut Results<'a>,
) -> Result<Part<'a>, BadResults> {
    let (compared, new) = (results.next()?, results.next()?);
    let [oldest] = results.one()?;
    let hour = last_hour(range);
    let is_kept = |past: &Range| oldest > 0 && past.since >= oldest;
    let days = days_before(hour).take_while(is_kept).count();

    let mut unusual = Vec::new();
    for mut row in compared {
        let mut members = keys(request, &mut row)?;
        let [decisions, records] = row.numbers()?;
        let history = row.numbers::<{ DAYS.len() }>()?;
        let kept = history.get(..days).filter(|kept| kept.len() >= FEWEST_DAYS);
        let score = kept.and_then(|kept| Score::new(decisions, kept));
        let Some(score) = score.filter(|score| score.thousandths >= UNUSUAL && decisions >= FEWEST_DECISIONS)
        else {
            continue;
        };
        members.push(("score", Json::Thousandths(score.thousandths)));
        members.push(("decisions", Json::Number(decisions)));
        members.push(("median", Json::Thousandths(score.median)));
        members.push(("rows", Json::Number(records)));
        unusual.push((score.thousandths, members));
    }
    // Stable: of equal scores the greater figure stays first.
    unusual.sort_by_key(|(score, _)| core::cmp::Reverse(*score));
    unusual.truncate(request.limit);

    let mut newcomers = Vec::new();
    for mut row in new {
        let mut members = keys(request, &mut row)?;
        let [decisions, records, first, last] = row.numbers()?;
        if decisions == 0 {
            continue;
        }
        members.push(("decisions", Json::Number(decisions)));
        members.push(("rows", Json::Number(records)));
        members.extend([("first_seen", Json::time(first)), ("last_seen", Json::time(last))]);
        newcomers.push(Json::Object(members));
    }

    let further = vec![
        ("hour", Json::Object(vec![("since", Json::Time(hour.since)), ("until", Json::Time(hour.until))])),
        ("history_since", Json::time(oldest)),
        ("history_days", Json::Number(days as u64)),
        ("new", Json::List(newcomers)),
    ];
    let rows = unusual.into_iter().map(|(_, members)| Json::Object(members)).collect();
    Ok(Part { listed: None, further, rows })
}

/// The clock hour that holds the end of the range, as far as it goes.
fn last_hour(range: Range) -> Range {
    Range { since: floor(range.until.saturating_sub(1), HOUR), until: range.until }
}

/// The same hour of the days before, yesterday's first.
fn days_before(hour: Range) -> impl Iterator<Item = Range> {
    let ago = move |days: u64| hour.since.saturating_sub(days * DAY);
    (1..=DAYS.len() as u64).map(move |days| Range { since: ago(days), until: ago(days) + HOUR })
}
