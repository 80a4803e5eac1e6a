//! Reads the page.

use std::collections::BTreeMap;
use std::path::Path;

use crate::policy_page::sections::{SECTIONS, Section};

/// The head of every table that explains keys.
const HEAD: &str = "| key | value | default | what it does | codes |";

/// The page's statements about a key.
#[derive(Debug)]
pub(crate) struct Row {
    pub(crate) key: String,
    pub(crate) value: String,
    pub(crate) default: String,
    pub(crate) does: String,
}

/// The text of a page of the project.
pub(crate) fn text(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(name);
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The texts in backticks.
pub(crate) fn code(text: &str) -> Vec<&str> {
    text.split('`').skip(1).step_by(2).collect()
}

/// The lines of the page, each with its heading.
pub(crate) fn lines(text: &str) -> impl Iterator<Item = (&str, &str)> {
    text.lines().scan("", |heading, line| {
        if line.starts_with('#') {
            *heading = line.trim_start_matches('#').trim();
        }
        Some((*heading, line))
    })
}

/// The cells of a line of a table.
pub(crate) fn cells(line: &str) -> Vec<&str> {
    line.trim_matches('|').split(" | ").map(str::trim).collect()
}

fn rows() -> BTreeMap<String, Vec<Row>> {
    let text = text("docs/policy.md");
    let mut in_table = false;
    let mut rows = BTreeMap::<String, Vec<Row>>::new();
    for (heading, line) in lines(&text) {
        let explains_keys = in_table && line.starts_with("| `");
        in_table = line == HEAD || in_table && line.starts_with('|');
        if !explains_keys {
            continue;
        }
        let (cells, key) = (cells(line), code(line)[0].to_owned());
        assert!(matches!(cells.len(), 4 | 5), "not five cells: {line}");
        let row = Row {
            key,
            value: cells[1].to_owned(),
            default: cells[2].to_owned(),
            does: cells[3].trim_end_matches(" |").to_owned(),
        };
        rows.entry(heading.to_owned()).or_default().push(row);
    }
    rows
}

/// Each key of the page with its section.
pub(crate) fn keys() -> Vec<(&'static Section, Row)> {
    let mut rows = rows();
    let mut keys = Vec::new();
    for section in SECTIONS {
        let rows = rows.remove(section.heading);
        let rows = rows.unwrap_or_else(|| panic!("the page explains no keys under {}", section.heading));
        keys.extend(rows.into_iter().map(|row| (section, row)));
    }
    assert!(rows.is_empty(), "keys under headings that `sections.rs` does not know: {rows:?}");
    keys
}
