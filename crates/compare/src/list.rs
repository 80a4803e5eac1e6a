//! Compares two contents of a list in KV, by what they change on the routes of one policy that use the list.

use corsgate_policy::Policy;
use corsgate_policy::policy::document::{Document, EntryDocument};

use crate::Side;
use crate::change::{self, Change, Line, Subject};
use crate::origin_risk::ListedDomains;
use crate::origins::{self, Origins};

/// A list in KV, by the name in its keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ListInKv<'n> {
    /// The text `allowlist/NAME`.
    Text {
        /// The name.
        name: &'n str,
    },
    /// The keys `origin/NAME/ORIGIN`, or `origin/NAME/HOST/ORIGIN` for the pages of one host.
    Keys {
        /// The name.
        name: &'n str,
        /// The host, for lists with `scope = "host"`.
        host: Option<&'n str>,
    },
}

/// All changes that another content of the list makes on the routes of a policy. Entries that a route ignores, because
/// they are insecure or have a wildcard, change nothing there.
#[must_use]
pub fn compare_list(
    side: &Side,
    list: ListInKv<'_>,
    before: &[EntryDocument],
    now: &[EntryDocument],
) -> Vec<Change> {
    let document = side.document();
    let mut known = ListedDomains::of(document);
    known.add(before);
    let mut found: Vec<(Subject, Line)> = Vec::new();
    for (subject, origins) in users(document, side.policy(), list) {
        let (Some(before), Some(now)) = (origins.with(list, before), origins.with(list, now)) else {
            continue;
        };
        let lines = origins::compare(&before, &now, (false, false), &known);
        found.extend(lines.into_iter().map(|line| (subject.clone(), line)));
    }
    change::joined(found)
}

/// Whether a route of the policy, or its `[defaults.cors]`, accepts an entry of the list.
#[must_use]
pub fn accepts(side: &Side, list: ListInKv<'_>, entry: &EntryDocument) -> bool {
    let takes = |(_, origins): (Subject, Origins)| origins.accepts(list, entry);
    users(side.document(), side.policy(), list).into_iter().any(takes)
}

/// Whether any route that uses the list can be asked for under its host.
#[must_use]
pub fn is_used(side: &Side, list: ListInKv<'_>) -> bool {
    users(side.document(), side.policy(), list).iter().any(|(_, origins)| origins.uses(list))
}

/// The rules of all routes that answer for the host of the list, and of requests without a route.
fn users(document: &Document, policy: &Policy, list: ListInKv<'_>) -> Vec<(Subject, Origins)> {
    let of_host = |name: &str| match list {
        ListInKv::Keys { host: Some(host), .. } => {
            policy.routes().iter().any(|route| route.name() == name && route.answers_for(host))
        }
        _ => true,
    };
    let routes = document.routes.iter().filter(|route| of_host(&route.name));
    let routes = routes.map(|route| (Subject::Route(route.name.clone()), route.cors.as_ref()));
    let defaults = std::iter::once((Subject::Defaults, document.default_cors.as_ref()));
    routes.chain(defaults).map(|(subject, cors)| (subject, Origins::of(document, cors))).collect()
}
