//! Points in time as RFC 3339 texts in UTC and as seconds since 1970.

use corsgate_policy::day::Day;

pub(crate) const MINUTE: u64 = 60;
pub(crate) const HOUR: u64 = 60 * MINUTE;
pub(crate) const DAY: u64 = 24 * HOUR;

/// Writes seconds since 1970 as `YYYY-MM-DDTHH:MM:SSZ`.
pub(crate) fn write(seconds: u64) -> String {
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

/// Reads what [`write`] writes, from 1970 to 9999. A fraction of a second is read and dropped, since `toISOString` of
/// JavaScript writes one; there is no leap second in the seconds that computers count.
pub(crate) fn read(text: &str) -> Option<u64> {
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
