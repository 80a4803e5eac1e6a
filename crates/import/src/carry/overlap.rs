//! Rules of which more than one is for a request. Programs let the later one change what the earlier has said, often
//! only in part; what all of them allow is safe to carry over.

use crate::carry::{Cors, Listed, Route, Telling};
use crate::model::Applies;
use crate::report::{About, Class, Finding};

/// The route that says the same for the same path, if there is one. Rules that differ only in their methods become one.
pub(super) fn same(routes: &mut [Route], route: &Route) -> Option<String> {
    let is_same = |other: &&mut Route| {
        let (mut own, mut theirs) = (route.cors.clone(), other.cors.clone());
        if own.enforce_methods == theirs.enforce_methods && own.enforce_methods {
            own.methods.clear();
            theirs.methods.clear();
        }
        (&route.path, &route.hosts, route.is_proposed) == (&other.path, &other.hosts, other.is_proposed)
            && texts(&own) == texts(&theirs)
    };
    let same = routes.iter_mut().find(is_same)?;
    for listed in &route.cors.methods {
        if !same.cors.methods.iter().any(|it| it.text == listed.text) {
            same.cors.methods.push(listed.clone());
        }
    }
    Some(same.name.clone())
}

/// What rules say, without where.
fn texts(cors: &Cors) -> impl PartialEq {
    let texts = |list: &[Listed]| {
        let mut texts: Vec<_> = list.iter().map(|listed| listed.text.clone()).collect();
        texts.sort();
        texts
    };
    (
        (cors.any_origin.is_some(), texts(&cors.origins), texts(&cors.methods), texts(&cors.request_headers)),
        (texts(&cors.exposed_headers), cors.credentials.is_some(), cors.enforce_methods),
        cors.max_age.as_ref().map(|(seconds, _)| *seconds),
    )
}

/// Restricts a new route by the earlier ones that have all of its paths.
pub(super) fn restrict(route: &mut Route, earlier: &[Route], told: &mut Telling) {
    for other in earlier {
        if other.is_proposed || !covers(&other.path, &route.path) || !meet(&other.hosts, &route.hosts) {
            continue;
        }
        // A narrower rule decides alone wherever the narrowest does; hosts are always chosen so.
        let is_alone = match (other.applies, route.applies) {
            (Applies::Narrowest, Applies::Narrowest) => {
                (&other.path, &other.hosts) != (&route.path, &route.hosts)
            }
            (Applies::First, Applies::First) => other.hosts != route.hosts,
            _ => false,
        };
        if is_alone {
            continue;
        }
        if let Some(message) = intersect(route, other)
            && let Some(place) = &route.place
        {
            told.tell(Class::Unreadable, About::Path, place, message, Some(ADVICE.to_owned()));
        }
    }
}

const ADVICE: &str = "The route allows what both allow: look at what the program answers there.";

/// Restricts the routes that a later one covers.
pub(super) fn restrict_earlier(routes: &mut Vec<Route>, findings: &mut Vec<Finding>) {
    let all = routes.clone();
    for (index, route) in routes.iter_mut().enumerate() {
        for (_, later) in all.iter().enumerate().filter(|(at, _)| *at > index) {
            let is_same = (&later.path, &later.hosts) == (&route.path, &route.hosts);
            let is_alone = route.applies != Applies::Together && route.applies == later.applies;
            if later.is_proposed
                || is_same
                || is_alone
                || !covers(&later.path, &route.path)
                || !meet(&later.hosts, &route.hosts)
            {
                continue;
            }
            if let (Some(message), Some(place)) = (intersect(route, later), route.place.clone()) {
                let advice = Some(ADVICE.to_owned());
                let name = Some(route.name.clone());
                findings.push(Finding {
                    class: Class::Unreadable,
                    about: About::Path,
                    message,
                    advice,
                    place,
                    route: name,
                });
            }
        }
    }
    // Of two routes for one path the first decides: the later one has been restricted by it.
    let mut kept: Vec<Route> = Vec::new();
    for route in routes.drain(..) {
        let is_same = |it: &&mut Route| {
            (&it.path, &it.hosts) == (&route.path, &route.hosts) && !it.is_proposed && !route.is_proposed
        };
        match kept.iter_mut().find(is_same) {
            Some(first) => {
                first.cors = route.cors;
                for finding in findings.iter_mut().filter(|it| it.route.as_deref() == Some(&route.name)) {
                    finding.route = Some(first.name.clone());
                }
            }
            None => kept.push(route),
        }
    }
    *routes = kept;
}

/// Whether one path has all requests of another.
fn covers(wide: &str, narrow: &str) -> bool {
    match wide.strip_suffix("/*") {
        Some(prefix) => {
            let rest = narrow.strip_prefix(prefix);
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        }
        None => wide == narrow,
    }
}

/// Whether some request may be for hosts of both. A rule without hosts is for all.
fn meet(one: &[String], other: &[String]) -> bool {
    let has = |wide: &str, narrow: &str| match wide.strip_prefix('*') {
        Some(suffix) => narrow.ends_with(suffix),
        None => wide == narrow,
    };
    let pair = |one: &String| other.iter().any(|other| has(one, other) || has(other, one));
    one.is_empty() || other.is_empty() || one.iter().any(pair)
}

/// Leaves only what both allow. Says what is contradictory, if anything is.
fn intersect(route: &mut Route, other: &Route) -> Option<String> {
    if texts(&route.cors) == texts(&other.cors) {
        return None;
    }
    let (own, theirs) = (&mut route.cors, &other.cors);
    if own.any_origin.is_some() {
        own.origins.clone_from(&theirs.origins);
        own.any_origin.clone_from(&theirs.any_origin);
    } else if theirs.any_origin.is_none() {
        keep(&mut own.origins, &theirs.origins);
    }
    let theirs_methods: Vec<_> = theirs.methods.clone();
    if own.enforce_methods && !theirs.enforce_methods {
        // Methods that need no preflight are not in the other list.
        let safe = |text: &str| matches!(text, "GET" | "HEAD" | "POST");
        let has = |text: &str| theirs_methods.iter().any(|it| it.text == text || it.text == "*");
        own.methods.retain(|it| safe(&it.text) || has(&it.text));
    } else {
        keep(&mut own.methods, &theirs_methods);
        if theirs.enforce_methods && !own.enforce_methods {
            own.methods = theirs_methods
                .iter()
                .filter(|it| {
                    matches!(it.text.as_str(), "GET" | "HEAD" | "POST")
                        || own.methods.iter().any(|own| own.text == it.text)
                })
                .cloned()
                .collect();
            own.enforce_methods = true;
        }
    }
    keep(&mut own.request_headers, &theirs.request_headers);
    keep(&mut own.exposed_headers, &theirs.exposed_headers);
    if theirs.credentials.is_none() || own.any_origin.is_some() {
        own.credentials = None;
    }
    own.close_without_methods();
    // A `*` is not for credentials.
    if own.credentials.is_some() {
        for list in [&mut own.methods, &mut own.request_headers, &mut own.exposed_headers] {
            list.retain(|it| it.text != "*");
        }
    }
    let place = other.place.as_ref().map(ToString::to_string).unwrap_or_default();
    Some(format!("another rule is for this path as well ({place}), and says something else"))
}

fn keep(own: &mut Vec<Listed>, theirs: &[Listed]) {
    let star = |list: &[Listed]| list.iter().any(|it| it.text == "*");
    match (star(own), star(theirs)) {
        (true, false) => {
            // `*` has every name but this one, which is kept only if both list it.
            let lists_authorization = own.iter().any(|it| it.text == "authorization");
            *own = theirs
                .iter()
                .filter(|it| it.text != "authorization" || lists_authorization)
                .cloned()
                .collect();
        }
        (true, true) => own.retain(|it| theirs.iter().any(|other| other.text == it.text)),
        (false, true) => {
            own.retain(|it| it.text != "authorization" || theirs.iter().any(|other| other.text == it.text))
        }
        (false, false) => own.retain(|it| theirs.iter().any(|other| other.text == it.text)),
    }
}
