//! The routes and entries that the runs of a suite reached, and the boundaries that they hold.

use std::collections::BTreeSet;

use crate::cases::boundary;
use crate::cases::run::Ran;
use crate::environment_policy::EnvironmentPolicy;
use crate::finding::Span;
use crate::inventory::Item;

/// How much of a policy the runs reached in one environment.
///
/// A route is reached when it takes a request, an entry when it lists the origin of one. A list in KV counts as one
/// entry. A request from an origin that is not listed reaches no entry. The boundary of a list is held by a case that
/// expects such a request to be rejected, that of a wildcard only if the origin is a neighbour of it.
#[derive(Clone, Debug)]
pub struct Coverage {
    /// `None` for the base.
    pub environment: Option<String>,
    /// The number of routes.
    pub routes: usize,
    /// The number of entries.
    pub entries: usize,
    /// The routes that took no request.
    pub uncovered_routes: Vec<Uncovered>,
    /// The entries that listed no origin.
    pub uncovered_entries: Vec<Uncovered>,
    /// The number of boundaries: one for each list, and one for each wildcard.
    pub boundaries: usize,
    /// The lists and wildcards that could grow without a case that fails.
    pub open_boundaries: Vec<Uncovered>,
}

/// A route or an entry that no run reached.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Uncovered {
    /// The name of a route, an origin pattern, or `@name` of a list in KV.
    pub name: String,
    /// Its place in the policy file.
    pub span: Option<Span>,
}

impl Coverage {
    pub(crate) fn new<'r>(compiled: &EnvironmentPolicy, runs: impl Iterator<Item = &'r Ran>) -> Self {
        let (mut routes, mut entries, mut refusals) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
        for ran in runs {
            routes.extend(ran.reached.route);
            entries.extend(ran.reached.entries.iter().copied());
            refusals.extend(&ran.reached.refused);
        }
        let inventory = &compiled.inventory;
        Self {
            environment: compiled.environment.clone(),
            routes: inventory.routes.len(),
            entries: inventory.entries.len(),
            uncovered_routes: others(&inventory.routes, &routes),
            uncovered_entries: others(&inventory.entries, &entries),
            boundaries: inventory.boundaries.len(),
            open_boundaries: {
                let held = boundary::held(compiled, refusals.into_iter());
                others(inventory.boundaries.iter().map(|boundary| &boundary.item), &held)
            },
        }
    }

    /// Whether all routes and entries were reached, and all boundaries are held.
    #[must_use]
    pub fn is_full(&self) -> bool {
        self.uncovered_routes.is_empty()
            && self.uncovered_entries.is_empty()
            && self.open_boundaries.is_empty()
    }

    /// The share that was reached, in whole percent. It is 100 only if everything was reached.
    #[must_use]
    pub fn percent(&self) -> usize {
        let all = self.routes + self.entries + self.boundaries;
        let uncovered =
            self.uncovered_routes.len() + self.uncovered_entries.len() + self.open_boundaries.len();
        (all - uncovered) * 100 / all.max(1)
    }
}

/// The items that are at none of the positions, in the order of the file.
fn others<'i>(items: impl IntoIterator<Item = &'i Item>, reached: &BTreeSet<usize>) -> Vec<Uncovered> {
    let unreached = items.into_iter().enumerate().filter(|(at, _)| !reached.contains(at));
    let uncovered = unreached.map(|(_, item)| Uncovered { name: item.text.clone(), span: item.span.clone() });
    let mut uncovered: Vec<_> = uncovered.collect();
    uncovered.sort_by_key(|item| item.span.as_ref().map(|span| span.start));
    uncovered
}
