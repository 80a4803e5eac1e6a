//! Times, durations and probabilities in words.

use corsgate_reports::time::{self, DAY, HOUR, MINUTE};

/// A time in UTC, without the parts that the heading of the table states.
pub(super) fn moment(seconds: u64) -> String {
    time::write(seconds).replace('T', " ").trim_end_matches('Z').to_owned()
}

/// How long ago a time was, in its two largest units.
pub(super) fn ago(then: u64, now: u64) -> String {
    match now.checked_sub(then) {
        None => "ahead of this clock".to_owned(),
        Some(0..MINUTE) => "just now".to_owned(),
        Some(past) => format!("{} ago", span(past)),
    }
}

/// A duration in its two largest units.
pub(crate) fn span(seconds: u64) -> String {
    let units = [(DAY, "d"), (HOUR, "h"), (MINUTE, "min"), (1, "s")];
    let Some(first) = units.iter().position(|(unit, _)| seconds >= *unit) else { return "0 s".to_owned() };
    let mut rest = seconds;
    let mut parts = Vec::new();
    for (unit, name) in units.iter().skip(first).take(2) {
        let count = rest / unit;
        rest %= unit;
        if count > 0 {
            parts.push(format!("{count} {name}"));
        }
    }
    parts.join(" ")
}

/// A number with separators between its thousands.
pub(crate) fn count(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A share from 0 to 1 in per cent. It says 0 % or 100 % only if the share is exactly 0 or 1.
pub(crate) fn percent(share: f64) -> String {
    let percent = share * 100.0;
    match percent {
        _ if percent <= 0.0 => "0 %".to_owned(),
        _ if percent >= 100.0 => "100 %".to_owned(),
        _ if percent < 0.1 => "under 0.1 %".to_owned(),
        _ if percent >= 99.95 => "over 99.9 %".to_owned(),
        _ => format!("{percent:.1} %"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_have_two_units() {
        for (seconds, expected) in [
            (0, "0 s"),
            (59, "59 s"),
            (61, "1 min 1 s"),
            (7_200, "2 h"),
            (7_201, "2 h"),
            (90_000, "1 d 1 h"),
            (2_592_000, "30 d"),
        ] {
            assert_eq!(span(seconds), expected);
        }
        assert_eq!(ago(100, 90), "ahead of this clock");
        assert_eq!(ago(100, 130), "just now");
        assert_eq!(ago(100, 3_800), "1 h 1 min ago");
    }

    #[test]
    fn numbers_have_separators() {
        assert_eq!([0, 999, 1_000, 1_234_567].map(count), ["0", "999", "1,000", "1,234,567"]);
        let shares = [0.0, 0.000_1, 0.0912, 0.999, 0.999_5, 1.0];
        assert_eq!(shares.map(percent), ["0 %", "under 0.1 %", "9.1 %", "99.9 %", "over 99.9 %", "100 %"]);
    }
}
