//! SQLite over the tables of the embedded store (`src/store/`).
//!
//! Each row counts the decisions of a bucket, which is a minute or an hour (`span`). Buckets are disjoint, so figures of
//! both spans can be added. A range begins and ends at the boundaries of buckets ([`Range::of_buckets`]).

use super::Syntax;
use crate::dimension::Dimension;
use crate::query::{Figures, Missed};
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

    fn during(&self, range: Range) -> String {
        during(range)
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

    /// `TOTAL` of no rows is 0, while `SUM` would be NULL.
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

/// The condition includes the span, which comes first in the primary key of every table, so no row outside the range is
/// read.
fn within(range: Range) -> String {
    ["span IN (60, 3600) AND ", &during(range)].concat()
}

fn during(range: Range) -> String {
    ["bucket >= ", &range.since.to_string(), " AND bucket < ", &range.until.to_string()].concat()
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

/// The maximum error of a figure ([`Query::Missed`](crate::query::Query::Missed)), rounded up.
///
/// `bounds` has the number of decisions that one key of a table may lack in a bucket; such a key includes outcome, reason
/// and route. A figure that adds up several keys may lack that many for each of them, but never more than all decisions of
/// that outcome, reason and route, which `totals` has.
pub(super) fn missed(Missed { dimension, range, keys, filters }: &Missed) -> Statement {
    let mut parameters = Vec::new();
    let what = counted(*dimension).unwrap_or_default();
    let mut conditions = vec![within(*range), ["what = '", what, "'"].concat()];
    let from = if *dimension == Dimension::Entry {
        ["(SELECT TOTAL(missed) AS most FROM bounds WHERE ", &conditions.join(" AND "), ")"].concat()
    } else {
        conditions.extend(filters.iter().map(|filter| super::counts(&Embedded, filter, &mut parameters)));
        let mut from =
            "(SELECT TOTAL(min(missed, decisions)) AS most FROM bounds JOIN totals USING (span, bucket)"
                .to_owned();
        from.extend([" WHERE ", &conditions.join(" AND ")]);
        if !keys.is_empty() {
            let keys: Vec<_> = keys.iter().map(|key| key.name()).collect();
            from.extend([" GROUP BY ", &keys.join(", "), " ORDER BY most DESC LIMIT 1"]);
        }
        from.push(')');
        from
    };
    let sum = "CAST(TOTAL(most) AS INTEGER) + (TOTAL(most) > CAST(TOTAL(most) AS INTEGER))";
    let sql = ["SELECT ", sum, " AS missed FROM ", &from].concat();
    Statement { sql, parameters, columns: vec!["missed"] }
}
