//! When an entry of a list expires: after a time, or after a day.

use corsgate_policy::grammar::day::Day;

use crate::failure::{Failure, InvalidValue};

const DAY: u64 = 86_400;
/// The shortest time to live of a key in KV, in seconds (Cloudflare's limits of KV).
const LEAST: u64 = 60;
/// The longest time to live of a key in seconds, which the binding of KV reads as a 32-bit number.
const MOST_OF_KV: u64 = i32::MAX.unsigned_abs() as u64;
/// The longest time that is accepted, in seconds. An entry that lasts longer needs no expiry.
const MOST: u64 = 3650 * DAY;

/// An expiry, as the command line states it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Expiry {
    /// After this many seconds.
    After(u64),
    /// At the end of this day.
    On(Day),
}

/// The moment at which an entry expires.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct End {
    /// The last day on which the origin is allowed, which the gateway enforces.
    pub(crate) day: Day,
    /// The time to live of its key in KV, in seconds; none if the end is so far away that KV cannot count to it.
    pub(crate) ttl: Option<u64>,
}

/// The day of a moment in Unix seconds.
pub(crate) fn day_of(seconds: u64) -> Day {
    Day::from_days(u32::try_from(seconds / DAY).unwrap_or(u32::MAX - 1))
}

/// The moment at which a day is over, in Unix seconds. The whole day counts.
pub(crate) fn end_of(day: Day) -> u64 {
    (u64::from(day.days()) + 1) * DAY
}

/// The time to live of the key of an origin with this last day: no shorter than KV accepts, and none if it is longer.
/// The gateway keeps to the day in any case.
pub(crate) fn ttl_until(day: Day, now: u64) -> Option<u64> {
    let ttl = end_of(day).saturating_sub(now).max(LEAST);
    (day != Day::NEVER && ttl <= MOST_OF_KV).then_some(ttl)
}

impl Expiry {
    /// Reads `7d`, `12h`, `30m`, `2w` or `YYYY-MM-DD`.
    ///
    /// # Errors
    /// When the text has none of these forms, or the time is too short or too long.
    pub(crate) fn parse(text: &str) -> Result<Self, InvalidValue> {
        const FORMS: InvalidValue = InvalidValue(
            "write a time such as `7d` (`m`, `h`, `d` or `w`), or the last day in the form YYYY-MM-DD",
        );
        if let Ok(day) = Day::parse(text) {
            return Ok(Self::On(day));
        }
        let unit = match text.bytes().last() {
            Some(b'm') => 60,
            Some(b'h') => 3600,
            Some(b'd') => DAY,
            Some(b'w') => 7 * DAY,
            _ => return Err(FORMS),
        };
        let digits = text.get(..text.len().saturating_sub(1)).unwrap_or_default();
        if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(FORMS);
        }
        let seconds = digits.parse().ok().and_then(|count: u64| count.checked_mul(unit));
        match seconds {
            Some(0) => Err(InvalidValue("that is over at once: write at least a minute, `1m`")),
            Some(seconds) if seconds <= MOST => Ok(Self::After(seconds)),
            _ => Err(InvalidValue("that is longer than ten years: leave `--expires` out for no end")),
        }
    }

    /// The moment of the expiry, counted from now in Unix seconds.
    ///
    /// # Errors
    /// When it has passed, or is less than a minute away.
    pub(crate) fn at(self, now: u64) -> Result<End, Failure> {
        match self {
            Self::After(seconds) => Ok(End { day: day_of(now.saturating_add(seconds)), ttl: Some(seconds) }),
            Self::On(day) => match end_of(day).checked_sub(now) {
                None | Some(0) => {
                    Err(Failure::usage(format!("the day {day} has passed: today is {} (UTC)", day_of(now))))
                }
                Some(left) if left < LEAST => Err(Failure::usage(format!(
                    "the day {day} is over in less than a minute (UTC), which is less than KV can keep a key"
                ))),
                Some(_) => Ok(End { day, ttl: ttl_until(day, now) }),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 2027-01-31T12:00:00Z.
    const NOON: u64 = 1_801_396_800;

    fn end(text: &str, now: u64) -> Result<(String, Option<u64>), String> {
        let expiry = Expiry::parse(text).map_err(|error| error.to_string())?;
        expiry.at(now).map(|end| (end.day.to_string(), end.ttl)).map_err(|error| error.to_string())
    }

    #[test]
    fn an_expiry_is_a_time_from_now_or_the_end_of_a_day() {
        for (text, day, ttl) in [
            ("7d", "2027-02-07", 604_800),
            ("1m", "2027-01-31", 60),
            ("12h", "2027-02-01", 43_200),
            ("2w", "2027-02-14", 1_209_600),
            ("2027-01-31", "2027-01-31", 43_200),
            ("2027-02-01", "2027-02-01", 129_600),
            ("3650d", "2037-01-28", 315_360_000),
        ] {
            assert_eq!(end(text, NOON), Ok((day.to_owned(), Some(ttl))), "{text}");
        }
        assert_eq!(end("2027-01-31", NOON + 43_140), Ok(("2027-01-31".to_owned(), Some(60))));
        // KV keeps the key, and the gateway refuses the origin after the day.
        assert_eq!(end("2999-12-31", NOON), Ok(("2999-12-31".to_owned(), None)));
    }

    #[test]
    fn past_and_malformed_expiries_are_rejected() {
        for (text, now, sentence) in [
            ("2027-01-30", NOON, "the day 2027-01-30 has passed: today is 2027-01-31 (UTC)"),
            ("1970-01-01", NOON, "has passed"),
            ("2027-01-31", NOON + 43_200, "has passed: today is 2027-02-01"),
            ("2027-01-31", NOON + 43_141, "is over in less than a minute"),
            ("0d", NOON, "over at once"),
            ("3651d", NOON, "longer than ten years"),
            ("99999999999999999999d", NOON, "longer than ten years"),
            ("18446744073709551615w", NOON, "longer than ten years"),
            ("2027-02-29", NOON, "write a time such as"),
            ("-7d", NOON, "write a time such as"),
            ("7", NOON, "write a time such as"),
            ("d", NOON, "write a time such as"),
            ("", NOON, "write a time such as"),
            ("7 d", NOON, "write a time such as"),
            ("７d", NOON, "write a time such as"),
            ("7y", NOON, "write a time such as"),
            ("tomorrow", NOON, "write a time such as"),
        ] {
            let error = end(text, now).unwrap_err();
            assert!(error.contains(sentence), "{text}: {error}");
        }
    }
}
