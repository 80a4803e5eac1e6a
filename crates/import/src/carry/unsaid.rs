//! Rules whose paths a policy cannot say. Their routes are comments, so that another route decides about their requests:
//! a wider one, which may allow more than the rule.

use crate::carry::names::FreeNames;
use crate::carry::overlap::{base, file, intersect, texts};
use crate::carry::{MOST_OVERLAPS, NOWHERE, Route};
use crate::model::Applies;
use crate::report::{About, Class, Finding};

/// How many routes a finding names.
const MOST_NAMED: usize = 3;

/// Gives the nearest path of each of these rules what it and the route around it both allow. What is left is named: a
/// route that decides about some of its requests, and allows more.
pub(super) fn narrow(routes: &mut Vec<Route>, names: &mut FreeNames, findings: &mut Vec<Finding>) {
    // Beyond this number, routes are taken to allow more without a look.
    let mut compared = 0_usize;
    // Behind them stand the routes for nearest paths, which each further rule narrows as well.
    let of_source = routes.len();
    for at in 0..of_source {
        let Some(unsaid) = routes.get(at).filter(|route| route.is_unsaid).cloned() else { continue };
        let reach = if unsaid.path == NOWHERE { "/*" } else { &unsaid.path };
        // Where the first decides alone, what stands behind it is for what is left.
        let is_before = |(number, it): &(usize, &Route)| {
            (unsaid.applies, it.applies) == (Applies::First, Applies::First)
                && *number < at
                && (file(it), &it.hosts) == (file(&unsaid), &unsaid.hosts)
        };
        let (before, deciding): (Vec<_>, Vec<_>) =
            routes.iter().enumerate().filter(|(_, it)| may_decide(it, reach, &unsaid)).partition(is_before);
        if before.iter().any(|(_, it)| has_all_of(&it.path, reach)) {
            continue;
        }
        let mut around: Vec<&Route> = Vec::new();
        let mut open = Vec::new();
        let mut narrowed_before = Vec::new();
        for (number, route) in &deciding {
            compared += 1;
            if compared <= MOST_OVERLAPS && !allows_more(route, &unsaid) {
                continue;
            }
            if is_around(&route.path, reach) {
                around.push(route);
            } else if *number >= of_source {
                narrowed_before.push(*number);
            } else {
                open.push(route.name.clone());
            }
        }
        // Of those for the same hosts the longest decides, also if it allows no more.
        let is_longer = |it: &Route, route: &Route| {
            it.hosts == route.hosts && has_all_of(&it.path, reach) && is_around(&route.path, &it.path)
        };
        around.retain(|route| !deciding.iter().any(|(_, it)| is_longer(it, route)));
        let narrowed = narrowed(&around, reach, &unsaid, names);
        for number in narrowed_before {
            if let Some(route) = routes.get_mut(number) {
                intersect(route, &having_a_say(&unsaid));
                findings.extend(narrower(route, &unsaid));
            }
        }
        if !open.is_empty() {
            findings.push(left_open(&open, &unsaid));
        }
        for route in narrowed {
            findings.extend(narrower(&route, &unsaid));
            routes.push(route);
        }
    }
}

/// Routes for the nearest path, one for the hosts of each route that is around it.
fn narrowed(around: &[&Route], reach: &str, unsaid: &Route, names: &mut FreeNames) -> Vec<Route> {
    let mut all: Vec<Route> = Vec::new();
    for route in around {
        let hosts = if route.hosts.is_empty() { &unsaid.hosts } else { &route.hosts };
        let mut own = Route {
            name: String::new(),
            hosts: hosts.clone(),
            path: reach.to_owned(),
            what: unsaid.what,
            place: unsaid.place.clone(),
            is_proposed: false,
            is_unsaid: false,
            ..(*route).clone()
        };
        own.cors.proposals.clear();
        intersect(&mut own, &having_a_say(unsaid));
        match all.iter_mut().find(|it| it.hosts == own.hosts) {
            Some(same) => {
                intersect(same, &own);
            }
            None => {
                own.name = names.take(reach);
                all.push(own);
            }
        }
    }
    all
}

/// What a rule adds to those around it: other methods are for them, where all have a say.
fn having_a_say(unsaid: &Route) -> Route {
    let mut rule = unsaid.clone();
    rule.cors.enforce_methods &= unsaid.applies != Applies::Together;
    rule
}

/// The finding about a route for a nearest path.
fn narrower(route: &Route, unsaid: &Route) -> Option<Finding> {
    Some(Finding {
        class: Class::Unreadable,
        about: About::Path,
        message: format!("all of `{}` gets what this rule and those around it allow", route.path),
        advice: Some("Write routes for the paths there that may allow more.".to_owned()),
        place: unsaid.place.clone()?,
        route: Some(route.name.clone()),
    })
}

/// Whether a route that is no comment may decide about requests of the rule.
fn may_decide(route: &Route, reach: &str, unsaid: &Route) -> bool {
    !route.is_proposed
        && (has_all_of(&route.path, reach) || has_all_of(reach, &route.path))
        && (route.hosts.is_empty() || unsaid.hosts.is_empty() || share_host(&route.hosts, &unsaid.hosts))
        // A whole path is narrower than any other.
        && !(route.applies.is_narrowest() && unsaid.applies.is_narrowest() && !route.path.ends_with("/*"))
}

fn share_host(ours: &[String], theirs: &[String]) -> bool {
    let has = |pattern: &str, host: &str| {
        pattern == host || pattern.strip_prefix('*').is_some_and(|suffix| host.ends_with(suffix))
    };
    ours.iter().any(|own| theirs.iter().any(|their| has(own, their) || has(their, own)))
}

/// Whether a path has more than all of another.
fn is_around(path: &str, other: &str) -> bool {
    path != other && has_all_of(path, other)
}

/// Whether a path has all of another.
fn has_all_of(path: &str, other: &str) -> bool {
    let (prefix, is_exact) = base(path);
    match other.strip_prefix(prefix) {
        Some("") => !is_exact || base(other).1,
        Some(rest) => !is_exact && rest.starts_with('/'),
        None => false,
    }
}

fn allows_more(route: &Route, unsaid: &Route) -> bool {
    if route.cors.origins.is_empty() && route.cors.any_origin.is_none() {
        return false;
    }
    let mut both = route.clone();
    intersect(&mut both, unsaid);
    texts(&both.cors) != texts(&route.cors)
}

/// The finding that other routes decide, and allow more.
fn left_open(open: &[String], unsaid: &Route) -> Finding {
    let named: Vec<_> = open.iter().take(MOST_NAMED).map(|name| format!("`{name}`")).collect();
    let others = match open.len().saturating_sub(named.len()) {
        0 => String::new(),
        others => format!(" and {others} more"),
    };
    let (routes, verb, allows) = match open.len() {
        1 => ("route", "decides", "allows"),
        _ => ("routes", "decide", "allow"),
    };
    Finding {
        class: Class::Unreadable,
        about: About::Path,
        message: format!(
            "as long as it is commented out, {routes} {}{others} {verb} about its requests, and {allows} more",
            named.join(", ")
        ),
        advice: Some("Write its path before the policy is enforced.".to_owned()),
        place: unsaid.place.clone().unwrap_or_else(|| crate::place::Place::whole("")),
        route: Some(unsaid.name.clone()),
    }
}
