//! Routes whose hosts are partly those of other routes. A policy takes its first route that is for a request, so that the
//! routes of each host have to stand together: such a route is written once for the hosts that it shares, and once for
//! the others.

use std::collections::{BTreeMap, HashMap};

use crate::carry::names::FreeNames;
use crate::carry::overlap::{ADVICE, intersect};
use crate::carry::{MOST_RULES, Route, TooMany};
use crate::report::{About, Class, Finding};

/// The routes, each with hosts that all other routes have all of, or none.
pub(super) fn apart(
    routes: Vec<Route>,
    names: &mut FreeNames,
    findings: &mut Vec<Finding>,
) -> Result<Vec<Route>, TooMany> {
    let groups = groups(&routes);
    let mut all: Vec<Route> = Vec::with_capacity(routes.len());
    let mut placed: HashMap<(String, Vec<String>), usize> = HashMap::new();
    for route in routes {
        let mut parts: BTreeMap<usize, Vec<String>> = BTreeMap::new();
        for host in &route.hosts {
            parts.entry(groups.get(host).copied().unwrap_or_default()).or_default().push(host.clone());
        }
        if route.hosts.is_empty() {
            parts.insert(0, Vec::new());
        }
        for (number, (_, hosts)) in parts.into_iter().enumerate() {
            if all.len() > 10 * MOST_RULES {
                return Err(TooMany::Rules);
            }
            let mut part = Route { hosts, ..route.clone() };
            if number > 0 {
                part.name = names.take(&part.path);
            }
            let key = (part.path.clone(), part.hosts.clone());
            let known = placed.get(&key).and_then(|at| all.get_mut(*at)).filter(|_| !part.is_proposed);
            if let Some(first) = known {
                // Two routes for the same requests: what both allow.
                if let (Some(message), Some(place)) = (intersect(first, &part), first.place.clone()) {
                    let (route, advice) = (Some(first.name.clone()), Some(ADVICE.to_owned()));
                    findings.push(Finding {
                        class: Class::Unreadable,
                        about: About::Path,
                        message,
                        advice,
                        place,
                        route,
                    });
                }
                continue;
            }
            if !part.is_proposed {
                placed.insert(key, all.len());
            }
            all.push(part);
        }
    }
    Ok(all)
}

/// A number for each host, the same for those that the same routes have.
fn groups(routes: &[Route]) -> HashMap<String, usize> {
    let mut sets: HashMap<&[String], usize> = HashMap::new();
    let mut sets_of: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for route in routes {
        let next = sets.len();
        if sets.contains_key(route.hosts.as_slice()) {
            continue;
        }
        sets.insert(&route.hosts, next);
        for host in &route.hosts {
            sets_of.entry(host).or_default().push(next);
        }
    }
    let mut numbers: HashMap<Vec<usize>, usize> = HashMap::new();
    let mut groups = HashMap::new();
    for (host, sets) in sets_of {
        let next = numbers.len();
        groups.insert(host.to_owned(), *numbers.entry(sets).or_insert(next));
    }
    groups
}
