//! Changes as JSON in the tool's own format, version 1.

use corsgate_compare::replay::{Decided, Effect};
use corsgate_compare::{Direction, Subject};
use serde::Serialize;

use super::{Compared, Comparison, Replayed};
use crate::document;

#[derive(Serialize)]
struct Changes<'c> {
    before: Policy<'c>,
    now: Policy<'c>,
    widens: usize,
    narrows: usize,
    neutral: usize,
    changes: Vec<Change<'c>>,
    /// Absent without `--replay`.
    replay: Option<Replay<'c>>,
}

#[derive(Serialize)]
struct Policy<'c> {
    name: &'c str,
    id: &'c str,
}

#[derive(Serialize)]
struct Change<'c> {
    kind: &'static str,
    direction: &'static str,
    risk: &'static str,
    text: &'c str,
    why: &'c str,
    subjects: Vec<About<'c>>,
}

#[derive(Serialize)]
#[serde(tag = "about", rename_all = "lowercase")]
enum About<'c> {
    Route { name: &'c str },
    Requests { which: &'c str, before: &'c str, now: &'c str },
    Defaults,
    Policy,
}

#[derive(Serialize)]
struct Replay<'c> {
    file: &'c str,
    day: String,
    records: u64,
    requests: f64,
    unchanged: f64,
    changes: Vec<Group<'c>>,
    crowded: Vec<Crowded>,
    undecided: Vec<Undecided>,
    malformed: Malformed<'c>,
    left_out: f64,
    other_lines: u64,
}

#[derive(Serialize)]
struct Group<'c> {
    effect: &'static str,
    requests: f64,
    origin: Option<&'c str>,
    kind: &'static str,
    before: Outcome<'c>,
    now: Outcome<'c>,
    example: &'c str,
}

#[derive(Serialize)]
struct Outcome<'c> {
    outcome: &'static str,
    reason: Option<&'static str>,
    route: Option<&'c str>,
}

#[derive(Serialize)]
struct Crowded {
    effect: &'static str,
    requests: f64,
}

#[derive(Serialize)]
struct Undecided {
    why: String,
    requests: f64,
}

#[derive(Serialize)]
struct Malformed<'c> {
    count: u64,
    first: Vec<Row<'c>>,
}

#[derive(Serialize)]
struct Row<'c> {
    line: usize,
    why: &'c str,
}

/// The document that `corsgate diff --format json` prints.
///
/// # Errors
/// If it cannot be JSON.
pub fn render(comparison: &Comparison<'_>) -> serde_json::Result<String> {
    fn policy(Compared { name, id, .. }: Compared<'_>) -> Policy<'_> {
        Policy { name, id }
    }
    let changes = comparison.changes.iter().map(|change| Change {
        kind: change.kind.name(),
        direction: change.direction.name(),
        risk: change.risk.name(),
        text: &change.text,
        why: &change.why,
        subjects: change.subjects.iter().map(about).collect(),
    });
    let content = Changes {
        before: policy(comparison.before),
        now: policy(comparison.now),
        widens: comparison.count(Direction::Widens),
        narrows: comparison.count(Direction::Narrows),
        neutral: comparison.count(Direction::Neutral),
        changes: changes.collect(),
        replay: comparison.replayed.map(replay),
    };
    document::versioned(content)
}

fn about(subject: &Subject) -> About<'_> {
    match subject {
        Subject::Route(name) => About::Route { name },
        Subject::Requests(requests) => {
            About::Requests { which: &requests.which, before: &requests.before, now: &requests.now }
        }
        Subject::Defaults => About::Defaults,
        Subject::Policy => About::Policy,
    }
}

fn replay(replayed: &Replayed) -> Replay<'_> {
    let tally = &replayed.tally;
    let groups = replayed.groups.iter().map(|group| Group {
        effect: effect(group.effect),
        requests: group.requests,
        origin: Some(group.origin.as_str()).filter(|origin| !origin.is_empty()),
        kind: group.kind,
        before: outcome(&group.before),
        now: outcome(&group.now),
        example: &group.example,
    });
    Replay {
        file: &replayed.name,
        day: replayed.day.to_string(),
        records: tally.records,
        requests: tally.requests,
        unchanged: tally.unchanged,
        changes: groups.collect(),
        crowded: tally
            .crowded
            .iter()
            .map(|(of, requests)| Crowded { effect: effect(*of), requests: *requests })
            .collect(),
        undecided: {
            let undecided = tally.undecided.iter();
            undecided.map(|(why, requests)| Undecided { why: why.to_string(), requests: *requests }).collect()
        },
        malformed: Malformed {
            count: tally.malformed,
            first: tally.named.iter().map(|row| Row { line: row.line, why: &row.why }).collect(),
        },
        left_out: tally.left_out,
        other_lines: tally.others,
    }
}

fn effect(effect: Effect) -> &'static str {
    match effect {
        Effect::Passes => "passes",
        Effect::Refused => "refused",
        Effect::Otherwise => "otherwise",
    }
}

fn outcome(decided: &Decided) -> Outcome<'_> {
    Outcome { outcome: decided.outcome(), reason: decided.reason, route: decided.route.as_deref() }
}
