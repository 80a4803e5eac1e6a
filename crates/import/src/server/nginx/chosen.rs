//! Which location nginx takes for a path (documentation of `location`): the exact one, else the first expression of the file
//! that matches, unless the longest prefix has `^~`, else the longest prefix.

use crate::expression::Expression;
use crate::model::PathSaid;
use crate::server::nginx::config::{Location, Matching, Server};

/// A path of a location.
#[derive(Debug)]
pub(super) struct Candidate {
    /// The number of the location in its server.
    pub(super) location: usize,
    pub(super) path: PathSaid,
    /// The number of the location that nginx takes for the path.
    pub(super) chosen: usize,
}

/// The paths of all locations, in their order. `paths` has those of each.
pub(super) fn candidates(locations: &[Location<'_>], paths: Vec<Vec<PathSaid>>) -> Vec<Candidate> {
    let chosen = |own: usize, path: &PathSaid| {
        let Some(sample) = sample(path) else { return Some(own) };
        let matches = |number: usize, it: &Location<'_>| {
            matches!(it.matching, Matching::Expression { .. })
                && paths.get(number).is_some_and(|paths| paths.iter().any(|path| has(path, &sample)))
        };
        taken(locations, &sample, matches!(path, PathSaid::Exact(_)), matches)
    };
    let chosen: Vec<Vec<usize>> = paths
        .iter()
        .enumerate()
        .map(|(own, paths)| paths.iter().map(|path| chosen(own, path).unwrap_or(own)).collect())
        .collect();
    let of_location = |(location, (paths, chosen)): (usize, (Vec<PathSaid>, Vec<usize>))| {
        let candidate = move |(path, chosen)| Candidate { location, path, chosen };
        paths.into_iter().zip(chosen).map(candidate)
    };
    paths.clone().into_iter().zip(chosen).enumerate().flat_map(of_location).collect()
}

impl Candidate {
    /// Whether nginx never takes its location for it, and another path of the one that it takes has it as well.
    pub(super) fn is_said_by(&self, others: &[Self]) -> bool {
        let Some(own) = sample(&self.path).filter(|_| self.chosen != self.location) else { return false };
        let around = others.iter().filter(|it| it.path != self.path && has(&it.path, &own));
        let narrowest = around.max_by_key(|it| sample(&it.path).map_or(0, |sample| sample.len()));
        narrowest.is_some_and(|it| it.chosen == self.chosen)
    }
}

impl<'t> Server<'t> {
    /// The location of a path, if it can be told.
    pub(super) fn locate(&self, path: &str) -> Option<&Location<'t>> {
        if path.starts_with('@') {
            return self.locations.iter().find(|it| it.matching == Matching::Named && it.path == path);
        }
        if path.contains('$') {
            return None;
        }
        let matches = |_, it: &Location<'_>| match it.matching {
            Matching::Expression { ignores_case } => {
                Expression::pcre(&it.path, ignores_case).is_ok_and(|expression| expression.matches(path))
            }
            _ => false,
        };
        taken(&self.locations, path, true, matches).and_then(|number| self.locations.get(number))
    }
}

/// The location that is taken for a path, or for those that it stands for. `matches` says which expressions match it.
fn taken(
    locations: &[Location<'_>],
    path: &str,
    is_exact: bool,
    matches: impl Fn(usize, &Location<'_>) -> bool,
) -> Option<usize> {
    let numbered = || locations.iter().enumerate();
    if is_exact
        && let Some((exact, _)) = numbered().find(|(_, it)| it.matching == Matching::Exact && it.path == path)
    {
        return Some(exact);
    }
    let is_prefix = |it: &Location<'_>| matches!(it.matching, Matching::Prefix | Matching::Only);
    let longest = numbered()
        .filter(|(_, it)| is_prefix(it) && path.starts_with(&it.path))
        .max_by_key(|(_, it)| it.path.len());
    let matched = numbered().find(|(number, it)| {
        matches(*number, it) && longest.is_none_or(|(_, prefix)| is_tried(it, prefix, locations))
    });
    matched.or(longest).map(|(number, _)| number)
}

/// Whether an expression is tried where this prefix is the longest: `^~` stops those outside of it, and those in another
/// location are not reached.
fn is_tried(expression: &Location<'_>, longest: &Location<'_>, locations: &[Location<'_>]) -> bool {
    let is_within = expression.is_within(longest);
    let is_reached = locations
        .iter()
        .filter(|it| expression.is_within(it))
        .all(|around| around.place == longest.place || longest.is_within(around));
    is_reached && (is_within || longest.matching != Matching::Only)
}

/// A path that stands for those that nothing narrower has.
fn sample(path: &PathSaid) -> Option<String> {
    match path {
        PathSaid::All => Some("/".to_owned()),
        PathSaid::Exact(path) => Some(path.clone()),
        PathSaid::Prefix(path) => Some(format!("{}/", path.trim_end_matches('/'))),
        PathSaid::Other { .. } => None,
    }
}

fn has(path: &PathSaid, sample: &str) -> bool {
    match path {
        PathSaid::All => true,
        PathSaid::Exact(path) => path == sample,
        PathSaid::Prefix(path) => sample.starts_with(path),
        PathSaid::Other { .. } => false,
    }
}
