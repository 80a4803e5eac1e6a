//! Requests that stand for all others.
//!
//! Which route takes a request depends on which patterns its host and its path fit, exactly and in the loosest reading.
//! A host that fits patterns fits the same as the narrowest of them does with a label that no pattern has; a path
//! likewise, with a segment that no pattern has behind the longest pattern. What two readings of a path do, those
//! paths show that leave the exact reading of a pattern at each of its segments, by a doubled slash.
//!
//! Only routes that differ in place, and what stands within their paths, can make a difference.

use std::collections::{BTreeMap, BTreeSet};

use corsgate_policy::grammar::host::HostPattern;
use corsgate_policy::path::PathPattern;
use corsgate_policy::policy::document::RouteDocument;

/// No pattern has this label or segment: names of hosts cannot end with a hyphen where one is registered, and nobody
/// writes a path like it.
const FRESH: &str = "corsgate-any-other-";

/// A request that stands for others.
#[derive(Clone, Debug)]
pub(super) struct Witness {
    pub(super) host: String,
    /// `*` for every host that no route names.
    pub(super) host_label: String,
    pub(super) path: String,
    pub(super) path_label: String,
    /// Spelled in a way that servers read differently.
    pub(super) odd: bool,
}

/// A path with what it is called.
type Spelling = (String, String, bool);

/// A route's place.
struct Place<'d> {
    document: &'d RouteDocument,
    hosts: Vec<HostPattern>,
    path: PathPattern,
}

impl<'d> Place<'d> {
    fn of(document: &'d RouteDocument) -> Option<Self> {
        let hosts =
            document.hosts.iter().flatten().filter_map(|host| HostPattern::parse(host).ok()).collect();
        Some(Self { document, hosts, path: PathPattern::parse(&document.path).ok()? })
    }

    fn answers_for(&self, host: &str) -> bool {
        self.document.hosts.is_none() || self.hosts.iter().any(|pattern| pattern.matches(host))
    }
}

/// Requests among which each that meets another route than before has one that stands for it.
pub(super) fn witnesses(old: &[RouteDocument], new: &[RouteDocument]) -> Vec<Witness> {
    let changed = changed(old, new);
    let all: Vec<_> = old.iter().chain(new).filter_map(Place::of).collect();
    let mut found = Vec::new();
    for (host, host_label) in hosts(&all) {
        let here: Vec<_> = all.iter().filter(|place| place.answers_for(&host)).collect();
        let changed: Vec<_> = changed.iter().filter(|place| place.answers_for(&host)).collect();
        // One that is around a changed one may be it in another spelling.
        let related = |place: &Place<'_>, changed: &Place<'_>| {
            changed.path.covers(&place.path) || place.path.covers(&changed.path)
        };
        let within = here.iter().filter(|place| changed.iter().any(|changed| related(place, changed)));
        let near: BTreeSet<&str> = changed
            .iter()
            .map(|place| place.document.path.as_str())
            .chain(within.map(|place| place.document.path.as_str()))
            .collect();
        let mut paths: BTreeMap<String, Spelling> = BTreeMap::new();
        for path in near {
            for spelling in spellings(path, &here) {
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

/// The routes of both between the first and the last place at which names, hosts or paths differ.
fn changed<'d>(old: &'d [RouteDocument], new: &'d [RouteDocument]) -> Vec<Place<'d>> {
    let same = |(a, b): &(&RouteDocument, &RouteDocument)| {
        a.name == b.name && a.hosts == b.hosts && a.path == b.path
    };
    let head = old.iter().zip(new).take_while(same).count();
    let (old, new) = (old.get(head..).unwrap_or_default(), new.get(head..).unwrap_or_default());
    let tail = old.iter().rev().zip(new.iter().rev()).take_while(same).count();
    let middle = |routes: &'d [RouteDocument]| routes.get(..routes.len() - tail).unwrap_or_default();
    middle(old).iter().chain(middle(new)).filter_map(Place::of).collect()
}

/// Hosts that stand for all others, with what they are called.
fn hosts(places: &[Place<'_>]) -> BTreeMap<String, String> {
    let named = places.iter().flat_map(|place| place.document.hosts.iter().flatten());
    let host = |name: &String| match name.strip_prefix("*.") {
        Some(parent) => (format!("{FRESH}.{parent}"), name.clone()),
        None => (name.clone(), name.clone()),
    };
    let other = (format!("{FRESH}.invalid"), "*".to_owned());
    named.map(host).chain([other]).collect()
}

/// Paths that stand for those about which a pattern has a say.
fn spellings(pattern: &str, places: &[&Place<'_>]) -> Vec<Spelling> {
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
    // With a slash doubled before each segment in turn, the exact reading ends there and the loose one goes on.
    for (at, _) in stem.match_indices('/') {
        let (before, behind) = (stem.get(..at).unwrap_or_default(), stem.get(at..).unwrap_or_default());
        odd(format!("{before}/{behind}"));
        odd(format!("{before}/{behind}/{FRESH}"));
    }
    // Where another pattern is the same but for its letters' case, the exact reading can follow that one and the loose
    // one this.
    let this = PathPattern::parse(pattern).ok();
    for place in places.iter().filter(|place| this.as_ref().is_some_and(|this| place.path.covers(this))) {
        let other = place.document.path.strip_suffix("/*").unwrap_or(&place.document.path);
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
