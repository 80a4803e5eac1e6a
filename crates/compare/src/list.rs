//! Compares two contents of a list in KV, by what they change on the routes of one policy that use the list.

use std::collections::{BTreeMap, HashSet};

use corsgate_policy::kv::list_key;
use corsgate_policy::policy::document::{Document, EntryDocument};
use corsgate_policy::{Policy, Route};

use crate::Side;
use crate::change::{self, Change, Line, Subject};
use crate::origin_risk::ListedDomains;
use crate::origins::{self, Allowlists, Origins, SharedList};

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

impl<'n> ListInKv<'n> {
    fn name(self) -> &'n str {
        match self {
            Self::Text { name } | Self::Keys { name, .. } => name,
        }
    }
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
    // Most routes accept the same lines, so the contents are compared a few times, not for each route.
    let mut contents = BTreeMap::new();
    for (subject, origins) in users(document, side.policy(), list) {
        let Some(accepted) = origins.lines_of(list) else { continue };
        let (before, now) = contents.entry(accepted).or_insert_with(|| {
            let counted = |content: &[EntryDocument]| -> Vec<_> {
                content.iter().filter(|entry| accepted.count(entry)).cloned().collect()
            };
            SharedList::of_both(list_key(list.name()), &counted(before), &counted(now))
        });
        let (before, now) = (origins.with(before), origins.with(now));
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
    let uses = |(_, origins): (Subject, Origins)| origins.lines_of(list).is_some();
    users(side.document(), side.policy(), list).into_iter().any(uses)
}

/// The rules of all routes that answer for the host of the list, and of requests without a route.
fn users(document: &Document, policy: &Policy, list: ListInKv<'_>) -> Vec<(Subject, Origins)> {
    let answers = |route: &Route| match list {
        ListInKv::Keys { host: Some(host), .. } => route.answers_for(host),
        _ => true,
    };
    let answering = policy.routes().iter().filter(|route| answers(route)).map(Route::name);
    let answering: HashSet<_> = answering.collect();
    let routes = document.routes.iter().filter(|route| answering.contains(route.name.as_str()));
    let routes = routes.map(|route| (Subject::Route(route.name.clone()), route.cors.as_ref()));
    let defaults = std::iter::once((Subject::Defaults, document.default_cors.as_ref()));
    let allowlists = Allowlists::of(document);
    routes.chain(defaults).map(|(subject, cors)| (subject, Origins::of(&allowlists, cors))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Direction, Risk};
    use corsgate_authoring::{Source, compile};

    const POLICY: &str = r#"version = 1
[upstreams]
api = "https://upstream.example"
[allowlists]
partners = { kv = "partners", dangerously_unchecked_wildcards = true }
tenants = { kv_keys = "tenants", scope = "host" }
[[routes]]
name = "private"
path = "/private/*"
hosts = ["one.example.com", "two.example.com"]
upstream = "api"
[routes.cors]
origins = ["https://app.example.com", "@partners", "@tenants"]
credentials = true
[[routes]]
name = "public"
path = "/public/*"
upstream = "api"
[routes.cors]
origins = ["@partners"]
dangerously_allow_insecure_origins = true
[[routes]]
name = "other"
path = "/other/*"
upstream = "api"
[routes.cors]
origins = ["https://app.example.com"]
"#;

    fn side() -> Side {
        let source = Source::from_bytes("policy.toml", POLICY.into()).expect("text");
        Side::new(compile(&source, None).expect("a policy").document).expect("a policy")
    }

    fn lasting(origins: &[&str]) -> Vec<EntryDocument> {
        origins.iter().map(|origin| EntryDocument::Lasting((*origin).to_owned())).collect()
    }

    /// The changes: direction, risk, text and routes.
    fn told(
        list: ListInKv<'_>,
        before: &[&str],
        now: &[&str],
    ) -> Vec<(Direction, Risk, String, Vec<String>)> {
        let names = |change: &Change| {
            let name = |subject: &Subject| match subject {
                Subject::Route(name) => name.clone(),
                other => format!("{other:?}"),
            };
            change.subjects.iter().map(name).collect()
        };
        let changes = compare_list(&side(), list, &lasting(before), &lasting(now));
        changes.iter().map(|it| (it.direction, it.risk, it.text.clone(), names(it))).collect()
    }

    #[test]
    fn each_entry_changes_the_routes_that_accept_it() {
        let list = ListInKv::Text { name: "partners" };
        for (now, routes) in [
            ("https://partner.example", &["private", "public"][..]),
            ("http://partner.example", &["public"]),
            ("https://*.partner.example", &["public"]),
            // It is listed in the policy already, but not on this route.
            ("https://app.example.com", &["public"]),
        ] {
            let changes = told(list, &[], &[now]);
            let on: Vec<_> = changes.iter().flat_map(|(_, _, _, routes)| routes).collect();
            assert_eq!(on, routes, "{now}: {changes:?}");
            assert!(changes.iter().all(|(direction, ..)| *direction == Direction::Widens));
            let back = told(list, &[now], &[]);
            assert!(back.iter().all(|(direction, ..)| *direction == Direction::Narrows), "{back:?}");
        }
        assert_eq!(told(list, &["https://a.example"], &["https://a.example"]), []);
        assert_eq!(told(ListInKv::Text { name: "others" }, &[], &["https://a.example"]), []);
    }

    #[test]
    fn what_looks_like_an_entry_of_the_list_or_the_policy_is_a_high_risk() {
        let list = ListInKv::Text { name: "partners" };
        let risk = |before: &[&str], now: &str| {
            let all: Vec<_> = before.iter().copied().chain([now]).collect();
            told(list, before, &all).first().map(|(_, risk, ..)| *risk)
        };
        assert_eq!(risk(&["https://shop-of-partners.com"], "https://shop-of-partner.com"), Some(Risk::High));
        assert_eq!(risk(&["https://a.partner.com"], "https://b.partner.com"), Some(Risk::Low));
    }

    #[test]
    fn a_key_of_a_host_concerns_the_routes_of_that_host() {
        let keys = |host| ListInKv::Keys { name: "tenants", host };
        let entry = |origin: &str| EntryDocument::Lasting(origin.to_owned());
        assert_eq!(told(keys(Some("one.example.com")), &[], &["https://tenant.example"]).len(), 1);
        assert!(accepts(&side(), keys(Some("two.example.com")), &entry("https://tenant.example")));
        for (host, used) in
            [(Some("one.example.com"), true), (Some("three.example.com"), false), (None, false)]
        {
            assert_eq!(is_used(&side(), keys(host)), used, "{host:?}");
        }
        assert!(!accepts(&side(), keys(Some("one.example.com")), &entry("http://tenant.example")));
    }
}
