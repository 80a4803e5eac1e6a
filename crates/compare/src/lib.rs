//! What changes between two compiled policies, in what it means: which requests the second lets through that the first
//! refused (widens), which it refuses that the first let through (narrows), and what else is different (neutral).
//!
//! Pure: documents in, [`Change`]s out. What is compared is what routes do, not how it is written: an origin that a
//! wildcard takes over is no loss, and a route that moved is compared with the one that took its requests before.
//!
//! - `routing`: for which requests another route decides than before, found by asking the routes themselves;
//! - `route`: two routes field by field: `origins`, `cors`, `names`, `limits`, `security`, `response`;
//! - `rest`: what no route uses;
//! - [`replay`]: recorded requests, decided by both policies.
//!
//! Two promises are held by tests. If [`decide`](corsgate_policy::decision::decide::decide) allows by the second policy what it
//! refuses by the first, a change that widens names the route. And there is no change only where the documents are
//! equal.

mod change;
mod cors;
mod kind;
mod limits;
mod names;
mod origin_risk;
mod origins;
pub mod replay;
mod response;
mod rest;
mod route;
mod routing;
mod security;

use corsgate_authoring::canonicalize;
use corsgate_policy::policy::document::{Document, Mode, OnDisallowed, WebSocketDocument};
use corsgate_policy::{Policy, ReadError};

pub use change::{Change, Direction, Requests, Risk, Subject};
pub use kind::Kind;

use change::Line;

/// A policy that keeps its rules, as a document in canonical form and as what decides.
#[derive(Debug)]
pub struct Side {
    document: Document,
    policy: Policy,
}

impl Side {
    /// Takes a document; its form becomes the canonical one.
    ///
    /// # Errors
    /// When the document breaks a rule.
    pub fn new(mut document: Document) -> Result<Self, ReadError> {
        canonicalize(&mut document).map_err(|error| ReadError::Malformed(error.to_string()))?;
        let policy = Policy::from_document(&document).map_err(ReadError::Unsafe)?;
        Ok(Self { document, policy })
    }

    /// The same routes as long as none of them opens anything to another origin: what a first policy is compared with.
    ///
    /// # Errors
    /// Never in practice: to open less breaks no rule.
    pub fn closed(&self) -> Result<Self, ReadError> {
        let mut document = self.document.clone();
        document.default_cors = None;
        for route in &mut document.routes {
            route.cors = None;
            route.mode = Mode::Enforce;
            route.on_disallowed = OnDisallowed::Reject;
            route.websocket = WebSocketDocument::default();
        }
        Self::new(document)
    }

    /// The document.
    #[must_use]
    pub fn document(&self) -> &Document {
        &self.document
    }

    /// What decides.
    #[must_use]
    pub fn policy(&self) -> &Policy {
        &self.policy
    }
}

/// All that changes from one policy to another, in the order of the second policy's routes. What is the same for several
/// routes is one change with several subjects.
#[must_use]
pub fn compare(before: &Side, now: &Side) -> Vec<Change> {
    if before.document == now.document {
        return Vec::new();
    }
    let routing = routing::compare(before, now);
    let mut rules = route::Comparer::new(&before.document, &now.document);
    let mut found: Vec<(Subject, Line)> = Vec::new();
    let mut add = |subject: Subject, lines: Vec<Line>| {
        found.extend(lines.into_iter().map(|line| (subject.clone(), line)));
    };
    for (name, lines) in routing.places {
        add(Subject::Route(name), lines);
    }
    for (old, new) in &routing.kept {
        add(Subject::Route(new.name.clone()), rules.routes(old, new));
    }
    for (requests, old, new) in routing.moved {
        let mut lines = vec![requests.line()];
        lines.extend(rules.routes(old, new));
        add(Subject::Requests(requests), lines);
    }
    add(Subject::Defaults, rules.defaults());
    add(Subject::Policy, rest::compare(&before.document, &now.document));
    change::joined(found)
}
