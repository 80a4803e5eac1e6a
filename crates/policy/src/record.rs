//! What is kept of a decision: the record that goes to Analytics Engine and, of a refusal, to the log.
//!
//! A [`Record`] borrows what the decision was made from; [`Summary`] is what it needs of the decision itself.
//! [`columns`] is the layout of a data point, the only place that knows it; [`Record::write_lines`] and
//! [`Record::doubles`] are what crosses to the platform, [`Record::log_line`] is what the log says, and [`LogCap`] how
//! often.
//!
//! A record has no room for a header that it does not name: what `Authorization`, `Cookie` or a query hold cannot get
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

/// What is kept of one decision. Texts are as the request and the policy have them; they are cut to their columns when
/// they are written.
#[derive(Clone, Debug)]
pub struct Record<'a> {
    /// What became of the request.
    pub outcome: RecordedOutcome,
    /// Why: the name of a [`Reason`](crate::Reason), or `limiter_unavailable` of a request that passed because its
    /// limiter could not be asked, or `credentials_not_allowed` of one whose cookies enforcement would not let through; empty for a plain allow.
    pub reason: &'a str,
    /// `Origin`, without what may be a password.
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
    /// What the request is to CORS.
    pub kind: Kind,
    /// The entry that lists the origin.
    pub entry: &'a str,
    /// Cloudflare's id of the request.
    pub ray: &'a str,
    /// For how many decisions the record stands: 1 / the share of its like that is recorded.
    pub weight: f64,
    /// The status of the response.
    pub status: u16,
    /// How long the gateway itself took.
    pub milliseconds: f64,
}

/// What became of a request, or in report mode would have.
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
    /// The upstream refused in report mode what the policy allows.
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

/// What the platform and the answer say, beside the request.
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
