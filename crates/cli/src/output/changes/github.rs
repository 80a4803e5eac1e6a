//! Changes as workflow commands, which GitHub Actions shows at the run and at the pull request.

use corsgate_compare::replay::Effect;
use corsgate_compare::{Change, Direction, Risk};

use super::sentence::{self, visible};
use super::{Comparison, Replayed};
use crate::output::github::{data, property};

/// The maximum number of groups of a replay: GitHub shows only a few annotations for a step.
const MOST_GROUPS: usize = 5;

/// All changes, one a line, those that widen first.
pub(super) fn render(comparison: &Comparison<'_>) -> String {
    let mut changes: Vec<_> = comparison.changes.iter().collect();
    changes.sort_by_key(|change| (change.direction, core::cmp::Reverse(change.risk)));
    let mut text: String = changes.into_iter().map(|change| line(change, comparison)).collect();
    text.push_str(&command("notice", "corsgate diff", &visible(&sentence::summary(comparison))));
    if let Some(replayed) = comparison.replayed {
        text.push_str(&replay(replayed));
    }
    text
}

fn line(change: &Change, comparison: &Comparison<'_>) -> String {
    let level = match (change.direction, change.risk) {
        (Direction::Widens, Risk::High) => "error",
        (Direction::Widens, _) | (Direction::Neutral, Risk::High) => "warning",
        _ => "notice",
    };
    let risk = match change.direction {
        Direction::Narrows => String::new(),
        _ => format!(" ({} risk)", change.risk.name()),
    };
    let title =
        format!("{}{risk}: {}", change.direction.name(), sentence::heading(&change.subjects, comparison));
    command(level, &visible(&title), &format!("{}\n{}", visible(&change.text), visible(&change.why)))
}

fn replay(replayed: &Replayed) -> String {
    let quote = |text: &str| format!("`{}`", visible(text));
    let groups = replayed.groups.iter().filter(|group| group.effect != Effect::Otherwise).take(MOST_GROUPS);
    let mut lines: Vec<_> = groups.map(|group| sentence::group(group, &quote)).collect();
    lines.extend(sentence::notes(&replayed.tally, &visible));
    command("notice", &visible(&sentence::replay(replayed)), &lines.join("\n"))
}

fn command(level: &str, title: &str, message: &str) -> String {
    format!("::{level} title={}::{}\n", property(title), data(message))
}
