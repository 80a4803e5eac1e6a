//! Places as machines read them.

use corsgate_authoring::{Source, Span};
use serde::Serialize;

/// A place in a file. Lines and columns are counted from 1, columns in characters; the end is the
/// character behind the last.
#[derive(Clone, Copy, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Region {
    pub(crate) start_line: usize,
    pub(crate) start_column: usize,
    pub(crate) end_line: usize,
    pub(crate) end_column: usize,
}

impl Region {
    pub(crate) fn of(span: &Span, source: &Source) -> Self {
        Self {
            start_line: source.line(span.start),
            start_column: source.column(span.start),
            end_line: source.line(span.end),
            end_column: source.column(span.end),
        }
    }
}
