//! Finds the route that matches a request.

use crate::path::{AmbiguousPath, PathPattern, RequestPath};
use crate::policy::route::Route;
use crate::policy::route_index::RouteIndex;

/// The route indexes of a policy.
#[derive(Debug)]
pub(crate) struct Routing {
    index: RouteIndex,
    /// Paths without format suffixes, where the policy folds those.
    without_suffixes: Option<RouteIndex>,
    /// A path that every server reads in the same way has one place in the index: every server reads the path of each
    /// route in the same way too, and suffixes are not folded.
    plain_patterns: bool,
}

impl Routing {
    /// Takes over the index of the routes.
    pub(crate) fn new(index: RouteIndex, routes: &[Route], fold_suffixes: bool) -> Self {
        let without_suffixes =
            fold_suffixes.then(|| RouteIndex::new(routes, PathPattern::loose_without_suffix));
        let plain_patterns = !fold_suffixes && routes.iter().all(|route| route.path().is_plain());
        Self { index, without_suffixes, plain_patterns }
    }

    /// The [keys](crate::grammar::host::HostPattern::key) of the hosts of all routes, each once.
    pub(crate) fn host_keys(&self) -> impl Iterator<Item = &str> {
        self.index.host_keys()
    }

    /// Whether some route matches a host.
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
        if path.is_plain() && self.plain_patterns {
            let found = self.index.first(host, path.plain_reading());
            return Ok(found.and_then(|at| routes.get(at)));
        }
        self.find_by_readings(routes, host, path)
    }

    /// The same for any path.
    // Not inlined: the buffers for such paths take eight kilobytes of the stack, which other requests need not step over.
    #[inline(never)]
    fn find_by_readings<'r>(
        &self,
        routes: &'r [Route],
        host: &str,
        path: RequestPath<'_>,
    ) -> Result<Option<&'r Route>, AmbiguousPath> {
        // If the first route of the host matches every path, no other reading can match another route.
        let first = self.index.first_of(host).and_then(|at| routes.get(at));
        let takes = |route: &Route| !path.has_encoded_slashes() || route.encoded_slashes;
        if let Some(first) = first.filter(|route| route.path().is_every_path()) {
            return if takes(first) { Ok(Some(first)) } else { Err(AmbiguousPath) };
        }
        let mut found = None;
        let agree = path.all_readings(&mut |reading| {
            let read = self.index.first(host, reading);
            *found.get_or_insert(read) == read
        });
        // A route that matches a path exactly matches its loosest reading too, so no other route can come
        // first.
        let found = found.flatten();
        let route = found.and_then(|at| routes.get(at));
        if agree != Some(true) || route.is_some_and(|route| !route.path().matches(path)) {
            return Err(AmbiguousPath);
        }
        // The exact match has found them behind the route's own path, which cannot have any.
        if !route.map_or(!path.has_encoded_slashes(), takes) {
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
