//! Compares two compiled policies by meaning: which requests the second allows and the first rejects (widens), which
//! it rejects and the first allows (narrows), and what else differs (neutral).
//!
//! Pure: documents in, [`Change`]s out. It compares what routes do, not how they are written: an origin that a wildcard
//! now covers is not lost, and a route that moved is compared with the route that took its requests before.
//!
//! - `routing`: requests that another route decides than before, found by asking the routes themselves;
//! - `route`: two routes field by field: `origins`, `cors`, `names`, `limits`, `security`, `response`;
//! - `rest`: what no route uses;
//! - `list`: two contents of a list in KV, on the routes that use it;
//! - [`replay`]: recorded requests, decided by both policies.
//!
//! Tests hold two guarantees. If [`decide`](corsgate_policy::decision::decide::decide) allows a request by the second
//! policy and rejects it by the first, a change that widens names the route. If there is no change, the documents are
//! equal.

mod change;
mod cors;
mod kind;
mod limits;
mod list;
mod names;
mod origin_risk;
mod origins;
pub mod replay;
mod request;
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
pub use list::{ListInKv, accepts, compare_list, is_used};

use change::Line;

/// A valid policy, both as a canonical document and in the form that decides requests.
#[derive(Debug)]
pub struct Side {
    document: Document,
    policy: Policy,
}

impl Side {
    /// Checks a document and puts it into canonical form.
    ///
    /// # Errors
    /// When the document breaks a rule.
    pub fn new(mut document: Document) -> Result<Self, ReadError> {
        canonicalize(&mut document).map_err(|error| ReadError::Malformed(error.to_string()))?;
        let policy = Policy::from_document(&document).map_err(ReadError::Unsafe)?;
        Ok(Self { document, policy })
    }

    /// The same routes, none of them open to another origin. A first policy is compared with this.
    ///
    /// # Errors
    /// Never in practice: opening less breaks no rule.
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

    /// The policy as a document in canonical form.
    #[must_use]
    pub fn document(&self) -> &Document {
        &self.document
    }

    /// The policy in the form that decides requests.
    #[must_use]
    pub fn policy(&self) -> &Policy {
        &self.policy
    }
}

/// All changes from one policy to another, in the order of the second policy's routes. The same change on several
/// routes is one [`Change`] with several subjects.
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
