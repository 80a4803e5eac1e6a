//! The dimensions by which figures are grouped.

/// A column of records that figures are grouped or filtered by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Dimension {
    /// The outcome of the decision.
    Outcome,
    /// The reason of the decision.
    Reason,
    /// The route.
    Route,
    /// `Origin`.
    Origin,
    /// The path.
    Path,
    /// The entry of an allowlist that lists the origin.
    Entry,
}

impl Dimension {
    /// The dimensions that a request can name.
    pub(crate) const NAMED: [Self; 5] = [Self::Outcome, Self::Reason, Self::Route, Self::Origin, Self::Path];

    /// The name in requests and answers, and of the column of the embedded store.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Outcome => "outcome",
            Self::Reason => "reason",
            Self::Route => "route",
            Self::Origin => "origin",
            Self::Path => "path",
            Self::Entry => "entry",
        }
    }

    /// The column of a data point.
    pub(crate) fn blob(self) -> &'static str {
        match self {
            Self::Outcome => "blob1",
            Self::Reason => "blob2",
            Self::Origin => "blob3",
            Self::Route => "blob4",
            Self::Path => "blob9",
            Self::Entry => "blob14",
        }
    }

    /// Whether it has so many values that the embedded store keeps only the most frequent ones, in a
    /// separate table. An empty value has no row there.
    pub(crate) fn is_open(self) -> bool {
        matches!(self, Self::Origin | Self::Path | Self::Entry)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use corsgate_policy::record::columns::BLOBS;

    #[test]
    fn blobs_are_numbered_as_records_are_written() {
        for dimension in [Dimension::NAMED.as_slice(), &[Dimension::Entry]].concat() {
            let at = BLOBS.iter().position(|column| column.name == dimension.name()).expect("a column");
            assert_eq!(dimension.blob(), format!("blob{}", at + 1));
        }
    }
}
