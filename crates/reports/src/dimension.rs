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
    /// The id of the policy that decided.
    Policy,
    /// The client's country.
    Country,
    /// The data centre that responded.
    Colo,
    /// The class of the reason. It has no column: a filter by it is one by its reasons.
    Class,
    /// The entry of an allowlist that lists the origin.
    Entry,
}

impl Dimension {
    /// The name in requests and answers, and of the column of the embedded store.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Outcome => "outcome",
            Self::Reason => "reason",
            Self::Route => "route",
            Self::Origin => "origin",
            Self::Path => "path",
            Self::Policy => "policy",
            Self::Country => "country",
            Self::Colo => "colo",
            Self::Class => "class",
            Self::Entry => "entry",
        }
    }

    /// The column of a data point.
    pub(crate) fn blob(self) -> &'static str {
        match self {
            Self::Outcome => "blob1",
            Self::Reason | Self::Class => "blob2",
            Self::Origin => "blob3",
            Self::Route => "blob4",
            Self::Path => "blob9",
            Self::Country => "blob10",
            Self::Colo => "blob11",
            Self::Policy => "blob12",
            Self::Entry => "blob14",
        }
    }

    /// Whether it has so many values that the embedded store keeps only the most frequent ones, in a
    /// separate table. An empty value has no row there.
    pub(crate) fn is_open(self) -> bool {
        matches!(self, Self::Origin | Self::Path | Self::Entry)
    }

    /// Whether it is of a place, which the embedded store keeps for refused requests only, by origin.
    pub(crate) fn is_place(self) -> bool {
        matches!(self, Self::Country | Self::Colo)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use corsgate_policy::record::columns::BLOBS;

    #[test]
    fn blobs_are_numbered_as_records_are_written() {
        for dimension in [
            Dimension::Outcome,
            Dimension::Reason,
            Dimension::Route,
            Dimension::Origin,
            Dimension::Path,
            Dimension::Policy,
            Dimension::Country,
            Dimension::Colo,
            Dimension::Entry,
        ] {
            let at = BLOBS.iter().position(|column| column.name == dimension.name()).expect("a column");
            assert_eq!(dimension.blob(), format!("blob{}", at + 1));
        }
    }
}
