//! Finds the requests that another route decides than before.
//!
//! This module never computes which route takes a request. It asks both policies, through [`decide`], about requests
//! that represent all others (`witness`). The result says which routes were added, removed or moved, and which requests
//! went to one route and now go to another.

mod witness;

use std::collections::{BTreeMap, BTreeSet, HashMap};

use corsgate_policy::decision::decide::decide;
use corsgate_policy::grammar::day::Day;
use corsgate_policy::policy::document::RouteDocument;
use corsgate_policy::{Answers, Facts, Outcome, Policy, Reason, RequestUrl};

use crate::Side;
use crate::change::{Line, Requests, Risk, quoted};
use crate::kind::Kind;
use witness::{Witness, witnesses};

/// The routes of two policies matched up, and the differences in which route decides.
pub(crate) struct Routing<'d> {
    /// Routes that are in both policies, including renamed ones.
    pub(crate) kept: Vec<(&'d RouteDocument, &'d RouteDocument)>,
    /// The lines about the place of each route, by its name.
    pub(crate) places: Vec<(String, Vec<Line>)>,
    /// Requests that moved from one route to another.
    pub(crate) moved: Vec<(Requests, &'d RouteDocument, &'d RouteDocument)>,
}

/// The result of routing a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Meets<'d> {
    /// No route matches.
    Nothing,
    /// Rejected, because its path could also be read as that of another route.
    Ambiguous,
    /// A route, by its name in the second policy.
    Route(&'d str),
}

/// The most paths or hosts that a sentence names.
const MOST_NAMED: usize = 4;

/// Compares which routes decide requests by the two policies.
pub(crate) fn compare<'d>(before: &'d Side, now: &'d Side) -> Routing<'d> {
    let (old, new) = (&before.document.routes, &now.document.routes);
    let names = Names::of(old, new);
    let kept: Vec<_> = new.iter().filter_map(|route| Some((names.old_of(route)?, route))).collect();
    let mut met: BTreeMap<(Meets<'d>, Meets<'d>), Vec<Witness>> = BTreeMap::new();
    let named = |side: &'d Side| side.policy.routes().iter().map(corsgate_policy::Route::name).collect();
    let (named_before, named_now): (BTreeSet<_>, BTreeSet<_>) = (named(before), named(now));
    for witness in witnesses(old, new) {
        let was = match meets(&before.policy, &named_before, &witness) {
            Meets::Route(name) => Meets::Route(names.now_of(name)),
            other => other,
        };
        let is = meets(&now.policy, &named_now, &witness);
        if was != is {
            met.entry((was, is)).or_default().push(witness);
        }
    }
    let by_name = |routes: &'d [RouteDocument]| -> HashMap<&'d str, &'d RouteDocument> {
        routes.iter().map(|route| (route.name.as_str(), route)).collect()
    };
    let (old_by_name, new_by_name) = (by_name(old), by_name(new));
    let mut moved = Vec::new();
    for ((was, is), witnesses) in &met {
        let (Meets::Route(was), Meets::Route(is)) = (was, is) else { continue };
        let old_name = names.before_of(was);
        if let (Some(from), Some(to)) = (old_by_name.get(old_name), new_by_name.get(is)) {
            let requests =
                Requests { which: which(witnesses), before: old_name.to_owned(), now: (*is).to_owned() };
            moved.push((requests, *from, *to));
        }
    }
    let mut places: Vec<_> = new
        .iter()
        .map(|route| {
            let mut lines = place(names.old_of(route), Some(route), &met);
            lines.extend(names.renamed(route));
            (route.name.clone(), lines)
        })
        .collect();
    let gone = old.iter().filter(|route| !names.is_kept(&route.name));
    places.extend(gone.map(|route| (route.name.clone(), place(Some(route), None, &met))));
    // Routes that changed their order without effect on any request.
    let order = |routes: &'d [RouteDocument], name: fn(&Names<'d>, &'d str) -> &'d str| -> Vec<&'d str> {
        routes.iter().map(|route| name(&names, &route.name)).collect()
    };
    let old_order = order(old, |names, name| names.now_of(name));
    let new_order = order(new, |_, name| name);
    let (in_new, in_old): (BTreeSet<_>, BTreeSet<_>) =
        (new_order.iter().copied().collect(), old_order.iter().copied().collect());
    let common_old = old_order.iter().filter(|name| in_new.contains(*name));
    let mut common_new = new_order.iter().filter(|name| in_old.contains(*name));
    if moved.is_empty()
        && let Some((_, first)) = common_old.zip(common_new.by_ref()).find(|(old, new)| old != new)
    {
        let line = Line::neutral(
            Kind::Order,
            Risk::Low,
            "its position among the routes is different",
            "every request matches the same route as before",
        );
        if let Some((_, lines)) = places.iter_mut().find(|(name, _)| name == first) {
            lines.push(line);
        }
    }
    places.retain(|(_, lines)| !lines.is_empty());
    Routing { kept, places, moved }
}

/// How a policy routes the request of a witness.
fn meets<'d>(policy: &'d Policy, named: &BTreeSet<&'d str>, witness: &Witness) -> Meets<'d> {
    let url = RequestUrl { host: &witness.host, path: &witness.path, ..RequestUrl::default() };
    let facts = Facts { method: "GET", url, ..Facts::default() };
    let decision = decide(policy, &facts, &Answers::default(), Day::NEVER);
    // The same name, borrowed for the policy's lifetime.
    let found = decision.route.and_then(|route| named.get(route.name()).copied());
    match found {
        Some(name) => Meets::Route(name),
        None if decision.outcome == Outcome::Reject(Reason::PathAmbiguous) => Meets::Ambiguous,
        None => Meets::Nothing,
    }
}

/// The lines about the place of a route. A route has its new name, a removed one its old name.
fn place(
    old: Option<&RouteDocument>,
    new: Option<&RouteDocument>,
    met: &BTreeMap<(Meets<'_>, Meets<'_>), Vec<Witness>>,
) -> Vec<Line> {
    let Some(route) = new.or(old) else { return Vec::new() };
    let this = Meets::Route(&route.name);
    let won = met.get(&(Meets::Nothing, this));
    let lost = met.get(&(this, Meets::Nothing));
    let mut lines = Vec::new();
    match (old, new) {
        (None, Some(new)) => {
            let text =
                format!("the route is added: {}, upstream `{}`{}", extent(new), new.upstream, access(new));
            lines.push(match won {
                Some(won) => {
                    let risk = match &new.cors {
                        Some(cors) if cors.credentials => Risk::High,
                        _ => Risk::Medium,
                    };
                    let why = format!("no route matched requests for {}", which(won));
                    Line::widens(Kind::Route, risk, text, why)
                }
                None => {
                    Line::neutral(Kind::Route, Risk::Low, text, "other routes matched its requests before")
                }
            });
        }
        (Some(old), None) => {
            let text = format!("the route is removed: {}", extent(old));
            lines.push(match lost {
                Some(lost) => {
                    Line::narrows(Kind::Route, text, format!("no route matches requests for {}", which(lost)))
                }
                None => Line::neutral(Kind::Route, Risk::Low, text, "other routes match its requests"),
            });
        }
        (Some(old), Some(new)) => {
            // If only hosts differ, as in another environment, all routes may have the same line.
            let where_to = |witnesses: &[Witness]| match old.path == new.path {
                true => format!("on {}", hosts_of(witnesses)),
                false => format!("for {}", which(witnesses)),
            };
            if let Some(won) = won {
                let text = format!("the route matches requests {}", where_to(won));
                lines.push(Line::widens(Kind::Place, Risk::Medium, text, "no route matched them"));
            }
            if let Some(lost) = lost {
                let text = format!("the route no longer matches requests {}", where_to(lost));
                lines.push(Line::narrows(Kind::Place, text, "no other route matches them"));
            }
            if lines.is_empty() && (&old.hosts, &old.path) != (&new.hosts, &new.path) {
                let text = format!("the route is for {}, and was for {}", extent(new), extent(old));
                lines.push(Line::neutral(
                    Kind::Place,
                    Risk::Low,
                    text,
                    "requests that match another route are listed separately",
                ));
            }
        }
        (None, None) => {}
    }
    if let Some(clear) = met.get(&(Meets::Ambiguous, this)) {
        let text = format!("ambiguous paths such as {} are accepted", which(clear));
        let why = "they could match another route, and were refused with 400";
        lines.push(Line::widens(Kind::Spelling, Risk::Low, text, why));
    }
    if let Some(unclear) = met.get(&(this, Meets::Ambiguous)) {
        let text = format!("ambiguous paths such as {} are refused with 400", which(unclear));
        lines.push(Line::narrows(Kind::Spelling, text, "they could match another route"));
    }
    lines
}

fn extent(route: &RouteDocument) -> String {
    match &route.hosts {
        Some(hosts) => format!("`{}` on {}", route.path, quoted(hosts.iter().map(String::as_str))),
        None => format!("`{}` on every host", route.path),
    }
}

/// A summary of the origins that a new route allows, since there is nothing to compare it with.
fn access(route: &RouteDocument) -> String {
    use corsgate_policy::policy::document::EntryDocument::{Expiring, Lasting};
    let Some(cors) = &route.cors else { return "; no other origins are allowed".to_owned() };
    let with = if cors.credentials { ", with credentials" } else { "" };
    let origins = cors.origins.iter().map(|(Lasting(origin) | Expiring { origin, .. })| origin.as_str());
    let who = match cors.origins.len() {
        0..=MOST_NAMED => quoted(origins),
        more => format!("{} and {} more", quoted(origins.take(MOST_NAMED - 1)), more - MOST_NAMED + 1),
    };
    format!("; allows {who}{with}")
}

/// Describes requests by their paths and hosts.
fn which(witnesses: &[Witness]) -> String {
    let paths = labels(witnesses, |witness| &witness.path_label);
    let under: BTreeSet<String> =
        paths.iter().filter_map(|path| path.strip_suffix("/*")).map(str::to_owned).collect();
    let paths: Vec<_> =
        paths.into_iter().filter(|path| !under.contains(path.trim_end_matches('/'))).collect();
    format!("{} on {}", named(&paths), hosts_of(witnesses))
}

fn hosts_of(witnesses: &[Witness]) -> String {
    let hosts = labels(witnesses, |witness| &witness.host_label);
    if hosts.contains(&"*") { "every host".to_owned() } else { named(&hosts) }
}

/// The labels, each once. Odd spellings are named only if there is nothing else.
fn labels(witnesses: &[Witness], label: fn(&Witness) -> &String) -> Vec<&str> {
    let plain = witnesses.iter().any(|witness| !witness.odd);
    let mut seen = BTreeSet::new();
    let told = witnesses.iter().filter(|witness| !plain || !witness.odd);
    told.map(|witness| label(witness).as_str()).filter(|label| seen.insert(*label)).collect()
}

fn named(names: &[&str]) -> String {
    match names.len().checked_sub(MOST_NAMED) {
        None | Some(0) => quoted(names.iter().copied()),
        Some(more) => format!("{} and {more} more", quoted(names.iter().take(MOST_NAMED).copied())),
    }
}

/// Maps the routes of one policy to those of the other. If an old name is gone and a new name has its place, the route
/// was renamed.
struct Names<'d> {
    old: HashMap<&'d str, &'d RouteDocument>,
    /// The new names of renamed routes, by their old names.
    now: HashMap<&'d str, &'d str>,
    before: HashMap<&'d str, &'d str>,
    new: BTreeSet<&'d str>,
}

impl<'d> Names<'d> {
    fn of(old: &'d [RouteDocument], new: &'d [RouteDocument]) -> Self {
        let old_names: HashMap<&str, &RouteDocument> =
            old.iter().map(|route| (route.name.as_str(), route)).collect();
        let new_names: BTreeSet<&str> = new.iter().map(|route| route.name.as_str()).collect();
        let mut places: HashMap<_, &RouteDocument> = HashMap::new();
        for route in old.iter().filter(|route| !new_names.contains(route.name.as_str())) {
            places.entry((&route.hosts, &route.path)).or_insert(route);
        }
        let (mut now, mut before) = (HashMap::new(), HashMap::new());
        for route in new.iter().filter(|route| !old_names.contains_key(route.name.as_str())) {
            if let Some(renamed) = places.remove(&(&route.hosts, &route.path)) {
                now.insert(renamed.name.as_str(), route.name.as_str());
                before.insert(route.name.as_str(), renamed.name.as_str());
            }
        }
        Self { old: old_names, now, before, new: new_names }
    }

    fn now_of<'n>(&self, old: &'n str) -> &'n str
    where
        'd: 'n,
    {
        self.now.get(old).copied().unwrap_or(old)
    }

    fn before_of<'n>(&self, new: &'n str) -> &'n str
    where
        'd: 'n,
    {
        self.before.get(new).copied().unwrap_or(new)
    }

    fn old_of(&self, new: &'d RouteDocument) -> Option<&'d RouteDocument> {
        self.old.get(self.before_of(&new.name)).copied()
    }

    fn is_kept(&self, old: &str) -> bool {
        self.new.contains(old) || self.now.contains_key(old)
    }

    fn renamed(&self, new: &RouteDocument) -> Option<Line> {
        let before = self.before.get(new.name.as_str())?;
        let text = format!("the route had the name `{before}`");
        let why = "records have the new name, and its rate limits start counting again";
        Some(Line::neutral(Kind::RouteName, Risk::Low, text, why))
    }
}
