//! Where a source says something.

use core::fmt;
use std::sync::Arc;

use corsgate_authoring::Source;

/// A place in a source file. Shown as `file:line`, escaped: a file name is somebody else's text.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// The name of the file.
    pub file: Arc<str>,
    /// The line, counted from 1; 0 if the file as a whole is meant.
    pub line: usize,
    /// The column, counted from 1.
    pub column: usize,
}

/// Something that a source says, with its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Said<T> {
    /// What it says.
    pub value: T,
    /// Where.
    pub place: Place,
}

impl<T> Said<T> {
    /// A value at a place.
    pub fn new(value: T, place: &Place) -> Self {
        Self { value, place: place.clone() }
    }
}

/// The places of one file.
#[derive(Clone, Debug)]
pub(crate) struct Places<'s> {
    file: Arc<str>,
    source: &'s Source,
    /// Columns of the first line that the file itself does not have.
    shift: usize,
}

impl<'s> Places<'s> {
    pub(crate) fn new(source: &'s Source, shift: usize) -> Self {
        Self { file: source.name().into(), source, shift }
    }

    pub(crate) fn at(&self, offset: usize) -> Place {
        let (line, column) = (self.source.line(offset), self.source.column(offset));
        let shift = if line == 1 { self.shift } else { 0 };
        Place { file: Arc::clone(&self.file), line, column: column.saturating_sub(shift).max(1) }
    }
}

impl Place {
    /// A file as a whole.
    #[must_use]
    pub fn whole(file: &str) -> Self {
        Self { file: file.into(), line: 0, column: 0 }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let file = crate::shown::line(&self.file);
        if self.line == 0 { f.write_str(&file) } else { write!(f, "{file}:{}", self.line) }
    }
}
