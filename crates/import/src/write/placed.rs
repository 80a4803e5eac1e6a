//! The routes on their hosts. A route for the hosts of the target meets those that name one of these hosts; of two
//! routes, the first that matches decides.

use std::collections::HashMap;

use crate::carry::Route;
use crate::model::Applies;
use crate::report::{About, Class, Finding};
use crate::write::Target;

/// What becomes of a route on a host of the target.
#[derive(Clone, Copy, PartialEq, Eq)]
enum On {
    /// No route that names the host has its path.
    Free,
    /// The route that names the host decides alone.
    Taken,
    /// Each of both has been restricted by the other, so the narrower path comes first: before the route with this
    /// number.
    Before(usize),
}

/// The routes in their order, each with its hosts. One that decides about no host is only proposed, and a finding says so.
pub(super) fn placed(routes: &[Route], target: &Target) -> (Vec<Route>, Vec<Finding>) {
    let mut findings = Vec::new();
    let hosts = target.hosts();
    let mut placed = routes.to_vec();
    let named = Named::new(&placed, &hosts);
    let mut moved: Vec<(usize, Route)> = Vec::new();
    let mut is_left = vec![true; placed.len()];
    // The hosts on which a route for all of them has all paths.
    let mut without_rest: Vec<&String> = Vec::new();
    for (route, is_left) in placed.iter_mut().zip(&mut is_left) {
        if !route.hosts.is_empty() || route.is_proposed {
            continue;
        }
        let mut first = None;
        let mut own = Vec::new();
        for host in &hosts {
            match named.on(host, route) {
                On::Taken => {
                    findings.extend(taken(route, host));
                    continue;
                }
                On::Before(at) => first = Some(first.map_or(at, |first: usize| first.min(at))),
                On::Free => {}
            }
            if route.path == "/*" && route.place.is_some() {
                without_rest.push(host);
            }
            own.push(host.clone());
        }
        if own.is_empty() {
            *is_left = route.place.is_some();
            route.is_proposed = true;
        } else if let Some(at) = first {
            *is_left = false;
            moved.push((at, Route { hosts: own, ..route.clone() }));
        } else if own.len() < hosts.len() {
            route.hosts = own;
        }
    }
    moved.sort_by_key(|(at, _)| *at);
    let mut moved = moved.into_iter().peekable();
    let mut all = Vec::new();
    for (at, (mut route, is_left)) in placed.into_iter().zip(is_left).enumerate() {
        while let Some((_, before)) = moved.next_if(|(before, _)| *before <= at) {
            all.push(before);
        }
        // What the source gives no CORS is what no route of it is for.
        if route.place.is_none() && !route.hosts.is_empty() {
            route.hosts.retain(|host| !without_rest.contains(&host));
            if route.hosts.is_empty() {
                continue;
            }
        }
        if is_left {
            all.push(route);
        }
    }
    all.extend(moved.map(|(_, route)| route));
    (all, findings)
}

fn taken(route: &Route, host: &str) -> Option<Finding> {
    let place = route.place.clone()?;
    Some(Finding {
        class: Class::Stricter,
        about: About::Path,
        message: format!(
            "`{}` has rules of its own, which decide there: the route is not for it",
            crate::shown::line(host)
        ),
        advice: Some("If the program answers for this host as well, write it in the route.".to_owned()),
        place,
        route: Some(route.name.clone()),
    })
}

/// The routes that name a host of the target, by their paths.
struct Named {
    by_path: HashMap<String, Vec<(usize, Route)>>,
}

impl Named {
    fn new(routes: &[Route], hosts: &[String]) -> Self {
        let mut by_path: HashMap<String, Vec<_>> = HashMap::new();
        for (at, route) in routes.iter().enumerate() {
            let is_met = route.hosts.iter().any(|pattern| hosts.iter().any(|host| has(pattern, host)));
            if is_met && !route.is_proposed {
                by_path.entry(route.path.clone()).or_default().push((at, route.clone()));
            }
        }
        Self { by_path }
    }

    fn on(&self, host: &str, route: &Route) -> On {
        let mut first = None;
        for path in covering(&route.path) {
            let named = self.by_path.get(&path).into_iter().flatten();
            for (at, other) in named.filter(|(_, other)| other.hosts.iter().any(|it| has(it, host))) {
                let is_alone = route.applies != Applies::Together && route.applies == other.applies;
                let is_same = other.path == route.path;
                let is_rest = [&other.place, &route.place].contains(&&None);
                match () {
                    () if is_alone || is_same && !is_rest => return On::Taken,
                    // Both are for what nothing else is for.
                    () if is_same && route.place.is_none() => return On::Taken,
                    () => first = Some(first.map_or(*at, |first: usize| first.min(*at))),
                }
            }
        }
        first.map_or(On::Free, On::Before)
    }
}

/// The paths of which a route has all requests for a path, and this path.
fn covering(path: &str) -> Vec<String> {
    let base = path.strip_suffix("/*").unwrap_or(path);
    let mut all: Vec<_> = base.match_indices('/').filter_map(|(at, _)| base.get(..at)).map(below).collect();
    all.push(below(base));
    if base == path {
        all.push(path.to_owned());
    }
    all
}

fn below(path: &str) -> String {
    format!("{path}/*")
}

/// Whether a pattern of a policy has a host.
fn has(pattern: &str, host: &str) -> bool {
    let is_below = |suffix: &str| host.len() > suffix.len() && host.ends_with(suffix);
    pattern == host || pattern.strip_prefix('*').is_some_and(is_below)
}
