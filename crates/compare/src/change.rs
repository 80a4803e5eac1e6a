//! A change, with its subjects, direction and risk.

use std::collections::{HashMap, HashSet};

use crate::kind::Kind;

/// Whether a change allows more or less.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Direction {
    /// Something is allowed that was rejected, or a protection is weaker.
    Widens,
    /// Something is rejected that was allowed, or a protection is stronger.
    Narrows,
    /// It neither widens nor narrows.
    Neutral,
}

impl Direction {
    /// The name, as it stands in every output.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Widens => "widens",
            Self::Narrows => "narrows",
            Self::Neutral => "neutral",
        }
    }
}

/// How much harm an unintended change can do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Risk {
    /// Little harm.
    Low,
    /// Some harm: look twice.
    Medium,
    /// Much harm: accept it only if you know why it is there.
    High,
}

impl Risk {
    /// The name, as it stands in every output.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
        }
    }
}

/// The part of the policy that a change affects.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Subject {
    /// The route with this name; if it was renamed, the new name.
    Route(String),
    /// Requests for which another route decides than before.
    Requests(Requests),
    /// `[defaults.cors]`, for requests that match no route.
    Defaults,
    /// The policy as a whole.
    Policy,
}

/// Requests for which another route decides than before.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Requests {
    /// Their paths, and their hosts unless all hosts are meant.
    pub which: String,
    /// The route that took them by the first policy.
    pub before: String,
    /// The route that takes them by the second policy.
    pub now: String,
}

impl Requests {
    pub(crate) fn line(&self) -> Line {
        let Self { which, before, now } = self;
        Line::neutral(
            Kind::Order,
            Risk::Medium,
            format!("requests for {which} now match `{now}` instead of `{before}`"),
            "the differences between the two routes apply to these requests",
        )
    }
}

/// One difference between two policies, for all the subjects that have it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// Its kind, whose name is stable in JSON.
    pub kind: Kind,
    /// The routes, requests or parts of the policy that it affects.
    pub subjects: Vec<Subject>,
    /// Whether it allows more or less.
    pub direction: Direction,
    /// How much harm it can do if it was not intended.
    pub risk: Risk,
    /// What changes, in a sentence.
    pub text: String,
    /// Why it has this direction and risk.
    pub why: String,
}

impl Change {
    /// Whether the change affects a route itself, or requests that the route takes or took.
    #[must_use]
    pub fn concerns(&self, route: &str) -> bool {
        self.subjects.iter().any(|subject| match subject {
            Subject::Route(name) => name == route,
            Subject::Requests(requests) => requests.before == route || requests.now == route,
            Subject::Defaults | Subject::Policy => false,
        })
    }
}

/// A change without its subject.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Line {
    pub(crate) kind: Kind,
    pub(crate) direction: Direction,
    pub(crate) risk: Risk,
    pub(crate) text: String,
    pub(crate) why: String,
}

impl Line {
    pub(crate) fn widens(kind: Kind, risk: Risk, text: impl Into<String>, why: impl Into<String>) -> Self {
        Self { kind, direction: Direction::Widens, risk, text: text.into(), why: why.into() }
    }

    pub(crate) fn narrows(kind: Kind, text: impl Into<String>, why: impl Into<String>) -> Self {
        // A request that is rejected by mistake is noticed at once, and harms only its users.
        Self { kind, direction: Direction::Narrows, risk: Risk::Low, text: text.into(), why: why.into() }
    }

    pub(crate) fn neutral(kind: Kind, risk: Risk, text: impl Into<String>, why: impl Into<String>) -> Self {
        Self { kind, direction: Direction::Neutral, risk, text: text.into(), why: why.into() }
    }

    pub(crate) fn at_risk(self, risk: Risk) -> Self {
        Self { risk, ..self }
    }
}

/// A switch that is on or off.
pub(crate) struct Switch {
    pub(crate) kind: Kind,
    /// The risk when turning it widens.
    pub(crate) risk: Risk,
    pub(crate) wide: (&'static str, &'static str),
    pub(crate) narrow: (&'static str, &'static str),
}

impl Switch {
    /// The line for a switch that was turned; `before` and `now` say whether it is on its wide side.
    pub(crate) fn turned(&self, before: bool, now: bool) -> Option<Line> {
        match (before, now) {
            (false, true) => Some(Line::widens(self.kind, self.risk, self.wide.0, self.wide.1)),
            (true, false) => Some(Line::narrows(self.kind, self.narrow.0, self.narrow.1)),
            _ => None,
        }
    }
}

/// Joins equal lines of several subjects into one change, in the order in which they came.
pub(crate) fn joined(found: Vec<(Subject, Line)>) -> Vec<Change> {
    let mut places: HashMap<Line, usize> = HashMap::new();
    let mut changes: Vec<Change> = Vec::new();
    let mut joined: HashSet<(usize, Subject)> = HashSet::new();
    for (subject, line) in found {
        let Line { kind, direction, risk, text, why } = line.clone();
        // Only routes share a change: a line about requests must stay beside the sentence that names them.
        if matches!(subject, Subject::Route(_)) {
            let at = *places.entry(line).or_insert(changes.len());
            let is_new = joined.insert((at, subject.clone()));
            if let Some(change) = changes.get_mut(at) {
                if is_new {
                    change.subjects.push(subject);
                }
                continue;
            }
        }
        changes.push(Change { kind, subjects: vec![subject], direction, risk, text, why });
    }
    changes
}

/// Lists names in a sentence: `` `a`, `b` and `c` ``.
pub(crate) fn quoted<'n>(names: impl IntoIterator<Item = &'n str>) -> String {
    let mut names: Vec<_> = names.into_iter().map(|name| format!("`{name}`")).collect();
    match names.pop() {
        Some(last) if !names.is_empty() => format!("{} and {last}", names.join(", ")),
        last => last.unwrap_or_default(),
    }
}
