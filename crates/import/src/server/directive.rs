//! What the configurations of all three servers are made of: a name with words behind it, and perhaps a block.

use crate::model::Remark;
use crate::place::{Place, Said};

/// The deepest nesting that is read. Servers have at most six levels.
pub(super) const MOST_DEPTH: usize = 64;

/// A word, without its quotation marks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Word {
    pub(super) text: String,
    pub(super) is_quoted: bool,
    /// Another program fills it in before the server reads it: `{{ origin }}`.
    pub(super) is_template: bool,
    pub(super) place: Place,
}

/// A directive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Directive {
    pub(super) name: String,
    pub(super) words: Vec<Word>,
    pub(super) block: Option<Vec<Directive>>,
    pub(super) place: Place,
}

/// A file as directives.
#[derive(Debug, Default)]
pub(super) struct Tree {
    pub(super) directives: Vec<Directive>,
    pub(super) holes: Vec<Said<Remark>>,
}

impl Directive {
    pub(super) fn is(&self, name: &str) -> bool {
        self.name.eq_ignore_ascii_case(name)
    }

    /// The text of a word; empty if there is none.
    pub(super) fn word(&self, at: usize) -> &str {
        self.words.get(at).map_or("", |word| word.text.as_str())
    }

    pub(super) fn block(&self) -> &[Directive] {
        self.block.as_deref().unwrap_or_default()
    }
}

/// Blocks that are open while a file is read.
pub(super) struct Building {
    open: Vec<(Directive, Vec<Directive>)>,
    current: Vec<Directive>,
}

impl Building {
    pub(super) fn new() -> Self {
        Self { open: Vec::new(), current: Vec::new() }
    }

    pub(super) fn depth(&self) -> usize {
        self.open.len()
    }

    /// The name of the innermost open block.
    pub(super) fn open_name(&self) -> Option<&str> {
        self.open.last().map(|(directive, _)| directive.name.as_str())
    }

    pub(super) fn push(&mut self, directive: Directive) {
        self.current.push(directive);
    }

    pub(super) fn open(&mut self, directive: Directive) {
        self.open.push((directive, core::mem::take(&mut self.current)));
    }

    /// Closes the innermost block; false if none is open.
    pub(super) fn close(&mut self) -> bool {
        let Some((mut directive, before)) = self.open.pop() else { return false };
        directive.block = Some(core::mem::replace(&mut self.current, before));
        self.current.push(directive);
        true
    }

    /// Closes all blocks.
    pub(super) fn done(mut self) -> Vec<Directive> {
        while self.close() {}
        self.current
    }
}
