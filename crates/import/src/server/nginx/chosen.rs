//! Which location nginx takes for a path (documentation of `location`): the exact one, else the first expression of the file
//! that matches, unless the longest prefix has `^~`, else the longest prefix.

use super::config::{Location, Matching};
use crate::model::PathSaid;

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
    let chosen = |own: usize, path: &PathSaid| match sample(path) {
        Some(sample) => chosen(locations, &paths, &sample, matches!(path, PathSaid::Exact(_))),
        None => Some(own),
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

/// The location for a path that stands for others, and whether that is the whole path.
fn chosen(
    locations: &[Location<'_>],
    paths: &[Vec<PathSaid>],
    sample: &str,
    is_exact: bool,
) -> Option<usize> {
    let numbered = || locations.iter().enumerate();
    if is_exact
        && let Some((exact, _)) =
            numbered().find(|(_, it)| it.matching == Matching::Exact && it.path == sample)
    {
        return Some(exact);
    }
    let is_prefix = |it: &Location<'_>| matches!(it.matching, Matching::Prefix | Matching::Only);
    let longest = numbered()
        .filter(|(_, it)| is_prefix(it) && sample.starts_with(&it.path))
        .max_by_key(|(_, it)| it.path.len());
    let matched = numbered().find(|(number, it)| {
        matches!(it.matching, Matching::Expression { .. })
            && paths.get(*number).is_some_and(|paths| paths.iter().any(|path| has(path, sample)))
            && longest.is_none_or(|(_, prefix)| is_tried(it, prefix, locations))
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
