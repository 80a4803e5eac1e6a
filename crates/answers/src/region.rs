//! Positions in files, for programs.

use corsgate_authoring::{Source, Span};
use serde::Serialize;

/// A range in a file. Lines and columns are counted from 1, columns in characters; the end is exclusive.
#[derive(Clone, Copy, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Region {
    /// The line of the first character.
    pub start_line: usize,
    /// The column of the first character.
    pub start_column: usize,
    /// The line of the end.
    pub end_line: usize,
    /// The column of the end.
    pub end_column: usize,
}

impl Region {
    /// The lines and columns of a span.
    #[must_use]
    pub fn of(span: &Span, source: &Source) -> Self {
        Self {
            start_line: source.line(span.start),
            start_column: source.column(span.start),
            end_line: source.line(span.end),
            end_column: source.column(span.end),
        }
    }
}
