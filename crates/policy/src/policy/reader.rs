//! Reads a document and collects all its problems.

use crate::policy::violation::{DocumentPath, Problem, Violation};

/// A position in the document that collects the problems at that place and below.
pub(crate) struct Reader<'p> {
    trail: Trail<'p>,
    problems: &'p mut Vec<Problem>,
}

/// The path to a place, written out only if there is a problem.
#[derive(Clone, Copy)]
struct Trail<'p>(Option<(&'p Trail<'p>, Step<'p>)>);

#[derive(Clone, Copy)]
enum Step<'p> {
    Key(&'p str),
    Index(usize),
}

impl Trail<'_> {
    fn place(&self) -> DocumentPath {
        match self.0 {
            None => DocumentPath::default(),
            Some((above, Step::Key(key))) => above.place().key(key),
            Some((above, Step::Index(index))) => above.place().index(index),
        }
    }
}

impl<'p> Reader<'p> {
    pub(crate) fn new(problems: &'p mut Vec<Problem>) -> Self {
        Self { trail: Trail(None), problems }
    }

    /// Moves to a key below.
    // Not inlined here and below: once in the Wasm instead of a hundred times.
    #[inline(never)]
    pub(crate) fn key<'k>(&'k mut self, key: &'k str) -> Reader<'k> {
        Reader { trail: Trail(Some((&self.trail, Step::Key(key)))), problems: self.problems }
    }

    /// Moves to a position below.
    #[inline(never)]
    pub(crate) fn index(&mut self, index: usize) -> Reader<'_> {
        Reader { trail: Trail(Some((&self.trail, Step::Index(index)))), problems: self.problems }
    }

    /// Reads each text of a list, and leaves out what cannot be read.
    // A loop: `collect` would be three times as much code.
    #[inline(never)]
    pub(crate) fn each<T>(
        &mut self,
        texts: &[String],
        read: &dyn Fn(&str, &mut Reader<'_>) -> Option<T>,
    ) -> Vec<T> {
        let mut values = Vec::new();
        for (at, text) in texts.iter().enumerate() {
            if let Some(value) = read(text, &mut self.index(at)) {
                values.push(value);
            }
        }
        values
    }

    #[inline(never)]
    pub(crate) fn report(&mut self, violation: Violation) {
        let problem = Problem { place: self.trail.place(), violation };
        // Report a list that breaks a rule of its route in a thousand lines only once.
        if self.problems.last() != Some(&problem) {
            self.problems.push(problem);
        }
    }

    #[inline(never)]
    pub(crate) fn require(&mut self, holds: bool, violation: Violation) {
        if !holds {
            self.report(violation);
        }
    }

    pub(crate) fn accept<T>(&mut self, result: Result<T, Violation>) -> Option<T> {
        result.map_err(|violation| self.report(violation)).ok()
    }
}
