//! Programs as trees (<https://tree-sitter.github.io/>). The parser keeps its own stack, so no nesting can end the tool.

use core::ops::ControlFlow;
use std::time::{Duration, Instant};

use tree_sitter::{Language, Node, ParseOptions, ParseState, Parser, Tree, TreeCursor};

/// A program of some megabytes takes a second. A text that is made to be slow must not hold up its reader.
const MOST_TIME: Duration = Duration::from_secs(20);

/// Parses a text of a language; `None` if it takes too long.
pub(crate) fn parse(language: &Language, text: &str) -> Option<Tree> {
    let mut parser = Parser::new();
    parser.set_language(language).ok()?;
    let started = Instant::now();
    let mut watch = |_: &ParseState| match started.elapsed() > MOST_TIME {
        true => ControlFlow::Break(()),
        false => ControlFlow::Continue(()),
    };
    let bytes = text.as_bytes();
    let mut input = |at: usize, _| bytes.get(at..).unwrap_or_default();
    let options = ParseOptions::new().progress_callback(&mut watch);
    parser.parse_with_options(&mut input, None, Some(options))
}

/// A node and all below it, in the order of the text.
pub(crate) fn walk(node: Node<'_>) -> Vec<Node<'_>> {
    let mut cursor = node.walk();
    let mut all = Vec::new();
    let mut next = Some(node);
    while let Some(node) = next {
        all.push(node);
        next = advance(&mut cursor);
    }
    all
}

/// The next node in the order of the text.
pub(crate) fn advance<'t>(cursor: &mut TreeCursor<'t>) -> Option<Node<'t>> {
    if cursor.goto_first_child() {
        return Some(cursor.node());
    }
    loop {
        if cursor.goto_next_sibling() {
            return Some(cursor.node());
        }
        if !cursor.goto_parent() {
            return None;
        }
    }
}

/// The named children of a node, without comments.
pub(crate) fn children(node: Node<'_>) -> Vec<Node<'_>> {
    node.named_children(&mut node.walk()).filter(|child| !child.is_extra()).collect()
}

/// The arguments of a call.
pub(crate) fn arguments(call: Node<'_>) -> Vec<Node<'_>> {
    call.child_by_field_name("arguments").map(children).unwrap_or_default()
}
