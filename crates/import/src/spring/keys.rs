//! Properties of Spring Boot as a flat list: from YAML and from `.properties`, with the names brought into one form.

use crate::place::Place;
use crate::spring::configuration::Entry;
use crate::yaml::{Node, Value};

/// A property: its name as segments, and its value.
#[derive(Clone, Debug)]
pub(super) struct Property {
    /// The segments, in their uniform form; a key of a map in brackets keeps its letters.
    pub(super) path: Vec<String>,
    pub(super) value: Entry,
    /// Several documents of a file, or several files of profiles, have their own.
    pub(super) document: usize,
}

/// A segment in its uniform form (Spring Boot, relaxed binding): lower case, without `-` and `_`.
pub(super) fn uniform(segment: &str) -> String {
    match segment.strip_prefix('[').and_then(|it| it.strip_suffix(']')) {
        Some(key) => key.to_owned(),
        None => {
            segment.chars().filter(|it| !matches!(it, '-' | '_')).collect::<String>().to_ascii_lowercase()
        }
    }
}

/// The segments of a name: `a.b[0].c`, `a.[/**].b`.
pub(super) fn segments(name: &str) -> Vec<String> {
    let mut segments = Vec::new();
    let mut segment = String::new();
    let mut in_brackets = false;
    for letter in name.chars() {
        match letter {
            '[' if !in_brackets => {
                in_brackets = true;
                if !segment.is_empty() {
                    segments.push(uniform(&segment));
                }
                segment.clear();
            }
            ']' if in_brackets => {
                in_brackets = false;
                segments.push(segment.clone());
                segment.clear();
            }
            '.' if !in_brackets => {
                if !segment.is_empty() {
                    segments.push(uniform(&segment));
                }
                segment.clear();
            }
            _ => segment.push(letter),
        }
    }
    if !segment.is_empty() {
        segments.push(uniform(&segment));
    }
    segments
}

/// The deepest nesting that is read.
const MAX_DEPTH: usize = 32;

/// The properties of a document of YAML.
pub(super) fn of_yaml(node: &Node, path: &[String], document: usize, into: &mut Vec<Property>) {
    let mut push = |value: Result<String, String>, place: &Place| {
        let value = Entry::new(value, place);
        into.push(Property { path: path.to_vec(), value, document });
    };
    if path.len() > MAX_DEPTH {
        return push(Err("a mapping that is nested too deeply".to_owned()), &node.place);
    }
    match &node.value {
        Value::Scalar { text, .. } => push(Ok(text.clone()), &node.place),
        Value::Nothing => push(Ok(String::new()), &node.place),
        Value::Unknown(what) => push(Err(what.clone()), &node.place),
        Value::List(list) => {
            if let Some((what, place)) = &list.unknown {
                push(Err(what.clone()), place);
            }
            for (at, item) in list.items.iter().enumerate() {
                of_yaml(item, &[path, &[at.to_string()]].concat(), document, into);
            }
        }
        Value::Table(table) => {
            if let Some((what, place)) = &table.unknown {
                push(Err(what.clone()), place);
            }
            for (key, value) in table.entries() {
                of_yaml(value, &[path, &segments(key)].concat(), document, into);
            }
        }
    }
}
