//! The record of a decision, which goes to Analytics Engine and, for a rejection, also to the log.
//!
//! A [`Record`] borrows from the request and the policy; [`Summary`] holds what the record needs from the decision.
//! [`columns`] alone defines the layout of a data point. [`Record::write_lines`] and [`Record::doubles`] produce what
//! is passed to the platform, [`Record::log_line`] produces the line of the log, and [`LogCap`] bounds the number of
//! those lines.
//!
//! A record has fields for named headers only, so the contents of `Authorization`, `Cookie` or a query cannot get
//! into one.

mod bucket;
pub mod columns;
mod lines;
mod log_cap;
mod log_line;
mod summary;
mod text;

pub use bucket::bucket;
pub use log_cap::{Admit, LINES_PER_SECOND, LogCap};
pub use summary::{CREDENTIALS_NOT_ALLOWED, LIMITER_UNAVAILABLE, Summary};

use std::borrow::Cow;

use crate::decision::facts::Kind;

/// The record of one decision. Texts are those of the request and the policy; they are cut to the size of their column
/// when they are written.
#[derive(Clone, Debug)]
pub struct Record<'a> {
    /// The outcome of the request.
    pub outcome: RecordedOutcome,
    /// The name of a [`Reason`](crate::Reason); `limiter_unavailable` for a request that passed because its limiter
    /// could not be reached; `credentials_not_allowed` for a request whose cookies enforcement would not allow; empty
    /// for a plain allow.
    pub reason: &'a str,
    /// `Origin`, without any part that may be a password.
    pub origin: Cow<'a, str>,
    /// The name of the route.
    pub route: &'a str,
    /// The gateway's host that received the request.
    pub host: &'a str,
    /// The method.
    pub method: &'a str,
    /// `Access-Control-Request-Method`.
    pub requested_method: &'a str,
    /// The requested header that the policy does not allow.
    pub offending_header: &'a str,
    /// The path, without query.
    pub path: &'a str,
    /// The client's country, as Cloudflare reports it.
    pub country: &'a str,
    /// The data centre that answered.
    pub colo: &'a str,
    /// The id of the policy.
    pub policy_id: &'a str,
    /// The kind of request in terms of CORS.
    pub kind: Kind,
    /// The entry that lists the origin.
    pub entry: &'a str,
    /// Cloudflare's id of the request.
    pub ray: &'a str,
    /// The number of decisions that the record stands for: 1 / the share of such decisions that is recorded.
    pub weight: f64,
    /// The status of the response.
    pub status: u16,
    /// The time that the gateway itself took.
    pub milliseconds: f64,
}

/// The outcome of a request; in report mode also the one that enforcement would have had.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RecordedOutcome {
    /// It passed.
    Allow,
    /// The gateway answered it.
    Reject,
    /// It was forwarded, and its response came back without CORS headers.
    Strip,
    /// It passed in report mode; enforcement would have rejected it.
    WouldReject,
    /// In report mode, the upstream rejected a request that the policy allows.
    WouldAllow,
}

impl RecordedOutcome {
    /// All outcomes, in the order of the documentation.
    pub const ALL: [Self; 5] = [Self::Allow, Self::Reject, Self::Strip, Self::WouldReject, Self::WouldAllow];

    /// The outcome with a name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|outcome| outcome.name() == name)
    }

    /// The name used in records and logs.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Allow => "allow",
            Self::Reject => "reject",
            Self::Strip => "strip",
            Self::WouldReject => "would_reject",
            Self::WouldAllow => "would_allow",
        }
    }
}

/// The facts of a record that come from the platform and the response, not from the request.
#[derive(Clone, Copy, Debug, Default)]
pub struct Observed<'a> {
    /// The client's country.
    pub country: &'a str,
    /// The data centre that answers.
    pub colo: &'a str,
    /// The id of the request.
    pub ray: &'a str,
    /// The status of the response.
    pub status: u16,
}
