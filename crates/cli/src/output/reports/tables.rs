//! `top`, `share` and `unusual` as tables.

use super::View;
use super::answer::{Answer, Row};
use super::notes::{error, is_sampled};
use super::spark;
use super::table::{Stand, Table};
use super::words::{ago, count, moment, percent};
use crate::output::plain::columns;

/// The label of the row for everything that has no row of its own.
pub(super) const OTHER: &str = "(other)";

/// The columns of the keys, whose texts come from clients and operators.
pub(super) fn key_columns(answer: &Answer) -> impl Iterator<Item = (Stand, String)> {
    answer.by.iter().map(|key| (Stand::Text, key.clone()))
}

/// The keys of a row. An empty key becomes a word.
pub(super) fn keys(answer: &Answer, row: &Row) -> Vec<String> {
    let or_none = |text: &str| if text.is_empty() { "(none)".to_owned() } else { text.to_owned() };
    answer.by.iter().map(|key| or_none(row.text(key))).collect()
}

/// The keys of the row for everything else.
pub(super) fn other_keys(answer: &Answer) -> Vec<String> {
    let blank = answer.by.iter().skip(1).map(|_| String::new());
    [OTHER.to_owned()].into_iter().chain(blank).collect()
}

pub(super) fn top(answer: &Answer, view: View) -> String {
    seen(answer, &answer.rows, view)
}

/// The rows with their first and last time. If there is no room for both times, the table says how long ago they were.
fn seen(answer: &Answer, rows: &[Row], view: View) -> String {
    fitting(view, |with_moments| seen_table(answer, rows, view, with_moments))
}

/// The table with all its columns, if the terminal is wide enough; else the one with fewer.
pub(super) fn fitting(view: View, table: impl Fn(bool) -> Table) -> String {
    let whole = table(true).render(None);
    let widest = whole.lines().map(columns).max().unwrap_or_default();
    match view.columns {
        Some(most) if widest > most => table(false).render(view.columns),
        _ => whole,
    }
}

fn seen_table(answer: &Answer, rows: &[Row], view: View, with_moments: bool) -> Table {
    let sampled = is_sampled(rows);
    let figures = [(Stand::Right, "decisions"), (Stand::Right, "rows")];
    let errors = sampled.then_some((Stand::Right, "±"));
    let times = match with_moments {
        true => &[
            (Stand::Left, "first seen (UTC)"),
            (Stand::Right, ""),
            (Stand::Left, "last seen (UTC)"),
            (Stand::Right, ""),
        ][..],
        false => &[(Stand::Right, "first seen"), (Stand::Right, "last seen")],
    };
    let ours = figures.into_iter().chain(errors).chain(times.iter().copied());
    let mut table = Table::new(key_columns(answer).chain(ours.map(|(stand, name)| (stand, name.to_owned()))));
    for row in rows {
        let mut cells = keys(answer, row);
        cells.extend([count(row.number("decisions")), count(row.number("rows"))]);
        cells.extend(sampled.then(|| error(row.number("decisions"), row.number("rows"))));
        for time in ["first_seen", "last_seen"] {
            let time = row.time(time);
            cells.extend(with_moments.then(|| time.map(moment).unwrap_or_default()));
            cells.push(time.map(|time| ago(time, view.now)).unwrap_or_default());
        }
        table.push(cells);
    }
    if let Some(other) = answer.other.filter(|other| other.decisions > 0) {
        let mut cells = other_keys(answer);
        cells.push(count(other.decisions));
        table.push(cells);
    }
    table
}

pub(super) fn share(answer: &Answer, view: View) -> String {
    let sampled = is_sampled(&answer.rows);
    let figures = ["refused", "decisions", "rows"].map(|name| (Stand::Right, name.to_owned()));
    let errors = sampled.then_some((Stand::Right, "±".to_owned()));
    let shares = [(Stand::Left, "share refused".to_owned()), (Stand::Right, String::new())];
    let rough = [(Stand::Left, String::new())];
    let heads = key_columns(answer).chain(shares).chain(figures).chain(errors).chain(rough);
    let mut table = Table::new(heads);
    for row in &answer.rows {
        let share = row.decimal("share");
        let mut cells = keys(answer, row);
        cells.extend([spark::bar(share), percent(share)]);
        cells.extend(["refused", "decisions", "rows"].map(|name| count(row.number(name))));
        cells.extend(sampled.then(|| error(row.number("decisions"), row.number("rows"))));
        cells.push(if row.flag("few_rows") { "rough".to_owned() } else { String::new() });
        table.push(cells);
    }
    if let Some(other) = answer.other.filter(|other| other.decisions > 0) {
        let mut cells = other_keys(answer);
        cells.extend([String::new(), String::new(), String::new(), count(other.decisions)]);
        table.push(cells);
    }
    table.render(view.columns)
}

pub(super) fn unusual(answer: &Answer, view: View) -> String {
    let mut text = String::new();
    if answer.rows.is_empty() {
        text.push_str("nothing is refused much more often than at this hour of the days before\n");
    } else {
        let figures = ["score", "this hour", "usual", "rows"].map(|name| (Stand::Right, name.to_owned()));
        let mut table = Table::new(key_columns(answer).chain(figures));
        for row in &answer.rows {
            let mut cells = keys(answer, row);
            cells.push(row.cell("score"));
            cells.push(count(row.number("decisions")));
            cells.extend([row.cell("median"), count(row.number("rows"))]);
            table.push(cells);
        }
        text.push_str(&table.render(view.columns));
    }
    if answer.new.is_empty() {
        text.push_str("nothing is refused for the first time\n");
    } else {
        text.push_str("\nrefused for the first time:\n");
        text.push_str(&seen(answer, &answer.new, view));
    }
    text
}
