//! What is different between two policies or lists.

pub mod json;

use corsgate_compare::replay::{Group, Tally};
use corsgate_compare::{Change, Direction, Subject};
use corsgate_policy::grammar::day::Day;

/// One side of a comparison: a policy, or a list.
#[derive(Clone, Copy)]
pub struct Compared<'c> {
    /// The file, or the version or list in KV, as a person named it.
    pub name: &'c str,
    /// The id of a policy; empty for what has none.
    pub id: &'c str,
    /// The bytes that it was read from.
    pub bytes: &'c [u8],
}

/// Two policies or lists, and their differences.
pub struct Comparison<'c> {
    /// The side that changes are counted from.
    pub before: Compared<'c>,
    /// The side that would be in force.
    pub now: Compared<'c>,
    /// The number of routes of the newer policy.
    pub routes: usize,
    /// What differs in meaning, not in wording.
    pub changes: &'c [Change],
    /// What to say if nothing changes, where it would be untrue that both sides mean the same.
    pub unchanged: Option<&'c str>,
    /// What that does to recorded requests, if they were decided again.
    pub replayed: Option<&'c Replayed>,
}

/// The effect of a change on recorded requests.
pub struct Replayed {
    /// The name of the file.
    pub name: String,
    /// The day of the decisions.
    pub day: Day,
    /// The requests that are decided otherwise.
    pub groups: Vec<Group>,
    /// How many requests were decided again, and with what result.
    pub tally: Tally,
}

impl Comparison<'_> {
    /// The number of changes in a direction.
    #[must_use]
    pub fn count(&self, direction: Direction) -> usize {
        self.changes.iter().filter(|change| change.direction == direction).count()
    }

    /// The changes grouped by subject, in order of first appearance; within a group, those that widen first.
    #[must_use]
    pub fn grouped(&self) -> Vec<(&[Subject], Vec<&Change>)> {
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
