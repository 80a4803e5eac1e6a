//! Which routes a request passed by on its way to its own.

use serde::Serialize;

use super::{Check, RouteResult};
use crate::decision::facts::Facts;
use crate::path::{PathPattern, RequestPath};
use crate::policy::Policy;
use crate::policy::route::Route;

/// The most routes that are named: of a policy with hundreds the nearest few are what helps.
pub const MOST_NEAR: usize = 5;

/// How many routes did not take a request, by what they first differed in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct PassedOver {
    /// Those for other hosts.
    pub host: usize,
    /// Those of its host for other paths.
    pub path: usize,
}

/// A route that would have taken the request but for one difference.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Near<'a> {
    /// Its name.
    pub route: &'a str,
    /// Its path.
    #[serde(serialize_with = "displayed")]
    pub path: &'a PathPattern,
    /// What differs.
    pub differs: Difference,
}

/// In what a route differs from a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Difference {
    /// In the host alone.
    Host,
    /// In the path alone.
    Path,
}

fn displayed<S: serde::Serializer>(path: &PathPattern, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(path)
}

/// The check that found a route, or none. `path` could be read.
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
        // Of routes with the same beginning those that are tried first come first.
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

/// How many bytes a pattern and a path begin with alike.
fn shared(pattern: &PathPattern, path: &str) -> usize {
    let pattern = pattern.to_string();
    pattern.bytes().zip(path.bytes()).take_while(|(own, asked)| own == asked).count()
}
