//! `policies`: a line for each policy, the newest first.

use super::View;
use super::answer::Answer;
use super::table::{Stand, Table};
use super::tables::{fitting, key_columns, keys, other_keys};
use super::words::{ago, count, moment};

/// On a narrow terminal, times say only how long ago they were.
pub(super) fn render(answer: &Answer, view: View) -> String {
    fitting(view, |is_wide| table(answer, view, is_wide))
}

fn table(answer: &Answer, view: View, is_wide: bool) -> Table {
    let times = match is_wide {
        true => &[
            (Stand::Left, "first seen (UTC)"),
            (Stand::Right, ""),
            (Stand::Left, "last seen (UTC)"),
            (Stand::Right, ""),
        ][..],
        false => &[(Stand::Right, "first seen"), (Stand::Right, "last seen")],
    };
    let figures = [(Stand::Right, "decisions"), (Stand::Right, "refused")];
    let columns = times.iter().copied().chain(figures).map(|(stand, name)| (stand, name.to_owned()));
    let mut table = Table::new(key_columns(answer).chain(columns));
    for row in &answer.rows {
        let mut cells = keys(answer, row);
        for time in ["first_seen", "last_seen"] {
            let time = row.time(time);
            cells.extend(is_wide.then(|| time.map(moment).unwrap_or_default()));
            cells.push(time.map(|time| ago(time, view.now)).unwrap_or_default());
        }
        cells.extend(["decisions", "refused"].map(|name| count(row.number(name))));
        table.push(cells);
    }
    if let Some(other) = answer.other.filter(|other| other.decisions > 0) {
        let mut cells = other_keys(answer);
        cells.extend(times.iter().map(|_| String::new()));
        cells.extend([count(other.decisions), String::new()]);
        table.push(cells);
    }
    table
}
