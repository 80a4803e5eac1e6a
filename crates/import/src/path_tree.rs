//! Paths by their segments. What is above a path, or at it, is found without a look at all the others.

use std::collections::HashMap;

/// Values at paths. A path is above another if it is the same, or followed there by a slash.
#[derive(Debug)]
pub(crate) struct PathTree<T> {
    nodes: Vec<Node<T>>,
}

#[derive(Debug, Default)]
struct Node<T> {
    children: HashMap<Box<str>, usize>,
    value: T,
}

impl<T: Default> Default for PathTree<T> {
    fn default() -> Self {
        Self { nodes: vec![Node::default()] }
    }
}

impl<T: Default> PathTree<T> {
    /// Changes the values of a path and of all above it, from the top.
    pub(crate) fn change_along(&mut self, path: &str, mut change: impl FnMut(&mut T)) {
        let mut at = 0;
        for segment in path.split('/') {
            at = self.child(at, segment);
            if let Some(node) = self.nodes.get_mut(at) {
                change(&mut node.value);
            }
        }
    }

    /// The value of a path.
    pub(crate) fn value_mut(&mut self, path: &str) -> Option<&mut T> {
        let mut at = 0;
        for segment in path.split('/') {
            at = self.child(at, segment);
        }
        self.nodes.get_mut(at).map(|node| &mut node.value)
    }

    /// The values of the paths above a path that are known, from the top, and whether each is that of the path itself.
    pub(crate) fn along<'a>(&'a self, path: &'a str) -> impl Iterator<Item = (&'a T, bool)> {
        let mut segments = path.split('/').peekable();
        let mut node = self.nodes.first();
        core::iter::from_fn(move || {
            let child = *node?.children.get(segments.next()?)?;
            node = self.nodes.get(child);
            node.map(|node| (&node.value, segments.peek().is_none()))
        })
    }

    /// The value of a path, if it is known.
    pub(crate) fn value(&self, path: &str) -> Option<&T> {
        let mut segments = path.split('/');
        let node = segments
            .try_fold(self.nodes.first()?, |node, segment| self.nodes.get(*node.children.get(segment)?))?;
        Some(&node.value)
    }

    fn child(&mut self, parent: usize, segment: &str) -> usize {
        let next = self.nodes.len();
        let Some(node) = self.nodes.get_mut(parent) else { return parent };
        if let Some(child) = node.children.get(segment) {
            return *child;
        }
        node.children.insert(segment.into(), next);
        self.nodes.push(Node::default());
        next
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_above_another_on_a_segment_boundary() {
        let mut tree = PathTree::<Option<&str>>::default();
        for path in ["", "/a", "/a/", "/a/b", "/ab", "a"] {
            *tree.value_mut(path).expect("a node") = Some(path);
        }
        for (path, above) in [
            ("/a/b/c", ["", "/a", "/a/b"].as_slice()),
            ("/a", &["", "/a"]),
            ("/a/", &["", "/a", "/a/"]),
            ("/abc", &[""]),
            ("a/b", &["a"]),
            ("b", &[]),
        ] {
            let found: Vec<_> = tree.along(path).filter_map(|(value, _)| *value).collect();
            assert_eq!(found, above, "{path}");
        }
        assert_eq!(tree.value("/a/b"), Some(&Some("/a/b")));
        assert_eq!(tree.value("/a/b/c"), None);
    }
}
