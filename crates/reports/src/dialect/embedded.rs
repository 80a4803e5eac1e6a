//! SQLite over the tables of the embedded store (`src/store/`).
//!
//! Each row counts for a bucket, a minute or an hour (`span`), and the buckets are disjoint: a sum over both spans is
//! right. A range here has its ends at those of buckets ([`Range::of_buckets`]).

use super::Syntax;
use crate::dimension::Dimension;
use crate::query::Figures;
use crate::range::Range;
use crate::statement::Statement;

pub(super) struct Embedded;

impl Syntax for Embedded {
    fn table(&self, figures: &Figures) -> String {
        figures.dimensions().find_map(counted).unwrap_or("totals").to_owned()
    }

    fn column(&self, dimension: Dimension) -> &'static str {
        dimension.name()
    }

    fn step_start(&self, seconds: &str) -> String {
        ["bucket - bucket % ", seconds].concat()
    }

    fn within(&self, range: Range) -> String {
        within(range)
    }

    fn equals(&self, dimension: Dimension, value: &str, parameters: &mut Vec<String>) -> String {
        parameters.push(value.to_owned());
        [dimension.name(), " = ?"].concat()
    }

    fn weight(&self) -> &'static str {
        "decisions"
    }

    fn records(&self, condition: Option<&str>) -> String {
        match condition {
            Some(condition) => self.sum(&self.only_if(condition, "records")),
            None => self.sum("records"),
        }
    }

    fn only_if(&self, condition: &str, then: &str) -> String {
        ["iif(", condition, ", ", then, ", 0)"].concat()
    }

    /// `TOTAL` is 0 of no rows, where `SUM` is NULL.
    fn sum(&self, expression: &str) -> String {
        ["CAST(TOTAL(", expression, ") + 0.5 AS INTEGER)"].concat()
    }

    fn first_seen(&self) -> &'static str {
        "ifnull(MIN(first_seen), 0)"
    }

    fn last_seen(&self) -> &'static str {
        "ifnull(MAX(last_seen), 0)"
    }

    fn end(&self) -> &'static str {
        ""
    }
}

/// The span comes first in the primary key of every table: with it, no row outside the range is read.
fn within(range: Range) -> String {
    let (since, until) = (range.since.to_string(), range.until.to_string());
    ["span IN (60, 3600) AND bucket >= ", &since, " AND bucket < ", &until].concat()
}

/// The table of the most frequent values of a dimension.
fn counted(dimension: Dimension) -> Option<&'static str> {
    match dimension {
        Dimension::Origin => Some("origins"),
        Dimension::Path => Some("paths"),
        Dimension::Entry => Some("entries"),
        Dimension::Outcome | Dimension::Reason | Dimension::Route => None,
    }
}

/// How far off a figure can be ([`Query::Missed`](crate::query::Query::Missed)): the sum over the buckets, rounded up.
pub(super) fn missed(dimension: Dimension, range: Range) -> Statement {
    let sum = "CAST(TOTAL(missed) AS INTEGER) + (TOTAL(missed) > CAST(TOTAL(missed) AS INTEGER))";
    let what = counted(dimension).unwrap_or_default();
    let sql = ["SELECT ", sum, " AS missed FROM bounds WHERE ", &within(range), " AND what = '", what, "'"];
    Statement { sql: sql.concat(), parameters: Vec::new(), columns: vec!["missed"] }
}
