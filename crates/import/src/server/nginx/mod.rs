//! nginx: `add_header` and `more_set_headers`, with `map`, `if`, `set`, `return` and the rules of locations.
//!
//! `syntax` reads words and blocks, `group` finds out which files belong together, with `files`, `include`, `glob` and
//! `dump`, `config` finds servers and their locations, `evaluate` says what one of them answers to a request, `rewrite`
//! where else it may lead, and `condition` and `variable` what is true for it.

mod code;
mod condition;
mod config;
mod dump;
mod evaluate;
mod files;
mod glob;
mod group;
mod include;
mod rewrite;
mod syntax;
mod variable;

use corsgate_authoring::Source;

use crate::around::Nowhere;
use crate::expression::Expression;
use crate::kind::Kind;
use crate::model::{PathSaid, Reading, Remark, Rule};
use crate::place::Said;
use crate::report::{About, Class};
use crate::server::pages::Asking;
use crate::server::rule::{Part, rule};
use crate::server::section::{nothing, say_alike};
use crate::server::{hole, paths, remark};
use config::{Config, Location, Matching, Server};
use evaluate::Evaluation;
use include::Whole;

pub(crate) use dump::name as name_in_dump;
pub(crate) use group::read as read_group;

const WHAT: &str = "`location` of nginx";

/// Reads a configuration, or a part of one.
pub(crate) fn read(source: &Source, _only: Option<Kind>) -> Reading {
    group::read(&[source], &Nowhere, true).pop().unwrap_or_default().reading
}

/// Reads a configuration that has its files in it. Whether it is only a part of a server, too.
fn configuration(whole: &Whole, names_cors: bool) -> (Reading, bool) {
    let config = Config::new(&whole.directives);
    let mut holes = whole.holes.clone();
    let mut rules = Vec::new();
    for name in &config.lost_names {
        let shown = crate::shown::line(&name.value);
        let advice = "Add the hosts that are meant to its routes.";
        holes.push(hole(format!("a policy cannot say the host `{shown}`"), Some(advice), &name.place));
    }
    for server in &config.servers {
        rules.extend(of_server(&config, server));
    }
    // Elsewhere they are no business of CORS.
    for filter in config.filters.iter().filter(|_| !rules.is_empty() || names_cors) {
        let message = format!("`{}` may change headers of CORS, and is not read", filter.value);
        holes.push(hole(message, Some("Look at what the server answers."), &filter.place));
    }
    let is_fragment = config.servers.iter().any(|server| server.is_fragment);
    (Reading { rules, holes }, is_fragment)
}

/// The rules of a server: one for each location that differs from those around it.
fn of_server(config: &Config<'_>, server: &Server<'_>) -> Vec<Rule> {
    let read = |location: &Location<'_>, path: PathSaid| {
        let evaluate = |asking: &Asking<'_>| Evaluation::new(config, server, asking).of(location);
        let part = Part {
            what: WHAT,
            place: location.place.clone(),
            path,
            hosts: &server.names,
            evaluate: &evaluate,
        };
        rule(part)
    };
    let found: Vec<_> =
        server.locations.iter().map(|location| (location, read(location, PathSaid::All))).collect();
    if found.iter().all(|(_, rule)| rule.is_none()) {
        return Vec::new();
    }
    let around = found.iter().find(|(location, _)| location.is_whole()).and_then(|(_, rule)| rule.clone());
    let mut rules = Vec::new();
    for (location, found) in found {
        let is_same = match (&found, &around) {
            (Some(own), Some(around)) => say_alike(own, around) && remark_alike(own, around),
            (None, None) => true,
            _ => false,
        };
        if is_same && !location.is_whole() && location.matching != Matching::Named {
            // Within a location that differs from the server, it has to be said all the same.
            let is_within = server.locations.iter().any(|other| other.has_all_of(location));
            if !is_within {
                continue;
            }
        }
        if location.matching == Matching::Named || location.is_whole() && found.is_none() {
            continue;
        }
        for (path, remarks) in paths_of(location, around.is_some()) {
            let mut own = found.clone().unwrap_or_else(|| nothing(WHAT, &location.place, &server.names));
            own.scope.path = path;
            own.remarks.extend(remarks);
            rules.push(own);
        }
    }
    rules
}

/// Whether the second rule has all remarks of the first, so that none is lost with it.
fn remark_alike(own: &Rule, around: &Rule) -> bool {
    let is_known = |said: &Said<Remark>| {
        around.remarks.iter().any(|known| {
            // What is said about the whole of a rule is said at its place.
            let is_about_whole = said.place == own.place && known.place == around.place;
            known.value == said.value && (known.place == said.place || is_about_whole)
        })
    };
    own.remarks.iter().all(is_known)
}

type Remarks = Vec<Said<Remark>>;

/// The paths of a location, and what is to be said about each.
fn paths_of(location: &Location<'_>, is_within_cors: bool) -> Vec<(PathSaid, Remarks)> {
    let text = &location.path;
    match location.matching {
        Matching::Exact => vec![(PathSaid::Exact(text.clone()), Vec::new())],
        Matching::Prefix | Matching::Only if location.is_whole() => vec![(PathSaid::All, Vec::new())],
        Matching::Prefix | Matching::Only => {
            let (message, class) = match text.strip_suffix('/') {
                Some(folder) => {
                    (format!("the route also has `{}` itself", crate::shown::path(folder)), Class::Same)
                }
                None => {
                    let class = if is_within_cors { Class::Unreadable } else { Class::Same };
                    let shown = crate::shown::path(text);
                    (
                        format!(
                            "nginx also takes paths such as `{shown}x` for it: here only `{shown}` and what is below it"
                        ),
                        class,
                    )
                }
            };
            vec![(
                PathSaid::Prefix(text.clone()),
                vec![remark(class, About::Path, message, None, &location.place)],
            )]
        }
        Matching::Expression { ignores_case } => {
            let found = Expression::pcre(text, ignores_case).ok().and_then(|it| paths::of_expression(&it));
            match found {
                Some(paths) => paths.into_iter().map(|path| (path, Vec::new())).collect(),
                None => vec![(PathSaid::Other { text: text.clone(), nearest: None }, Vec::new())],
            }
        }
        Matching::Named => Vec::new(),
    }
}
