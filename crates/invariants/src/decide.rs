//! The decision. The input is a [case](case::Case) as text.
//!
//! Besides the request of the case, it tries requests whose `Origin` resembles a listed one.
//! [`decision`](crate::decision) checks each of them as an actual request, a preflight and a handshake.

pub mod case;

use corsgate_policy::Policy;
use corsgate_policy::policy::document::{AllowlistDocument, CorsDocument, Document};

use crate::decision::Gateway;
use crate::reference;
use crate::support::Request;
use case::Case;

/// The maximum number of entries for which similar origins are tried.
const ENTRIES: usize = 3;

/// Checks the rules above.
pub fn holds(input: &[u8]) {
    let Some((case, policy)) = case_of(input) else { return };
    let gateway = Gateway::new(&case.document, &policy, &case.kv, case.today);
    gateway.check(&case.request);
    let origin = case.request.headers.get("origin").unwrap_or_default();
    let lines: String = case.kv.list.clone().unwrap_or_default();
    let known = entries(&case.document).chain(lines.split_ascii_whitespace().map(str::to_owned));
    for entry in known.filter(|entry| entry.contains("://")).take(ENTRIES) {
        for near in neighbours(&reference::member(&entry), origin) {
            requests(&case.request, &near).iter().for_each(|request| gateway.check(request));
        }
    }
}

/// The case with its policy; `None` if the text is no case, or no policy can be made of it.
#[must_use]
pub fn case_of(input: &[u8]) -> Option<(Case, Policy)> {
    let mut case = Case::parse(&crate::text(input))?;
    let policy = policy(&mut case.document)?;
    Some((case, policy))
}

/// The policy; what cannot be combined with credentials is removed if necessary.
fn policy(document: &mut Document) -> Option<Policy> {
    if let Ok(policy) = Policy::from_document(document) {
        return Some(policy);
    }
    let routes = document.routes.iter_mut().filter_map(|route| route.cors.as_mut());
    for cors in routes.chain(&mut document.default_cors) {
        cors.credentials = false;
        cors.dangerously_allow_insecure_origins = true;
        cors.dangerously_allow_any_extension = true;
    }
    Policy::from_document(document).ok()
}

/// The entries in a document.
pub fn entries(document: &Document) -> impl Iterator<Item = String> {
    let rules = document.routes.iter().filter_map(|route| route.cors.as_ref());
    let origins = rules.chain(&document.default_cors).flat_map(|cors: &CorsDocument| &cors.origins);
    let lists = document.allowlists.values().flat_map(|list| match list {
        AllowlistDocument::Entries(entries) => entries.as_slice(),
        _ => &[],
    });
    origins.chain(lists).map(|entry| entry.origin().to_owned())
}

/// A listed origin, and similar texts, made with another one.
fn neighbours(listed: &str, other: &str) -> Vec<String> {
    let host = |text: &str| text.split_once("://").map_or(text, |(_, host)| host).to_owned();
    let mut damaged: Vec<_> = listed.chars().collect();
    if let (Some(place), Some(with)) = (other.len().checked_rem(damaged.len()), other.chars().next_back()) {
        damaged[place] = with;
    }
    vec![
        listed.to_owned(),
        damaged.into_iter().collect(),
        format!("{listed}{}", host(other)),
        format!("{listed}.{}", host(other)),
        format!("{other}{}", host(listed)),
        format!("{other}.{}", host(listed)),
        format!("{listed}, {other}"),
        format!("{other}, {listed}"),
    ]
}

/// The request with another origin: unchanged, as a preflight, and as a handshake.
fn requests(request: &Request, origin: &str) -> [Request; 3] {
    let with = |method: &str, headers: &[(&str, &str)]| {
        let own = [("origin", origin)].into_iter().chain(headers.iter().copied());
        let replaced = |name: &str| own.clone().any(|(replaced, _)| replaced == name);
        let lines = request.headers.lines().filter(|(name, _)| !replaced(name)).chain(own.clone());
        lines.fold(Request::new(method, &request.url), |request, (name, value)| request.with(name, value))
    };
    [
        with(&request.method, &[]),
        with("OPTIONS", &[("access-control-request-method", "PUT")]),
        with("GET", &[("upgrade", "websocket")]),
    ]
}
