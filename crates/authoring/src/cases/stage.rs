//! A policy as one environment sees it, ready to decide.

use std::collections::HashMap;

use corsgate_policy::Policy;
use corsgate_policy::document::{CorsDocument, Document};

use crate::cases::inventory::{Home, Inventory, text_of};
use crate::compile::compile_with_places;
use crate::finding::Finding;
use crate::mistakes;
use crate::report::Report;
use crate::source::Source;

/// A compiled policy with its places.
#[derive(Debug)]
pub(crate) struct Stage {
    /// Nothing for the base.
    pub(crate) environment: Option<String>,
    pub(crate) policy: Policy,
    pub(crate) document: Document,
    pub(crate) inventory: Inventory,
    /// The lists that each route asks, and those of requests without a route.
    homes: HashMap<Option<String>, Homes>,
}

/// Where the entries of a route come from.
#[derive(Debug, Default)]
pub(crate) struct Homes {
    pub(crate) lists: Vec<Home>,
    pub(crate) is_any_origin: bool,
}

impl Stage {
    /// Compiles a policy for an environment, or the base.
    ///
    /// # Errors
    /// What keeps it from being a policy.
    pub(crate) fn new(source: &Source, environment: Option<&str>) -> Result<Self, Report> {
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
        let mut homes: HashMap<_, _> = document
            .routes
            .iter()
            .map(|route| {
                let own = Home::Route(route.name.clone());
                (
                    Some(route.name.clone()),
                    route.cors.as_ref().map(|cors| Homes::of(own, cors)).unwrap_or_default(),
                )
            })
            .collect();
        let defaults = document.default_cors.as_ref().map(|cors| Homes::of(Home::Defaults, cors));
        homes.insert(None, defaults.unwrap_or_default());
        Ok(Self { environment: environment.map(str::to_owned), policy, document, inventory, homes })
    }

    /// Where the entries come from for requests of a route, or of none.
    pub(crate) fn homes(&self, route: Option<&str>) -> Option<&Homes> {
        self.homes.get(&route.map(str::to_owned))
    }
}

impl Homes {
    fn of(own: Home, cors: &CorsDocument) -> Self {
        let names = cors.origins.iter().filter_map(|entry| text_of(entry).strip_prefix('@'));
        let lists = names.map(|name| Home::Allowlist(name.to_owned()));
        Self {
            is_any_origin: matches!(&cors.origins[..], [only] if text_of(only) == "*"),
            lists: std::iter::once(own).chain(lists).collect(),
        }
    }
}
