//! Unused entries, and how certain it is that they are unused.

use serde::Serialize;

use super::View;
use super::answer::Answer;
use super::confidence::Confidence;
use super::table::{Stand, Table};
use super::words::{count, moment, span};
use super::{ReportFormat, csv};
use crate::failure::Failure;
use crate::output::plain::{self, plain};
use crate::output::results;
use crate::output::trace::At;

/// An entry that no record names.
#[derive(Debug, Serialize)]
pub(crate) struct Entry {
    pub(crate) entry: String,
    /// Another entry that lists the same origins; records may name that one instead.
    pub(crate) covered_by: Option<String>,
    pub(crate) places: Vec<EntryPlace>,
}

/// A route or list that contains the entry.
#[derive(Debug, Serialize)]
pub(crate) struct EntryPlace {
    /// The name that operators use.
    pub(crate) name: String,
    /// Its position in the file, if the policy was given.
    pub(crate) at: Option<At>,
    /// The last day on which it was valid, if it has expired.
    pub(crate) expired: Option<String>,
}

/// The content of the report.
#[derive(Debug)]
pub(crate) struct Unused<'a> {
    pub(crate) answer: &'a Answer,
    pub(crate) entries: Vec<Entry>,
    pub(crate) confidence: Confidence,
    /// The name of the policy in which the places were looked up.
    pub(crate) policy: Option<&'a str>,
}

/// The JSON of the report.
#[derive(Serialize)]
struct Written<'a> {
    version: u64,
    confidence: &'a Confidence,
    unused: &'a [Entry],
    /// The answer of the admin API.
    report: &'a serde_json::Value,
}

/// Writes the report; `report` is the JSON of the admin API.
pub(crate) fn write(
    format: ReportFormat,
    unused: &Unused<'_>,
    report: &serde_json::Value,
    view: View,
) -> Result<(), Failure> {
    match format {
        ReportFormat::Human => results::write_styled(&human(unused, view)),
        ReportFormat::Csv => results::write_text(&csv_of(unused)),
        ReportFormat::Json => {
            let Unused { entries, confidence, .. } = unused;
            let written = Written { version: 1, confidence, unused: entries, report };
            let text =
                serde_json::to_string_pretty(&written).map_err(|error| Failure::Output(error.into()))?;
            results::write_json(&format!("{}\n", plain::json(&text)))
        }
    }
}

fn human(unused: &Unused<'_>, view: View) -> String {
    let Unused { answer, entries, confidence, policy } = unused;
    let verdict = match (answer.unused, confidence.can_tell) {
        (_, false) => format!(
            "it is unknown which entries are unused: no record names {} of {}",
            count(answer.unused),
            count(answer.entries)
        ),
        (0, true) => format!("every entry was used: {}", count(answer.entries)),
        (some, true) => format!("unused: {} of {} entries", count(some), count(answer.entries)),
    };
    let source = if answer.source == "embedded" { "the embedded store" } else { "Analytics Engine" };
    let mut text = format!(
        "{verdict}\nfrom {} to {} UTC ({}), from {source}\n\n",
        moment(answer.since),
        moment(answer.until),
        span(answer.until.saturating_sub(answer.since))
    );
    if !entries.is_empty() {
        let columns =
            [(Stand::Text, "entry"), (Stand::Text, "place"), (Stand::Text, "at"), (Stand::Text, "but")];
        let mut table = Table::new(columns.map(|(stand, name)| (stand, name.to_owned())));
        for entry in entries {
            for (at, place) in entry.places.iter().enumerate() {
                let name = if at == 0 { entry.entry.clone() } else { String::new() };
                let stands = match (&place.at, policy) {
                    (Some(at), _) => at.to_string(),
                    (None, Some(policy)) => format!("not in {policy}"),
                    (None, None) => String::new(),
                };
                table.push(vec![name, place.name.clone(), stands, but(entry, place)]);
            }
        }
        text.push_str(&table.render(view.columns));
    }
    if answer.unlisted > 0 {
        text.push_str(&format!("and {} more: `--limit`\n", count(answer.unlisted)));
    }
    if !entries.is_empty() {
        text.push('\n');
    }
    for sentence in &confidence.sentences {
        text.push_str(&format!("note: {sentence}\n"));
    }
    if answer.unused > 0 {
        text.push_str("note: an entry that was added within this time had less time to be used\n");
    }
    for left_out in &answer.not_covered {
        text.push_str(&format!("not covered: {}\n", plain(left_out)));
    }
    text
}

/// What to know before removing the entry.
fn but(entry: &Entry, place: &EntryPlace) -> String {
    let expired = place.expired.as_ref().map(|day| format!("expired on {day}"));
    let covered = entry.covered_by.as_ref().map(|other| format!("records may name {other} instead"));
    expired.into_iter().chain(covered).collect::<Vec<_>>().join("; ")
}

fn csv_of(unused: &Unused<'_>) -> String {
    let heading = ["entry", "place", "file", "line", "expired", "covered_by"];
    let mut text = csv::line(heading.into_iter().map(str::to_owned));
    for entry in &unused.entries {
        for place in &entry.places {
            let at = place.at.as_ref();
            let cells = [
                entry.entry.clone(),
                place.name.clone(),
                at.map(|at| at.file.clone()).unwrap_or_default(),
                at.map(|at| at.region.start_line.to_string()).unwrap_or_default(),
                place.expired.clone().unwrap_or_default(),
                entry.covered_by.clone().unwrap_or_default(),
            ];
            text.push_str(&csv::line(cells.into_iter()));
        }
    }
    text
}
