//! What a report asks, before it is anyone's SQL.

use crate::dimension::Dimension;
use crate::range::Range;

/// The name of the column that holds the beginning of a step.
pub(crate) const STEP_START: &str = "step_start";

/// One question to a back end, answered by one statement.
#[derive(Clone, Debug)]
pub(crate) enum Query {
    /// Figures.
    Figures(Figures),
    /// How far off a figure of the embedded store can be.
    Missed(Missed),
}

/// How many decisions any figure may lack of all that are told apart by a dimension of which the embedded store keeps only
/// the most frequent values.
#[derive(Clone, Debug)]
pub(crate) struct Missed {
    pub(crate) dimension: Dimension,
    pub(crate) range: Range,
    /// What figures are told apart by beside it.
    pub(crate) keys: Vec<Dimension>,
    /// What counts, of all but the dimension.
    pub(crate) filters: Vec<Filter>,
}

/// A table of figures: a row for each combination of keys that there is, the greatest first figure first, and of equal
/// ones in the order of their keys.
#[derive(Clone, Debug)]
pub(crate) struct Figures {
    /// What is read.
    pub(crate) range: Range,
    /// The first key is the beginning of the step of this many seconds.
    pub(crate) step: Option<u64>,
    /// The further keys. Without any key there is one row, of all.
    pub(crate) keys: Vec<Dimension>,
    /// What counts.
    pub(crate) filters: Vec<Filter>,
    /// The figures, each with the name of its column.
    pub(crate) measures: Vec<(&'static str, Measure)>,
    /// The most rows.
    pub(crate) limit: usize,
}

/// Which decisions count.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Filter {
    /// Those that refuse, or would.
    Refused,
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
    /// Decisions, or 0 where there is any before this time.
    DecisionsIfNewSince(u64),
    /// Stored records behind them.
    Records(When),
    /// The time of the first.
    FirstSeen,
    /// The time of the last.
    LastSeen,
}

/// Which of a row's decisions a figure is of.
#[derive(Clone, Copy, Debug)]
pub(crate) enum When {
    /// All.
    Always,
    /// Those that refuse, or would.
    Refused,
    /// Plain allows, of which only a sample is recorded.
    Sampled,
    /// Those of this time.
    Within(Range),
}

impl Figures {
    /// The dimensions that its table must have.
    pub(crate) fn dimensions(&self) -> impl Iterator<Item = Dimension> {
        let filtered = self.filters.iter().map(|filter| match filter {
            Filter::Refused => Dimension::Outcome,
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
