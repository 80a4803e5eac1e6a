//! Changes for people: grouped by route, those that widen first.

use core::fmt::Write;

use corsgate_compare::replay::Effect;
use corsgate_compare::{Change, Direction, Kind, Risk};

use super::sentence::{self, visible};
use super::{Comparison, Replayed};

/// The maximum number of changes of a kind for one subject. JSON has all of them.
const MOST_SHOWN: usize = 30;
const BOLD: &str = "\x1b[1m";
const RED: &str = "\x1b[31m";
const YELLOW: &str = "\x1b[33m";
const GREEN: &str = "\x1b[32m";
const DIM: &str = "\x1b[2m";
const RESET: &str = "\x1b[0m";

/// The whole output.
pub(super) fn render(comparison: &Comparison<'_>) -> String {
    let mut text = String::new();
    // Writing to a string does not fail.
    for (subjects, changes) in comparison.grouped() {
        let _written = writeln!(text, "{BOLD}{}{RESET}", visible(&sentence::heading(subjects, comparison)));
        for direction in [Direction::Widens, Direction::Narrows, Direction::Neutral] {
            // If there are other changes, the heading already says that requests match another route.
            let said = |change: &Change| change.kind == Kind::Order && changes.len() > 1;
            let of_direction: Vec<_> =
                changes.iter().filter(|change| change.direction == direction && !said(change)).collect();
            for change in of_direction.iter().take(MOST_SHOWN) {
                text.push_str(&line(change));
            }
            if let Some(hidden) = of_direction.len().checked_sub(MOST_SHOWN).filter(|hidden| *hidden > 0) {
                let _written =
                    writeln!(text, "  and {hidden} more that {}: see `--format json`", verb(direction));
            }
        }
        text.push('\n');
    }
    let _written = writeln!(text, "{}", visible(&sentence::summary(comparison)));
    if let Some(replayed) = comparison.replayed {
        text.push_str(&replay(replayed));
    }
    text
}

fn verb(direction: Direction) -> &'static str {
    match direction {
        Direction::Widens => "widen",
        Direction::Narrows => "narrow",
        Direction::Neutral => "are neutral",
    }
}

fn line(change: &Change) -> String {
    let colour = match (change.direction, change.risk) {
        (Direction::Widens, Risk::High) => RED,
        (Direction::Widens, _) => YELLOW,
        (Direction::Narrows, _) => GREEN,
        (Direction::Neutral, _) => DIM,
    };
    // Changes that narrow or are neutral with low risk need no column for the risk.
    let risk = match (change.direction, change.risk) {
        (Direction::Widens, risk) | (Direction::Neutral, risk @ (Risk::Medium | Risk::High)) => risk.name(),
        _ => "",
    };
    let (direction, text, why) = (change.direction.name(), visible(&change.text), visible(&change.why));
    format!("  {colour}{direction:<8}{risk:<7}{RESET} {text}\n{:<18}{DIM}{why}{RESET}\n", "")
}

fn replay(replayed: &Replayed) -> String {
    let quote = |text: &str| format!("`{}`", visible(text));
    let mut text = format!("\n{BOLD}{}{RESET}\n", visible(&sentence::replay(replayed)));
    for (effect, colour) in [(Effect::Passes, YELLOW), (Effect::Refused, GREEN), (Effect::Otherwise, DIM)] {
        let groups: Vec<_> = replayed.groups.iter().filter(|group| group.effect == effect).collect();
        for group in groups.iter().take(MOST_SHOWN) {
            let (sentence, details) = (sentence::group(group, &quote), sentence::details(group, &quote));
            let _written = writeln!(text, "  {colour}{sentence}{RESET}\n      {DIM}{details}{RESET}");
        }
        if let Some(hidden) = groups.len().checked_sub(MOST_SHOWN).filter(|hidden| *hidden > 0) {
            let _written = writeln!(text, "  and {hidden} more groups: see `--format json`");
        }
    }
    for note in sentence::notes(&replayed.tally, &visible) {
        let _written = writeln!(text, "  {note}");
    }
    text
}
