//! Changes as Markdown, for a comment on a pull request.

use core::fmt::Write;

use corsgate_compare::{Change, Direction, Risk};

use super::sentence::{self, visible};
use super::{Comparison, Replayed};

/// The maximum number of rows of a table: a comment on GitHub has at most 65,536 characters.
const MOST_ROWS: usize = 50;

/// The whole comment.
pub(super) fn render(comparison: &Comparison<'_>) -> String {
    let (before, now) = (comparison.before.name, comparison.now.name);
    let mut text =
        format!("### {} → {}\n\n{}\n", code(before), code(now), escaped(&sentence::summary(comparison)));
    let mut rows: Vec<_> = comparison.changes.iter().collect();
    rows.sort_by_key(|change| (change.direction, core::cmp::Reverse(change.risk)));
    // Writing to a string does not fail.
    if !rows.is_empty() {
        text.push_str("\n| | risk | where | what | why |\n| --- | --- | --- | --- | --- |\n");
    }
    for change in rows.iter().take(MOST_ROWS) {
        text.push_str(&row(change, comparison));
    }
    if let Some(hidden) = rows.len().checked_sub(MOST_ROWS).filter(|hidden| *hidden > 0) {
        let _written = writeln!(text, "\nand {hidden} more: see `--format json`");
    }
    if let Some(replayed) = comparison.replayed {
        text.push_str(&replay(replayed));
    }
    text
}

fn row(change: &Change, comparison: &Comparison<'_>) -> String {
    let direction = match change.direction {
        Direction::Widens => "**widens**",
        other => other.name(),
    };
    let risk = match (change.direction, change.risk) {
        (Direction::Narrows, _) | (Direction::Neutral, Risk::Low) => "",
        (_, risk) => risk.name(),
    };
    let (heading, text, why) = (sentence::heading(&change.subjects, comparison), &change.text, &change.why);
    format!("| {direction} | {risk} | {} | {} | {} |\n", escaped(&heading), escaped(text), escaped(why))
}

fn replay(replayed: &Replayed) -> String {
    let mut text = format!("\n#### {}\n\n", escaped(&sentence::replay(replayed)));
    for group in replayed.groups.iter().take(MOST_ROWS) {
        let (sentence, details) =
            (sentence::group(group, &|text| code(text)), sentence::details(group, &|text| code(text)));
        let _written = writeln!(text, "- {sentence}: {details}");
    }
    if let Some(hidden) = replayed.groups.len().checked_sub(MOST_ROWS).filter(|hidden| *hidden > 0) {
        let _written = writeln!(text, "- and {hidden} more groups: see `--format json`");
    }
    for note in sentence::notes(&replayed.tally, &|text| code(text)) {
        let _written = writeln!(text, "- {note}");
    }
    text
}

/// Escapes a sentence for a table cell: it must not end the cell, and must not contain HTML.
fn escaped(text: &str) -> String {
    visible(text).replace('|', "\\|").replace('<', "&lt;")
}

/// Escapes text from others: within HTML, Markdown interprets only `|`.
fn code(text: &str) -> String {
    let mut html = String::from("<code>");
    for letter in visible(text).chars() {
        match letter {
            letter if letter.is_alphanumeric() || matches!(letter, ' ' | '.' | '/' | '-' | ',' | '…') => {
                html.push(letter)
            }
            // Markdown does not interpret character references; they are shown as the characters.
            letter => {
                let _written = write!(html, "&#{};", u32::from(letter));
            }
        }
    }
    html.push_str("</code>");
    html
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_from_clients_becomes_neither_markup_nor_a_link() {
        let shown = code("https://x`|<img src=x>[a](b)\u{1b}@team");
        assert!(
            !shown
                .replace("<code>", "")
                .replace("</code>", "")
                .contains(['`', '|', '<', '[', '@', '\u{1b}', ':'])
        );
    }
}
