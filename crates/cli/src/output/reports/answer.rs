//! A parsed report: see `docs/reports.md`.

use corsgate_reports::time;
use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value};
use thiserror::Error;

/// The fields of all reports, and of some.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Answer {
    pub(crate) report: String,
    pub(crate) source: String,
    #[serde(deserialize_with = "moment")]
    pub(crate) since: u64,
    #[serde(deserialize_with = "moment")]
    pub(crate) until: u64,
    #[serde(default)]
    pub(crate) by: Vec<String>,
    #[serde(default)]
    pub(crate) filters: Map<String, Value>,
    pub(crate) total: Total,
    pub(crate) other: Option<Other>,
    pub(crate) error: Option<u64>,
    pub(crate) rows: Vec<Row>,
    /// Only in `outcomes`: the length of a step in seconds.
    pub(crate) step: Option<u64>,
    /// Only in `origins`.
    pub(crate) reach_complete: Option<bool>,
    /// Only in `unusual`.
    pub(crate) hour: Option<Span>,
    pub(crate) history_days: Option<u64>,
    #[serde(default)]
    pub(crate) new: Vec<Row>,
    /// Only in `unused`.
    #[serde(default)]
    pub(crate) entries: u64,
    #[serde(default)]
    pub(crate) unused: u64,
    #[serde(default)]
    pub(crate) unlisted: u64,
    #[serde(default = "yes")]
    pub(crate) complete: bool,
    #[serde(default)]
    pub(crate) sample_allowed: f64,
    #[serde(default)]
    pub(crate) not_covered: Vec<String>,
}

#[derive(Clone, Copy, Debug, Deserialize)]
pub(crate) struct Total {
    pub(crate) decisions: u64,
    pub(crate) rows: u64,
}

#[derive(Clone, Copy, Debug, Deserialize)]
pub(crate) struct Other {
    pub(crate) decisions: u64,
}

#[derive(Clone, Copy, Debug, Deserialize)]
pub(crate) struct Span {
    #[serde(deserialize_with = "moment")]
    pub(crate) since: u64,
    #[serde(deserialize_with = "moment")]
    pub(crate) until: u64,
}

/// A row: its keys are strings, its figures numbers.
#[derive(Clone, Debug, Deserialize)]
#[serde(transparent)]
pub(crate) struct Row(Map<String, Value>);

/// The figures of a row that are counts.
const COUNTS: [&str; 4] = ["decisions", "rows", "refused", "refused_rows"];

impl Answer {
    /// Reads a report. A figure that is no count is refused, as `corsgate suggest` does: it would be shown as 0.
    ///
    /// # Errors
    /// When it is not a report; the sentence says why.
    pub(crate) fn read(report: Value) -> Result<Self, String> {
        let answer: Self = serde_json::from_value(report).map_err(|error| error.to_string())?;
        for rows in [&answer.rows, &answer.new] {
            for (at, row) in rows.iter().enumerate() {
                let is_bad = |key: &&&str| match row.0.get(**key) {
                    Some(figure) => figure.as_u64().is_none(),
                    // An entry that no request used has no figures.
                    None => **key == "decisions" && answer.report != "unused",
                };
                if let Some(key) = COUNTS.iter().find(is_bad) {
                    return Err(format!("row {} has no usable `{key}`", at + 1));
                }
            }
        }
        Ok(answer)
    }
}

impl Row {
    /// A string; empty if there is none.
    pub(crate) fn text(&self, name: &str) -> &str {
        self.0.get(name).and_then(Value::as_str).unwrap_or_default()
    }

    /// An integer; 0 if there is none.
    pub(crate) fn number(&self, name: &str) -> u64 {
        self.0.get(name).and_then(Value::as_u64).unwrap_or_default()
    }

    /// A number; 0 if there is none.
    pub(crate) fn decimal(&self, name: &str) -> f64 {
        self.0.get(name).and_then(Value::as_f64).unwrap_or_default()
    }

    pub(crate) fn flag(&self, name: &str) -> bool {
        self.0.get(name).and_then(Value::as_bool).unwrap_or_default()
    }

    /// A time, in seconds since 1970.
    pub(crate) fn time(&self, name: &str) -> Option<u64> {
        self.0.get(name).and_then(Value::as_str).and_then(time::read)
    }

    pub(crate) fn texts(&self, name: &str) -> Vec<&str> {
        let list = self.0.get(name).and_then(Value::as_array);
        list.into_iter().flatten().filter_map(Value::as_str).collect()
    }

    /// A cell for programs; empty for null.
    pub(crate) fn cell(&self, name: &str) -> String {
        match self.0.get(name) {
            None | Some(Value::Null) => String::new(),
            Some(Value::String(text)) => text.clone(),
            Some(value) => value.to_string(),
        }
    }
}

fn moment<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u64, D::Error> {
    let text = String::deserialize(deserializer)?;
    time::read(&text).ok_or_else(|| serde::de::Error::custom("it has an invalid time"))
}

fn yes() -> bool {
    true
}

/// Why a report cannot be shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub(crate) enum AnswerError {
    #[error("it has no `step`")]
    NoStep,
    #[error("its range has too many steps")]
    TooManySteps,
    #[error("a row has a `time` outside its range")]
    TimeOutsideRange,
}
