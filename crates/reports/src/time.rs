//! Points in time as RFC 3339 texts in UTC and as seconds since 1970.

use corsgate_policy::grammar::day::Day;

/// A minute in seconds.
pub const MINUTE: u64 = 60;
/// An hour in seconds.
pub const HOUR: u64 = 60 * MINUTE;
/// A day in seconds.
pub const DAY: u64 = 24 * HOUR;

/// Writes seconds since 1970 as `YYYY-MM-DDTHH:MM:SSZ`.
#[must_use]
pub fn write(seconds: u64) -> String {
    let (days, rest) = (seconds / DAY, seconds % DAY);
    let mut text = Day::from_days(u32::try_from(days).unwrap_or(u32::MAX)).to_string();
    for (mark, number) in [('T', rest / HOUR), (':', rest % HOUR / MINUTE), (':', rest % MINUTE)] {
        text.push(mark);
        if number < 10 {
            text.push('0');
        }
        text.push_str(&number.to_string());
    }
    text.push('Z');
    text
}

/// Reads the format of `write`, from 1970 to 9999. A fraction of a second is accepted and dropped, because JavaScript's
/// `toISOString` writes one. A leap second is rejected: Unix time has none.
#[must_use]
pub fn read(text: &str) -> Option<u64> {
    let (day, rest) = text.strip_suffix('Z')?.split_once('T')?;
    let (rest, fraction) = rest.split_once('.').unwrap_or((rest, "0"));
    let &[h1, h2, b':', m1, m2, b':', s1, s2] = rest.as_bytes() else {
        return None;
    };
    let fits = !fraction.is_empty() && fraction.bytes().all(|byte| byte.is_ascii_digit());
    let day = Day::parse(day).ok().filter(|_| fits)?;
    let seconds = two(h1, h2, 24)? * HOUR + two(m1, m2, 60)? * MINUTE + two(s1, s2, 60)?;
    Some(u64::from(day.days()) * DAY + seconds)
}

fn two(tens: u8, ones: u8, end: u64) -> Option<u64> {
    let digit = |byte: u8| byte.is_ascii_digit().then(|| u64::from(byte - b'0'));
    Some(digit(tens)? * 10 + digit(ones)?).filter(|number| *number < end)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn times_are_read_and_written_back() {
        for (text, seconds) in [
            ("1970-01-01T00:00:00Z", 0),
            ("2000-02-29T23:59:59Z", 951_868_799),
            ("2026-11-23T06:45:36Z", 1_795_416_336),
            ("9999-12-31T23:59:59Z", 253_402_300_799),
        ] {
            assert_eq!((read(text), write(seconds).as_str()), (Some(seconds), text));
        }
        assert_eq!(read("2026-11-23T06:45:36.789Z"), Some(1_795_416_336));
    }

    #[test]
    fn what_is_no_time_in_utc_is_refused() {
        for text in [
            "",
            "Z",
            "T",
            "TZ",
            "2026-11-23",
            "2026-11-23T06:45:36",
            "2026-11-23T06:45Z",
            "2026-11-23 06:45:36Z",
            "2026-11-23T06:45:36+00:00",
            "2026-11-23t06:45:36z",
            "2026-11-23T24:00:00Z",
            "2026-11-23T06:60:36Z",
            "2026-11-23T06:45:60Z",
            "2026-11-23T06:45:36.Z",
            "2026-11-23T06:45:36.7x9Z",
            "2026-11-31T06:45:36Z",
            "1969-12-31T23:59:59Z",
            "2026-11-23T०६:45:36Z",
            "12026-11-23T06:45:36Z",
        ] {
            assert_eq!(read(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn every_second_has_one_text_and_later_ones_sort_later(
            one in 0..253_402_300_800_u64,
            ahead in 1..100_000_000_u64,
        ) {
            prop_assert_eq!(read(&write(one)), Some(one));
            let other = (one + ahead).min(253_402_300_799);
            prop_assert_eq!(write(one).cmp(&write(other)), one.cmp(&other));
        }

        #[test]
        fn any_text_is_a_time_or_none(text in "[0-9TZ:.-]{0,24}|\\PC*") {
            if let Some(seconds) = read(&text) {
                prop_assert_eq!(text.split('.').next().map(|text| text.trim_end_matches('Z').to_owned()),
                    Some(write(seconds).trim_end_matches('Z').to_owned()));
            }
        }
    }
}
