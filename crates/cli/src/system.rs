//! The operating system: its errors, its clock.

use std::io;
use std::time::{SystemTime, UNIX_EPOCH};

use corsgate_policy::grammar::day::Day;

/// The message of a system error, in the style of the tool's messages.
pub(crate) fn sentence(error: &io::Error) -> String {
    let text = error.to_string();
    let text = text.split_once(" (os error").map_or(text.as_str(), |(text, _)| text);
    text.to_lowercase()
}

/// The current day, UTC; none if the clock is before 1970.
pub(crate) fn today() -> Option<Day> {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).ok()?;
    Some(Day::from_unix_milliseconds(since.as_secs_f64() * 1000.0))
}

/// The current time, UTC, as RFC 3339 writes it; none if the clock is before 1970.
pub(crate) fn now() -> Option<String> {
    unix_seconds().map(moment)
}

/// The seconds since 1970; none if the clock is before that.
pub(crate) fn unix_seconds() -> Option<u64> {
    SystemTime::now().duration_since(UNIX_EPOCH).ok().map(|since| since.as_secs())
}

/// A time in Unix seconds as RFC 3339 writes it, in UTC.
pub(crate) fn moment(seconds: u64) -> String {
    const DAY: u64 = 86_400;
    let day = Day::from_days(u32::try_from(seconds / DAY).unwrap_or(u32::MAX));
    let (hours, minutes, seconds) = (seconds % DAY / 3600, seconds % 3600 / 60, seconds % 60);
    format!("{day}T{hours:02}:{minutes:02}:{seconds:02}Z")
}

/// The width in columns of the terminal at standard output; otherwise `COLUMNS`.
pub(crate) fn terminal_columns() -> Option<usize> {
    let said = std::env::var("COLUMNS").ok().and_then(|columns| columns.parse().ok());
    said.or_else(size_of_terminal).filter(|columns| *columns > 0)
}

#[cfg(unix)]
fn size_of_terminal() -> Option<usize> {
    rustix::termios::tcgetwinsize(io::stdout()).ok().map(|size| size.ws_col.into())
}

#[cfg(not(unix))]
fn size_of_terminal() -> Option<usize> {
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_written_as_in_rfc_3339() {
        assert_eq!(moment(0), "1970-01-01T00:00:00Z");
        assert_eq!(moment(951_868_799), "2000-02-29T23:59:59Z");
    }
}
