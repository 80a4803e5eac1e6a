//! A decision: what becomes of a request, and why.

pub mod counts;
pub mod decide;
pub mod facts;
pub mod lookup;
pub mod reason;
pub mod trace;

use crate::decision::counts::Count;
use crate::decision::facts::Kind;
use crate::decision::reason::Reason;
use crate::policy::Policy;
use crate::policy::cors::Cors;
use crate::policy::document::Explain;
use crate::policy::route::Route;

/// What becomes of a request, and why.
#[derive(Clone, Copy, Debug)]
pub struct Decision<'a> {
    /// The id of the policy that decided; none without a policy.
    pub policy_id: Option<&'a str>,
    /// The route that took the request.
    pub route: Option<&'a Route>,
    /// What the request is to CORS.
    pub kind: Kind,
    /// What becomes of it.
    pub outcome: Outcome,
    /// The entry that lists the origin.
    pub entry: Option<&'a str>,
    /// The requested header that is not allowed.
    pub offending_header: Option<&'a str>,
    pub(crate) grant: Grant<'a>,
    pub(crate) policy: Option<&'a Policy>,
    pub(crate) cors: Option<&'a Cors>,
    /// The answer depends on `Origin`.
    pub(crate) varies: bool,
    /// What the route's limits said; nothing unless they were asked.
    pub(crate) counts: &'a [Count],
}

/// What becomes of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It passes: a preflight is answered, anything else forwarded.
    Allow,
    /// It is forwarded, and its response comes back without CORS headers.
    Strip(Reason),
    /// The gateway answers it.
    Reject(Reason),
    /// It goes to the upstream and back untouched, preflights included; enforcement would refuse it
    /// for this reason, or allow it.
    Report(Option<Reason>),
}

/// What `Access-Control-Allow-Origin` says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Grant<'a> {
    /// Nothing.
    Nobody,
    /// `*`.
    Anyone,
    /// The `Origin` of the request, byte for byte, which an entry lists.
    Origin(&'a str),
    /// An origin that cannot exist and names the reason, for browsers to print.
    Explanation(Reason),
}

impl<'a> Decision<'a> {
    /// The decision about a request that no policy is asked about: there is none, or the request
    /// has no URL to ask by.
    #[must_use]
    pub fn without_policy(reason: Reason, kind: Kind, policy_id: Option<&'a str>) -> Self {
        Self {
            policy_id: policy_id.filter(|id| !id.is_empty()),
            route: None,
            kind,
            outcome: Outcome::Reject(reason),
            entry: None,
            offending_header: None,
            policy: None,
            grant: Grant::Nobody,
            cors: None,
            varies: false,
            counts: &[],
        }
    }

    /// Whether the request goes to the upstream.
    #[must_use]
    pub fn is_sent_on(&self) -> bool {
        match self.outcome {
            Outcome::Allow => self.kind != Kind::Preflight,
            Outcome::Strip(_) | Outcome::Report(_) => true,
            Outcome::Reject(_) => false,
        }
    }

    /// The reason, unless the request simply passes. Under [`Outcome::Report`] it is enforcement's, and
    /// nothing is refused for it.
    #[must_use]
    pub fn reason(&self) -> Option<Reason> {
        match self.outcome {
            Outcome::Allow => None,
            Outcome::Strip(reason) | Outcome::Reject(reason) => Some(reason),
            Outcome::Report(reason) => reason,
        }
    }

    /// The decision of a route that only reports. The grant stays: what the gateway itself must answer
    /// there, to a request over its rate limit say, is as readable as under enforcement.
    pub(crate) fn reported(mut self) -> Self {
        self.outcome = Outcome::Report(self.reason());
        // Nothing is refused, so there is no refusal to explain.
        if matches!(self.grant, Grant::Explanation(_)) {
            self.grant = Grant::Nobody;
        }
        self
    }

    /// Takes back what was granted, and says why where the route wants browsers to print it.
    pub(crate) fn refuse(mut self, route: &Route, outcome: Outcome) -> Self {
        self.outcome = outcome;
        self.entry = None;
        self.grant = match (self.reason(), route.explain) {
            (Some(reason), Explain::Console) if reason != Reason::ListUnavailable => {
                Grant::Explanation(reason)
            }
            _ => Grant::Nobody,
        };
        self
    }
}
