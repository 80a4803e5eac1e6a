//! The rows of a report as CSV (RFC 4180).
//!
//! Cells contain what clients sent. They are made [`plain`], and a cell that a spreadsheet would take for a formula
//! gets an apostrophe before it, as OWASP recommends: <https://owasp.org/www-community/attacks/CSV_Injection>. The
//! JSON has the exact texts.

use super::answer::{Answer, Row};
use crate::output::plain::plain;

const ORIGINS: [&str; 12] = [
    "refused",
    "decisions",
    "share",
    "refused_rows",
    "rows",
    "few_rows",
    "countries",
    "colos",
    "first_seen",
    "last_seen",
    "reasons",
    "class",
];

/// The rows of a report below a heading.
pub(super) fn of(answer: &Answer) -> String {
    let keys = answer.by.iter().flat_map(|key| match key.as_str() {
        "reason" => vec!["reason", "class"],
        key => vec![key],
    });
    let columns: Vec<&str> = match answer.report.as_str() {
        "outcomes" => ["time"].into_iter().chain(keys).chain(["decisions", "rows"]).collect(),
        "share" => {
            keys.chain(["share", "refused", "decisions", "refused_rows", "rows", "few_rows"]).collect()
        }
        "origins" => keys.chain(ORIGINS).collect(),
        "policies" => keys.chain(["first_seen", "last_seen", "decisions", "refused", "rows"]).collect(),
        "unusual" => ["is_new"]
            .into_iter()
            .chain(keys)
            .chain(["score", "decisions", "median", "rows", "first_seen", "last_seen"])
            .collect(),
        _ => keys.chain(["decisions", "rows", "first_seen", "last_seen"]).collect(),
    };
    let mut text = line(columns.iter().map(|column| (*column).to_owned()));
    for (is_new, rows) in [(false, &answer.rows), (true, &answer.new)] {
        for row in rows {
            text.push_str(&line(columns.iter().map(|column| cell(row, column, is_new))));
        }
    }
    text
}

fn cell(row: &Row, column: &str, is_new: bool) -> String {
    match column {
        "is_new" => is_new.to_string(),
        "reasons" => row.texts(column).join(" "),
        _ => row.cell(column),
    }
}

/// A line of cells.
pub(super) fn line(cells: impl Iterator<Item = String>) -> String {
    let cells: Vec<_> = cells.map(|text| quoted(&text)).collect();
    format!("{}\r\n", cells.join(","))
}

/// The first characters of a formula; a Japanese spreadsheet takes the wide ones too.
const FORMULA: [char; 8] = ['=', '+', '-', '@', '\u{ff1d}', '\u{ff0b}', '\u{ff0d}', '\u{ff20}'];

fn quoted(text: &str) -> String {
    let text = plain(text);
    let text = if text.starts_with(FORMULA) { format!("'{text}") } else { text };
    if text.contains([',', '"', ' ', '\'']) { format!("\"{}\"", text.replace('"', "\"\"")) } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_cell_is_a_formula_or_ends_a_line() {
        for (text, expected) in [
            ("https://shop.example", "https://shop.example"),
            ("=cmd|' /C calc'!A0", "\"'=cmd|' /C calc'!A0\""),
            ("+1", "\"'+1\""),
            ("-1", "\"'-1\""),
            ("@SUM(A1)", "\"'@SUM(A1)\""),
            ("\u{ff1d}1", "\"'\u{ff1d}1\""),
            ("\t=1", "\\u{9}=1"),
            ("a\"b,c", "\"a\"\"b,c\""),
            ("a\r\nb", "a\\u{d}\\u{a}b"),
            ("", ""),
        ] {
            assert_eq!(quoted(text), expected);
        }
    }
}
