//! The routes that did not match a request, before the one that did.

use serde::Serialize;

use super::{Check, RouteResult};
use crate::decision::facts::Facts;
use crate::path::{PathPattern, RequestPath};
use crate::policy::Policy;
use crate::policy::route::Route;

/// The maximum number of routes that are named: of hundreds, only the nearest few help.
pub const MOST_NEAR: usize = 5;

/// How many routes did not match a request, by the first difference.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct PassedOver {
    /// Routes for other hosts.
    pub host: usize,
    /// Routes for the request's host and other paths.
    pub path: usize,
}

/// A route that differs from the request in only one way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Near<'a> {
    /// The name of the route.
    pub route: &'a str,
    /// The path of the route.
    #[serde(serialize_with = "displayed")]
    pub path: &'a PathPattern,
    /// The difference.
    pub differs: Difference,
}

/// The difference between a route and a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Difference {
    /// Only the host differs.
    Host,
    /// Only the path differs.
    Path,
}

fn displayed<S: serde::Serializer>(path: &PathPattern, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(path)
}

/// The check of the search for a route. The path must have been readable.
pub(crate) fn check<'a>(
    policy: &'a Policy,
    facts: &Facts<'_>,
    path: RequestPath<'_>,
    found: Option<&'a Route>,
) -> Check<'a> {
    let is_found = |route: &&Route| found.is_some_and(|found| core::ptr::eq(*route, found));
    let mut passed_over = PassedOver::default();
    let mut nearest = Vec::new();
    for route in policy.routes.iter().take_while(|route| !is_found(route)) {
        let differs = if route.answers_for(facts.url.host) {
            passed_over.path += 1;
            Difference::Path
        } else {
            passed_over.host += 1;
            if !route.path().matches(path) {
                continue;
            }
            Difference::Host
        };
        let shared = shared(route.path(), facts.url.path);
        // Of routes with an equally long common beginning, earlier routes come first.
        let place = nearest.iter().position(|(other, _)| *other < shared).unwrap_or(nearest.len());
        nearest.insert(place, (shared, Near { route: route.name(), path: route.path(), differs }));
        nearest.truncate(MOST_NEAR);
    }
    Check::Route {
        result: if found.is_some() { RouteResult::Found } else { RouteResult::NotFound },
        route: found.map(Route::name),
        path: found.map(Route::path),
        passed_over,
        nearest: nearest.into_iter().map(|(_, near)| near).collect(),
    }
}

/// The number of bytes that a pattern and a path have in common at the beginning.
fn shared(pattern: &PathPattern, path: &str) -> usize {
    let pattern = pattern.to_string();
    pattern.bytes().zip(path.bytes()).take_while(|(own, asked)| own == asked).count()
}
