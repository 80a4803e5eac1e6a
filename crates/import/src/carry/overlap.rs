//! Rules of which more than one is for a request. Programs let the later one change what the earlier has said, often
//! only in part; what all of them allow is safe to carry over.

use std::collections::HashMap;

use crate::carry::names::FreeNames;
use crate::carry::{Cors, Listed, MOST_OVERLAPS, Route, Telling, TooMany};
use crate::model::Applies;
use crate::path_tree::PathTree;
use crate::report::{About, Class, Finding};

/// The routes so far, and where those are found that a route overlaps with: a look at all of them for each would take
/// minutes for thousands.
#[derive(Debug, Default)]
pub(super) struct Routes {
    routes: Vec<Route>,
    /// The number of the rule that each route was last changed by.
    changed: Vec<usize>,
    names: FreeNames,
    /// The routes that are not only proposed, by their paths and hosts.
    placed: HashMap<(String, Vec<String>), usize>,
    /// The routes by what a rule has said for them.
    said: HashMap<RuleKey, usize>,
    /// Those that are not only proposed.
    paths: PathTree<AtPath>,
    /// The pairs of overlapping routes so far.
    overlaps: usize,
}

/// What a route says for which requests, without where. Rules that differ only in their methods have the same.
#[derive(Debug, PartialEq, Eq, Hash)]
struct RuleKey {
    path: String,
    hosts: Vec<String>,
    is_proposed: bool,
    texts: Texts,
}

impl RuleKey {
    fn of(route: &Route) -> Self {
        let mut texts = texts(&route.cors);
        if texts.enforce_methods {
            texts.methods.clear();
        }
        let (path, hosts) = (route.path.clone(), route.hosts.clone());
        Self { path, hosts, is_proposed: route.is_proposed, texts }
    }
}

/// The routes with a path, and those with this path and all below it.
#[derive(Debug, Default)]
struct AtPath {
    exact: OnHosts,
    below: OnHosts,
}

/// Routes by their hosts.
#[derive(Debug, Default)]
struct OnHosts {
    all: Vec<usize>,
    /// Those without hosts, which are for all.
    hostless: Vec<usize>,
    named: HashMap<String, Vec<usize>>,
    /// Those with a host below a name, with its dot.
    under: HashMap<String, Vec<usize>>,
}

impl OnHosts {
    fn insert(&mut self, hosts: &[String], at: usize) {
        self.all.push(at);
        if hosts.is_empty() {
            self.hostless.push(at);
        }
        for host in hosts {
            self.named.entry(host.clone()).or_default().push(at);
            for suffix in suffixes(host) {
                self.under.entry(suffix.to_owned()).or_default().push(at);
            }
        }
    }

    /// Adds those that some request for these hosts is for.
    fn meeting(&self, hosts: &[String], found: &mut Vec<usize>) {
        if hosts.is_empty() {
            return found.extend(&self.all);
        }
        found.extend(&self.hostless);
        for host in hosts {
            found.extend(self.named.get(host).into_iter().flatten());
            if let Some(suffix) = host.strip_prefix('*') {
                found.extend(self.under.get(suffix).into_iter().flatten());
            }
            let wider = suffixes(host).filter_map(|suffix| self.named.get(&format!("*{suffix}")));
            found.extend(wider.flatten());
        }
    }
}

/// The ends of a host at its dots: `.example.com` and `.com` of `www.example.com`.
fn suffixes(host: &str) -> impl Iterator<Item = &str> {
    host.match_indices('.').filter_map(|(at, _)| host.get(at..))
}

impl Routes {
    /// Takes the route of a rule, restricted by the earlier ones that have all of its paths.
    pub(super) fn take(
        &mut self,
        mut route: Route,
        number: usize,
        told: &mut Telling<'_>,
    ) -> Result<(), TooMany> {
        let key = RuleKey::of(&route);
        if let Some(at) = self.said.get(&key)
            && let Some(same) = self.routes.get_mut(*at)
        {
            told.route.clone_from(&same.name);
            // Other methods are only for what is still the same.
            if RuleKey::of(same) == key {
                for listed in route.cors.methods {
                    if !same.cors.methods.iter().any(|it| it.text == listed.text) {
                        same.cors.methods.push(listed);
                    }
                }
            }
            return Ok(());
        }
        self.restrict(&mut route, told)?;
        let place = (route.path.clone(), route.hosts.clone());
        let known = self.placed.get(&place).copied().filter(|_| !route.is_proposed);
        if let Some(at) = known
            && let (Some(first), Some(changed)) = (self.routes.get_mut(at), self.changed.get_mut(at))
        {
            // Of two routes for one path the first decides: the later one has been restricted by it.
            told.route.clone_from(&first.name);
            if first.applies != route.applies {
                first.applies = Applies::Together;
            }
            first.cors = route.cors;
            *changed = number;
            self.said.insert(RuleKey::of(first), at);
            return Ok(());
        }
        let at = self.routes.len();
        route.name = self.names.take(&route.path);
        told.route.clone_from(&route.name);
        if !route.is_proposed {
            self.placed.insert(place, at);
            let (path, is_exact) = base(&route.path);
            if let Some(node) = self.paths.value_mut(path) {
                let into = if is_exact { &mut node.exact } else { &mut node.below };
                into.insert(&route.hosts, at);
            }
        }
        self.said.insert(RuleKey::of(&route), at);
        self.routes.push(route);
        self.changed.push(number);
        Ok(())
    }

    /// The routes that have all paths of another one, on one of its hosts, in their order.
    fn covering(&mut self, route: &Route) -> Result<Vec<usize>, TooMany> {
        let (path, is_exact) = base(&route.path);
        let mut found = Vec::new();
        for (node, is_last) in self.paths.along(path) {
            node.below.meeting(&route.hosts, &mut found);
            if is_last && is_exact {
                node.exact.meeting(&route.hosts, &mut found);
            }
        }
        found.sort_unstable();
        found.dedup();
        self.overlaps += found.len();
        if self.overlaps > MOST_OVERLAPS { Err(TooMany::Overlaps) } else { Ok(found) }
    }

    /// Restricts a new route by the earlier ones that have all of its paths.
    fn restrict(&mut self, route: &mut Route, told: &mut Telling<'_>) -> Result<(), TooMany> {
        for other in self.covering(route)? {
            let Some(other) = self.routes.get(other) else { continue };
            // A narrower rule decides alone wherever the narrowest does; hosts are always chosen so.
            let is_alone = match (other.applies, route.applies) {
                (own, theirs) if own == theirs && own.is_narrowest() => {
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
                let advice = if route.is_proposed { PROPOSED } else { ADVICE };
                told.tell(Class::Unreadable, About::Path, place, message, Some(advice.to_owned()));
            }
        }
        Ok(())
    }

    /// The routes, restricted by later ones that cover them, and the names that are left.
    pub(super) fn done(mut self, findings: &mut Vec<Finding>) -> Result<(Vec<Route>, FreeNames), TooMany> {
        let before = self.routes.clone();
        for (at, unchanged) in before.iter().enumerate() {
            let changed = self.changed.get(at).copied();
            for other in self.covering(unchanged)? {
                let is_later = self.changed.get(other).copied() > changed;
                let (Some(later), Some(route)) = (before.get(other), self.routes.get_mut(at)) else {
                    continue;
                };
                let is_same = (&later.path, &later.hosts) == (&route.path, &route.hosts);
                let is_alone = match (route.applies, later.applies) {
                    (Applies::First, Applies::First) => file(route) == file(later),
                    (own, theirs) => own == theirs && own.is_narrowest(),
                };
                if !is_later || is_same || is_alone {
                    continue;
                }
                if let (Some(message), Some(place)) = (intersect(route, later), route.place.clone()) {
                    findings.push(Finding {
                        class: Class::Unreadable,
                        about: About::Path,
                        message,
                        advice: Some(ADVICE.to_owned()),
                        place,
                        route: Some(route.name.clone()),
                    });
                }
            }
        }
        Ok((self.routes, self.names))
    }
}

pub(super) const ADVICE: &str = "The route allows what both allow: look at what the program answers there.";

/// The same for a route that is only proposed.
const PROPOSED: &str = "The proposed route has what both allow: look at what the program answers there.";

pub(super) fn file(route: &Route) -> Option<&str> {
    route.place.as_ref().map(|place| place.file.as_ref())
}

/// The path that a route's own begins with, and whether it has no other.
pub(super) fn base(path: &str) -> (&str, bool) {
    path.strip_suffix("/*").map_or((path, true), |prefix| (prefix, false))
}

/// What a rule says, without where.
#[derive(Debug, PartialEq, Eq, Hash)]
pub(super) struct Texts {
    any_origin: bool,
    origins: Vec<String>,
    methods: Vec<String>,
    request_headers: Vec<String>,
    exposed_headers: Vec<String>,
    credentials: bool,
    enforce_methods: bool,
    max_age: Option<u32>,
}

pub(super) fn texts(cors: &Cors) -> Texts {
    let texts = |list: &[Listed]| {
        let mut texts: Vec<_> = list.iter().map(|listed| listed.text.clone()).collect();
        texts.sort();
        texts
    };
    Texts {
        any_origin: cors.any_origin.is_some(),
        origins: texts(&cors.origins),
        methods: texts(&cors.methods),
        request_headers: texts(&cors.request_headers),
        exposed_headers: texts(&cors.exposed_headers),
        credentials: cors.credentials.is_some(),
        enforce_methods: cors.enforce_methods,
        max_age: cors.max_age.as_ref().map(|(seconds, _)| *seconds),
    }
}

/// Leaves only what both allow. Says what is contradictory, if anything is.
pub(super) fn intersect(route: &mut Route, other: &Route) -> Option<String> {
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

#[cfg(test)]
mod tests {
    use crate::carry::{MOST_ENTRIES, MOST_RULES, Routes, Telling, TooMany, carry, route};
    use crate::model::{OriginSaid, PathSaid, Rule};
    use crate::place::{Place, Said};

    fn rule(host: Option<usize>, path: PathSaid) -> Rule {
        let mut rule = Rule::new("a rule", &Place::whole("file"));
        rule.scope.hosts = host.map(|number| format!("h{number}.example.com")).into_iter().collect();
        rule.scope.path = path;
        rule
    }

    fn below(path: String) -> PathSaid {
        PathSaid::Prefix(path)
    }

    /// The pairs of routes that were compared.
    fn compared(rules: impl Iterator<Item = Rule>) -> usize {
        let mut routes = Routes::default();
        let mut judge = crate::admissible::Judge::default();
        for (number, rule) in rules.enumerate() {
            let mut told = Telling { findings: Vec::new(), route: String::new(), judge: &mut judge };
            let route = route(&rule, &mut told);
            routes.take(route, number, &mut told).expect("few");
        }
        routes.overlaps
    }

    #[test]
    fn only_rules_for_the_same_requests_are_compared() {
        const MANY: usize = 2_000;
        let paths = || (0..MANY).map(|it| rule(None, below(format!("/p{it}"))));
        let hosts = || (0..MANY).map(|it| rule(Some(it), PathSaid::All));
        assert_eq!(compared(paths()), 0, "paths beside each other");
        assert_eq!(compared(hosts()), 0, "hosts beside each other");
        assert_eq!(compared([rule(None, PathSaid::All)].into_iter().chain(paths())), MANY, "one is for all");
        let of_host = (0..MANY).map(|it| rule(Some(it), below(format!("/p{it}"))));
        assert_eq!(compared(hosts().chain(of_host)), MANY, "one is for each host");
    }

    #[test]
    fn what_no_policy_can_have_is_an_error() {
        let many: Vec<_> = (0..=MOST_RULES).map(|_| rule(None, PathSaid::All)).collect();
        assert_eq!(carry(&many, &[]).expect_err("too many"), TooMany::Rules);
        let mut long = rule(None, PathSaid::All);
        let origin = Said::new(OriginSaid::Any, &long.place);
        long.origins = vec![origin; MOST_ENTRIES + 1];
        assert_eq!(carry(&[long], &[]).expect_err("too many"), TooMany::Entries);
        let wide = (0..500).map(|it| rule(Some(it), PathSaid::All));
        let each: Vec<_> = wide.chain((0..500).map(|it| rule(None, below(format!("/p{it}"))))).collect();
        assert_eq!(carry(&each, &[]).expect_err("too many"), TooMany::Overlaps);
    }
}
