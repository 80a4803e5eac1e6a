//! TOML with spans.

use std::collections::HashSet;

use toml::de::DeTable;

use crate::finding::Finding;
use crate::mistakes;
use crate::report::Report;
use crate::source::Source;

/// Reads a text as TOML.
///
/// # Errors
/// Everything that is wrong with the syntax, one finding a line: the first mistake of a line is
/// mostly the cause of the others there.
pub(crate) fn parse(source: &Source) -> Result<DeTable<'_>, Report> {
    let (table, errors) = DeTable::parse_recoverable(source.text());
    if errors.is_empty() {
        return Ok(table.into_inner());
    }
    let mut report = Report::default();
    let mut lines = HashSet::new();
    for error in errors {
        let span = error.span().unwrap_or_default();
        if !lines.insert(source.line(span.start)) {
            continue;
        }
        let (message, expected) = match error.message().split_once(", expected ") {
            Some((message, expected)) => (message, format!("expected {expected}")),
            None => (error.message(), String::new()),
        };
        report.add(Finding::new(&mistakes::SYNTAX, message).at(Some(span), expected));
    }
    Err(report.sorted())
}
