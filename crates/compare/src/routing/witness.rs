//! Requests that represent all others.
//!
//! Which route takes a request depends on the patterns that its host and path match, exactly and in the loosest
//! reading. A host matches the same patterns as a witness made from the narrowest of them and a label that no pattern
//! has. A path does likewise, with a segment that no pattern has after the longest pattern. To cover paths that servers
//! read in two ways, other witnesses double the slash before each segment of a pattern: the exact reading stops there.
//!
//! Only routes that changed place, and routes whose paths overlap theirs, can make a difference.

mod lookup;

use std::collections::{BTreeMap, BTreeSet};

use corsgate_policy::path::PathPattern;
use corsgate_policy::policy::document::RouteDocument;

use lookup::{ByHost, ByPath};

/// A label or segment that no pattern has: a registered host name cannot end with a hyphen, and nobody writes a path
/// like this.
const FRESH: &str = "corsgate-any-other-";

/// A request that represents others.
#[derive(Clone, Debug)]
pub(super) struct Witness {
    pub(super) host: String,
    /// How messages name the host; `*` for every host that no route names.
    pub(super) host_label: String,
    pub(super) path: String,
    pub(super) path_label: String,
    /// Servers read the path in different ways.
    pub(super) odd: bool,
}

/// A path, its label in messages, and whether it is oddly spelled.
type Spelling = (String, String, bool);

/// A route with its parsed path.
struct ParsedRoute<'d> {
    document: &'d RouteDocument,
    path: PathPattern,
}

impl<'d> ParsedRoute<'d> {
    fn of(document: &'d RouteDocument) -> Option<Self> {
        Some(Self { document, path: PathPattern::parse(&document.path).ok()? })
    }
}

/// Makes witnesses so that each request that another route takes than before is represented by one.
pub(super) fn witnesses(old: &[RouteDocument], new: &[RouteDocument]) -> Vec<Witness> {
    let changed = changed(old, new);
    let all: Vec<_> = old.iter().chain(new).filter_map(ParsedRoute::of).collect();
    let (all_by_host, changed_by_host) = (ByHost::new(&all), ByHost::new(&changed));
    let mut found = Vec::new();
    for (host, host_label) in hosts(&all) {
        let changed = changed_by_host.routes(&host);
        if changed.is_empty() {
            continue;
        }
        let here = all_by_host.routes(&host);
        let (changed_by_path, here_by_path) = (ByPath::new(&changed), ByPath::new(&here));
        // A path that covers a changed one may match it in another spelling.
        let related = here.iter().filter(|route| changed_by_path.relates(&route.path));
        let near: BTreeSet<&str> =
            changed.iter().chain(related).map(|route| route.document.path.as_str()).collect();
        let mut paths: BTreeMap<String, Spelling> = BTreeMap::new();
        for path in near {
            for spelling in spellings(path, &here_by_path) {
                paths.entry(spelling.0.clone()).or_insert(spelling);
            }
        }
        for (path, path_label, odd) in paths.into_values() {
            let (host, host_label) = (host.clone(), host_label.clone());
            found.push(Witness { host, host_label, path, path_label, odd });
        }
    }
    found
}

/// The routes of both policies between the first and the last place where names, hosts or paths differ.
fn changed<'d>(old: &'d [RouteDocument], new: &'d [RouteDocument]) -> Vec<ParsedRoute<'d>> {
    let same = |(a, b): &(&RouteDocument, &RouteDocument)| {
        a.name == b.name && a.hosts == b.hosts && a.path == b.path
    };
    let head = old.iter().zip(new).take_while(same).count();
    let (old, new) = (old.get(head..).unwrap_or_default(), new.get(head..).unwrap_or_default());
    let tail = old.iter().rev().zip(new.iter().rev()).take_while(same).count();
    let middle = |routes: &'d [RouteDocument]| routes.get(..routes.len() - tail).unwrap_or_default();
    middle(old).iter().chain(middle(new)).filter_map(ParsedRoute::of).collect()
}

/// Hosts that represent all others, each with its label in messages.
fn hosts(routes: &[ParsedRoute<'_>]) -> BTreeMap<String, String> {
    let named = routes.iter().flat_map(|route| route.document.hosts.iter().flatten());
    let host = |name: &String| match name.strip_prefix("*.") {
        Some(parent) => (format!("{FRESH}.{parent}"), name.clone()),
        None => (name.clone(), name.clone()),
    };
    let other = (format!("{FRESH}.invalid"), "*".to_owned());
    named.map(host).chain([other]).collect()
}

/// Paths that represent all those that a pattern can match.
fn spellings(pattern: &str, routes: &ByPath<'_>) -> Vec<Spelling> {
    let (stem, prefix) = match pattern.strip_suffix("/*") {
        Some(stem) => (stem, true),
        None => (pattern, false),
    };
    let own = if stem.is_empty() { "/" } else { stem };
    let under = format!("{stem}/{FRESH}");
    let mut found = vec![(own.to_owned(), own.to_owned(), false)];
    if prefix {
        found.push((under.clone(), pattern.to_owned(), false));
    }
    let mut odd = |path: String| {
        let label = path.replace(FRESH, "…");
        found.push((path, label, true));
    };
    odd(format!("{stem}/"));
    // Double the slash before each segment in turn: the exact reading ends there, and the loose one goes on.
    for (at, _) in stem.match_indices('/') {
        let (before, behind) = (stem.get(..at).unwrap_or_default(), stem.get(at..).unwrap_or_default());
        odd(format!("{before}/{behind}"));
        odd(format!("{before}/{behind}/{FRESH}"));
    }
    // If another pattern differs only in letter case, the exact reading can match that one and the loose reading
    // this one.
    let covering = PathPattern::parse(pattern).map(|this| routes.covering(&this)).unwrap_or_default();
    for route in covering {
        let other = route.document.path.strip_suffix("/*").unwrap_or(&route.document.path);
        let depth = other.matches('/').count();
        if !stem.starts_with(other)
            && let Some((at, _)) = stem.match_indices('/').nth(depth)
        {
            let behind = stem.get(at..).unwrap_or_default();
            odd(format!("{other}{behind}"));
            odd(format!("{other}{behind}/{FRESH}"));
        }
    }
    found
}
