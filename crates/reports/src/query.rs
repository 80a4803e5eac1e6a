//! The query of a report, independent of any SQL dialect.

use corsgate_policy::ReasonClass;

use crate::dimension::Dimension;
use crate::range::Range;

/// The name of the column that holds the beginning of a step.
pub(crate) const STEP_START: &str = "step_start";

/// Stands for no time in [`Measure::FirstRefused`]: the last second of 32 bits, in 2106.
pub(crate) const NEVER: u64 = 0xffff_ffff;

/// One question to a back end, answered by one statement.
#[derive(Clone, Debug)]
pub(crate) enum Query {
    /// Figures.
    Figures(Figures),
    /// The maximum error of a figure of the embedded store.
    Missed(Missed),
}

/// The query for the number of decisions that any figure may lack, when figures are grouped by a dimension
/// of which the embedded store keeps only the most frequent values.
#[derive(Clone, Debug)]
pub(crate) struct Missed {
    pub(crate) dimension: Dimension,
    pub(crate) range: Range,
    /// The other dimensions by which the figures are grouped.
    pub(crate) keys: Vec<Dimension>,
    /// The filters on the other dimensions.
    pub(crate) filters: Vec<Filter>,
}

/// A table of figures: one row for each existing combination of keys. Rows are sorted by the first figure,
/// greatest first, then by their keys.
#[derive(Clone, Debug)]
pub(crate) struct Figures {
    /// The time range of the records.
    pub(crate) range: Range,
    /// The first key is the beginning of the step of this many seconds.
    pub(crate) step: Option<u64>,
    /// The further keys. Without any key there is one row for everything.
    pub(crate) keys: Vec<Dimension>,
    /// The decisions that count.
    pub(crate) filters: Vec<Filter>,
    /// The figures, each with the name of its column.
    pub(crate) measures: Vec<(&'static str, Measure)>,
    /// The most rows.
    pub(crate) limit: usize,
}

/// Which decisions count.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Filter {
    /// Refusals: [`Rejected`](Self::Rejected), unless the upstream failed.
    Refused,
    /// The outcomes of a rejection, including those of report mode. A failure of the upstream is recorded as one.
    Rejected,
    /// Those with a reason of this class.
    Class(ReasonClass),
    /// Those with this value.
    Is(Dimension, String),
    /// Those with any value.
    Has(Dimension),
}

/// A figure.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Measure {
    /// Decisions, estimated where records are a sample.
    Decisions(When),
    /// Decisions, or 0 if there is any before this time.
    DecisionsIfNewSince(u64),
    /// The stored records that the figures are based on.
    Records(When),
    /// The time of the first record.
    FirstSeen,
    /// The time of the last record.
    LastSeen,
    /// The time of the first refusal; [`NEVER`] without one.
    FirstRefused,
    /// The time of the last refusal; 0 without one.
    LastRefused,
}

/// The decisions of a row that a figure counts.
#[derive(Clone, Copy, Debug)]
pub(crate) enum When {
    /// All.
    Always,
    /// Refusals ([`Filter::Refused`]).
    Refused,
    /// Refusals in this range.
    RefusedWithin(Range),
    /// Plain allows, of which only a sample is recorded.
    Sampled,
    /// Those in this range.
    Within(Range),
}

impl Figures {
    /// The dimensions that its table must have.
    pub(crate) fn dimensions(&self) -> impl Iterator<Item = Dimension> {
        let filtered = self.filters.iter().map(|filter| match filter {
            Filter::Refused | Filter::Rejected => Dimension::Outcome,
            Filter::Class(_) => Dimension::Reason,
            Filter::Is(dimension, _) | Filter::Has(dimension) => *dimension,
        });
        self.keys.iter().copied().chain(filtered)
    }

    /// The names of its columns, in order.
    pub(crate) fn columns(&self) -> Vec<&'static str> {
        let step = self.step.map(|_| STEP_START);
        let keys = self.keys.iter().map(|key| key.name());
        step.into_iter().chain(keys).chain(self.measures.iter().map(|(name, _)| *name)).collect()
    }
}
