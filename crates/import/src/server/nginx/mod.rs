//! nginx: `add_header` and `more_set_headers`, with `map`, `if`, `set`, `return` and the rules of locations.
//!
//! `syntax` reads words and blocks, `group` finds out which files belong together, with `files`, `include`, `glob` and
//! `dump`, `config` finds servers and their locations, `evaluate` says what one of them answers to a request, `rewrite`
//! where else it may lead, and `condition` and `variable` what is true for it.

mod chosen;
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
use crate::paths;
use crate::place::Said;
use crate::report::{About, Class};
use crate::server::pages::Asking;
use crate::server::rule::{Part, rule};
use crate::server::section::{also_alike, nothing, say_alike};
use crate::server::{hole, remark};
use chosen::{Candidate, candidates};
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
        rules.extend(of_server(&config, server, &mut holes));
    }
    // Elsewhere they are no business of CORS.
    for filter in config.filters.iter().filter(|_| !rules.is_empty() || names_cors) {
        let message = format!("`{}` may change headers of CORS, and is not read", filter.value);
        holes.push(hole(message, Some("Look at what the server answers."), &filter.place));
    }
    let is_fragment = config.servers.iter().any(|server| server.is_fragment);
    (Reading { rules, holes }, is_fragment)
}

/// The rules of a server: one for each location that differs from those around it. `notes` gets those that are never taken.
fn of_server(config: &Config<'_>, server: &Server<'_>, notes: &mut Remarks) -> Vec<Rule> {
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
    let found: Vec<_> = server.locations.iter().map(|location| read(location, PathSaid::All)).collect();
    if found.iter().all(Option::is_none) {
        return Vec::new();
    }
    let whole = server.locations.iter().position(Location::is_whole);
    let is_within_cors = whole.and_then(|whole| found.get(whole)).is_some_and(Option::is_some);
    let paths: Vec<_> = server.locations.iter().map(|location| paths_of(location, is_within_cors)).collect();
    let remarks = |of: &Candidate| {
        let mut said = paths.get(of.location).into_iter().flatten();
        said.find(|(path, _)| *path == of.path).map(|(_, remarks)| remarks.clone()).unwrap_or_default()
    };
    let only_paths = paths.iter().map(|said| said.iter().map(|(path, _)| path.clone()).collect()).collect();
    let candidates = candidates(&server.locations, only_paths);
    let around = candidates.iter().find(|it| Some(it.location) == whole).map(|it| it.chosen);
    let around = around.and_then(|around| found.get(around)).and_then(Option::as_ref);
    let mut rules = Vec::new();
    for candidate in &candidates {
        let (Some(location), Some(chosen)) =
            (server.locations.get(candidate.location), server.locations.get(candidate.chosen))
        else {
            continue;
        };
        let found = found.get(candidate.chosen).and_then(Option::as_ref);
        if candidate.chosen != candidate.location {
            notes.push(never_taken(location, chosen));
        }
        let is_same = match (found, around) {
            (Some(own), Some(around)) => say_alike(own, around) && remark_alike(own, around),
            (None, None) => true,
            _ => false,
        };
        // Within a location that differs from the server, it has to be said all the same.
        let is_within = || server.locations.iter().any(|other| other.has_all_of(location));
        if is_same && !location.is_whole() && !is_within()
            || location.is_whole() && found.is_none()
            || candidate.is_said_by(&candidates)
        {
            continue;
        }
        let mut own = found.cloned().unwrap_or_else(|| nothing(WHAT, &chosen.place, &server.names));
        own.scope.path = candidate.path.clone();
        own.remarks.extend(remarks(candidate));
        rules.push(own);
    }
    rules
}

/// What is said of a location whose paths another one has.
fn never_taken(location: &Location<'_>, chosen: &Location<'_>) -> Said<Remark> {
    let (own, other) = (crate::shown::path(&location.path), crate::shown::path(&chosen.path));
    let message =
        format!("nginx never takes `location {own}`: `{other}` ({}) has all of its paths", chosen.place);
    remark(Class::Same, About::Path, message, None, &location.place)
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
            let message = match text.strip_suffix('/') {
                Some(folder) => format!("the route also has `{}` itself", crate::shown::path(folder)),
                None => {
                    return vec![(
                        PathSaid::Prefix(text.clone()),
                        vec![also_alike("nginx", text, is_within_cors, &location.place)],
                    )];
                }
            };
            vec![(
                PathSaid::Prefix(text.clone()),
                vec![remark(Class::Same, About::Path, message, None, &location.place)],
            )]
        }
        Matching::Expression { ignores_case } => {
            let found = Expression::pcre(text, ignores_case).ok().and_then(|it| paths::of_expression(&it));
            match found {
                Some(paths) => paths
                    .into_iter()
                    .map(|path| {
                        let remarks = match &path {
                            PathSaid::Prefix(prefix) if !prefix.ends_with('/') => {
                                vec![also_alike("nginx", prefix, is_within_cors, &location.place)]
                            }
                            _ => Vec::new(),
                        };
                        (path, remarks)
                    })
                    .collect(),
                None => {
                    // Without `^` it may match anywhere in a path, and other letters than those that it has.
                    let nearest = paths::around(text).filter(|_| text.starts_with('^') && !ignores_case);
                    vec![(PathSaid::Other { text: text.clone(), nearest }, Vec::new())]
                }
            }
        }
        Matching::Named => Vec::new(),
    }
}
