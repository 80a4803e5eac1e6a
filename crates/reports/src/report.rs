//! The reports: their queries, and their rows.

mod origins;
mod outcomes;
mod policies;
mod share;
mod top;
mod unused;
mod unusual;

use corsgate_policy::ReasonClass;

use crate::class::class_of;
use crate::dialect::Source;
use crate::dimension::Dimension::{self, Class, Colo, Country, Origin, Outcome, Path, Policy, Reason, Route};
use crate::json::Json;
use crate::policy_entries::PolicyEntries;
use crate::query::{Figures, Filter, Measure, Missed, Query, When};
use crate::range::Range;
use crate::report_request::ReportRequest;
use crate::results::{BadResults, Results, Row};

/// A named report.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Report {
    /// Decisions over time.
    Outcomes,
    /// What is rejected most.
    Top,
    /// The share of each key's decisions that are rejected.
    Share,
    /// The origins that are refused most: how much, why, from where and when.
    Origins,
    /// The policies that decided.
    Policies,
    /// Entries that no record names.
    Unused,
    /// New keys, and keys that are rejected far more often than before.
    Unusual,
}

impl Report {
    pub(crate) const ALL: [Self; 7] =
        [Self::Outcomes, Self::Top, Self::Share, Self::Origins, Self::Policies, Self::Unused, Self::Unusual];

    pub(crate) fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|report| report.name() == name)
    }

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Outcomes => "outcomes",
            Self::Top => "top",
            Self::Share => "share",
            Self::Origins => "origins",
            Self::Policies => "policies",
            Self::Unused => "unused",
            Self::Unusual => "unusual",
        }
    }

    /// The dimensions by which it can group, if the request can choose them.
    pub(crate) fn by(self) -> &'static [Dimension] {
        match self {
            Self::Outcomes => &[Outcome, Reason, Route, Policy],
            Self::Top => &[Origin, Route, Path, Reason, Outcome, Policy, Country, Colo],
            Self::Share => &[Origin, Route, Policy],
            Self::Origins | Self::Policies | Self::Unused => &[],
            Self::Unusual => &[Origin, Reason],
        }
    }

    /// The dimensions by which it groups by default.
    pub(crate) fn default_by(self) -> &'static [Dimension] {
        match self {
            Self::Outcomes => &[Outcome, Reason],
            Self::Top | Self::Share | Self::Origins | Self::Unusual => &[Origin],
            Self::Policies => &[Policy],
            Self::Unused => &[],
        }
    }

    /// Whether it can group by several dimensions at once.
    pub(crate) fn takes_several(self) -> bool {
        matches!(self, Self::Outcomes | Self::Top)
    }

    /// The dimensions by which it can filter. `share` and `origins` compare with all decisions, so they have no filter by
    /// outcome or reason; `unusual` compares with the past, so it has none by policy. The embedded store keeps no paths of allowed requests, so only reports about
    /// rejections filter by path.
    pub(crate) fn filters(self) -> &'static [Dimension] {
        match self {
            Self::Top => &[Outcome, Reason, Class, Route, Origin, Path, Policy, Country, Colo],
            Self::Unusual => &[Outcome, Reason, Class, Route, Origin, Path],
            Self::Outcomes => &[Outcome, Reason, Class, Route, Origin, Policy],
            Self::Share | Self::Origins => &[Route, Origin, Policy],
            Self::Policies => &[Route, Origin],
            Self::Unused => &[],
        }
    }
}

/// The rows of a report and the figures around them.
pub(crate) struct Rows<'a> {
    /// The total of decisions and of records.
    pub(crate) total: (u64, u64),
    /// Decisions that are in no row, if the rows are parts of the total.
    pub(crate) other: Option<u64>,
    /// The maximum error of a figure; `None` where records are a random sample.
    pub(crate) missed: Option<u64>,
    /// Further members of this report.
    pub(crate) further: Vec<(&'a str, Json<'a>)>,
    pub(crate) rows: Vec<Json<'a>>,
}

/// The rows that a report builds from the results of its own queries.
#[derive(Default)]
struct Part<'a> {
    /// Decisions that are in a row; `None` if the rows are not parts of the total.
    listed: Option<u64>,
    further: Vec<(&'a str, Json<'a>)>,
    rows: Vec<Json<'a>>,
}

/// The queries of a report: its own, the one for the total, and for the embedded store the one for the maximum error.
pub(crate) fn queries(request: &ReportRequest, source: Source) -> Vec<Query> {
    let range = request.range_of(source);
    let own = match request.report {
        Report::Outcomes => outcomes::figures(request, source),
        Report::Top => top::figures(request, range),
        Report::Share => share::figures(request, range),
        Report::Origins => origins::figures(request, range),
        Report::Policies => policies::figures(request, range),
        Report::Unused => unused::figures(range),
        Report::Unusual => unusual::figures(request, range),
    };
    let total = Figures {
        range,
        step: None,
        keys: Vec::new(),
        filters: counted(request),
        measures: DECISIONS_AND_RECORDS.to_vec(),
        limit: 1,
    };
    let missed = estimated(request, source).map(|dimension| Query::Missed(missed(request, range, dimension)));
    own.into_iter().chain([total]).map(Query::Figures).chain(missed).collect()
}

/// The rows, built from the results of [`queries`].
pub(crate) fn rows<'a>(
    request: &ReportRequest,
    source: Source,
    results: &mut Results<'a>,
    listed: &PolicyEntries<'a>,
) -> Result<Rows<'a>, BadResults> {
    let range = request.range_of(source);
    let part = match request.report {
        Report::Outcomes => outcomes::rows(request, source, results)?,
        Report::Top => top::rows(request, results)?,
        Report::Share => share::rows(request, results)?,
        Report::Origins => origins::rows(request, results)?,
        Report::Policies => policies::rows(request, results)?,
        Report::Unused => unused::rows(request, results, listed)?,
        Report::Unusual => unusual::rows(request, range, results)?,
    };
    let [decisions, records] = results.one()?;
    let missed = match (source, estimated(request, source)) {
        (Source::Embedded, Some(_)) => Some(results.one::<1>()?.iter().sum()),
        (Source::Embedded, None) => Some(0),
        (Source::Engine, _) => None,
    };
    let other = part.listed.map(|listed| decisions.saturating_sub(listed));
    Ok(Rows { total: (decisions, records), other, missed, further: part.further, rows: part.rows })
}

const DECISIONS_AND_RECORDS: [(&str, Measure); 2] =
    [("decisions", Measure::Decisions(When::Always)), ("records", Measure::Records(When::Always))];

/// The maximum `LIMIT` of a statement, which is the most rows that the embedded store returns.
const MOST: usize = 10_000;

/// The filters on the decisions of a report.
fn counted(request: &ReportRequest) -> Vec<Filter> {
    let asked =
        request.filters.iter().map(|(dimension, value)| match (dimension, ReasonClass::from_name(value)) {
            (Class, Some(class)) => Filter::Class(class),
            _ => Filter::Is(*dimension, value.clone()),
        });
    let mut filters: Vec<_> = asked.collect();
    let names = |dimension| request.filters.iter().any(|(named, _)| *named == dimension);
    match request.report {
        Report::Top | Report::Unusual if names(Outcome) => {}
        // A request that names a reason means that reason, failures of the upstream included.
        Report::Top | Report::Unusual if names(Reason) || names(Class) => filters.push(Filter::Rejected),
        Report::Top | Report::Unusual => filters.push(Filter::Refused),
        Report::Unused => filters.push(Filter::Has(Dimension::Entry)),
        _ => {}
    }
    filters
}

/// The same filters, without the decisions that have no value to group by: a decision without origin is in
/// no row by origin.
fn told_apart(request: &ReportRequest) -> Vec<Filter> {
    let open = request.by.iter().filter(|dimension| dimension.is_open());
    counted(request).into_iter().chain(open.map(|dimension| Filter::Has(*dimension))).collect()
}

/// The dimension of the report of which the embedded store keeps only the most frequent values, if it has one.
fn estimated(request: &ReportRequest, source: Source) -> Option<Dimension> {
    let named = || request.by.iter().chain(request.filters.iter().map(|(dimension, _)| dimension)).copied();
    let entries = Some(Dimension::Entry).filter(|_| request.report == Report::Unused);
    let place = named().find(|dimension| dimension.is_place());
    let estimated = place.or_else(|| named().chain(entries).find(|dimension| dimension.is_open()));
    estimated.filter(|_| source == Source::Embedded)
}

/// The query for the maximum error of figures by this dimension. If the request filters by one value of the dimension,
/// the total is such a figure too, and it has no keys.
fn missed(request: &ReportRequest, range: Range, dimension: Dimension) -> Missed {
    let is_other = |other: &Dimension| *other != dimension;
    let keys = request.by.iter().copied().filter(is_other);
    let keys = if request.by.contains(&dimension) { keys.collect() } else { Vec::new() };
    let mut filters = counted(request);
    filters.retain(|filter| match filter {
        Filter::Is(other, _) | Filter::Has(other) => is_other(other),
        Filter::Refused | Filter::Rejected | Filter::Class(_) => true,
    });
    let range = if request.report == Report::Unusual { unusual::counted_in(range) } else { range };
    Missed { dimension, range, keys, filters }
}

/// The keys of a row, as members of its object.
fn keys<'a>(request: &ReportRequest, row: &mut Row<'a>) -> Result<Vec<(&'a str, Json<'a>)>, BadResults> {
    let values = row.texts(request.by.len())?;
    Ok(request.by.iter().zip(values).flat_map(|(key, value)| key_members(*key, value)).collect())
}

/// A key, as members of the object of its row: a reason comes with its class.
fn key_members<'a>(key: Dimension, value: &'a str) -> impl Iterator<Item = (&'a str, Json<'a>)> {
    let class = (key == Reason).then(|| (Class.name(), class(value)));
    [(key.name(), Json::Text(value))].into_iter().chain(class)
}

/// The class of a reason; null without one.
fn class<'a>(reason: &str) -> Json<'a> {
    class_of(reason).map_or(Json::Null, |class| Json::Text(class.name()))
}

/// The measures that [`seen_row`] reads after the decisions.
const RECORDS_AND_TIMES: [(&str, Measure); 3] = [
    ("records", Measure::Records(When::Always)),
    ("first_seen", Measure::FirstSeen),
    ("last_seen", Measure::LastSeen),
];

/// The number of decisions of a row, and the row as JSON with its first and last time.
fn seen_row<'a>(request: &ReportRequest, mut row: Row<'a>) -> Result<(u64, Json<'a>), BadResults> {
    let mut members = keys(request, &mut row)?;
    let [decisions, records, first, last] = row.numbers()?;
    members.push(("decisions", Json::Number(decisions)));
    members.push(("rows", Json::Number(records)));
    members.push(("first_seen", Json::time(first)));
    members.push(("last_seen", Json::time(last)));
    Ok((decisions, Json::Object(members)))
}

/// Figures over the whole range, by the keys of the request.
fn by_keys(
    request: &ReportRequest,
    range: Range,
    measures: Vec<(&'static str, Measure)>,
    limit: usize,
) -> Figures {
    Figures { range, step: None, keys: request.by.clone(), filters: told_apart(request), measures, limit }
}
