//! The results of a route's rate limits, and the fields that report them on the response.
//!
//! The fields are those of draft-ietf-httpapi-ratelimit-headers, which are Lists of RFC 9651.

use core::fmt::Write;

use crate::decision::decide::{Decision, Outcome};
use crate::decision::reason::Reason;
use crate::gcra::Standing;
use crate::policy::document::OnLimiterError;
use crate::policy::limit::{Counter, Limit};
use crate::policy::route::Route;
use crate::response::headers::ResponseHeaderSink;

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

/// `Retry-After` in seconds, where the limit gave no time of its own.
const RETRY_SECONDS: u64 = 1;

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
        self.answers().filter_map(denying)
    }

    /// The limits with their results; empty if no limit was asked.
    fn answers(&self) -> impl Iterator<Item = (&'a Limit, &'a Count)> + use<'a> {
        let limits = self.route.map_or(&[][..], |route| &route.limits);
        limits.iter().zip(self.counts)
    }

    /// Writes `RateLimit-Policy`, `RateLimit` and, if the request is denied, `Retry-After`. The upstream's
    /// own members stay in front.
    pub(crate) fn stamp_limits(&self, sink: &mut impl ResponseHeaderSink) {
        if self.counts.is_empty() {
            return;
        }
        let (mut policies, mut standings, mut retry) = (String::new(), String::new(), 0);
        // Limit names contain no character that a quoted string must escape. Writing to a `String` does not
        // fail.
        for (limit, count) in self.answers() {
            let (name, rate) = (limit.name(), limit.rate());
            let (quota, window) = (rate.quota(), rate.window());
            let _written = write!(next_member(&mut policies), "\"{name}\";q={quota};w={window}");
            if let Count::Admitted(standing) | Count::Denied(standing) = count {
                let (remaining, reset) = (standing.remaining, standing.reset_seconds());
                let _written = write!(next_member(&mut standings), "\"{name}\";r={remaining};t={reset}");
            }
            retry = retry.max(match count {
                // At least one second: a client that reads 0 retries at once and may be too early.
                Count::Denied(standing) => standing.reset_seconds().max(RETRY_SECONDS),
                _ => RETRY_SECONDS,
            });
        }
        sink.append("ratelimit-policy", &policies);
        if !standings.is_empty() {
            sink.append("ratelimit", &standings);
        }
        if self.outcome == Outcome::Reject(Reason::RateLimited) {
            sink.set("retry-after", &retry.to_string());
        }
    }
}

/// Appends the separator before the next member of a List.
fn next_member(list: &mut String) -> &mut String {
    if !list.is_empty() {
        list.push_str(", ");
    }
    list
}
