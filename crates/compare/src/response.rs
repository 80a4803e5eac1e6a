//! Compares the headers that a route sets and removes, apart from the security headers.

use std::collections::BTreeSet;

use corsgate_policy::policy::document::ResponseDocument;

use crate::change::{Line, Risk};
use crate::kind::Kind;

/// Headers that decide what browsers and caches do with a response, beyond showing it.
const PROTECTING: [&str; 23] = [
    "alt-svc",
    "cache-control",
    "cdn-cache-control",
    "clear-site-data",
    "cloudflare-cdn-cache-control",
    "content-disposition",
    "content-security-policy",
    "content-type",
    "cross-origin-embedder-policy",
    "cross-origin-opener-policy",
    "cross-origin-resource-policy",
    "expires",
    "origin-agent-cluster",
    "permissions-policy",
    "pragma",
    "referrer-policy",
    "service-worker-allowed",
    "strict-transport-security",
    "surrogate-control",
    "x-content-type-options",
    "x-download-options",
    "x-frame-options",
    "x-permitted-cross-domain-policies",
];

/// What a route does to a header. Headers are set after others are removed, and after the security headers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum HeaderRule<'d> {
    /// It stays as the upstream or `[routes.security]` sets it.
    Kept,
    /// The upstream's is removed; only `[routes.security]` can set it.
    Removed,
    Set(&'d str),
}

impl<'d> HeaderRule<'d> {
    fn of(name: &str, document: &'d ResponseDocument) -> Self {
        match document.set.get(name) {
            Some(value) => Self::Set(value),
            None if document.remove.iter().any(|removed| removed == name) => Self::Removed,
            None => Self::Kept,
        }
    }
}

/// Compares the headers that two routes set and remove.
pub(crate) fn compare(before: &ResponseDocument, now: &ResponseDocument) -> Vec<Line> {
    let documents = [before, now];
    let names: BTreeSet<_> =
        documents.into_iter().flat_map(|document| document.set.keys().chain(&document.remove)).collect();
    let mut lines: Vec<_> = names.into_iter().flat_map(|name| changed(name, before, now)).collect();
    if before.rewrite != now.rewrite {
        let text = match now.rewrite {
            true => "URLs and cookies of the upstream become the gateway's",
            false => "URLs and cookies of the upstream stay as it writes them",
        };
        lines.push(Line::neutral(
            Kind::Rewrite,
            Risk::Low,
            text,
            "redirects and cookies may work differently, but the same origins are allowed",
        ));
    }
    lines
}

fn changed(name: &str, before: &ResponseDocument, now: &ResponseDocument) -> Vec<Line> {
    let (was, is) = (HeaderRule::of(name, before), HeaderRule::of(name, now));
    let text = match (was, is) {
        (HeaderRule::Set(before), HeaderRule::Set(now)) if before != now => {
            format!("`{name}` is set to `{now}`, and was `{before}`")
        }
        (was, is) if was == is => return idle(name, before, now).into_iter().collect(),
        (_, HeaderRule::Set(value)) => format!("`{name}` is set to `{value}`"),
        (HeaderRule::Set(_), HeaderRule::Removed) => {
            format!("`{name}` is no longer set, and the upstream's is removed")
        }
        (HeaderRule::Set(_), HeaderRule::Kept) => format!("`{name}` is no longer set"),
        (_, HeaderRule::Removed) => format!("`{name}` of the upstream is removed"),
        (_, HeaderRule::Kept) => format!("`{name}` of the upstream is passed on"),
    };
    if !PROTECTING.contains(&name) {
        let why = "it does not change which origins are allowed";
        return vec![Line::neutral(Kind::ResponseHeader, Risk::Low, text, why)];
    }
    // Only a reader can tell what a value allows, and nothing here knows what the upstream sends.
    let wider = "it may protect visitors less than before: check that nothing is lost";
    let narrower = "it may protect visitors more than before";
    let widens = Line::widens(Kind::ResponseHeader, Risk::Medium, text.clone(), wider);
    let narrows = Line::narrows(Kind::ResponseHeader, text, narrower);
    match (was, is) {
        (_, HeaderRule::Removed) => vec![widens],
        (HeaderRule::Removed, _) => vec![narrows],
        _ => vec![widens, narrows],
    }
}

/// A neutral line: removing a header has no effect if the route sets the same header.
fn idle(name: &str, before: &ResponseDocument, now: &ResponseDocument) -> Option<Line> {
    let removes = |document: &ResponseDocument| document.remove.iter().any(|removed| removed == name);
    (removes(before) != removes(now)).then(|| {
        let state = if removes(now) { "is" } else { "is no longer" };
        let text = format!("`{name}` {state} removed before it is set");
        Line::neutral(Kind::ResponseHeader, Risk::Low, text, "the same value replaces it")
    })
}
