//! Finds the places where an entry can be added, and the routes that each place opens.

use std::collections::BTreeSet;

use corsgate_authoring::EnvironmentPolicy;
use corsgate_policy::kv::origin_key;
use corsgate_policy::policy::document::{AllowlistDocument, CorsDocument, EntryDocument, Scope};
use toml::de::{DeTable, DeValue};

use crate::candidate::Target;
use crate::edit::Array;
use crate::kin::kin;

/// A place where an entry can be added.
#[derive(Clone, Debug)]
pub(crate) struct InsertionPoint {
    pub(crate) target: Target,
    /// The routes that allow its entries.
    pub(crate) opens: BTreeSet<String>,
    /// Whether its entries also count if no route matches.
    pub(crate) opens_defaults: bool,
    /// Whether one of the routes allows credentials.
    pub(crate) credentials: bool,
    /// Its array in the file, if it has one.
    pub(crate) array: Option<Array>,
    /// Whether it already holds loopback origins.
    pub(crate) has_loopback: bool,
    /// What its entries [have in common](kin) with others of the same owner. Entries in KV are not known.
    pub(crate) kins: BTreeSet<String>,
    /// Whether it only names lists and holds no origin itself.
    pub(crate) only_names: bool,
}

impl InsertionPoint {
    /// The order of places that open equally much, best first: a list in the file, a route with origins of its own, KV,
    /// and last a route that keeps all its origins in lists.
    fn rank(&self) -> u8 {
        match &self.target {
            Target::Allowlist { .. } => 0,
            Target::Route(_) | Target::Defaults if !self.only_names => 1,
            Target::KvList { .. } | Target::KvKeys { .. } => 2,
            Target::Route(_) | Target::Defaults => 3,
        }
    }

    /// The name of the list, if the place is a list.
    pub(crate) fn list(&self) -> Option<&str> {
        match &self.target {
            Target::Allowlist { name, .. } | Target::KvList { name, .. } | Target::KvKeys { name, .. } => {
                Some(name)
            }
            Target::Route(_) | Target::Defaults => None,
        }
    }
}

/// All places of a policy in one environment.
pub(crate) fn all(
    text: &str,
    compiled: &EnvironmentPolicy,
    environment: Option<&str>,
) -> Vec<InsertionPoint> {
    let Ok(file) = DeTable::parse(text) else { return Vec::new() };
    let found = Finder { file: file.get_ref(), compiled, environment };
    let document = compiled.document();
    let mut places: Vec<_> = document.allowlists.iter().map(|(name, list)| found.list(name, list)).collect();
    let mut inheriting = BTreeSet::new();
    let mut cookies = false;
    for route in &document.routes {
        let Some(cors) = &route.cors else { continue };
        match found.own_origins(&route.name) {
            Some(array) => places.push(InsertionPoint {
                target: Target::Route(route.name.clone()),
                opens: BTreeSet::from([route.name.clone()]),
                opens_defaults: false,
                credentials: cors.credentials,
                array: Some(array),
                has_loopback: has_loopback(cors.origins.iter()),
                kins: kins(&cors.origins),
                only_names: only_names(cors),
            }),
            None => {
                inheriting.insert(route.name.clone());
                cookies |= cors.credentials;
            }
        }
    }
    if let Some(cors) = &document.default_cors {
        let origins = path(found.file, &["defaults", "cors", "origins"]);
        places.push(InsertionPoint {
            target: Target::Defaults,
            opens: inheriting,
            opens_defaults: true,
            credentials: cookies || cors.credentials,
            array: origins.and_then(array),
            has_loopback: has_loopback(cors.origins.iter()),
            kins: kins(&cors.origins),
            only_names: only_names(cors),
        });
    }
    places
}

/// The names of the environments of a policy.
pub(crate) fn environments(text: &str) -> Vec<String> {
    let Ok(file) = DeTable::parse(text) else { return Vec::new() };
    let table = file.get_ref().get("environments").and_then(|table| table.get_ref().as_table());
    table.into_iter().flatten().map(|(name, _)| name.get_ref().to_string()).collect()
}

struct Finder<'f> {
    file: &'f DeTable<'f>,
    compiled: &'f EnvironmentPolicy,
    environment: Option<&'f str>,
}

type Spanned<'f> = toml::Spanned<DeValue<'f>>;

impl<'f> Finder<'f> {
    fn list(&self, name: &str, list: &AllowlistDocument) -> InsertionPoint {
        let document = self.compiled.document();
        let names_it = |cors: &CorsDocument| {
            cors.origins.iter().any(|entry| entry.origin().strip_prefix('@') == Some(name))
        };
        let routes = document.routes.iter().filter(|route| route.cors.as_ref().is_some_and(names_it));
        let overlay = self
            .environment
            .and_then(|environment| path(self.file, &["environments", environment, "allowlists", name]));
        let target = match list {
            AllowlistDocument::Entries(_) => {
                Target::Allowlist { name: name.to_owned(), of_environment: overlay.is_some() }
            }
            AllowlistDocument::Kv { kv, .. } => Target::KvList { name: name.to_owned(), kv: kv.clone() },
            AllowlistDocument::KvKeys { kv_keys, scope, .. } => {
                let host = (*scope == Scope::Host).then_some("<host>");
                Target::KvKeys { name: name.to_owned(), key: origin_key(kv_keys, host, "") }
            }
        };
        let written = overlay.or_else(|| path(self.file, &["allowlists", name]));
        let entries = match list {
            AllowlistDocument::Entries(entries) => entries.as_slice(),
            _ => &[],
        };
        InsertionPoint {
            target,
            opens: routes.clone().map(|route| route.name.clone()).collect(),
            opens_defaults: document.default_cors.as_ref().is_some_and(names_it),
            credentials: routes.clone().any(|route| route.cors.as_ref().is_some_and(|cors| cors.credentials)),
            array: written.and_then(array),
            has_loopback: has_loopback(entries.iter()),
            kins: kins(entries),
            only_names: false,
        }
    }

    /// The `origins` array that a route itself has.
    fn own_origins(&self, name: &str) -> Option<Array> {
        let routes = self.file.get("routes")?.get_ref().as_array()?;
        let mut tables = routes.iter().filter_map(|route| route.get_ref().as_table());
        let is_it =
            |route: &&DeTable<'_>| route.get("name").and_then(|known| known.get_ref().as_str()) == Some(name);
        array(path(tables.find(is_it)?, &["cors", "origins"])?)
    }
}

fn path<'t, 'f>(table: &'t DeTable<'f>, keys: &[&str]) -> Option<&'t Spanned<'f>> {
    let (last, tables) = keys.split_last()?;
    let table = tables.iter().try_fold(table, |table, key| table.get(*key)?.get_ref().as_table())?;
    table.get(*last)
}

fn array(value: &Spanned<'_>) -> Option<Array> {
    let items = value.get_ref().as_array()?;
    Some(Array { span: value.span(), last: items.iter().last().map(toml::Spanned::span) })
}

fn only_names(cors: &CorsDocument) -> bool {
    !cors.origins.is_empty() && cors.origins.iter().all(|entry| entry.origin().starts_with('@'))
}

fn kins(entries: &[EntryDocument]) -> BTreeSet<String> {
    entries.iter().filter_map(|entry| kin(entry.origin())).collect()
}

fn has_loopback<'e>(mut entries: impl Iterator<Item = &'e EntryDocument>) -> bool {
    entries.any(|entry| {
        corsgate_policy::origin::pattern::OriginPattern::parse(entry.origin())
            .is_ok_and(|pattern| corsgate_policy::grammar::host::is_loopback(pattern.form().host))
    })
}

/// Chooses places for an origin that some routes rejected, each with the routes that it is for. It prefers the
/// narrowest place, to open as few other routes as possible, then the best [rank](InsertionPoint::rank). Also returns the routes
/// for which there is no place.
pub(crate) fn narrowest<'p>(
    places: &'p [InsertionPoint],
    refused: &BTreeSet<String>,
) -> Vec<(&'p InsertionPoint, BTreeSet<String>)> {
    let mut left = refused.clone();
    let mut chosen = Vec::new();
    while !left.is_empty() {
        let useful = places.iter().filter(|place| !place.opens.is_disjoint(&left));
        let best = useful.min_by_key(|place| {
            let others = place.opens.difference(refused).count();
            let covered = place.opens.intersection(&left).count();
            (others, place.rank(), core::cmp::Reverse(covered))
        });
        let Some(best) = best else { break };
        let covered: BTreeSet<_> = best.opens.intersection(&left).cloned().collect();
        left.retain(|route| !covered.contains(route));
        chosen.push((best, covered));
    }
    chosen
}
