//! A script as a tree (<https://tree-sitter.github.io/>), and the texts that its expressions stand for without being run.
//! The parser keeps its own stack, so no nesting can end the program.

use core::ops::ControlFlow;
use std::time::{Duration, Instant};

use tree_sitter::{Node, ParseOptions, ParseState, Parser, Tree, TreeCursor};

use super::CopyError;

/// A copied request takes a few milliseconds. A text that is made to be slow must not hold up its reader.
const MOST_TIME: Duration = Duration::from_secs(5);

pub(super) fn parse(script: &str) -> Result<Tree, CopyError> {
    let failed = |why: &str| CopyError::NotJavaScript(why.to_owned());
    let mut parser = Parser::new();
    parser
        .set_language(&tree_sitter_javascript::LANGUAGE.into())
        .map_err(|error| failed(&error.to_string()))?;
    let started = Instant::now();
    let mut watch = |_: &ParseState| match started.elapsed() > MOST_TIME {
        true => ControlFlow::Break(()),
        false => ControlFlow::Continue(()),
    };
    let bytes = script.as_bytes();
    let mut input = |at: usize, _| bytes.get(at..).unwrap_or_default();
    let options = ParseOptions::new().progress_callback(&mut watch);
    parser
        .parse_with_options(&mut input, None, Some(options))
        .ok_or_else(|| failed("it takes too long to read"))
}

/// A script with its tree.
pub(super) struct Source<'s> {
    pub(super) text: &'s str,
    pub(super) root: Node<'s>,
}

impl<'s> Source<'s> {
    pub(super) fn text(&self, node: Node<'_>) -> &'s str {
        self.text.get(node.byte_range()).unwrap_or_default()
    }

    /// The line of the first mistake.
    pub(super) fn broken(&self) -> Option<usize> {
        self.root.has_error().then(|| {
            self.nodes()
                .find(|node| node.is_error() || node.is_missing())
                .map_or(1, |node| node.start_position().row + 1)
        })
    }

    /// All nodes, in the order of the text.
    pub(super) fn nodes(&self) -> impl Iterator<Item = Node<'s>> {
        let mut cursor = self.root.walk();
        let mut next = Some(self.root);
        core::iter::from_fn(move || {
            let node = next?;
            next = advance(&mut cursor);
            Some(node)
        })
    }

    /// The value that a name stands for, if the script gives it once; otherwise the node itself.
    pub(super) fn resolved(&self, node: Node<'s>) -> Node<'s> {
        if node.kind() != "identifier" {
            return node;
        }
        let name = self.text(node);
        let declared = |it: &Node<'s>| {
            it.kind() == "variable_declarator"
                && it.child_by_field_name("name").is_some_and(|declared| self.text(declared) == name)
        };
        self.nodes().find(declared).and_then(|it| it.child_by_field_name("value")).unwrap_or(node)
    }

    /// The text that an expression stands for, as far as it can be known without running it.
    pub(super) fn value(&self, node: Node<'s>) -> Option<String> {
        let node = self.resolved(node);
        match node.kind() {
            "string" | "template_string" => {
                let mut text = String::new();
                for part in children(node) {
                    match part.kind() {
                        "string_fragment" => text.push_str(self.text(part)),
                        "escape_sequence" => unescape(self.text(part), &mut text),
                        "template_substitution" => {
                            // One step alone, so that no text can nest without end.
                            let inner = self.resolved(*children(part).first()?);
                            text.push_str(&self.literal(inner)?);
                        }
                        _ => return None,
                    }
                }
                Some(text)
            }
            "binary_expression" => {
                // `a + b + c` is `(a + b) + c`: walked from the right, without recursion.
                let mut parts = Vec::new();
                let mut node = node;
                while node.kind() == "binary_expression" {
                    let operator = node.child_by_field_name("operator").map(|it| self.text(it));
                    parts.push(self.literal(self.resolved(node.child_by_field_name("right")?))?);
                    operator.filter(|operator| *operator == "+")?;
                    node = self.resolved(node.child_by_field_name("left")?);
                }
                parts.push(self.literal(node)?);
                parts.reverse();
                Some(parts.concat())
            }
            _ => None,
        }
    }

    /// The text of a string without anything to compute.
    pub(super) fn literal(&self, node: Node<'s>) -> Option<String> {
        match node.kind() {
            "string" | "template_string" => {
                let mut text = String::new();
                for part in children(node) {
                    match part.kind() {
                        "string_fragment" => text.push_str(self.text(part)),
                        "escape_sequence" => unescape(self.text(part), &mut text),
                        _ => return None,
                    }
                }
                Some(text)
            }
            "number" => Some(self.text(node).to_owned()),
            _ => None,
        }
    }

    /// The properties of an object. What a script spreads into it is known if it is an object of the script itself.
    pub(super) fn pairs(&self, object: Node<'s>, notes: &mut Vec<String>) -> Vec<(String, Node<'s>)> {
        let mut all = Vec::new();
        for node in children(object) {
            let spread = (node.kind() == "spread_element").then(|| children(node).first().copied()).flatten();
            let Some(spread) = spread else {
                all.push(node);
                continue;
            };
            match self.resolved(spread) {
                known if known.kind() == "object" => all.extend(children(known)),
                _ => {
                    let name: String = self.text(spread).chars().take(40).collect();
                    notes.push(format!(
                        "`...{}` is computed by the script, which is not run: add the headers and options in it with `--header`, `--method` and `--credentials`",
                        name.escape_debug()
                    ));
                }
            }
        }
        let pair = |node: Node<'s>| match node.kind() {
            "pair" => {
                let key = node.child_by_field_name("key")?;
                let name = self.value(key).filter(|_| key.kind() == "string");
                Some((name.unwrap_or_else(|| self.text(key).to_owned()), node.child_by_field_name("value")?))
            }
            "shorthand_property_identifier" => {
                let name = self.text(node);
                let declared = |it: &Node<'s>| {
                    it.kind() == "variable_declarator"
                        && it.child_by_field_name("name").is_some_and(|declared| self.text(declared) == name)
                };
                let value = self.nodes().find(declared)?.child_by_field_name("value")?;
                Some((name.to_owned(), value))
            }
            _ => None,
        };
        all.into_iter().filter_map(pair).collect()
    }
}

fn advance<'s>(cursor: &mut TreeCursor<'s>) -> Option<Node<'s>> {
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

/// The named children of a node.
pub(super) fn children(node: Node<'_>) -> Vec<Node<'_>> {
    node.named_children(&mut node.walk()).filter(|child| !child.is_extra()).collect()
}

/// An escape sequence of JavaScript (ECMAScript, 12.9.4).
fn unescape(sequence: &str, text: &mut String) {
    let escaped = sequence.strip_prefix('\\').unwrap_or(sequence);
    let code = |digits: &str| u32::from_str_radix(digits, 16).ok();
    let unit = match escaped.split_at_checked(1) {
        Some(("x", digits)) => code(digits),
        Some(("u", digits)) => code(digits.trim_start_matches('{').trim_end_matches('}')),
        Some(("n", "")) => Some(0x0a),
        Some(("r", "")) => Some(0x0d),
        Some(("t", "")) => Some(0x09),
        Some(("b", "")) => Some(0x08),
        Some(("f", "")) => Some(0x0c),
        Some(("v", "")) => Some(0x0b),
        Some(("0", "")) => Some(0),
        // A line break after a backslash is left out.
        Some(("\n" | "\r", _)) => return,
        _ => {
            text.push_str(escaped);
            return;
        }
    };
    // Halves of a pair matter only in bodies, which are not read.
    text.push(unit.and_then(char::from_u32).unwrap_or('\u{fffd}'));
}
