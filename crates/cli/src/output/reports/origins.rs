//! `origins`: a line for each origin.

use super::View;
use super::answer::{Answer, Row};
use super::spark;
use super::table::{Stand, Table};
use super::tables::{fitting, key_columns, keys};
use super::words::{ago, count, percent};

/// On a narrow terminal, only the columns that matter most.
pub(super) fn render(answer: &Answer, view: View) -> String {
    fitting(view, |is_wide| table(answer, view, is_wide))
}

fn table(answer: &Answer, view: View, is_wide: bool) -> Table {
    let columns = [
        (Stand::Right, "refused", true),
        (Stand::Left, "share", is_wide),
        (Stand::Right, if is_wide { "" } else { "share" }, true),
        (Stand::Left, "", is_wide),
        (Stand::Right, "countries", true),
        (Stand::Right, "colos", is_wide),
        (Stand::Right, "first seen", is_wide),
        (Stand::Right, "last seen", true),
        (Stand::Text, "reasons", true),
    ];
    let shown = columns.map(|(_, _, is_shown)| is_shown);
    let columns = columns.into_iter().filter(|(.., is_shown)| *is_shown);
    let columns = columns.map(|(stand, name, _)| (stand, name.to_owned()));
    let mut table = Table::new(key_columns(answer).chain(columns));
    for row in &answer.rows {
        let share = row.decimal("share");
        let time = |name| row.time(name).map(|time| ago(time, view.now)).unwrap_or_default();
        let cells = [
            count(row.number("refused")),
            spark::bar(share),
            percent(share),
            if row.flag("few_rows") { "rough".to_owned() } else { String::new() },
            known(row, "countries"),
            known(row, "colos"),
            time("first_seen"),
            time("last_seen"),
            row.texts("reasons").join(", "),
        ];
        let cells = cells.into_iter().zip(shown).filter(|(_, is_shown)| *is_shown);
        table.push(keys(answer, row).into_iter().chain(cells.map(|(cell, _)| cell)).collect());
    }
    table
}

/// A number; `?` if it is not known.
fn known(row: &Row, name: &str) -> String {
    match row.number(name) {
        0 => "?".to_owned(),
        number => count(number),
    }
}
