//! What answers preflights, where several handlers of an application have a say: those of `app.options` and of `app.use`
//! also for the routes of single methods.

use std::collections::HashMap;

use crate::javascript::library::remark;
use crate::model::{PathSaid, Reading, Rule};
use crate::path_tree::PathTree;
use crate::place::Said;
use crate::report::{About, Class};

/// Gives the rules, which have their positions among all of them, what the preflights of others say.
pub(super) fn answer(rules: Vec<(usize, Rule)>, preflights: Vec<(usize, Rule)>, reading: &mut Reading) {
    let everywhere: Vec<_> = rules.iter().filter(|(_, rule)| rule.scope.methods.is_none()).cloned().collect();
    let of_everywhere = Paths::of(everywhere.iter().map(|(_, rule)| &rule.scope.path));
    let of_preflights = Paths::of(preflights.iter().map(|(_, rule)| &rule.scope.path));
    for (order, mut rule) in rules {
        let path = &rule.scope.path;
        let answering = of_preflights.covering(path).and_then(|at| preflights.get(at));
        if rule.scope.methods.is_some() {
            let used = of_everywhere.covering(path).and_then(|at| everywhere.get(at));
            match used.or(answering) {
                Some((_, other)) => answered_by(other, &mut rule),
                None => rule.scope.preflights = false,
            }
        } else if let Some((_, other)) = answering.filter(|(at, _)| *at < order) {
            // The first handler answers.
            answered_by(other, &mut rule);
        }
        reading.rules.push(rule);
    }
    let all = Paths::of(reading.rules.iter().map(|rule| &rule.scope.path));
    for (_, rule) in preflights {
        let path = &rule.scope.path;
        let overlapping = [all.covering(path), all.covered_by(path)].into_iter().flatten().min();
        let (class, message) = match overlapping.and_then(|at| reading.rules.get(at)) {
            None => (
                Class::Stricter,
                "preflights are answered, but no response has CORS headers, so pages can read nothing",
            ),
            Some(other) if is_narrower(&rule, other) => (
                Class::Unreadable,
                "preflights of a part of these paths are answered by a rule of their own, which is left out",
            ),
            Some(_) => continue,
        };
        reading.holes.push(Said::new(remark(class, About::Preflights, message, ""), &rule.place));
    }
}

/// The first of some rules for a path, by their numbers.
#[derive(Default)]
struct Paths {
    first: Option<usize>,
    /// The first for all paths.
    all: Option<usize>,
    same: HashMap<PathSaid, usize>,
    tree: PathTree<AtPath>,
}

#[derive(Default)]
struct AtPath {
    /// The first for this path and all below it.
    prefix: Option<usize>,
    /// The first for this path, or one below it.
    below: Option<usize>,
}

impl Paths {
    fn of<'p>(paths: impl Iterator<Item = &'p PathSaid>) -> Self {
        let mut found = Self::default();
        for (number, path) in paths.enumerate() {
            found.first.get_or_insert(number);
            found.same.entry(path.clone()).or_insert(number);
            match path {
                PathSaid::All => _ = found.all.get_or_insert(number),
                PathSaid::Exact(path) => {
                    found.tree.change_along(path, |node| _ = node.below.get_or_insert(number));
                }
                PathSaid::Prefix(path) => {
                    found.tree.change_along(path, |node| _ = node.below.get_or_insert(number));
                    if let Some(node) = found.tree.value_mut(path) {
                        node.prefix.get_or_insert(number);
                    }
                }
                PathSaid::Other { .. } => {}
            }
        }
        found
    }

    /// The first that has all requests of a path.
    fn covering(&self, path: &PathSaid) -> Option<usize> {
        let above = match path {
            PathSaid::Exact(path) | PathSaid::Prefix(path) => {
                self.tree.along(path).filter_map(|(node, _)| node.prefix).min()
            }
            _ => None,
        };
        [self.all, self.same.get(path).copied(), above].into_iter().flatten().min()
    }

    /// The first that has no request outside of a path.
    fn covered_by(&self, path: &PathSaid) -> Option<usize> {
        match path {
            PathSaid::All => self.first,
            PathSaid::Prefix(prefix) => self.tree.value(prefix).and_then(|node| node.below),
            path => self.same.get(path).copied(),
        }
    }
}

/// Preflights of a rule are answered by another one.
fn answered_by(other: &Rule, rule: &mut Rule) {
    if same_origins(other, rule) {
        rule.methods = other.methods.clone();
        rule.request_headers = other.request_headers.clone();
        rule.max_age.clone_from(&other.max_age);
        return;
    }
    rule.scope.preflights = false;
    let message =
        format!("preflights are answered for other origins ({}): none is allowed here", other.place);
    let advice = "Say in the policy who may send which methods and headers.";
    rule.remarks.push(Said::new(remark(Class::Unreadable, About::Preflights, &message, advice), &rule.place));
}

/// Whether preflights of a part of a rule's paths are answered by something that says something else.
fn is_narrower(preflights: &Rule, rule: &Rule) -> bool {
    let same = same_origins(preflights, rule)
        && preflights.methods == rule.methods
        && preflights.request_headers == rule.request_headers;
    rule.scope.methods.is_none() && !same && !covers(&preflights.scope.path, &rule.scope.path)
}

fn same_origins(one: &Rule, other: &Rule) -> bool {
    let origins = |rule: &Rule| rule.origins.iter().map(|said| said.value.clone()).collect::<Vec<_>>();
    origins(one) == origins(other) && one.credentials.value == other.credentials.value
}

/// Whether one path surely has all requests of another.
fn covers(wide: &PathSaid, narrow: &PathSaid) -> bool {
    match (wide, narrow) {
        (PathSaid::All, _) => true,
        (PathSaid::Prefix(prefix), PathSaid::Exact(path) | PathSaid::Prefix(path)) => {
            path.strip_prefix(prefix.as_str()).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        }
        (wide, narrow) => wide == narrow,
    }
}
