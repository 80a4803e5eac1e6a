//! The time range of a report.

use crate::bad_request::{BadRequest, shown};
use crate::time::{self, DAY, HOUR, MINUTE};

/// The clock skew that is tolerated, in seconds.
const GRACE: u64 = 60;
/// The longest range: Analytics Engine keeps records for about three months.
const LONGEST: u64 = 92 * DAY;
/// The span if `since` is absent, in seconds.
const DEFAULT: u64 = DAY;
/// The embedded store counts by the minute for two hours, then by the hour. A margin of two minutes ensures
/// that no requested minute is merged between the query and its answer.
const BY_THE_MINUTE: u64 = 2 * HOUR - 2 * MINUTE;

/// From `since` on, up to but not including `until`, in seconds since 1970.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Range {
    pub(crate) since: u64,
    pub(crate) until: u64,
}

impl Range {
    /// Reads `since` and `until`; a span in `since` counts back from `until`. Without `until`, the range
    /// includes the current second, so that the newest decisions are in the report.
    pub(crate) fn parse(since: Option<&str>, until: Option<&str>, now: u64) -> Result<Self, BadRequest> {
        let until = match until {
            None => now.saturating_add(1),
            Some(text) => time::read(text).ok_or_else(|| {
                let expected = "` is not a time: write one like `2026-11-23T06:45:00Z`";
                BadRequest::parameter("until", &["`until` `", &shown(text), expected])
            })?,
        };
        let since = match since {
            None => until.saturating_sub(DEFAULT),
            Some(text) => match span(text) {
                Some(span) => until.saturating_sub(span),
                None => time::read(text).ok_or_else(|| {
                    let expected = "` is not a time: write a span like `15m`, `6h` or `7d`, or a time like \
                         `2026-11-23T06:45:00Z`";
                    BadRequest::parameter("since", &["`since` `", &shown(text), expected])
                })?,
            },
        };
        for (name, time) in [("until", until), ("since", since)] {
            if time > now.saturating_add(GRACE) {
                let now = time::write(now);
                return Err(BadRequest::parameter(
                    name,
                    &["`", name, "` is in the future: it is now ", &now],
                ));
            }
        }
        if since >= until {
            return Err(BadRequest::parameter("since", &["`since` must be before `until`"]));
        }
        if until - since > LONGEST {
            let sentence = "the range from `since` to `until` is longer than 92 days: choose a shorter one, because \
                 records are kept no longer";
            return Err(BadRequest::parameter("since", &[sentence]));
        }
        Ok(Self { since, until })
    }

    /// The range that the embedded store can answer: its ends are widened to whole minutes or hours, but
    /// `until` not into the future.
    pub(crate) fn of_buckets(self, now: u64) -> Self {
        let span = |time: u64| if time.saturating_add(BY_THE_MINUTE) >= now { MINUTE } else { HOUR };
        let until = floor(self.until.saturating_add(span(self.until) - 1), span(self.until));
        Self { since: floor(self.since, span(self.since)), until: until.min(now.max(self.until)) }
    }

    /// Whether the embedded store counts all of it by the minute.
    pub(crate) fn is_by_the_minute(self, now: u64) -> bool {
        self.since.saturating_add(BY_THE_MINUTE) >= now
    }

    /// The length in seconds.
    pub(crate) fn length(self) -> u64 {
        self.until.saturating_sub(self.since)
    }
}

/// The start of the span of this length that contains `time`.
pub(crate) fn floor(time: u64, span: u64) -> u64 {
    time - time % span.max(1)
}

/// Reads `15m`, `6h` or `7d`.
fn span(text: &str) -> Option<u64> {
    let (digits, unit) = text.split_at_checked(text.len().checked_sub(1)?)?;
    let unit = match unit {
        "m" => MINUTE,
        "h" => HOUR,
        "d" => DAY,
        _ => return None,
    };
    // At most as many digits as a range can need, so that nothing overflows.
    let is_number = (1..=6).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit());
    digits.parse::<u64>().ok().filter(|_| is_number).map(|number| number * unit)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const NOW: u64 = 1_795_416_336;

    #[test]
    fn a_span_counts_back_from_the_end() {
        for (since, until, expected) in [
            (None, None, (NOW + 1 - DAY, NOW + 1)),
            (Some("15m"), None, (NOW + 1 - 900, NOW + 1)),
            (Some("6h"), None, (NOW + 1 - 6 * HOUR, NOW + 1)),
            (Some("92d"), None, (NOW + 1 - LONGEST, NOW + 1)),
            (Some("1h"), Some("2026-11-01T00:00:00Z"), (1_793_487_600, 1_793_491_200)),
            (Some("2026-11-01T00:00:00Z"), Some("2026-11-01T01:00:00Z"), (1_793_491_200, 1_793_494_800)),
            (None, Some("2026-11-23T06:46:36Z"), (NOW + 60 - DAY, NOW + 60)),
        ] {
            let (since_seconds, until_seconds) = expected;
            let range = Range { since: since_seconds, until: until_seconds };
            assert_eq!(Range::parse(since, until, NOW), Ok(range), "{since:?} {until:?}");
        }
    }

    #[test]
    fn what_is_of_this_second_is_in_the_range() {
        for second in [0, 1, 29, 59] {
            let now = NOW - NOW % HOUR + second;
            let range = Range::parse(Some("15m"), None, now).expect("a range");
            for range in [range, range.of_buckets(now)] {
                assert!((range.since..range.until).contains(&now), "{second}: {range:?}");
            }
            // The minute that begins with this second is the one that the embedded store counts it in.
            assert!(range.of_buckets(now).until > floor(now, MINUTE), "{second}");
        }
    }

    proptest! {
        #[test]
        fn buckets_hold_the_range_and_little_more(length in 1..LONGEST, ago in 0..LONGEST) {
            let range = Range { since: NOW - ago - length, until: NOW - ago };
            let kept = range.of_buckets(NOW);
            let span = |time| if NOW - time <= BY_THE_MINUTE { MINUTE } else { HOUR };
            prop_assert!(kept.since <= range.since && range.since - kept.since < span(range.since));
            prop_assert!(kept.until >= range.until && kept.until - range.until < span(range.until));
            prop_assert_eq!(kept.since % span(range.since), 0);
            prop_assert!(kept.until.is_multiple_of(span(range.until)) || kept.until == NOW);
            prop_assert!(kept.until <= NOW);
        }

        #[test]
        fn any_texts_are_a_range_or_none(since in "[0-9mhdTZ:-]{0,22}|\\PC*", until in "\\PC*", now: u64) {
            let parsed = Range::parse(Some(&since), Some(&until).filter(|until| !until.is_empty()).map(|x| x.as_str()), now);
            if let Ok(range) = parsed {
                prop_assert!(range.since < range.until && range.length() <= LONGEST);
            }
        }
    }
}
