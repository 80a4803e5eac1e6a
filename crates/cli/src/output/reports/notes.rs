//! The sentences around the figures: what they count, and how reliable they are.

use super::answer::{Answer, Row};
use super::tables::OTHER;
use super::words::{count, moment, span};
use crate::output::plain::plain;

/// With fewer days, there is not enough history to compare with.
const FEWEST_DAYS: u64 = 3;

/// The sentence that says what the report is about, and its time range.
pub(super) fn heading(answer: &Answer) -> String {
    let by = answer.by.iter().map(|key| plain(key)).collect::<Vec<_>>().join(", ");
    let what = match answer.report.as_str() {
        "outcomes" => "decisions over time",
        "share" => "share of refused decisions",
        "origins" => "origins refused most",
        "policies" => "policies that decided",
        "unusual" => "refused more than usual",
        _ if answer.filters.contains_key("outcome") => "most decisions",
        _ => "refused most",
    };
    let filters: String = answer
        .filters
        .iter()
        .map(|(name, value)| {
            format!(", only {} `{}`", plain(name), plain(value.as_str().unwrap_or_default()))
        })
        .collect();
    let length = span(answer.until.saturating_sub(answer.since));
    let source = if answer.source == "embedded" { "the embedded store" } else { "Analytics Engine" };
    let by = match answer.report.as_str() {
        // They have no other keys.
        "origins" | "policies" => String::new(),
        _ => format!(", by {by}"),
    };
    format!(
        "{what}{by}{filters}: {} decisions\nfrom {} to {} UTC ({length}), from {source}\n",
        count(answer.total.decisions),
        moment(answer.since),
        moment(answer.until)
    )
}

/// The sentence for an empty report.
pub(super) fn nothing(answer: &Answer) -> String {
    let what = match (answer.report.as_str(), answer.filters.is_empty()) {
        (_, false) => "no record in this time matches",
        ("top" | "unusual", true) => "nothing was refused in this time",
        (_, true) => "nothing was recorded in this time",
    };
    format!("{what}; look further back with `--since`\n")
}

/// Whether a figure stands for more decisions than it has records.
pub(super) fn is_sampled(rows: &[Row]) -> bool {
    rows.iter().any(|row| row.number("decisions") > row.number("rows"))
}

/// The relative standard error of a figure that was estimated from this many records.
pub(super) fn error(decisions: u64, rows: u64) -> String {
    if decisions <= rows || rows == 0 {
        return String::new();
    }
    #[expect(clippy::cast_precision_loss, reason = "a root of a count, rounded to a per cent")]
    let percent = 100.0 / (rows as f64).sqrt();
    format!("{percent:.0} %")
}

/// Whether the number of countries of any origin is known.
fn reach_is_known(answer: &Answer) -> bool {
    answer.rows.iter().any(|row| row.number("countries") > 0)
}

const FIRST_SEEN: &str = "a policy is first seen with its first record, which is a refusal or a sampled allow; one that is first seen before the range was already in force";

/// Sentences about how reliable the figures are.
pub(super) fn of(answer: &Answer) -> Vec<String> {
    let mut notes = Vec::new();
    if let Some(other) = answer.other.filter(|other| other.decisions > 0) {
        let open = answer.by.iter().find(|key| *key == "origin" || *key == "path");
        let without = open.map(|key| format!(", without {key}")).unwrap_or_default();
        let evicted = if answer.source == "embedded" { ", or evicted from the store" } else { "" };
        let decisions = count(other.decisions);
        notes.push(match answer.report.as_str() {
            // Its lines show refusals, and no number of all decisions.
            "origins" => {
                format!("{decisions} decisions are of no origin listed: beyond `--limit`{without}{evicted}")
            }
            _ => format!(
                "{OTHER} has all decisions that are in no other line: {decisions} beyond `--limit`{without}{evicted}"
            ),
        });
    }
    let has_errors = !matches!(answer.report.as_str(), "origins" | "policies");
    if has_errors && (is_sampled(&answer.rows) || is_sampled(&answer.new)) {
        notes.push(
            "with fewer rows than decisions, the number is an estimate, and ± is its relative standard error, about 1 / √rows"
                .to_owned(),
        );
    }
    match answer.error {
        Some(0) => {}
        Some(error) => notes.push(format!(
            "a number may be too low by up to {} decisions that the embedded store evicted; none is too high",
            count(error)
        )),
        None => notes.push(
            "Analytics Engine may sample records: a number from few rows is rough, and rare decisions may be missing"
                .to_owned(),
        ),
    }
    if answer.rows.iter().any(|row| row.flag("few_rows")) {
        notes.push("rough: the share is based on fewer than 10 records of allowed requests".to_owned());
    }
    if answer.report == "origins" && answer.reach_complete == Some(false) {
        notes.push(match reach_is_known(answer) {
            true => {
                "the numbers of countries and data centres are too low: there were too many places to read"
                    .to_owned()
            }
            false => "countries and data centres are not known by route or policy".to_owned(),
        });
    }
    if answer.report == "policies" && !answer.rows.is_empty() {
        notes.push(FIRST_SEEN.to_owned());
    }
    if let Some(hour) = answer.hour {
        notes.push(format!(
            "this compares the decisions from {} to {} UTC with the same hour of {} days before",
            moment(hour.since),
            moment(hour.until),
            answer.history_days.unwrap_or_default()
        ));
    }
    if let Some(days) = answer.history_days.filter(|days| *days < FEWEST_DAYS) {
        notes.push(format!(
            "{days} days are too short a history: with fewer than {FEWEST_DAYS}, nothing is reported as unusual"
        ));
    }
    notes
}
