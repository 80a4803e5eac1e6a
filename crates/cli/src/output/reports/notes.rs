//! What is said around the figures: of what they are, and how far they can be trusted.

use super::answer::{Answer, Row};
use super::tables::OTHER;
use super::words::{count, moment, span};
use crate::output::plain::plain;

/// Fewer days are no history.
const FEWEST_DAYS: u64 = 3;

/// What the report is about, and of which time.
pub(super) fn heading(answer: &Answer) -> String {
    let by = answer.by.iter().map(|key| plain(key)).collect::<Vec<_>>().join(", ");
    let what = match answer.report.as_str() {
        "outcomes" => "decisions over time",
        "share" => "share of refused decisions",
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
    format!(
        "{what}, by {by}{filters}: {} decisions\nfrom {} to {} UTC ({length}), from {source}\n",
        count(answer.total.decisions),
        moment(answer.since),
        moment(answer.until)
    )
}

/// That there is nothing.
pub(super) fn nothing(answer: &Answer) -> String {
    let what = match (answer.report.as_str(), answer.filters.is_empty()) {
        (_, false) => "no record in this time matches",
        ("top" | "unusual", true) => "nothing was refused in this time",
        (_, true) => "nothing was recorded in this time",
    };
    format!("{what}; look further back with `--since`\n")
}

/// Whether some figure stands for more decisions than it has records.
pub(super) fn is_sampled(rows: &[Row]) -> bool {
    rows.iter().any(|row| row.number("decisions") > row.number("rows"))
}

/// The relative standard error of a figure that was made from so many records.
pub(super) fn error(decisions: u64, rows: u64) -> String {
    if decisions <= rows || rows == 0 {
        return String::new();
    }
    #[expect(clippy::cast_precision_loss, reason = "a root of a count, rounded to a per cent")]
    let percent = 100.0 / (rows as f64).sqrt();
    format!("{percent:.0} %")
}

/// How far the figures can be trusted, in sentences.
pub(super) fn of(answer: &Answer) -> Vec<String> {
    let mut notes = Vec::new();
    if let Some(other) = answer.other.filter(|other| other.decisions > 0) {
        let open = answer.by.iter().find(|key| *key == "origin" || *key == "path");
        let without = open.map(|key| format!(", without {key}")).unwrap_or_default();
        let evicted = if answer.source == "embedded" { ", or evicted from the store" } else { "" };
        notes.push(format!(
            "{OTHER} has all decisions that are in no other line: {} beyond `--limit`{without}{evicted}",
            count(other.decisions)
        ));
    }
    if is_sampled(&answer.rows) || is_sampled(&answer.new) {
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
