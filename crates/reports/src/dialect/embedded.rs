//! SQLite over the tables of the embedded store (`src/store/`).
//!
//! Each row counts the decisions of a bucket, which is a minute or an hour (`span`). Buckets are disjoint, so figures of
//! both spans can be added. A range begins and ends at the boundaries of buckets ([`Range::of_buckets`]).

use super::Syntax;
use crate::dimension::Dimension;
use crate::query::{Figures, Filter, Missed};
use crate::range::Range;
use crate::statement::Statement;

pub(super) struct Embedded;

impl Syntax for Embedded {
    fn table(&self, figures: &Figures) -> String {
        let is_of_places = figures.dimensions().any(Dimension::is_place);
        let counted = || figures.dimensions().find_map(counted).unwrap_or("totals");
        if is_of_places { REACH } else { counted() }.to_owned()
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

    fn either(&self, condition: &str, then: &str, otherwise: &str) -> String {
        ["iif(", condition, ", ", then, ", ", otherwise, ")"].concat()
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

    fn earliest(&self) -> (&'static str, &'static str) {
        ("MIN", "first_seen")
    }

    fn latest(&self) -> (&'static str, &'static str) {
        ("MAX", "last_seen")
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

/// The table of the places of refused requests: by outcome, reason, origin, country and colo.
const REACH: &str = "reach";

/// The table of the most frequent values of a dimension.
fn counted(dimension: Dimension) -> Option<&'static str> {
    match dimension {
        Dimension::Origin => Some("origins"),
        Dimension::Path => Some("paths"),
        Dimension::Entry => Some("entries"),
        Dimension::Country | Dimension::Colo => Some(REACH),
        Dimension::Outcome | Dimension::Reason | Dimension::Class | Dimension::Route | Dimension::Policy => {
            None
        }
    }
}

/// The maximum error of a figure ([`Query::Missed`](crate::query::Query::Missed)), rounded up.
pub(super) fn missed(missed: &Missed) -> Statement {
    let mut parameters = Vec::new();
    let from = if missed.dimension.is_place() {
        displaced(missed, &mut parameters)
    } else {
        evicted(missed, &mut parameters)
    };
    let sum = "CAST(TOTAL(most) AS INTEGER) + (TOTAL(most) > CAST(TOTAL(most) AS INTEGER))";
    let sql = ["SELECT ", sum, " AS missed FROM ", &from].concat();
    Statement { sql, parameters, columns: vec!["missed"] }
}

/// What a figure by origin, path or entry may lack.
///
/// `bounds` has the number of decisions that one key of a table may lack in a bucket; such a key includes outcome, reason,
/// route and policy. A figure that adds up several keys may lack that many for each of them, but never more than all
/// decisions of that outcome, reason, route and policy, which `totals` has.
fn evicted(Missed { dimension, range, keys, filters }: &Missed, parameters: &mut Vec<String>) -> String {
    let what = counted(*dimension).unwrap_or_default();
    let mut conditions = vec![within(*range), ["what = '", what, "'"].concat()];
    if *dimension == Dimension::Entry {
        return ["(SELECT TOTAL(missed) AS most FROM bounds WHERE ", &conditions.join(" AND "), ")"].concat();
    }
    conditions.extend(filters.iter().map(|filter| super::counts(&Embedded, filter, parameters)));
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
}

/// What a figure by country or colo may lack.
///
/// It adds up any number of keys, so `bounds` says little. But it lacks no more than all rows of its table together: what
/// `totals` has beyond them. Of one origin, that is what `origins` has beyond the rows of the origin, and what `origins`
/// may lack itself.
fn displaced(Missed { range, filters, .. }: &Missed, parameters: &mut Vec<String>) -> String {
    let is_of_origin = |filter: &Filter| matches!(filter, Filter::Is(Dimension::Origin, _));
    let is_of_place = |filter: &Filter| matches!(filter, Filter::Is(dimension, _) if dimension.is_place());
    let filters: Vec<_> = filters.iter().filter(|filter| !is_of_place(filter)).cloned().collect();
    let sum = |table: &str, parameters: &mut Vec<String>| {
        let counts = filters.iter().map(|filter| super::counts(&Embedded, filter, parameters));
        let conditions: Vec<_> = [within(*range)].into_iter().chain(counts).collect();
        ["(SELECT TOTAL(decisions) FROM ", table, " WHERE ", &conditions.join(" AND "), ")"].concat()
    };
    let names_origin = filters.iter().any(is_of_origin);
    let whole = sum(if names_origin { "origins" } else { "totals" }, parameters);
    let rows = sum(REACH, parameters);
    let mut most = ["max(0, ", &whole, " - ", &rows, ")"].concat();
    if names_origin {
        let filters = filters.iter().filter(|filter| !is_of_origin(filter)).cloned().collect();
        let missed = Missed { dimension: Dimension::Origin, range: *range, keys: Vec::new(), filters };
        most.extend([" + (SELECT most FROM ", &evicted(&missed, parameters), ")"]);
    }
    ["(SELECT ", &most, " AS most)"].concat()
}
