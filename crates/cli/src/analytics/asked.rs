//! A report as the command line asks for it, as the query of the admin API.

use clap::Args;
use corsgate_reports::time;

use super::{Reports, now};

/// What a report is to be about.
#[derive(Clone, Debug, Default, Args)]
pub(crate) struct Range {
    /// From when on: a span like `15m`, `6h` or `7d`, or a time like `2026-11-23T06:45:00Z` [default: 24h, of `unused` 30d]
    #[arg(long, value_name = "TIME", conflicts_with = "from")]
    pub(crate) since: Option<String>,
    /// Until when: a time [default: now]
    #[arg(long, value_name = "TIME", conflicts_with = "from")]
    pub(crate) until: Option<String>,
    /// The most rows [default: 50, of `unused` 1000]
    #[arg(long, value_name = "ROWS", conflicts_with = "from")]
    pub(crate) limit: Option<String>,
    /// The time that it is, instead of that of the clock
    #[arg(long, value_name = "TIME", hide = true, value_parser = parse_moment)]
    pub(crate) now: Option<u64>,
}

impl Range {
    /// The parameters that it stands for.
    pub(crate) fn parameters(&self) -> Vec<(&'static str, Option<&str>)> {
        vec![
            ("since", self.since.as_deref()),
            ("until", self.until.as_deref()),
            ("limit", self.limit.as_deref()),
        ]
    }

    /// In seconds since 1970.
    pub(crate) fn now(&self) -> u64 {
        self.now.unwrap_or_else(now)
    }
}

/// The query string of parameters, checked as the report's.
///
/// # Errors
/// What is wrong, in a sentence that says what to write instead.
pub(crate) fn query(name: &str, parameters: &[(&str, Option<&str>)]) -> Result<String, String> {
    let written =
        parameters.iter().filter_map(|(name, value)| Some(format!("{name}={}", escaped((*value)?))));
    let query = written.collect::<Vec<_>>().join("&");
    Reports::check(name, &query).map(|()| query)
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

fn parse_moment(text: &str) -> Result<u64, String> {
    time::read(text).ok_or_else(|| "write a time like `2026-11-23T06:45:00Z`".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_value_becomes_a_part_of_a_query() {
        let origin = Some("https://b\u{fc}.example/?a&b=c#+%\n");
        let query = query("top", &[("since", Some("6h")), ("by", None), ("origin", origin)]);
        let expected = "since=6h&origin=https:%2F%2Fb%C3%BC.example%2F%3Fa%26b%3Dc%23%2B%25%0A";
        assert_eq!(query.as_deref(), Ok(expected));
    }
}
