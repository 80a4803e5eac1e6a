//! The fields that report a route's rate limits on the response.
//!
//! The fields are those of draft-ietf-httpapi-ratelimit-headers-11, sections 3 and 4: Lists of RFC 9651 whose members are
//! Strings, with non-negative Integers as parameters. `qu` is left out, as its default `requests` is meant, and so is `pk`,
//! which would show what a limit counts by.

use core::fmt::Write;

use crate::decision::counts::Count;
use crate::decision::reason::Reason;
use crate::decision::{Decision, Outcome};
use crate::response::headers::ResponseHeaderSink;

/// `Retry-After` in seconds, where the limit gave no time of its own.
const RETRY_SECONDS: u64 = 1;

impl Decision<'_> {
    /// Writes `RateLimit-Policy`, `RateLimit` and, if the request is denied, `Retry-After`. The upstream's
    /// own members stay in front.
    pub(super) fn write_limits(&self, sink: &mut impl ResponseHeaderSink) {
        if self.counts.is_empty() {
            return;
        }
        let (mut policies, mut standings, mut retry) = (String::new(), String::new(), 0);
        // Limit names contain no character that a quoted string must escape. Writing to a `String` does not
        // fail.
        for (limit, count) in self.limit_counts() {
            let (name, rate) = (limit.name(), limit.rate());
            let (quota, window) = (rate.quota(), rate.window());
            let _written = write!(next_member(&mut policies), "\"{name}\";q={quota};w={window}");
            if let Count::Admitted(standing) | Count::Denied(standing) = count {
                let (remaining, reset) = (standing.remaining, standing.reset_seconds());
                let _written = write!(next_member(&mut standings), "\"{name}\";r={remaining};t={reset}");
            }
            // Not before the end of the effective window (section 6) of a limit that denies. The others would admit it.
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
