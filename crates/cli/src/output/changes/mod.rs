//! The output of `corsgate diff`: one file a format.

mod github;
mod human;
mod json;
mod markdown;
mod sentence;

pub(crate) use sentence::visible;

use clap::ValueEnum;
use corsgate_compare::replay::{Group, Tally};
use corsgate_compare::{Change, Direction, Subject};
use corsgate_policy::grammar::day::Day;

use crate::failure::Failure;
use crate::output::results;

/// How changes are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum ChangesFormat {
    /// For people
    #[default]
    Human,
    /// For programs
    Json,
    /// Workflow commands of GitHub Actions
    Github,
    /// A comment for a pull request
    Markdown,
}

/// One side of a comparison: a policy, or a list.
#[derive(Clone, Copy)]
pub(crate) struct Compared<'c> {
    pub(crate) name: &'c str,
    pub(crate) id: &'c str,
    pub(crate) bytes: &'c [u8],
}

/// Two policies or lists, and their differences.
pub(crate) struct Comparison<'c> {
    pub(crate) before: Compared<'c>,
    pub(crate) now: Compared<'c>,
    /// The number of routes that there are.
    pub(crate) routes: usize,
    pub(crate) changes: &'c [Change],
    pub(crate) replayed: Option<&'c Replayed>,
}

/// The effect of a change on recorded requests.
pub(crate) struct Replayed {
    pub(crate) name: String,
    pub(crate) day: Day,
    pub(crate) groups: Vec<Group>,
    pub(crate) tally: Tally,
}

impl Comparison<'_> {
    fn count(&self, direction: Direction) -> usize {
        self.changes.iter().filter(|change| change.direction == direction).count()
    }

    /// The changes by what they are about, in the order in which it is first named; of each, what widens first.
    fn grouped(&self) -> Vec<(&[Subject], Vec<&Change>)> {
        let mut groups: Vec<(&[Subject], Vec<&Change>)> = Vec::new();
        for change in self.changes {
            match groups.iter_mut().find(|(subjects, _)| *subjects == change.subjects.as_slice()) {
                Some((_, changes)) => changes.push(change),
                None => groups.push((&change.subjects, vec![change])),
            }
        }
        for (_, changes) in &mut groups {
            changes.sort_by_key(|change| (change.direction, core::cmp::Reverse(change.risk)));
        }
        groups
    }
}

/// Writes the differences to standard output.
pub(crate) fn write(format: ChangesFormat, comparison: &Comparison<'_>) -> Result<(), Failure> {
    match format {
        ChangesFormat::Human => results::write_styled(&human::render(comparison)),
        ChangesFormat::Json => {
            let json = json::render(comparison).map_err(|error| Failure::Output(error.into()))?;
            results::write_json(&json)
        }
        ChangesFormat::Github => results::write_commands(&github::render(comparison)),
        ChangesFormat::Markdown => results::write_text(&markdown::render(comparison)),
    }
}
