//! The paths of the routes of Spring Cloud Gateway: of those whose only predicate is `Path` with one pattern.
//!
//! `metadata.cors` of a route is for the first pattern of its path, but only requests that all predicates match come to
//! the route.

use std::collections::{BTreeSet, HashMap};

use crate::model::PathSaid;
use crate::spring::boot::{readable, within};
use crate::spring::keys::{Property, segments};
use crate::spring::path::said;

/// The routes of a file, by their documents and their places in the list.
pub(super) struct Paths(HashMap<(usize, String), Route>);

/// What is said about the predicates of a route.
#[derive(Default)]
struct Route {
    indexes: BTreeSet<String>,
    names: Vec<String>,
    patterns: Vec<String>,
    has_other: bool,
}

impl Paths {
    pub(super) fn read(properties: &[Property]) -> Self {
        let mut routes: HashMap<(usize, String), Route> = HashMap::new();
        let mut has_base = false;
        for property in properties {
            let path: Vec<&str> = property.path.iter().map(String::as_str).collect();
            has_base |= path == segments("spring.webflux.base-path");
            match within(&path) {
                Some(["routes", at, "predicates", rest @ ..]) => {
                    let route = routes.entry((property.document, (*at).to_owned())).or_default();
                    route.has_other |= route.take(rest, property).is_none();
                }
                // Something else may add predicates.
                Some(["routes", at, ..]) if property.value.value.is_err() => {
                    routes.entry((property.document, (*at).to_owned())).or_default().has_other = true;
                }
                _ => {}
            }
        }
        if has_base {
            routes.clear();
        }
        Self(routes)
    }

    /// The paths of a route.
    pub(super) fn of(&self, document: usize, at: &str) -> PathSaid {
        let route = self.0.get(&(document, at.to_owned())).filter(|route| !route.has_other);
        match route.map(|it| (it.indexes.len(), it.names.as_slice(), it.patterns.as_slice())) {
            // What comes behind a comma is another pattern, or whether a slash at the end counts.
            Some((1, [name], [pattern]))
                if name == "Path" && pattern.starts_with('/') && !pattern.contains(',') =>
            {
                said(pattern)
            }
            _ => PathSaid::Other { text: "that of the route's predicates".to_owned(), nearest: None },
        }
    }
}

impl Route {
    /// Takes a part of a predicate; nothing if it is not known.
    fn take(&mut self, rest: &[&str], property: &Property) -> Option<()> {
        let value = readable(&property.value.value).ok()?;
        let index = match rest {
            [index] => {
                let (name, pattern) = value.split_once('=')?;
                self.names.push(name.trim().to_owned());
                self.patterns.push(pattern.trim().to_owned());
                index
            }
            [index, "name"] => {
                self.names.push(value);
                index
            }
            [index, "args", "pattern" | "patterns" | "genkey0"] | [index, "args", "patterns", "0"] => {
                self.patterns.push(value);
                index
            }
            _ => return None,
        };
        self.indexes.insert((*index).to_owned());
        Some(())
    }
}
