//! The SQL API of Analytics Engine.
//!
//! Documented there and used here: `sum`, `count`, `min`, `max`, `if`, `intDiv`, `floor`, `hex`,
//! `toDateTime` of seconds, `toUnixTimestamp`, `IN`, `NOT IN`, aliases in `GROUP BY` and `ORDER BY`, `LIMIT`, `FORMAT JSON`. The API
//! has no `JOIN` and no `UNION`, and older versions of its reference have no `HAVING`, so none of them is used.
//!
//! <https://developers.cloudflare.com/analytics/analytics-engine/sql-reference/>

use super::Syntax;
use crate::dimension::Dimension;
use crate::query::Figures;
use crate::range::Range;

pub(super) struct Engine<'a> {
    pub(super) dataset: &'a str,
}

impl Syntax for Engine<'_> {
    fn table(&self, _figures: &Figures) -> String {
        // The reference does not say how to write a name with a dash. Its parser, like ClickHouse's, accepts quotes.
        if self.dataset.contains('-') { ["\"", self.dataset, "\""].concat() } else { self.dataset.to_owned() }
    }

    fn column(&self, dimension: Dimension) -> &'static str {
        dimension.blob()
    }

    fn step_start(&self, seconds: &str) -> String {
        step_start(seconds)
    }

    fn within(&self, range: Range) -> String {
        let (since, until) = (range.since.to_string(), range.until.to_string());
        ["timestamp >= toDateTime(", &since, ") AND timestamp < toDateTime(", &until, ")"].concat()
    }

    fn during(&self, range: Range) -> String {
        self.within(range)
    }

    /// The reference shows no string literal with an escape, and dialects differ in whether a backslash begins one. So a
    /// value that would need an escape is compared by its hexadecimal digits, which have only one reading.
    fn equals(&self, dimension: Dimension, value: &str, _parameters: &mut Vec<String>) -> String {
        let column = dimension.blob();
        let needs_no_escape = |byte: u8| matches!(byte, b' '..=b'~') && !matches!(byte, b'\'' | b'\\');
        if value.bytes().all(needs_no_escape) {
            [column, " = '", value, "'"].concat()
        } else {
            ["hex(", column, ") = '", &hexadecimal(value), "'"].concat()
        }
    }

    fn weight(&self) -> &'static str {
        "_sample_interval * double1"
    }

    fn records(&self, condition: Option<&str>) -> String {
        match condition {
            Some(condition) => ["SUM(", &self.only_if(condition, "1"), ")"].concat(),
            None => "count()".to_owned(),
        }
    }

    fn either(&self, condition: &str, then: &str, otherwise: &str) -> String {
        either(condition, then, otherwise)
    }

    fn sum(&self, expression: &str) -> String {
        sum(expression)
    }

    fn first_seen(&self) -> &'static str {
        "toUnixTimestamp(MIN(timestamp))"
    }

    fn last_seen(&self) -> &'static str {
        "toUnixTimestamp(MAX(timestamp))"
    }

    fn earliest(&self) -> (&'static str, &'static str) {
        ("MIN", TIME)
    }

    fn latest(&self) -> (&'static str, &'static str) {
        ("MAX", TIME)
    }

    fn end(&self) -> &'static str {
        " FORMAT JSON"
    }
}

pub(super) fn step_start(seconds: &str) -> String {
    ["intDiv(toUnixTimestamp(timestamp), ", seconds, ") * ", seconds].concat()
}

/// The time of a record.
pub(super) const TIME: &str = "toUnixTimestamp(timestamp)";

pub(super) fn either(condition: &str, then: &str, otherwise: &str) -> String {
    ["if(", condition, ", ", then, ", ", otherwise, ")"].concat()
}

/// `round` of ClickHouse rounds halves to even, so it is not used.
pub(super) fn sum(expression: &str) -> String {
    ["floor(SUM(", expression, ") + 0.5)"].concat()
}

fn hexadecimal(value: &str) -> String {
    let digit = |number: u8| char::from(number + if number < 10 { b'0' } else { b'A' - 10 });
    value.bytes().flat_map(|byte| [digit(byte / 16), digit(byte % 16)]).collect()
}
