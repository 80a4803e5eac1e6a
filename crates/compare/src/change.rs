//! A change, and what it does.

use std::collections::HashMap;

use crate::kind::Kind;

/// What a change does to who may do what.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Direction {
    /// Something is allowed that was refused, or a protection is weaker.
    Widens,
    /// Something is refused that was allowed, or a protection is stronger.
    Narrows,
    /// Neither.
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

/// How much harm a change can do if it was not meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Risk {
    /// Little.
    Low,
    /// Some: look twice.
    Medium,
    /// Much: do not let it pass without knowing why it is there.
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

/// What a change is about.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Subject {
    /// The route of this name; of one that was renamed, the new name.
    Route(String),
    /// Requests for which another route decides than before.
    Requests(Requests),
    /// `[defaults.cors]`, where no route fits.
    Defaults,
    /// The policy as a whole.
    Policy,
}

/// Requests for which another route decides than before.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Requests {
    /// Which: paths, with the hosts where that is not all of them.
    pub which: String,
    /// The route that took them.
    pub before: String,
    /// The route that takes them.
    pub now: String,
}

impl Requests {
    pub(crate) fn line(&self) -> Line {
        let Self { which, before, now } = self;
        Line::neutral(
            Kind::Order,
            Risk::Medium,
            format!("requests for {which} now meet `{now}` in place of `{before}`"),
            "what differs between the two routes holds for these requests",
        )
    }
}

/// One change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// Which kind of change it is.
    pub kind: Kind,
    /// What it is about.
    pub subjects: Vec<Subject>,
    /// What it does.
    pub direction: Direction,
    /// How much harm it can do.
    pub risk: Risk,
    /// What changes, in a sentence.
    pub text: String,
    /// Why it has this direction and risk.
    pub why: String,
}

impl Change {
    /// Whether the change is about a route: its own, or requests that it takes or took.
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
        // What is refused by mistake is noticed at once, and harms nobody but its users.
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
    /// The risk of what widens.
    pub(crate) risk: Risk,
    pub(crate) wide: (&'static str, &'static str),
    pub(crate) narrow: (&'static str, &'static str),
}

impl Switch {
    /// The line when a switch that is wide or not becomes wide or not.
    pub(crate) fn turned(&self, before: bool, now: bool) -> Option<Line> {
        match (before, now) {
            (false, true) => Some(Line::widens(self.kind, self.risk, self.wide.0, self.wide.1)),
            (true, false) => Some(Line::narrows(self.kind, self.narrow.0, self.narrow.1)),
            _ => None,
        }
    }
}

/// Makes one change of lines that are the same for several subjects, in the order in which they came.
pub(crate) fn joined(found: Vec<(Subject, Line)>) -> Vec<Change> {
    let mut places: HashMap<Line, usize> = HashMap::new();
    let mut changes: Vec<Change> = Vec::new();
    for (subject, line) in found {
        let Line { kind, direction, risk, text, why } = line.clone();
        // Only routes share: what is said of some requests must stay beside the sentence that names them.
        let shared = matches!(subject, Subject::Route(_)).then(|| places.get(&line)).flatten();
        if let Some(change) = shared.and_then(|at| changes.get_mut(*at)) {
            if !change.subjects.contains(&subject) {
                change.subjects.push(subject);
            }
            continue;
        }
        if matches!(subject, Subject::Route(_)) {
            places.insert(line, changes.len());
        }
        changes.push(Change { kind, subjects: vec![subject], direction, risk, text, why });
    }
    changes
}

/// Names for a sentence: `` `a`, `b` and `c` ``.
pub(crate) fn quoted<'n>(names: impl IntoIterator<Item = &'n str>) -> String {
    let mut names: Vec<_> = names.into_iter().map(|name| format!("`{name}`")).collect();
    match names.pop() {
        Some(last) if !names.is_empty() => format!("{} and {last}", names.join(", ")),
        last => last.unwrap_or_default(),
    }
}
