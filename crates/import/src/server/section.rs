//! The parts of a host that have paths of their own, and which of them need a route.

use crate::model::{Applies, PathSaid, Remark, Rule};
use crate::place::{Place, Said};
use crate::report::{About, Class};
use crate::server::remark;

/// What a server answers at one path.
pub(super) struct Section<'p> {
    pub(super) place: &'p Place,
    pub(super) path: PathSaid,
    /// The rule, if the path has CORS.
    pub(super) rule: Option<Rule>,
    /// Whether another path than the first has it as well.
    pub(super) is_within_another: bool,
}

/// The rules of a host: one for each path that makes a difference. The first one is that of the whole host.
pub(super) fn rules_of(what: &'static str, hosts: &[String], sections: Vec<Section<'_>>) -> Vec<Rule> {
    if sections.iter().all(|section| section.rule.is_none()) {
        return Vec::new();
    }
    let around = sections.first().and_then(|section| section.rule.clone());
    let mut rules = Vec::new();
    for (at, section) in sections.into_iter().enumerate() {
        let is_same = match (&section.rule, &around) {
            (Some(own), Some(around)) => say_alike(own, around),
            (None, None) => true,
            _ => false,
        };
        if at > 0 && is_same && !section.is_within_another || at == 0 && section.rule.is_none() {
            continue;
        }
        let mut own = section.rule.unwrap_or_else(|| nothing(what, section.place, hosts));
        own.scope.path = section.path;
        rules.push(own);
    }
    rules
}

/// The rule of a part that has no CORS, among others that have some.
pub(super) fn nothing(what: &'static str, place: &Place, hosts: &[String]) -> Rule {
    let mut rule = Rule::new(what, place);
    rule.scope.hosts = hosts.to_vec();
    rule.scope.applies = Applies::OfHost;
    rule
}

/// Whether two rules say the same, wherever and whatever for.
pub(super) fn say_alike(one: &Rule, other: &Rule) -> bool {
    (&one.origins, &one.methods, &one.request_headers, &one.exposed_headers)
        == (&other.origins, &other.methods, &other.request_headers, &other.exposed_headers)
        && (one.credentials.value, &one.max_age) == (other.credentials.value, &other.max_age)
        && (&one.scope.methods, one.scope.preflights) == (&other.scope.methods, other.scope.preflights)
}

/// What else a server takes for a path without a slash at its end. Where the paths around it have CORS, that is more than a
/// route for it takes away from them.
pub(super) fn also_alike(server: &str, path: &str, is_within_cors: bool, place: &Place) -> Said<Remark> {
    let class = if is_within_cors { Class::Unreadable } else { Class::Same };
    let shown = crate::shown::path(path);
    let message = format!(
        "{server} also takes paths such as `{shown}x` for it: here only `{shown}` and what is below it"
    );
    remark(class, About::Path, message, None, place)
}
