//! The results of a route's rate limits.

use crate::decision::decide::{Decision, Outcome};
use crate::decision::reason::Reason;
use crate::gcra::Standing;
use crate::policy::document::OnLimiterError;
use crate::policy::limit::{Counter, Limit};
use crate::policy::route::Route;

/// The result of one limit.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Count {
    /// The request is within the limit.
    Admitted(Standing),
    /// The request exceeds the limit.
    Denied(Standing),
    /// The limiter cannot keep up with the requests, so the request is denied.
    Overloaded,
    /// The limiter cannot be reached, or is too slow.
    Failed,
    /// The limit was not asked, because another one is known to deny the request.
    NotAsked,
}

impl Count {
    /// Whether this result denies a request on a route with this `on_limiter_error`.
    #[must_use]
    pub fn denies(&self, on_limiter_error: OnLimiterError) -> bool {
        match self {
            Self::Denied(_) | Self::Overloaded => true,
            Self::Failed => on_limiter_error == OnLimiterError::Deny,
            Self::Admitted(_) | Self::NotAsked => false,
        }
    }
}

impl<'a> Decision<'a> {
    /// The limits that count the request: those of its route, if the request is forwarded. A preflight
    /// counts only if a route in report mode forwards it.
    #[must_use]
    pub fn limits(&self) -> &'a [Limit] {
        self.limiting_route().map_or(&[], |route| &route.limits)
    }

    /// The counters of these limits.
    #[must_use]
    pub fn counters(&self) -> &'a [Counter] {
        self.limiting_route().map_or(&[], |route| &route.counters)
    }

    fn limiting_route(&self) -> Option<&'a Route> {
        self.route.filter(|_| self.is_sent_on())
    }

    /// The decision after each of [`limits`](Self::limits) has answered, in the same order. CORS access to
    /// the response stays the same, because a page must be able to see that it is limited.
    #[must_use]
    pub fn counted(mut self, counts: &'a [Count]) -> Self {
        self.counts = counts;
        if self.denying().next().is_some() {
            self.outcome = Outcome::Reject(Reason::RateLimited);
        }
        self
    }

    /// Whether a limit could not be asked and the request passes anyway.
    #[must_use]
    pub fn passes_unlimited(&self) -> bool {
        self.is_sent_on() && self.counts.contains(&Count::Failed)
    }

    /// Whether the route rejects requests when a limit cannot be asked.
    #[must_use]
    pub fn fails_closed(&self) -> bool {
        self.route.is_some_and(|route| Count::Failed.denies(route.on_limiter_error))
    }

    /// The limits that deny the request.
    pub fn denying(&self) -> impl Iterator<Item = &'a Limit> + use<'a> {
        let on_limiter_error = self.route.map(|route| route.on_limiter_error).unwrap_or_default();
        let denying =
            move |(limit, count): (&'a Limit, &'a Count)| count.denies(on_limiter_error).then_some(limit);
        self.limit_counts().filter_map(denying)
    }

    /// The limits with their results; empty if no limit was asked.
    pub(crate) fn limit_counts(&self) -> impl Iterator<Item = (&'a Limit, &'a Count)> + use<'a> {
        let limits = self.route.map_or(&[][..], |route| &route.limits);
        limits.iter().zip(self.counts)
    }
}
