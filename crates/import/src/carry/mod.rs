//! What of a rule a policy can say, and what becomes of the rest.

pub(crate) mod closing;
mod hosts;
mod lists;
mod names;
mod origins;
mod overlap;
mod unsaid;

use std::collections::HashSet;

use corsgate_policy::grammar::host::HostPattern;
use corsgate_policy::path::PathPattern;

use thiserror::Error;

use crate::admissible::Judge;
use crate::carry::names::FreeNames;
use crate::carry::overlap::Routes;
use crate::model::{Applies, PathSaid, Remark, Rule};
use crate::place::{Place, Said};
use crate::report::{About, Class, Finding};

/// The path of a commented route whose own no policy can say, where the source names none around it either.
const NOWHERE: &str = "/unreadable";

/// A route of the imported policy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Route {
    /// Its name.
    pub name: String,
    /// Its hosts, in the grammar of policies; none if the source names none.
    pub hosts: Vec<String>,
    /// Its path, in the grammar of policies.
    pub path: String,
    /// What it was: "`cors()` of Express".
    pub what: &'static str,
    /// Where the source has it; `None` for the route of all that the source gives no CORS.
    pub place: Option<Place>,
    /// The rules; without origins, the route allows no other origin.
    pub cors: Cors,
    /// Which rule a request gets, if several are for it.
    pub applies: Applies,
    /// The route is only proposed, because its path has more requests than the rule of the source.
    pub is_proposed: bool,
    /// No policy can say its path, and the source takes it: other routes decide about its requests.
    pub is_unsaid: bool,
}

/// The CORS rules of a route.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Cors {
    /// Any origin, without credentials.
    pub any_origin: Option<Place>,
    /// The origins, as patterns of a policy.
    pub origins: Vec<Listed>,
    /// The methods besides GET, HEAD and POST.
    pub methods: Vec<Listed>,
    /// The request headers, in lower case.
    pub request_headers: Vec<Listed>,
    /// The response headers, in lower case.
    pub exposed_headers: Vec<Listed>,
    /// Where credentials are allowed, if they are.
    pub credentials: Option<Place>,
    /// No other method than those listed may be used at all.
    pub enforce_methods: bool,
    /// Seconds.
    pub max_age: Option<(u32, Place)>,
    /// Lines that are commented out: they would allow more than the source, or more than is safe.
    pub proposals: Vec<Proposal>,
}

impl Cors {
    /// Allows no other origin if no method is left that one may use.
    fn close_without_methods(&mut self) {
        if self.enforce_methods && self.methods.is_empty() {
            self.origins.clear();
            self.any_origin = None;
            self.credentials = None;
        }
    }
}

/// An entry of a list, with the places in the sources that ask for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// The entry.
    pub text: String,
    /// The places.
    pub places: Vec<Place>,
}

/// A line that its author has to decide about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proposal {
    /// What it is about.
    pub about: About,
    /// The entry.
    pub text: String,
    /// Why it is commented out.
    pub because: String,
    /// What asks for it.
    pub place: Place,
}

/// What became of the sources.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Carried {
    /// The routes, those with narrower paths first.
    pub routes: Vec<Route>,
    /// One line for each thing that a source says.
    pub findings: Vec<Finding>,
}

impl Carried {
    /// Whether everything was carried over.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.findings.iter().all(|finding| finding.class == Class::Same)
    }
}

/// The most rules that are carried over: a policy has no more routes.
pub const MOST_RULES: usize = 10_000;
/// The most origins, methods and headers that they may list in all.
pub const MOST_ENTRIES: usize = 1_000_000;
/// The most pairs of rules of which both are for some request. Each may be a line of the report.
pub const MOST_OVERLAPS: usize = 200_000;

/// Why rules are not carried over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum TooMany {
    /// More than [`MOST_RULES`].
    #[error("the files have more than {MOST_RULES} rules: import fewer of them at a time")]
    Rules,
    /// More than [`MOST_ENTRIES`].
    #[error(
        "the files list more than {MOST_ENTRIES} origins, methods and headers: import fewer of them at a time"
    )]
    Entries,
    /// More than [`MOST_OVERLAPS`].
    #[error(
        "the files have more than {MOST_OVERLAPS} pairs of rules for the same requests: import fewer of them at a time"
    )]
    Overlaps,
}

/// Carries rules over.
///
/// # Errors
/// When there are more than a policy can have, or than a report is read of.
pub fn carry(rules: &[Rule], holes: &[Said<Remark>]) -> Result<Carried, TooMany> {
    if rules.len() > MOST_RULES {
        return Err(TooMany::Rules);
    }
    if rules.iter().map(Rule::entries).sum::<usize>() > MOST_ENTRIES {
        return Err(TooMany::Entries);
    }
    let mut findings: Vec<_> = holes.iter().map(|hole| of_remark(hole, None)).collect();
    let mut routes = Routes::default();
    let mut judge = Judge::default();
    for (number, rule) in rules.iter().enumerate() {
        let mut told = Telling { findings: Vec::new(), route: String::new(), judge: &mut judge };
        let route = route(rule, &mut told);
        routes.take(route, number, &mut told)?;
        findings.extend(told.done());
    }
    let (mut routes, mut names) = routes.done(&mut findings)?;
    unsaid::narrow(&mut routes, &mut names, &mut findings);
    // Nothing of a route that is a comment is the same as in the source.
    let proposed: HashSet<_> = routes.iter().filter(|it| it.is_proposed).map(|it| it.name.as_str()).collect();
    let is_proposed = |it: &Finding| it.route.as_deref().is_some_and(|name| proposed.contains(name));
    findings.retain(|it| it.class != Class::Same || !is_proposed(it));
    let mut routes = hosts::apart(routes, &mut names, &mut findings)?;
    // The first findings are those of the holes, in their order.
    for (hole, finding) in holes.iter().zip(&mut findings) {
        if let Some(route) = closing::proposed(hole, &routes, &mut names) {
            finding.advice = Some(closing::ADVICE.to_owned());
            routes.push(route);
        }
    }
    // Proposed routes are comments, and a route for all paths is the last that can be reached.
    routes.sort_by_cached_key(|route| {
        core::cmp::Reverse((host_specificity(&route.hosts), specificity(&route.path)))
    });
    Ok(Carried { routes: with_rest(routes, names), findings })
}

/// Adds a last route for the paths that the source gives no CORS, on each of its hosts. Proposed routes are comments, and
/// a route for all paths is the last that can be reached.
fn with_rest(routes: Vec<Route>, mut names: FreeNames) -> Vec<Route> {
    let mut all: Vec<Route> = Vec::new();
    let mut has_last = false;
    let mut applies = None;
    let mut routes = routes.into_iter().peekable();
    while let Some(route) = routes.next() {
        // Where a host has nothing of other rules, no other one is for the rest, either.
        applies = match applies {
            None => Some(route.applies),
            Some(before) if before == route.applies => applies,
            Some(_) => Some(Applies::Together),
        };
        has_last |= route.path == "/*" && !route.is_proposed;
        let hosts = route.hosts.clone();
        all.push(route);
        if routes.peek().is_some_and(|next| next.hosts == hosts) {
            continue;
        }
        let is_of_host = |it: &Applies| matches!(it, Applies::OfHost | Applies::First);
        let applies = applies.take().filter(is_of_host).unwrap_or_default();
        if !core::mem::take(&mut has_last) {
            all.push(Route {
                name: names.take("/rest"),
                hosts,
                path: "/*".to_owned(),
                what: "",
                place: None,
                cors: Cors::default(),
                applies,
                is_proposed: false,
                is_unsaid: false,
            });
        }
    }
    all
}

/// Exact names first, then patterns by their length; those that the operator names last.
fn host_specificity(hosts: &[String]) -> (bool, bool, usize, Vec<String>) {
    let is_exact = hosts.iter().all(|host| !host.starts_with("*."));
    let longest = if is_exact { 0 } else { hosts.iter().map(String::len).max().unwrap_or_default() };
    (!hosts.is_empty(), is_exact, longest, hosts.to_vec())
}

/// Exact paths first, then prefixes by their length.
fn specificity(path: &str) -> (bool, usize) {
    (!path.ends_with('*'), path.len())
}

/// The findings about one rule.
struct Telling<'j> {
    findings: Vec<Finding>,
    route: String,
    judge: &'j mut Judge,
}

impl Telling<'_> {
    fn tell(
        &mut self,
        class: Class,
        about: About,
        place: &Place,
        message: impl Into<String>,
        advice: Option<String>,
    ) {
        let (message, place) = (message.into(), place.clone());
        self.findings.push(Finding { class, about, message, advice, place, route: None });
    }

    fn done(self) -> Vec<Finding> {
        let Self { findings, route, .. } = self;
        findings.into_iter().map(|finding| Finding { route: Some(route.clone()), ..finding }).collect()
    }
}

fn of_remark(remark: &Said<Remark>, route: Option<String>) -> Finding {
    let Remark { class, about, message, advice, closes: _ } = remark.value.clone();
    Finding { class, about, message, advice, place: remark.place.clone(), route }
}

fn route(rule: &Rule, told: &mut Telling<'_>) -> Route {
    for remark in &rule.remarks {
        told.findings.push(of_remark(remark, None));
    }
    let (path, is_wider) = path(rule, told);
    let (hosts, is_elsewhere) = hosts(rule, told);
    let cors = lists::cors(rule, told);
    let (place, is_proposed) = (Some(rule.place.clone()), is_wider || is_elsewhere || rule.is_proposed);
    let is_unsaid = is_wider && !rule.is_proposed;
    let applies = rule.scope.applies;
    Route { name: String::new(), hosts, path, what: rule.what, place, cors, applies, is_proposed, is_unsaid }
}

/// The hosts, and whether some of them are left out because a policy cannot say them.
fn hosts(rule: &Rule, told: &mut Telling<'_>) -> (Vec<String>, bool) {
    let mut hosts = Vec::new();
    let mut is_lost = false;
    for host in &rule.scope.hosts {
        let lower = host.to_ascii_lowercase();
        if HostPattern::parse(&lower).is_ok() {
            hosts.push(lower);
            continue;
        }
        is_lost = true;
        // What comes before an `@` may be a password.
        let shown = host.rsplit('@').next().unwrap_or_default();
        let message = format!("a policy cannot say the host `{}`", crate::shown::line(shown));
        let advice = "The route is commented out in the policy: write its hosts, and remove the `#`.";
        told.tell(Class::Unreadable, About::Path, &rule.place, message, Some(advice.to_owned()));
    }
    hosts.sort();
    hosts.dedup();
    (hosts, is_lost)
}

/// The path, and whether it has more requests than the rule.
fn path(rule: &Rule, told: &mut Telling<'_>) -> (String, bool) {
    let canonical = |path: &str| PathPattern::parse(path).is_ok();
    let (text, nearest) = match &rule.scope.path {
        PathSaid::All => return ("/*".to_owned(), false),
        PathSaid::Exact(path) if canonical(path) => return (path.clone(), false),
        PathSaid::Prefix(path) => {
            let prefix = format!("{}/*", path.trim_end_matches('/'));
            if canonical(&prefix) {
                return (prefix, false);
            }
            (path.clone(), None)
        }
        PathSaid::Exact(path) => (path.clone(), None),
        PathSaid::Other { text, nearest } => (text.clone(), nearest.clone().filter(|path| canonical(path))),
    };
    let shown = crate::shown::path(&text);
    let message = match &nearest {
        Some(nearest) => format!("a policy cannot say the path `{shown}`: `{nearest}` has it, and more"),
        None => format!("a policy cannot say the path `{shown}`"),
    };
    let advice = "The route is commented out in the policy: write its path, and remove the `#`.";
    told.tell(Class::Unreadable, About::Path, &rule.place, message, Some(advice.to_owned()));
    (nearest.unwrap_or_else(|| NOWHERE.to_owned()), true)
}
