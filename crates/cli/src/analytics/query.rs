//! The options of a report, as the query of the admin API.

use clap::Args;
use corsgate_reports::ReportRequest;

use super::RecordsOptions;
use crate::failure::UsageError;

/// The time range and the number of rows of a report.
#[derive(Clone, Debug, Default, Args)]
pub(crate) struct Range {
    /// The start: a span like `15m`, `6h` or `7d`, or a time like `2026-11-23T06:45:00Z` [default: 24h]
    #[arg(long, value_name = "TIME", conflicts_with = "from")]
    pub(crate) since: Option<String>,
    /// The end: a time [default: now]
    #[arg(long, value_name = "TIME", conflicts_with = "from")]
    pub(crate) until: Option<String>,
    /// The maximum number of rows [default: 50]
    #[arg(long, value_name = "ROWS", conflicts_with = "from")]
    pub(crate) limit: Option<String>,
}

impl Range {
    /// The query parameters.
    pub(crate) fn parameters(&self) -> Vec<(&'static str, Option<&str>)> {
        vec![
            ("since", self.since.as_deref()),
            ("until", self.until.as_deref()),
            ("limit", self.limit.as_deref()),
        ]
    }
}

/// The query string for a report, checked as the admin API checks it.
///
/// # Errors
/// When a parameter is invalid; the sentence says what to write instead.
pub(crate) fn query(
    name: &str,
    records: &RecordsOptions,
    parameters: &[(&str, Option<&str>)],
) -> Result<String, UsageError> {
    let written =
        parameters.iter().filter_map(|(name, value)| Some(format!("{name}={}", escaped((*value)?))));
    let query = written.collect::<Vec<_>>().join("&");
    let request = ReportRequest::parse(name, &query, records.now());
    request.map(|_| query).map_err(|bad| UsageError::new(bad.sentence()))
}

fn escaped(value: &str) -> String {
    let mut text = String::with_capacity(value.len());
    for byte in value.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~' | b',' | b':') {
            text.push(byte.into());
        } else {
            text.push_str(&format!("%{byte:02X}"));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_value_is_escaped_in_a_query() {
        let origin = Some("https://b\u{fc}.example/?a&b=c#+%\n");
        let query = query(
            "top",
            &RecordsOptions::default(),
            &[("since", Some("6h")), ("by", None), ("origin", origin)],
        );
        let expected = "since=6h&origin=https:%2F%2Fb%C3%BC.example%2F%3Fa%26b%3Dc%23%2B%25%0A";
        assert_eq!(query.as_deref(), Ok(expected));
    }
}
