//! Reads TOML with spans.

use std::collections::HashSet;

use toml::de::DeTable;

use crate::finding::Finding;
use crate::mistakes;
use crate::report::Report;
use crate::source::Source;

/// The longest text, in bytes, for which every syntax error is reported. A longer text that is not TOML could have
/// millions of errors, each with its own message, so only the first is reported.
const MAX_RECOVERED: usize = 1024 * 1024;

/// Reads a text as TOML.
///
/// # Errors
/// All syntax errors, one finding a line: the first error of a line usually causes the others there.
pub(crate) fn parse(source: &Source) -> Result<DeTable<'_>, Report> {
    let errors = if source.text().len() > MAX_RECOVERED {
        match DeTable::parse(source.text()) {
            Ok(table) => return Ok(table.into_inner()),
            Err(error) => vec![error],
        }
    } else {
        let (table, errors) = DeTable::parse_recoverable(source.text());
        if errors.is_empty() {
            return Ok(table.into_inner());
        }
        errors
    };
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_is_told_of_unless_the_text_is_long() {
        for (lines, told) in [(3, 3), (MAX_RECOVERED, 1)] {
            let source = Source::from_bytes("policy.toml", "= \n".repeat(lines).into_bytes()).expect("text");
            assert_eq!(parse(&source).expect_err("no TOML").findings().len(), told);
        }
        let long = format!("# {}\nversion = 1\n", "x".repeat(MAX_RECOVERED));
        let source = Source::from_bytes("policy.toml", long.into_bytes()).expect("text");
        assert!(parse(&source).expect("TOML").contains_key("version"));
    }
}
