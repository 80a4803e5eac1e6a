//! Which route takes a request.

use crate::path::{AmbiguousPath, PathPattern, RequestPath};
use crate::policy::route::Route;
use crate::policy::route_index::RouteIndex;

/// Finds routes.
#[derive(Debug)]
pub(crate) struct Routing {
    index: RouteIndex,
    /// Paths without format suffixes, where the policy folds those.
    without_suffixes: Option<RouteIndex>,
    /// Every server reads the path of each route alike.
    plain_patterns: bool,
}

impl Routing {
    /// Takes the index of routes over.
    pub(crate) fn new(mut index: RouteIndex, routes: &[Route], fold_suffixes: bool) -> Self {
        index.keep_first();
        let without_suffixes = fold_suffixes.then(|| {
            let mut index = RouteIndex::new(routes, PathPattern::loose_without_suffix);
            index.keep_first();
            index
        });
        let plain_patterns = routes.iter().all(|route| route.path().is_plain());
        Self { index, without_suffixes, plain_patterns }
    }

    /// Whether some route answers for a host.
    pub(crate) fn knows(&self, host: &str) -> bool {
        self.index.first_of(host).is_some()
    }

    /// The first route, in the order of the policy, that a path belongs to.
    ///
    /// # Errors
    /// When some server could read the path as one of another route, or of none.
    pub(crate) fn find<'r>(
        &self,
        routes: &'r [Route],
        host: &str,
        path: RequestPath<'_>,
    ) -> Result<Option<&'r Route>, AmbiguousPath> {
        if path.is_plain() && self.plain_patterns && self.without_suffixes.is_none() {
            let found = self.index.first(host, path.plain_reading());
            return Ok(found.and_then(|at| routes.get(at)));
        }
        // Where the first route of the host takes every path, nothing can be read as another's.
        let first = self.index.first_of(host).and_then(|at| routes.get(at));
        if let Some(first) = first.filter(|route| route.path().is_every_path()) {
            return Ok(Some(first));
        }
        let mut found = None;
        let agree = path.all_readings(&mut |reading| {
            let read = self.index.first(host, reading);
            *found.get_or_insert(read) == read
        });
        // What takes a path exactly takes its loosest reading too, so that no other route can be the first to.
        let found = found.flatten();
        let route = found.and_then(|at| routes.get(at));
        if agree != Some(true) || route.is_some_and(|route| !route.path().matches(path)) {
            return Err(AmbiguousPath);
        }
        match &self.without_suffixes {
            Some(index) if !route.is_some_and(|route| route.path().names(path)) => {
                let agree =
                    path.all_readings(&mut |reading| found == index.first(host, reading.without_suffix()));
                if agree == Some(true) { Ok(route) } else { Err(AmbiguousPath) }
            }
            _ => Ok(route),
        }
    }
}
