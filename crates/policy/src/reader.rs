//! Reading a document with all its problems at once.

use crate::violation::{Place, Problem, Violation};

/// Stands at a place of the document and collects what is wrong there and below.
pub(crate) struct Reader<'p> {
    place: Place,
    problems: &'p mut Vec<Problem>,
}

impl<'p> Reader<'p> {
    pub(crate) fn new(problems: &'p mut Vec<Problem>) -> Self {
        Self { place: Place::default(), problems }
    }

    /// Stands at a key below.
    pub(crate) fn key(&mut self, key: &str) -> Reader<'_> {
        Reader { place: self.place.key(key), problems: self.problems }
    }

    /// Stands at a position below.
    pub(crate) fn index(&mut self, index: usize) -> Reader<'_> {
        Reader { place: self.place.index(index), problems: self.problems }
    }

    pub(crate) fn report(&mut self, violation: Violation) {
        let problem = Problem { place: self.place.clone(), violation };
        // A list that breaks a rule of its route in a thousand lines breaks it once.
        if self.problems.last() != Some(&problem) {
            self.problems.push(problem);
        }
    }

    pub(crate) fn require(&mut self, holds: bool, violation: Violation) {
        if !holds {
            self.report(violation);
        }
    }

    pub(crate) fn accept<T>(&mut self, result: Result<T, Violation>) -> Option<T> {
        result.map_err(|violation| self.report(violation)).ok()
    }
}
