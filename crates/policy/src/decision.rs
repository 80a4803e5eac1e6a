//! A decision: what becomes of a request, and why.

pub mod counts;
pub mod decide;
pub mod facts;
pub mod lookup;
mod methods;
pub mod reason;
pub mod trace;
pub mod unrouted;

use crate::decision::counts::Count;
use crate::decision::facts::Kind;
use crate::decision::reason::Reason;
use crate::policy::Policy;
use crate::policy::cors::Cors;
use crate::policy::document::Explain;
use crate::policy::route::Route;
use unrouted::Unrouted;

/// What becomes of a request, and why.
#[derive(Clone, Copy, Debug)]
pub struct Decision<'a> {
    /// The id of the policy that decided; `None` without a policy.
    pub policy_id: Option<&'a str>,
    /// The route that took the request.
    pub route: Option<&'a Route>,
    /// How CORS classifies the request.
    pub kind: Kind,
    /// What becomes of it.
    pub outcome: Outcome,
    /// The entry that lists the origin.
    pub entry: Option<&'a str>,
    /// The requested header that the route does not allow.
    pub offending_header: Option<&'a str>,
    /// `Access-Control-Request-Headers`: where the policy has families of headers, the answer depends on it.
    pub(crate) requested_headers: Option<&'a str>,
    pub(crate) grant: Grant<'a>,
    pub(crate) policy: Option<&'a Policy>,
    pub(crate) cors: Option<&'a Cors>,
    /// The answer depends on `Origin`.
    pub(crate) varies: bool,
    /// The browser could repeat the request with cookies, and the route decides whether it should.
    pub(crate) may_activate: bool,
    /// Why no route takes the request, where there is more to say than the reason.
    pub(crate) unrouted: Option<Unrouted<'a>>,
    /// The answer to a preflight must have a status that fails: its lists alone would not stop the browser.
    pub(crate) fails_preflight: bool,
    /// The results of the route's limits; empty if no limit was asked.
    pub(crate) counts: &'a [Count],
}

/// What becomes of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// A preflight is answered, any other request is forwarded.
    Allow,
    /// The request is forwarded, and its response comes back without CORS headers.
    Strip(Reason),
    /// The gateway answers the request itself.
    Reject(Reason),
    /// The request and its response, preflights included, pass unchanged. With a reason, enforcement would
    /// have rejected or stripped the request; with `None`, it would have allowed it.
    Report(Option<Reason>),
}

/// The value of `Access-Control-Allow-Origin`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Grant<'a> {
    /// The header is not sent.
    Nobody,
    /// `*`.
    Anyone,
    /// The `Origin` of the request, byte for byte, which an entry lists.
    Origin(&'a str),
    /// An origin that cannot exist and names the reason, so that browsers print it.
    Explanation(Reason),
}

impl<'a> Decision<'a> {
    /// The decision without a policy: none is stored, or the URL of the request cannot be read.
    #[must_use]
    pub fn without_policy(reason: Reason, kind: Kind, policy_id: Option<&'a str>) -> Self {
        Self {
            policy_id: policy_id.filter(|id| !id.is_empty()),
            route: None,
            kind,
            outcome: Outcome::Reject(reason),
            entry: None,
            offending_header: None,
            requested_headers: None,
            policy: None,
            grant: Grant::Nobody,
            cors: None,
            varies: false,
            may_activate: false,
            unrouted: None,
            counts: &[],
            fails_preflight: false,
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

    /// The status of the gateway's answer for a reason.
    #[must_use]
    pub fn status_of(&self, reason: Reason) -> u16 {
        if self.fails_preflight { reason.status_for(Kind::Actual) } else { reason.status_for(self.kind) }
    }

    /// The reason, unless the request is allowed. Under [`Outcome::Report`] it is the reason that
    /// enforcement would give; nothing is rejected for it.
    #[must_use]
    pub fn reason(&self) -> Option<Reason> {
        match self.outcome {
            Outcome::Allow => None,
            Outcome::Strip(reason) | Outcome::Reject(reason) => Some(reason),
            Outcome::Report(reason) => reason,
        }
    }

    /// Why no route takes the request, where there is more to say than the reason.
    #[must_use]
    pub fn unrouted(&self) -> Option<Unrouted<'a>> {
        self.unrouted
    }

    /// Makes it the decision of a route in report mode. The grant stays, so that pages can read the gateway's own
    /// answers there (a 429, for example) as they can under enforcement.
    pub(crate) fn report(&mut self) {
        self.outcome = Outcome::Report(self.reason());
        // Nothing is rejected, so there is no rejection to explain.
        if matches!(self.grant, Grant::Explanation(_)) {
            self.grant = Grant::Nobody;
        }
    }

    /// Withdraws the grant. Under `explain = "console"`, the grant becomes an origin that names the reason.
    pub(crate) fn refuse(&mut self, route: &Route, outcome: Outcome) {
        self.outcome = outcome;
        self.entry = None;
        self.grant = match (self.reason(), route.explain) {
            (Some(reason), Explain::Console) if reason != Reason::ListUnavailable => {
                Grant::Explanation(reason)
            }
            _ => Grant::Nobody,
        };
    }
}
