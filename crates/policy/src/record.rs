//! What is kept of a decision: the record that goes to Analytics Engine and, of a refusal, to the log.
//!
//! A [`Record`] borrows what the decision was made from. [`columns`] is the layout of a data point, the only place
//! that knows it; [`Record::write_lines`] and [`Record::doubles`] are what crosses to the platform,
//! [`Record::log_line`] is what the log says, and [`LogCap`] how often.
//!
//! A record has no room for a header that it does not name: what `Authorization`, `Cookie` or a query hold cannot get
//! into one.

mod bucket;
pub mod columns;
mod lines;
mod log_cap;
mod log_line;
mod text;

pub use bucket::bucket;
pub use log_cap::{Admit, LINES_PER_SECOND, LogCap};

use crate::decide::Decision;
use crate::facts::{Facts, Kind};
use crate::policy::Policy;
use crate::route::Route;

/// What is kept of one decision. Texts are as the request and the policy have them; they are cut to their columns when
/// they are written.
#[derive(Clone, Copy, Debug)]
pub struct Record<'a> {
    /// What became of the request.
    pub outcome: RecordedOutcome,
    /// Why: the name of a [`Reason`](crate::Reason), or `limiter_unavailable` of a request that passed because its
    /// limiter could not be asked; empty for a plain allow.
    pub reason: &'a str,
    /// `Origin`.
    pub origin: &'a str,
    /// The name of the route.
    pub route: &'a str,
    /// The host of the gateway that was asked.
    pub host: &'a str,
    /// The method.
    pub method: &'a str,
    /// `Access-Control-Request-Method`.
    pub requested_method: &'a str,
    /// The requested header that is not allowed.
    pub offending_header: &'a str,
    /// The path, without query.
    pub path: &'a str,
    /// The client's country, as Cloudflare says.
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
    /// It passed in report mode; enforcement would have refused it.
    WouldReject,
    /// The upstream refused in report mode what the policy allows.
    WouldAllow,
}

impl RecordedOutcome {
    /// All outcomes, in the order of the documentation.
    pub const ALL: [Self; 5] = [Self::Allow, Self::Reject, Self::Strip, Self::WouldReject, Self::WouldAllow];

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
    /// How long the gateway itself took.
    pub milliseconds: f64,
}

impl<'a> Record<'a> {
    /// The record of a decision by a policy, or without one, with the weight of one decision.
    ///
    /// `facts` are missing of a request whose URL cannot be parsed. Outcome and reason are arguments because what
    /// happens after the decision (a limit, report mode, the upstream) may change them.
    #[must_use]
    pub fn new(
        outcome: RecordedOutcome,
        reason: &'a str,
        policy: Option<&Policy>,
        facts: Option<&Facts<'a>>,
        decision: &Decision<'a>,
        observed: Observed<'a>,
    ) -> Self {
        let facts = facts.copied().unwrap_or_default();
        Self {
            outcome,
            reason,
            origin: without_query(facts.origin.unwrap_or_default()),
            route: decision.route.map(Route::name).unwrap_or_default(),
            host: facts.url.host,
            method: facts.method,
            requested_method: facts.requested_method.unwrap_or_default(),
            offending_header: decision.offending_header.unwrap_or_default(),
            path: if may_name_path(policy, decision.route, facts.url.host) { facts.url.path } else { "" },
            country: observed.country,
            colo: observed.colo,
            policy_id: decision.policy_id.unwrap_or_default(),
            kind: decision.kind,
            entry: decision.entry.unwrap_or_default(),
            ray: observed.ray,
            weight: 1.0,
            status: observed.status,
            milliseconds: observed.milliseconds,
        }
    }
}

/// Whether the path may stand in the record.
///
/// A request that no route took may well be meant for one that keeps its paths out of records: another case, a slash
/// too many. So one such route on the host is enough to leave the path out; and without a policy none is known.
fn may_name_path(policy: Option<&Policy>, route: Option<&Route>, host: &str) -> bool {
    match route {
        Some(route) => route.records_paths(),
        None => policy.is_some_and(|policy| {
            policy.routes.iter().all(|route| route.records_paths() || !route.answers_for(host))
        }),
    }
}

/// What its column keeps of an `Origin`, up to the mark of a query or fragment, which stays to show what is wrong.
///
/// No browser sends one, but clients that put a whole URL there do, and queries hold tokens.
fn without_query(origin: &str) -> &str {
    let origin = text::cut(origin, columns::LONGEST_ORIGIN);
    match origin.find(['?', '#']) {
        Some(mark) => origin.get(..=mark).unwrap_or_default(),
        None => origin,
    }
}
