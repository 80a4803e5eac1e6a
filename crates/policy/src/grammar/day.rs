//! A UTC calendar day, the unit in which entries expire.

use core::fmt;

/// A UTC day, counted from 1970-01-01.
///
/// An entry is valid for the whole of its last day, so the policy needs no finer clock and a comparison of
/// two numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Day(u32);

/// The text is not a day of the calendar in the form `YYYY-MM-DD`, from 1970 on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InvalidDay;

impl fmt::Display for InvalidDay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not a day in the form YYYY-MM-DD")
    }
}

impl core::error::Error for InvalidDay {}

const MILLISECONDS_PER_DAY: f64 = 86_400_000.0;

impl Day {
    /// A day after every day that can be written: entries without `expires` have it.
    pub const NEVER: Day = Day(u32::MAX);

    /// The day `days` days after 1970-01-01.
    #[must_use]
    pub fn from_days(days: u32) -> Self {
        Self(days)
    }

    /// The number of days since 1970-01-01.
    #[must_use]
    pub fn days(self) -> u32 {
        self.0
    }

    /// The day of a Unix time in milliseconds, as `Date.now()` gives it.
    #[must_use]
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "float casts saturate; a clock before 1970 reads as the first day"
    )]
    pub fn from_unix_milliseconds(milliseconds: f64) -> Self {
        Self((milliseconds / MILLISECONDS_PER_DAY) as u32)
    }

    /// Reads `YYYY-MM-DD` (RFC 3339 full-date).
    ///
    /// # Errors
    /// When the text has another form, or the calendar has no such day.
    pub fn parse(text: &str) -> Result<Self, InvalidDay> {
        let &[y1, y2, y3, y4, b'-', m1, m2, b'-', d1, d2] = text.as_bytes() else {
            return Err(InvalidDay);
        };
        let year = number(&[y1, y2, y3, y4])?;
        let month = number(&[m1, m2])?;
        let day = number(&[d1, d2])?;
        Self::from_calendar(year, month, day).ok_or(InvalidDay)
    }

    /// The day with this year, month and day of the month. `None` if it does not exist or is before 1970.
    #[must_use]
    pub fn from_calendar(year: u32, month: u32, day: u32) -> Option<Self> {
        if !(1970..=9999).contains(&year) || day == 0 || day > days_in_month(year, month)? {
            return None;
        }
        let before_year = (1970..year).map(days_in_year).sum::<u32>();
        let before_month = (1..month).filter_map(|m| days_in_month(year, m)).sum::<u32>();
        Some(Self(before_year + before_month + day - 1))
    }
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if *self == Self::NEVER {
            return f.write_str("never");
        }
        let (mut year, mut month, mut left) = (1970, 1, self.0);
        while left >= days_in_year(year) {
            left -= days_in_year(year);
            year += 1;
        }
        while let Some(length) = days_in_month(year, month).filter(|length| left >= *length) {
            left -= length;
            month += 1;
        }
        write!(f, "{year:04}-{month:02}-{:02}", left + 1)
    }
}

fn number(digits: &[u8]) -> Result<u32, InvalidDay> {
    digits.iter().try_fold(0, |value, byte| match byte {
        b'0'..=b'9' => Ok(value * 10 + u32::from(byte - b'0')),
        _ => Err(InvalidDay),
    })
}

fn is_leap(year: u32) -> bool {
    year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400))
}

fn days_in_year(year: u32) -> u32 {
    if is_leap(year) { 366 } else { 365 }
}

fn days_in_month(year: u32, month: u32) -> Option<u32> {
    match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => Some(31),
        4 | 6 | 9 | 11 => Some(30),
        2 if is_leap(year) => Some(29),
        2 => Some(28),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_of_the_calendar_are_read_and_written_back() {
        for (text, days) in
            [("1970-01-01", 0), ("1970-12-31", 364), ("2000-02-29", 11_016), ("2027-01-31", 20_849)]
        {
            let day = Day::parse(text).expect(text);
            assert_eq!(day, Day(days), "{text}");
            assert_eq!(day.to_string(), text);
        }
    }

    #[test]
    fn what_the_calendar_does_not_have_is_refused() {
        for text in [
            "",
            "2027",
            "2027-1-31",
            "2027-02-29",
            "2100-02-29",
            "2027-13-01",
            "2027-00-10",
            "2027-01-00",
            "2027-01-32",
            "1969-12-31",
            "2027/01/31",
            "2027-01-31T00:00",
            "२०२७-01-31",
        ] {
            assert_eq!(Day::parse(text), Err(InvalidDay), "{text}");
        }
    }

    #[test]
    fn every_day_of_two_centuries_survives_the_round_trip() {
        for days in 0..73_000 {
            assert_eq!(Day::parse(&Day(days).to_string()), Ok(Day(days)));
        }
    }

    #[test]
    fn a_unix_time_falls_on_its_utc_day() {
        assert_eq!(Day::from_unix_milliseconds(0.0), Day(0));
        assert_eq!(Day::from_unix_milliseconds(86_399_999.0), Day(0));
        assert_eq!(Day::from_unix_milliseconds(86_400_000.0), Day(1));
        assert_eq!(Day::from_unix_milliseconds(-1.0), Day(0));
    }
}
