//! Reads the rows of the report `top`, grouped by origin, route and reason.

use serde_json::Value;
use thiserror::Error;

use crate::shown::shown;

/// The rejections of one origin, on one route, for one reason.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The `Origin` header, as it was sent.
    pub origin: String,
    /// The route that rejected it; `None` if no route matched.
    pub route: Option<String>,
    /// The reason as named by [`corsgate_policy::Reason`], or one that this version does not know.
    pub reason: String,
    /// The number of decisions, which may be an estimate.
    pub decisions: u64,
    /// The number of records that the decisions were counted from.
    pub rows: u64,
    /// Time of the first decision, in UTC (RFC 3339).
    pub first_seen: String,
    /// Time of the last decision, in UTC (RFC 3339).
    pub last_seen: String,
}

/// A report `top` with the rows that suggestions need.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Refusals {
    /// Start of the time range, in UTC.
    pub since: String,
    /// End of the time range, in UTC.
    pub until: String,
    /// The rows, with the most decisions first.
    pub rows: Vec<Refusal>,
    /// The number of decisions that are in no row.
    pub other: u64,
}

/// The columns that the rows must be grouped by.
const NEEDED: [&str; 3] = ["origin", "route", "reason"];

/// Why an answer is not the report that is needed.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ReportError {
    /// It is not a report.
    #[error(
        "it is not the JSON of a report: save what `corsgate report top --by origin,route,reason --format json` prints"
    )]
    NotAReport,
    /// It has no version.
    #[error("it is a report without a `version`")]
    NoVersion,
    /// It has this version, which is not supported.
    #[error("it is a report of version {}, and this tool reads version 1", shown(.0))]
    OtherVersion(String),
    /// It is this report, not `top`.
    #[error("it has the report `{}`, but `top` is needed", shown(.0))]
    OtherReport(String),
    /// Its rows lack this column.
    #[error("its rows are not grouped by `{0}`: request it by `origin,route,reason`")]
    NotBy(&'static str),
    /// It has no valid time under this key.
    #[error("its `{0}` is not a time such as `2026-11-23T06:45:00Z`")]
    Time(&'static str),
    /// It has no rows.
    #[error("it has no `rows`")]
    NoRows,
    /// The row with this number, counted from 1, has no usable value under this key.
    #[error("row {0} has no usable `{1}`")]
    Row(usize, &'static str),
}

impl Refusals {
    /// Reads the answer of `/api/report/top`.
    ///
    /// # Errors
    /// When it is anything else.
    pub fn read(answer: &Value) -> Result<Self, ReportError> {
        let text = |key: &str| answer.get(key).and_then(Value::as_str);
        let Some(report) = text("report") else {
            return Err(ReportError::NotAReport);
        };
        match answer.get("version").map(|version| (version, version.as_u64())) {
            Some((_, Some(1))) => {}
            Some((other, _)) => return Err(ReportError::OtherVersion(other.to_string())),
            None => return Err(ReportError::NoVersion),
        }
        if report != "top" {
            return Err(ReportError::OtherReport(report.to_owned()));
        }
        let by: Vec<_> = answer
            .get("by")
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
            .collect();
        if let Some(missing) = NEEDED.iter().find(|needed| !by.contains(needed)) {
            return Err(ReportError::NotBy(missing));
        }
        let range = |key: &'static str| moment(text(key)).ok_or(ReportError::Time(key));
        let rows = answer.get("rows").and_then(Value::as_array).ok_or(ReportError::NoRows)?;
        let mut read = Vec::with_capacity(rows.len());
        for (at, row) in rows.iter().enumerate() {
            read.push(refusal(row).map_err(|key| ReportError::Row(at + 1, key))?);
        }
        Ok(Self {
            since: range("since")?,
            until: range("until")?,
            other: answer.pointer("/other/decisions").and_then(count).unwrap_or_default(),
            rows: folded(read),
        })
    }
}

fn refusal(row: &Value) -> Result<Refusal, &'static str> {
    let text = |key: &'static str| row.get(key).and_then(Value::as_str);
    let number = |key: &'static str| row.get(key).and_then(count).ok_or(key);
    let time = |key: &'static str| moment(text(key)).ok_or(key);
    Ok(Refusal {
        origin: text("origin").ok_or("origin")?.to_owned(),
        // If no route matched, the column is empty or null.
        route: text("route").filter(|route| !route.is_empty()).map(str::to_owned),
        reason: text("reason").unwrap_or_default().to_owned(),
        decisions: number("decisions")?,
        rows: number("rows")?,
        first_seen: time("first_seen")?,
        last_seen: time("last_seen")?,
    })
}

/// Reads a count. Those of Analytics Engine are estimates and may have a fraction.
fn count(value: &Value) -> Option<u64> {
    let estimate = || value.as_f64().filter(|number| (0.0..=9e15).contains(number));
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it is in the range")]
    value.as_u64().or_else(|| estimate().map(|number| number.round() as u64))
}

/// Reads a time in UTC to the second. It is checked because it comes from a file and is written into another.
fn moment(text: Option<&str>) -> Option<String> {
    let text = text?;
    let mask = "0000-00-00T00:00:00Z";
    let fits = text.len() == mask.len()
        && text.bytes().zip(mask.bytes()).all(|(byte, like)| match like {
            b'0' => byte.is_ascii_digit(),
            _ => byte == like,
        });
    fits.then(|| text.to_owned())
}

/// Merges rows that differ only in columns that are not needed, such as the outcome.
fn folded(rows: Vec<Refusal>) -> Vec<Refusal> {
    let mut known = std::collections::HashMap::new();
    let mut all: Vec<Refusal> = Vec::new();
    for row in rows {
        let key = (row.origin.clone(), row.route.clone(), row.reason.clone());
        match known.get(&key).and_then(|at: &usize| all.get_mut(*at)) {
            None => {
                known.insert(key, all.len());
                all.push(row);
            }
            Some(same) => {
                same.decisions = same.decisions.saturating_add(row.decisions);
                same.rows = same.rows.saturating_add(row.rows);
                same.first_seen = row.first_seen.min(core::mem::take(&mut same.first_seen));
                same.last_seen = row.last_seen.max(core::mem::take(&mut same.last_seen));
            }
        }
    }
    all.sort_by(|one, other| {
        other.decisions.cmp(&one.decisions).then_with(|| {
            (&one.origin, &one.route, &one.reason).cmp(&(&other.origin, &other.route, &other.reason))
        })
    });
    all
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn row(origin: &str, outcome: &str, decisions: u64, first: &str, last: &str) -> Value {
        json!({ "origin": origin, "route": "api", "reason": "origin_not_listed", "outcome": outcome,
            "decisions": decisions, "rows": decisions, "first_seen": first, "last_seen": last })
    }

    fn report(rows: Value) -> Value {
        json!({ "version": 1, "report": "top", "source": "embedded", "since": "2026-11-22T00:00:00Z",
            "until": "2026-11-23T00:00:00Z", "by": ["origin", "route", "reason", "outcome"],
            "total": { "decisions": 9, "rows": 9 }, "other": { "decisions": 3 }, "error": 0, "rows": rows })
    }

    #[test]
    fn rows_of_one_origin_route_and_reason_are_one() {
        let a = "https://a.example";
        let rows = json!([
            row("https://b.example", "reject", 5, "2026-11-22T01:00:00Z", "2026-11-22T02:00:00Z"),
            row(a, "reject", 4, "2026-11-22T05:00:00Z", "2026-11-22T06:00:00Z"),
            row(a, "strip", 3, "2026-11-22T03:00:00Z", "2026-11-22T04:00:00Z"),
        ]);
        let read = Refusals::read(&report(rows)).expect("a report");
        let rows: Vec<_> = read
            .rows
            .iter()
            .map(|row| (row.origin.as_str(), row.decisions, row.first_seen.as_str(), row.last_seen.as_str()))
            .collect();
        assert_eq!(
            rows,
            [
                (a, 7, "2026-11-22T03:00:00Z", "2026-11-22T06:00:00Z"),
                ("https://b.example", 5, "2026-11-22T01:00:00Z", "2026-11-22T02:00:00Z"),
            ]
        );
        assert_eq!(read.other, 3);
    }

    #[test]
    fn a_wrong_report_is_rejected_with_its_reason() {
        let good = report(json!([]));
        let with = |key: &str, value: Value| {
            let mut changed = good.clone();
            changed[key] = value;
            changed
        };
        let hostile = row("https://a.example", "reject", 1, "2026-11-22T01:00:00Z\n", "2026-11-22T02:00:00Z");
        for (answer, sentence) in [
            (json!([]), "it is not the JSON of a report: save what"),
            (json!("top"), "it is not the JSON of a report: save what"),
            (with("version", json!(2)), "it is a report of version 2, and this tool reads version 1"),
            (with("version", json!("1\n")), "it is a report of version \"1\\u{5c}n\","),
            (with("report", json!("share")), "it has the report `share`, but `top` is needed"),
            (with("by", json!(["origin"])), "its rows are not grouped by `route`"),
            (with("since", json!("yesterday")), "its `since` is not a time"),
            (with("rows", json!(null)), "it has no `rows`"),
            (with("rows", json!([{ "origin": 5 }])), "row 1 has no usable `origin`"),
            (with("rows", json!([hostile])), "row 1 has no usable `first_seen`"),
        ] {
            let found = Refusals::read(&answer).expect_err("no such report").to_string();
            assert!(found.starts_with(sentence), "{found}");
        }
        assert!(Refusals::read(&good).is_ok());
    }
}
