//! Headers that a route sets and removes beside the security headers.

use std::collections::BTreeSet;

use corsgate_policy::document::ResponseDocument;

use crate::change::{Line, Risk};
use crate::kind::Kind;

/// Headers that protect somebody.
const PROTECTING: [&str; 12] = [
    "cache-control",
    "clear-site-data",
    "content-disposition",
    "content-security-policy",
    "content-type",
    "cross-origin-embedder-policy",
    "cross-origin-opener-policy",
    "cross-origin-resource-policy",
    "permissions-policy",
    "strict-transport-security",
    "x-content-type-options",
    "x-frame-options",
];

/// The lines about the headers of two routes.
pub(crate) fn compare(before: &ResponseDocument, now: &ResponseDocument) -> Vec<Line> {
    let mut lines = Vec::new();
    let mut say = |name: &str, text: String| {
        let (risk, why) = match PROTECTING.contains(&name) {
            true => (Risk::Medium, "the header protects visitors: see that nothing is lost"),
            false => (Risk::Low, "it changes nothing about who may ask"),
        };
        lines.push(Line::neutral(Kind::ResponseHeader, risk, text, why));
    };
    let names: BTreeSet<_> = before.set.keys().chain(now.set.keys()).collect();
    for name in names {
        match (before.set.get(name), now.set.get(name)) {
            (Some(before), Some(now)) if before != now => {
                say(name, format!("`{name}` is set to `{now}`, and was to `{before}`"));
            }
            (None, Some(value)) => say(name, format!("`{name}` is set to `{value}`")),
            (Some(_), None) => say(name, format!("`{name}` is no longer set")),
            _ => {}
        }
    }
    for name in now.remove.iter().filter(|name| !before.remove.contains(name)) {
        say(name, format!("`{name}` of the upstream is removed"));
    }
    for name in before.remove.iter().filter(|name| !now.remove.contains(name)) {
        say(name, format!("`{name}` of the upstream is passed on"));
    }
    lines
}
