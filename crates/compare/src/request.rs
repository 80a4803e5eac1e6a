//! Compares the headers that a route sets on its requests to the upstream, and removes from them.

use std::collections::BTreeSet;

use corsgate_policy::policy::document::RequestDocument;

use crate::change::{Line, Risk};
use crate::kind::Kind;

/// Headers by which a request acts as somebody.
const CREDENTIALS: [&str; 2] = ["authorization", "cookie"];

/// Headers for which no upstream allows more. Any other could be a key, a name of a user or a proof that the request
/// comes from a page of the upstream (`x-requested-with`, a `content-type` that no form has): only a reader can tell.
const HARMLESS: [&str; 8] = [
    "accept",
    "accept-charset",
    "accept-encoding",
    "accept-language",
    "cache-control",
    "dnt",
    "pragma",
    "user-agent",
];

/// What a route does to a header of the request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum HeaderRule<'d> {
    /// It stays as the client sends it.
    Kept,
    /// The client's is removed.
    Removed,
    Set(&'d str),
    /// It is set to a value with a secret of the Worker, which is shown by its name.
    Secret(&'d str),
}

impl<'d> HeaderRule<'d> {
    fn of(name: &str, document: &'d RequestDocument) -> Self {
        match document.set.get(name) {
            Some(value) if value.contains("secret:") => Self::Secret(value),
            Some(value) => Self::Set(value),
            None if document.remove.iter().any(|removed| removed == name) => Self::Removed,
            None => Self::Kept,
        }
    }
}

/// Compares the headers of requests to the upstream of two routes.
pub(crate) fn compare(before: &RequestDocument, now: &RequestDocument) -> Vec<Line> {
    let documents = [before, now];
    let names: BTreeSet<_> =
        documents.into_iter().flat_map(|document| document.set.keys().chain(&document.remove)).collect();
    names.into_iter().flat_map(|name| changed(name, before, now)).collect()
}

/// The risk of a value that the upstream gets with every request of a route, and why, if the upstream could allow more
/// for it.
fn acts(name: &str, rule: HeaderRule<'_>) -> Option<(Risk, &'static str)> {
    match rule {
        HeaderRule::Secret(_) => Some((Risk::High, "whoever may call the route acts with the secret")),
        HeaderRule::Set(_) if CREDENTIALS.contains(&name) => {
            Some((Risk::High, "whoever may call the route acts with it"))
        }
        HeaderRule::Set(_) if !HARMLESS.contains(&name) => {
            Some((Risk::Medium, "whoever may call the route sends it, and the upstream may trust it"))
        }
        _ => None,
    }
}

/// Whether it widens that the upstream gets the client's own value (`passes`), or no longer, and why. `None` if it does
/// neither.
fn clients_value(name: &str, passes: bool) -> Option<(bool, &'static str)> {
    Some(match (name, passes) {
        // An upstream that checks the origin itself can do so only with the header.
        ("origin", false) => (true, "the upstream can no longer refuse origins itself"),
        ("origin", true) => (false, "the upstream can refuse origins itself"),
        (name, true) if CREDENTIALS.contains(&name) => (true, "requests act as the client's user again"),
        (name, false) if CREDENTIALS.contains(&name) => {
            (false, "requests no longer act as the client's user")
        }
        (name, _) if HARMLESS.contains(&name) => return None,
        (_, true) => (true, "clients choose its value, and the upstream may trust it"),
        (_, false) => (false, "clients no longer choose its value"),
    })
}

fn changed(name: &str, before: &RequestDocument, now: &RequestDocument) -> Vec<Line> {
    const KIND: Kind = Kind::UpstreamHeader;
    let (was, is) = (HeaderRule::of(name, before), HeaderRule::of(name, now));
    if was == is {
        let listed = |document: &RequestDocument| document.remove.iter().any(|removed| removed == name);
        let text = format!("the client's `{name}` is removed before it is set, or no longer is");
        let why = "setting a header replaces the client's anyway";
        return match listed(before) == listed(now) {
            true => Vec::new(),
            false => vec![Line::neutral(KIND, Risk::Low, text, why)],
        };
    }
    let text = match is {
        HeaderRule::Secret(value) | HeaderRule::Set(value) => format!("the upstream gets `{name}: {value}`"),
        HeaderRule::Removed => format!("the upstream gets no `{name}`"),
        HeaderRule::Kept => format!("the upstream gets the client's `{name}`"),
    };
    let mut lines = Vec::new();
    if let Some((risk, why)) = acts(name, is) {
        lines.push(Line::widens(KIND, risk, text.clone(), why));
    }
    if acts(name, was).is_some() {
        let why = match was {
            HeaderRule::Secret(_) => "requests no longer carry the earlier secret",
            _ => "requests no longer carry the earlier value",
        };
        lines.push(Line::narrows(KIND, text.clone(), why));
    }
    let passes = |rule: HeaderRule<'_>| matches!(rule, HeaderRule::Kept);
    if passes(was) != passes(is)
        && let Some((is_wider, why)) = clients_value(name, passes(is))
    {
        lines.push(match is_wider {
            true => Line::widens(KIND, Risk::Medium, text.clone(), why),
            false => Line::narrows(KIND, text.clone(), why),
        });
    }
    if lines.is_empty() {
        lines.push(Line::neutral(KIND, Risk::Low, text, "it does not change which origins are allowed"));
    }
    lines
}
