//! The Analytics SQL binding (`[analytics] binding = "SQL"`).
//!
//! The code relies on what is documented: the name of the table, that `SUM` applies the weights of a sampled dataset,
//! parameters `$1`, `$2`, …, timestamps compared with ISO 8601 texts, the lower bound on `timestamp`, `LIMIT` with every
//! `ORDER BY`, no `FORMAT`, and the functions `if`, `intDiv`, `floor`, `toUnixTimestamp`. `MIN` and `MAX` are rejected on
//! sampled datasets, for which there are `APPROX_MIN` and `APPROX_MAX`. `COUNT` takes no expression, so distinct values are
//! grouped by and counted here.
//!
//! Not verified, because the binding has no local version and its reference does not say: that a dataset of Analytics
//! Engine counts as sampled for these functions, that it has the column `sampleInterval`, and that the dataset's own
//! columns have the same names as in Analytics Engine's SQL API.
//!
//! <https://developers.cloudflare.com/analytics/sql-api/>

use super::Syntax;
use super::engine;
use crate::dimension::Dimension;
use crate::query::Figures;
use crate::range::Range;
use crate::time;

pub(super) struct Binding<'a> {
    pub(super) dataset: &'a str,
}

impl Syntax for Binding<'_> {
    fn table(&self, _figures: &Figures) -> String {
        ["events.analyticsEngine.\"", self.dataset, "\""].concat()
    }

    fn column(&self, dimension: Dimension) -> &'static str {
        dimension.blob()
    }

    fn step_start(&self, seconds: &str) -> String {
        engine::step_start(seconds)
    }

    fn within(&self, range: Range) -> String {
        let (since, until) = (time::write(range.since), time::write(range.until));
        ["timestamp >= '", &since, "' AND timestamp < '", &until, "'"].concat()
    }

    /// Compares numbers, because the reference documents texts as times only in `WHERE`.
    fn during(&self, range: Range) -> String {
        let (since, until) = (range.since.to_string(), range.until.to_string());
        let time = "toUnixTimestamp(timestamp)";
        [time, " >= ", &since, " AND ", time, " < ", &until].concat()
    }

    fn equals(&self, dimension: Dimension, value: &str, parameters: &mut Vec<String>) -> String {
        parameters.push(value.to_owned());
        [dimension.blob(), " = $", &parameters.len().to_string()].concat()
    }

    fn weight(&self) -> &'static str {
        "double1"
    }

    /// `SUM` multiplies each value by the sample interval.
    fn records(&self, condition: Option<&str>) -> String {
        let record = "1.0 / sampleInterval";
        match condition {
            Some(condition) => engine::sum(&self.only_if(condition, record)),
            None => engine::sum(record),
        }
    }

    fn either(&self, condition: &str, then: &str, otherwise: &str) -> String {
        engine::either(condition, then, otherwise)
    }

    fn sum(&self, expression: &str) -> String {
        engine::sum(expression)
    }

    fn first_seen(&self) -> &'static str {
        "APPROX_MIN(toUnixTimestamp(timestamp))"
    }

    fn last_seen(&self) -> &'static str {
        "APPROX_MAX(toUnixTimestamp(timestamp))"
    }

    fn earliest(&self) -> (&'static str, &'static str) {
        ("APPROX_MIN", engine::TIME)
    }

    fn latest(&self) -> (&'static str, &'static str) {
        ("APPROX_MAX", engine::TIME)
    }

    fn end(&self) -> &'static str {
        ""
    }
}
