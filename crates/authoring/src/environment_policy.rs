//! A policy in one environment, ready to decide requests.

use std::collections::HashMap;

use corsgate_policy::Policy;
use corsgate_policy::policy::document::{CorsDocument, Document};
use corsgate_policy::policy::violation::DocumentPath;

use crate::compile::compile_with_places;
use crate::finding::{Finding, Span};
use crate::inventory::{Inventory, OriginList};
use crate::mistakes;
use crate::presets::FromPreset;
use crate::report::Report;
use crate::source::Source;
use crate::spans::SpanTree;

/// A compiled policy, with the places of its values in the text.
#[derive(Debug)]
pub struct EnvironmentPolicy {
    /// `None` for the base.
    pub(crate) environment: Option<String>,
    pub(crate) policy: Policy,
    pub(crate) document: Document,
    pub(crate) inventory: Inventory,
    spans: SpanTree,
    /// The lists that decide for each route; under `None`, for requests that match no route.
    deciding_lists: HashMap<Option<String>, DecidingLists>,
}

/// The lists that the entries of a route come from.
#[derive(Debug, Default)]
pub(crate) struct DecidingLists {
    pub(crate) lists: Vec<OriginList>,
    pub(crate) is_any_origin: bool,
}

impl EnvironmentPolicy {
    /// Compiles a policy for an environment, or for the base.
    ///
    /// # Errors
    /// The errors in the file.
    pub fn new(source: &Source, environment: Option<&str>) -> Result<Self, Report> {
        let (compiled, reading) = compile_with_places(source, environment)?;
        let inventory = Inventory::new(&reading, &compiled.document);
        let document = compiled.document;
        let policy = Policy::from_document(&document).map_err(|problems| {
            let mut report = Report::default();
            for problem in problems {
                let lint = mistakes::of(&problem.violation);
                report.add(Finding::new(lint, format!("{}: {}", problem.place, problem.violation)));
            }
            report
        })?;
        let mut deciding_lists: HashMap<_, _> = document
            .routes
            .iter()
            .map(|route| {
                let own = OriginList::Route(route.name.clone());
                (
                    Some(route.name.clone()),
                    route.cors.as_ref().map(|cors| DecidingLists::of(own, cors)).unwrap_or_default(),
                )
            })
            .collect();
        let defaults =
            document.default_cors.as_ref().map(|cors| DecidingLists::of(OriginList::Defaults, cors));
        deciding_lists.insert(None, defaults.unwrap_or_default());
        Ok(Self {
            environment: environment.map(str::to_owned),
            policy,
            document,
            inventory,
            spans: reading.spans,
            deciding_lists,
        })
    }

    /// The policy in the form that decides requests.
    #[must_use]
    pub fn policy(&self) -> &Policy {
        &self.policy
    }

    /// Like [`policy`](Self::policy), without the places.
    #[must_use]
    pub fn into_policy(self) -> Policy {
        self.policy
    }

    /// The policy as a document in canonical form.
    #[must_use]
    pub fn document(&self) -> &Document {
        &self.document
    }

    /// The span of a route's name.
    #[must_use]
    pub fn place_of_route(&self, route: &str) -> Option<&Span> {
        let item = self.inventory.routes.iter().find(|item| item.text == route)?;
        item.span.as_ref()
    }

    /// The span of a setting of a route, which may be in `[defaults]`, or of the nearest enclosing table. Without a
    /// route, the setting is in `[defaults.cors]`.
    #[must_use]
    pub fn place_of_setting(&self, route: Option<&str>, keys: &[&str]) -> Option<&Span> {
        let top = self.place_of_table(route)?;
        self.spans.nearest_span(&keys.iter().fold(top, |place, key| place.key(key)))
    }

    /// The names that presets added to the rules of a route, or to `[defaults.cors]` without one.
    #[must_use]
    pub fn from_presets(&self, route: Option<&str>) -> &[FromPreset] {
        let place = self.place_of_table(route).map(|top| if route.is_some() { top.key("cors") } else { top });
        let rules = place.and_then(|place| self.spans.get(&place));
        rules.map_or(&[], |rules| &rules.from_presets)
    }

    /// The place of a route in the document, or that of `[defaults.cors]`.
    fn place_of_table(&self, route: Option<&str>) -> Option<DocumentPath> {
        Some(match route {
            None => DocumentPath::default().key("default_cors"),
            Some(name) => {
                let at = self.document.routes.iter().position(|route| route.name == name)?;
                DocumentPath::default().key("routes").index(at)
            }
        })
    }

    /// The span of an allowlist.
    #[must_use]
    pub fn place_of_allowlist(&self, name: &str) -> Option<&Span> {
        let tree = self.spans.get(&DocumentPath::default().key("allowlists").key(name))?;
        tree.name.as_ref().or(tree.span.as_ref())
    }

    /// The span of an entry of an allowlist or of a route's own origins.
    #[must_use]
    pub fn place_of_entry(&self, route: Option<&str>, allowlist: Option<&str>, entry: &str) -> Option<&Span> {
        let list = match (allowlist, route) {
            (Some(name), _) => OriginList::Allowlist(name.to_owned()),
            (None, Some(name)) => OriginList::Route(name.to_owned()),
            (None, None) => OriginList::Defaults,
        };
        let found = self.inventory.find(entry, &[list]);
        found.first().and_then(|at| self.inventory.entries.get(*at)?.span.as_ref())
    }

    /// The origin patterns of a route, or of `[defaults.cors]` without one, with their spans: its own, and those of
    /// its allowlists in the policy.
    pub fn entries(&self, route: Option<&str>) -> impl Iterator<Item = (&str, Option<&Span>)> {
        let deciding = self.deciding_lists(route);
        let entries = deciding.into_iter().flat_map(|deciding| self.inventory.of(&deciding.lists));
        let patterns = entries.filter(|item| !item.text.starts_with('@') && item.text != "*");
        patterns.map(|item| (item.text.as_str(), item.span.as_ref()))
    }

    /// The lists that decide for requests of a route, or for requests that match none.
    pub(crate) fn deciding_lists(&self, route: Option<&str>) -> Option<&DecidingLists> {
        self.deciding_lists.get(&route.map(str::to_owned))
    }
}

impl DecidingLists {
    fn of(own: OriginList, cors: &CorsDocument) -> Self {
        let names = cors.origins.iter().filter_map(|entry| entry.origin().strip_prefix('@'));
        let lists = names.map(|name| OriginList::Allowlist(name.to_owned()));
        Self {
            is_any_origin: matches!(&cors.origins[..], [only] if only.origin() == "*"),
            lists: std::iter::once(own).chain(lists).collect(),
        }
    }
}
