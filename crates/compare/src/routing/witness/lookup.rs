//! Finds routes by host and by path without testing each of them. A policy of thousands of routes has thousands of
//! hosts or paths, and each of them asks.

use std::collections::HashMap;

use corsgate_policy::path::PathPattern;

use super::ParsedRoute;

/// Routes by the hosts that they name.
pub(super) struct ByHost<'r, 'd> {
    routes: &'r [ParsedRoute<'d>],
    /// The positions of the routes for every host.
    every: Vec<usize>,
    /// The positions of the routes for a host, or with a dot before it, for the hosts under it.
    named: HashMap<&'d str, Vec<usize>>,
}

impl<'r, 'd> ByHost<'r, 'd> {
    pub(super) fn new(routes: &'r [ParsedRoute<'d>]) -> Self {
        let mut found = Self { routes, every: Vec::new(), named: HashMap::new() };
        for (at, route) in routes.iter().enumerate() {
            match &route.document.hosts {
                None => found.every.push(at),
                Some(hosts) => {
                    for host in hosts {
                        found.named.entry(host.strip_prefix('*').unwrap_or(host)).or_default().push(at);
                    }
                }
            }
        }
        found
    }

    /// The routes that match a host, in their order.
    pub(super) fn routes(&self, host: &str) -> Vec<&'r ParsedRoute<'d>> {
        let parents = host.match_indices('.').filter_map(|(dot, _)| host.get(dot..));
        let named = std::iter::once(host).chain(parents).filter_map(|host| self.named.get(host)).flatten();
        let mut positions: Vec<_> = self.every.iter().chain(named).copied().collect();
        positions.sort_unstable();
        positions.dedup();
        positions.into_iter().filter_map(|at| self.routes.get(at)).collect()
    }
}

/// Routes by their paths, as [`PathPattern::covers`] compares them.
pub(super) struct ByPath<'r> {
    routes: &'r [&'r ParsedRoute<'r>],
    /// The positions of the routes whose path is a prefix.
    prefixes: HashMap<&'r [u8], Vec<usize>>,
    /// The positions of the routes with a single path.
    single: HashMap<&'r [u8], Vec<usize>>,
    /// All paths, sorted.
    sorted: Vec<&'r [u8]>,
}

impl<'r> ByPath<'r> {
    pub(super) fn new(routes: &'r [&'r ParsedRoute<'r>]) -> Self {
        let (mut prefixes, mut single) = (HashMap::new(), HashMap::new());
        for (at, route) in routes.iter().enumerate() {
            let same = if route.path.is_prefix() { &mut prefixes } else { &mut single };
            same.entry(route.path.loose()).or_insert_with(Vec::new).push(at);
        }
        let mut sorted: Vec<_> = routes.iter().map(|route| route.path.loose()).collect();
        sorted.sort_unstable();
        Self { routes, prefixes, single, sorted }
    }

    /// Whether a path covers that of one of the routes, or is covered by it.
    pub(super) fn relates(&self, path: &PathPattern) -> bool {
        let loose = path.loose();
        let covers = path.is_prefix() && {
            let at = self.sorted.partition_point(|other| *other < loose);
            self.sorted.get(at).is_some_and(|other| other.starts_with(loose))
        };
        covers || self.positions_covering(path).next().is_some()
    }

    /// The routes whose path covers a path, in their order.
    pub(super) fn covering(&self, path: &PathPattern) -> Vec<&'r ParsedRoute<'r>> {
        let mut positions: Vec<_> = self.positions_covering(path).collect();
        positions.sort_unstable();
        positions.into_iter().filter_map(|at| self.routes.get(at).copied()).collect()
    }

    fn positions_covering(&self, path: &PathPattern) -> impl Iterator<Item = usize> {
        let loose = path.loose();
        let ends = loose.iter().enumerate().filter(|(_, byte)| **byte == b'/').map(|(slash, _)| slash + 1);
        let above = std::iter::once(0).chain(ends).filter_map(|end| self.prefixes.get(loose.get(..end)?));
        let same = (!path.is_prefix()).then(|| self.single.get(loose)).flatten();
        above.chain(same).flatten().copied()
    }
}
