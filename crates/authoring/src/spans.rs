//! Records where in the file each value of a document comes from.

use std::collections::BTreeMap;

use corsgate_policy::policy::violation::{DocumentPath, Step};

use crate::finding::Span;
use crate::presets::FromPreset;

/// The spans of a value and of everything in it, in the shape of the document.
///
/// The tree grows as values are read. A reader that steps to a key of the file steps to the same key here, so the two
/// cannot diverge.
#[derive(Clone, Debug, Default)]
pub(crate) struct SpanTree {
    /// The span of the value; `None` until it is read.
    pub(crate) span: Option<Span>,
    /// The span of the value's name, if the author chooses the names.
    pub(crate) name: Option<Span>,
    /// Whether the value comes from `[defaults]`.
    pub(crate) inherited: bool,
    /// Whether an error was already reported here, so that the document only holds a stand-in.
    pub(crate) broken: bool,
    /// Whether the value is `true`. The document has no place for switches that only lints use.
    pub(crate) is_true: bool,
    /// The names that presets added to the rules here. The document does not tell them from the others.
    pub(crate) from_presets: Vec<FromPreset>,
    keys: BTreeMap<String, SpanTree>,
    items: Vec<SpanTree>,
}

impl SpanTree {
    /// The tree under a key, to read a value into.
    pub(crate) fn key(&mut self, key: &str) -> &mut SpanTree {
        self.keys.entry(key.to_owned()).or_default()
    }

    /// Adds an element that has been read.
    pub(crate) fn push(&mut self, item: SpanTree) {
        self.items.push(item);
    }

    /// Puts another tree under a key.
    pub(crate) fn put(&mut self, key: &str, tree: SpanTree) {
        self.keys.insert(key.to_owned(), tree);
    }

    /// The tree at a place, if a value was read there.
    pub(crate) fn get(&self, place: &DocumentPath) -> Option<&SpanTree> {
        place.steps().iter().try_fold(self, SpanTree::step)
    }

    /// The tree under a key, if a value was read there.
    pub(crate) fn child(&self, key: &str) -> Option<&SpanTree> {
        self.keys.get(key)
    }

    /// Visits every tree that has a key, at any depth, with that key.
    pub(crate) fn descendants<'s>(&'s self, visit: &mut impl FnMut(&'s str, &'s SpanTree)) {
        for (key, tree) in &self.keys {
            visit(key, tree);
            tree.descendants(visit);
        }
        self.items.iter().for_each(|item| item.descendants(visit));
    }

    /// The span of a place, or of the nearest enclosing place that has one.
    pub(crate) fn nearest_span(&self, place: &DocumentPath) -> Option<&Span> {
        let mut span = self.span.as_ref();
        let mut tree = self;
        for step in place.steps() {
            let Some(next) = tree.step(step) else { break };
            span = next.span.as_ref().or(span);
            tree = next;
        }
        span
    }

    /// Whether the value of a place, or an enclosing table, was inherited.
    pub(crate) fn is_inherited(&self, place: &DocumentPath) -> bool {
        let mut tree = Some(self);
        place.steps().iter().any(|step| {
            tree = tree.and_then(|tree| tree.step(step));
            tree.is_some_and(|tree| tree.inherited)
        })
    }

    fn step(&self, step: &Step) -> Option<&SpanTree> {
        match step {
            Step::Key(key) => self.keys.get(key),
            Step::Index(index) => self.items.get(*index),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_without_a_span_has_that_of_what_is_around_it() {
        let mut tree = SpanTree::default();
        tree.key("routes").push(SpanTree { span: Some(3..9), ..SpanTree::default() });
        let top = DocumentPath::default();
        let route = top.key("routes").index(0);
        assert_eq!(tree.nearest_span(&route.key("cors").key("origins")), Some(&(3..9)));
        assert_eq!(tree.nearest_span(&top.key("routes").index(1)), None);
        assert!(tree.get(&route).is_some());
        assert!(tree.get(&route.key("cors")).is_none());
    }
}
