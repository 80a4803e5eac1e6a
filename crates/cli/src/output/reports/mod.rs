//! The formats of reports.

mod answer;
pub(crate) mod confidence;
mod csv;
mod notes;
mod origins;
mod over_time;
mod policies;
mod spark;
mod table;
mod tables;
pub(crate) mod unused;
pub(crate) mod words;

use clap::ValueEnum;

pub(crate) use answer::{Answer, AnswerError, Row};

use crate::failure::Failure;
use crate::output::{plain, results};

/// The output formats.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum ReportFormat {
    /// For people: tables
    #[default]
    Human,
    /// For programs: the answer of the admin API
    Json,
    /// For spreadsheets: the rows (RFC 4180)
    Csv,
}

/// How a report is shown: its width, and the current time.
#[derive(Clone, Copy, Debug)]
pub(crate) struct View {
    /// The width of the terminal in columns, if there is one.
    pub(crate) columns: Option<usize>,
    /// The current time in seconds since 1970.
    pub(crate) now: u64,
}

/// Writes a report as JSON.
pub(crate) fn write_json(text: &str) -> Result<(), Failure> {
    results::write_json(&format!("{}\n", plain::json(text.trim())))
}

/// Writes the rows of a report as CSV.
pub(crate) fn write_csv(answer: &Answer) -> Result<(), Failure> {
    results::write_text(&csv::of(answer))
}

/// Writes a report for people.
pub(crate) fn human(answer: &Answer, view: View) -> Result<String, AnswerError> {
    let mut text = notes::heading(answer);
    text.push('\n');
    if answer.total.decisions == 0 && answer.rows.is_empty() && answer.new.is_empty() {
        text.push_str(&notes::nothing(answer));
        return Ok(text);
    }
    text.push_str(&match answer.report.as_str() {
        "outcomes" => over_time::render(answer, view)?,
        "share" => tables::share(answer, view),
        "origins" => origins::render(answer, view),
        "policies" => policies::render(answer, view),
        "unusual" => tables::unusual(answer, view),
        _ => tables::top(answer, view),
    });
    for (at, note) in notes::of(answer).iter().enumerate() {
        let gap = if at == 0 { "\n" } else { "" };
        text.push_str(&format!("{gap}note: {note}\n"));
    }
    Ok(text)
}
