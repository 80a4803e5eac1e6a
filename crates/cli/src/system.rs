//! The operating system: its errors, its clock.

use std::io;
use std::time::{SystemTime, UNIX_EPOCH};

use corsgate_policy::day::Day;

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

/// A day of the command line.
pub(crate) fn parse_day(text: &str) -> Result<Day, String> {
    Day::parse(text).map_err(|error| error.to_string())
}
