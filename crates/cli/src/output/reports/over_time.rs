//! `outcomes`: decisions over time, with a row of blocks for each series.

use std::collections::HashMap;

use super::View;
use super::answer::{Answer, AnswerError};
use super::notes::{error, is_sampled};
use super::spark;
use super::table::{Stand, Table};
use super::tables::{key_columns, keys, other_keys};
use super::words::{count, moment, span};
use crate::output::plain::columns;

/// More steps than any range has.
const MOST_STEPS: u64 = 10_000;
/// With fewer blocks, a row of them says too little.
const FEWEST: usize = 20;

struct Series {
    keys: Vec<String>,
    steps: Vec<u64>,
    decisions: u64,
    rows: u64,
}

/// The rows of blocks, and a heading that says what a block stands for.
pub(super) fn render(answer: &Answer, view: View) -> Result<String, AnswerError> {
    let step = answer.step.filter(|step| *step > 0).ok_or(AnswerError::NoStep)?;
    let start = answer.since - answer.since % step;
    let steps = answer.until.saturating_sub(start).div_ceil(step);
    if steps > MOST_STEPS {
        return Err(AnswerError::TooManySteps);
    }
    let series = series(answer, start, step, usize::try_from(steps).unwrap_or_default())?;
    // The width that the other columns leave decides how many steps a block stands for.
    let room = view.columns.map(|most| {
        let rest = table(answer, &series, None).render(None);
        let rest = rest.lines().map(columns).max().unwrap_or_default();
        most.saturating_sub(rest + 2).max(FEWEST)
    });
    let steps = usize::try_from(steps).unwrap_or_default();
    let together = room.map_or(1, |room| steps.div_ceil(room)).max(1);
    let block = step.saturating_mul(together as u64);
    let mut text = format!(
        "each block is {}, the first starts at {} UTC; each line has its own scale: █ is its peak, a space is zero\n",
        span(block),
        moment(start)
    );
    text.push_str(&table(answer, &series, Some(together)).render(view.columns));
    Ok(text)
}

fn series(answer: &Answer, start: u64, step: u64, steps: usize) -> Result<Vec<Series>, AnswerError> {
    let mut series: Vec<Series> = Vec::new();
    let mut places = HashMap::new();
    for row in &answer.rows {
        let keys = keys(answer, row);
        let at = *places.entry(keys.clone()).or_insert(series.len());
        if at == series.len() {
            series.push(Series { keys, steps: vec![0; steps], decisions: 0, rows: 0 });
        }
        let time = row.time("time").and_then(|time| time.checked_sub(start)).map(|time| time / step);
        let step = time.and_then(|time| usize::try_from(time).ok());
        let figure = row.number("decisions");
        if let Some(series) = series.get_mut(at) {
            let cell =
                step.and_then(|step| series.steps.get_mut(step)).ok_or(AnswerError::TimeOutsideRange)?;
            *cell = cell.saturating_add(figure);
            series.decisions = series.decisions.saturating_add(figure);
            series.rows = series.rows.saturating_add(row.number("rows"));
        }
    }
    series.sort_by(|one, other| other.decisions.cmp(&one.decisions).then_with(|| one.keys.cmp(&other.keys)));
    Ok(series)
}

/// The width of the table without its blocks.
fn table(answer: &Answer, series: &[Series], together: Option<usize>) -> Table {
    let sampled = is_sampled(&answer.rows);
    let blocks = together.map(|_| (Stand::Left, "over time".to_owned()));
    let figures = ["decisions", "peak", "rows"].map(|name| (Stand::Right, name.to_owned()));
    let errors = sampled.then_some((Stand::Right, "±".to_owned()));
    let mut table = Table::new(key_columns(answer).chain(blocks).chain(figures).chain(errors));
    for one in series {
        let merged = spark::merged(&one.steps, together.unwrap_or(1));
        let mut cells = one.keys.clone();
        cells.extend(together.map(|_| spark::line(&merged)));
        let peak = merged.iter().copied().max().unwrap_or_default();
        cells.extend([count(one.decisions), count(peak), count(one.rows)]);
        cells.extend(sampled.then(|| error(one.decisions, one.rows)));
        table.push(cells);
    }
    if let Some(other) = answer.other.filter(|other| other.decisions > 0) {
        let mut cells = other_keys(answer);
        cells.extend(together.map(|_| String::new()));
        cells.push(count(other.decisions));
        table.push(cells);
    }
    table
}
