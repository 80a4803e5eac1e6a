//! The operating system: its errors, its clock.

use std::io;
use std::time::{SystemTime, UNIX_EPOCH};

use corsgate_policy::grammar::day::Day;

/// What the system says, in the style of all messages.
pub(crate) fn sentence(error: &io::Error) -> String {
    let text = error.to_string();
    let text = text.split_once(" (os error").map_or(text.as_str(), |(text, _)| text);
    text.to_lowercase()
}

/// The day, UTC; nothing with a clock before 1970.
pub(crate) fn today() -> Option<Day> {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).ok()?;
    Some(Day::from_unix_milliseconds(since.as_secs_f64() * 1000.0))
}

/// The moment, UTC, as RFC 3339 writes it; nothing with a clock before 1970.
pub(crate) fn now() -> Option<String> {
    unix_seconds().map(moment)
}

/// The seconds since 1970; nothing with a clock before that.
pub(crate) fn unix_seconds() -> Option<u64> {
    SystemTime::now().duration_since(UNIX_EPOCH).ok().map(|since| since.as_secs())
}

/// A moment in Unix seconds, UTC, as RFC 3339 writes it.
pub(crate) fn moment(seconds: u64) -> String {
    const DAY: u64 = 86_400;
    let day = Day::from_days(u32::try_from(seconds / DAY).unwrap_or(u32::MAX));
    let (hours, minutes, seconds) = (seconds % DAY / 3600, seconds % 3600 / 60, seconds % 60);
    format!("{day}T{hours:02}:{minutes:02}:{seconds:02}Z")
}

/// How many columns the terminal has that standard output is; `COLUMNS` says it for what is none.
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
    fn a_moment_is_written_as_in_rfc_3339() {
        assert_eq!(moment(0), "1970-01-01T00:00:00Z");
        assert_eq!(moment(951_868_799), "2000-02-29T23:59:59Z");
    }
}
