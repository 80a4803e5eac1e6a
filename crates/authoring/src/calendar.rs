//! The days that findings depend on.

use corsgate_policy::grammar::day::Day;

/// The days of a check.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Calendar {
    /// The day of the check; `None` if the result must be the same on any day.
    pub today: Option<Day>,
    /// Entries that expire up to this day are reported, too.
    pub soon: Option<Day>,
}

impl From<Option<Day>> for Calendar {
    fn from(today: Option<Day>) -> Self {
        Self { today, soon: None }
    }
}
