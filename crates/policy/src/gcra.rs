//! The generic cell rate algorithm (ITU-T I.371), which keeps one number for each key.
//!
//! That number is the theoretical arrival time: the time at which all admitted requests would have passed,
//! had they come evenly. A request advances it by the interval of the rate, and passes unless it would then
//! be more than the burst ahead of the clock. Instants are nanoseconds since 1970 in 64 bits, which last
//! until 2554.

const NANOSECONDS: u64 = 1_000_000_000;

/// How far a stored arrival time may be ahead of the true one, where the quota is large.
const MOST_AHEAD: u64 = 10 * NANOSECONDS;

/// From this quota on, a stored arrival time may be ahead. Smaller quotas are exact to the request.
const LARGE_QUOTA: u32 = 100;

/// A quota, refilled evenly within a window; the whole quota may be used at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    quota: u32,
    window: u32,
}

/// The theoretical arrival time, in nanoseconds since 1970; 0 for a new client.
pub type ArrivalTime = u64;

/// What is left of a quota.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Standing {
    /// Requests that would pass now.
    pub remaining: u32,
    /// Milliseconds until one more request would pass.
    pub reset: f64,
}

impl Standing {
    /// [`reset`](Self::reset) in whole seconds, rounded up so that a client that waits this long is not
    /// early.
    #[must_use]
    pub fn reset_seconds(&self) -> u64 {
        (self.reset / 1000.0).ceil() as u64
    }
}

impl Rate {
    /// A rate of `quota` requests in `window` seconds; `None` if either is 0.
    #[must_use]
    pub fn new(quota: u32, window: u32) -> Option<Self> {
        (quota > 0 && window > 0).then_some(Self { quota, window })
    }

    /// Requests in a window; also the burst.
    #[must_use]
    pub fn quota(self) -> u32 {
        self.quota
    }

    /// The window in seconds.
    #[must_use]
    pub fn window(self) -> u32 {
        self.window
    }

    /// The arrival time after a request at `now` (milliseconds since 1970), or `None` if the request must
    /// not pass.
    ///
    /// The arrival time never falls, so a clock that stops or steps back admits no more requests than a
    /// running one.
    #[must_use]
    pub fn admit(self, arrival: ArrivalTime, now: f64) -> Option<ArrivalTime> {
        let now = instant(now);
        let next = arrival.max(now).saturating_add(self.interval());
        (next - now <= self.burst()).then_some(next)
    }

    /// The arrival time after refunding a request that [`admit`](Self::admit) let pass but another limit
    /// denied.
    #[must_use]
    pub fn refund(self, arrival: ArrivalTime) -> ArrivalTime {
        arrival.saturating_sub(self.interval())
    }

    /// The arrival time after lending permits at `now`, or `None` if they were more than a sixteenth of what is left: what is
    /// lent in one place is missing in all others.
    ///
    /// A permit may be used until `lease` milliseconds after `now` (milliseconds since 1970). Each takes an interval of its own
    /// from then on, so that a request that uses it is never later than the start of its interval. Therefore the requests
    /// that pass, lent and others, are at no time more than this rate admits.
    #[must_use]
    pub fn lend(self, arrival: ArrivalTime, now: f64, permits: u32, lease: f64) -> Option<ArrivalTime> {
        let lent = self.interval().saturating_mul(permits.into());
        let next = arrival.max(instant(now + lease)).saturating_add(lent);
        let most = lent.saturating_mul(15).saturating_add(next);
        (most <= instant(now).saturating_add(self.burst())).then_some(next)
    }

    /// The arrival time after permits are returned unused; `end` is what [`lend`](Self::lend) answered, less what was refunded
    /// since of requests and permits before them.
    ///
    /// Only those are refunded whose interval begins later than `after` (milliseconds since 1970): now, or the end of
    /// the last other loan if that is later, because the permits of that loan move forward into the places of these.
    #[must_use]
    pub fn take_back(self, arrival: ArrivalTime, after: f64, permits: u32, end: ArrivalTime) -> ArrivalTime {
        let ahead = end.saturating_sub(instant(after)) / self.interval();
        arrival.saturating_sub(self.interval() * ahead.min(permits.into()))
    }

    /// The arrival time to store for the one in memory, so that not every request needs a write.
    ///
    /// If memory is lost, a client waits at most ten seconds or a tenth of the window longer. Objects lose
    /// their memory after about as long an idle time.
    #[must_use]
    pub fn ahead(self, arrival: ArrivalTime) -> ArrivalTime {
        match self.quota >= LARGE_QUOTA {
            true => arrival.saturating_add((u64::from(self.window) * NANOSECONDS / 10).min(MOST_AHEAD)),
            false => arrival,
        }
    }

    /// What is left at `now` (milliseconds since 1970).
    #[must_use]
    pub fn standing(self, arrival: ArrivalTime, now: f64) -> Standing {
        let used = arrival.saturating_sub(instant(now));
        let remaining = self.burst().saturating_sub(used) / self.interval();
        let wanted = remaining.saturating_add(1).saturating_mul(self.interval());
        let reset = match remaining >= u64::from(self.quota) {
            true => 0,
            false => used.saturating_add(wanted).saturating_sub(self.burst()),
        };
        Standing { remaining: u32::try_from(remaining).unwrap_or(u32::MAX), reset: reset as f64 / 1e6 }
    }

    /// Nanoseconds between two requests of an even flow, rounded up so that rounding never exceeds a limit.
    fn interval(self) -> u64 {
        (u64::from(self.window) * NANOSECONDS).div_ceil(u64::from(self.quota))
    }

    /// How far the arrival time may be ahead of the clock, in nanoseconds.
    fn burst(self) -> u64 {
        self.interval() * u64::from(self.quota)
    }
}

/// Converts the platform's milliseconds to nanoseconds. Casts to integers saturate.
fn instant(milliseconds: f64) -> u64 {
    (milliseconds as u64).saturating_mul(1_000_000)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: f64 = 1_790_000_000_000.0;

    fn rate(quota: u32, window: u32) -> Rate {
        Rate::new(quota, window).expect("a rate")
    }

    #[test]
    fn the_quota_passes_at_once_and_then_one_an_interval() {
        let rate = rate(3, 60);
        let mut arrival = 0;
        for (remaining, reset) in [(2, 20_000.0), (1, 20_000.0), (0, 20_000.0)] {
            arrival = rate.admit(arrival, NOW).expect("within the quota");
            assert_eq!(rate.standing(arrival, NOW), Standing { remaining, reset });
        }
        assert_eq!(rate.admit(arrival, NOW), None);
        assert_eq!(rate.admit(arrival, NOW + 19_999.0), None);
        assert!(rate.admit(arrival, NOW + 20_000.0).is_some());
        assert_eq!(rate.standing(arrival, NOW + 15_000.0), Standing { remaining: 0, reset: 5_000.0 });
        assert_eq!(rate.standing(arrival, NOW + 60_000.0), Standing { remaining: 3, reset: 0.0 });
    }

    #[test]
    fn seconds_to_wait_are_rounded_up() {
        for (reset, seconds) in [(0.0, 0), (0.001, 1), (1000.0, 1), (1000.001, 2)] {
            assert_eq!(Standing { remaining: 0, reset }.reset_seconds(), seconds);
        }
    }

    #[test]
    fn what_is_given_back_may_be_used_again() {
        let rate = rate(1, 60);
        let arrival = rate.admit(0, NOW).expect("the first");
        assert_eq!(rate.admit(arrival, NOW), None);
        assert_eq!(rate.admit(rate.refund(arrival), NOW), Some(arrival));
    }

    #[test]
    fn small_quotas_are_stored_as_they_are_and_large_ones_a_little_ahead() {
        for (quota, window, ahead) in
            [(99, 60, 0), (100, 60, 6 * NANOSECONDS), (1000, 3600, MOST_AHEAD), (100, 1, NANOSECONDS / 10)]
        {
            assert_eq!(rate(quota, window).ahead(7), 7 + ahead, "{quota} in {window}");
        }
    }

    #[test]
    fn the_largest_and_the_smallest_numbers_are_counted_too() {
        for (quota, window) in [(u32::MAX, u32::MAX), (u32::MAX, 1), (1, u32::MAX), (1, 1)] {
            let rate = rate(quota, window);
            let arrival = rate.admit(0, NOW).expect("the first");
            assert_eq!(rate.standing(arrival, NOW).remaining, quota - 1);
            for odd in [f64::NAN, f64::NEG_INFINITY, -1.0, f64::INFINITY, f64::MAX] {
                let _any = rate.admit(arrival, odd);
                let _any = rate.standing(u64::MAX, odd);
            }
            assert_eq!(rate.admit(u64::MAX, NOW), None);
        }
        assert_eq!(Rate::new(0, 1), None);
        assert_eq!(Rate::new(1, 0), None);
    }
}
