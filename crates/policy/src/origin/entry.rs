//! One entry of a list in KV: an origin pattern and its last day, read from a line of a text or from the value of a key.

use core::fmt;

use crate::grammar::day::{Day, InvalidDay};
use crate::json::{Ignored, Json, Object, Value};
use crate::origin::pattern::{OriginPattern, PatternError};
use crate::origin::set::AcceptedEntries;

/// An entry of an allowlist: a pattern and its last day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The origins that the entry matches.
    pub pattern: OriginPattern,
    /// The last day on which the entry is valid; [`Day::NEVER`] without an end.
    pub expires: Day,
}

/// Why a line is not an entry, or is ignored by a route.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LineError {
    /// The line has no valid origin pattern.
    Pattern(PatternError),
    /// A pattern in a list of exact origins.
    WildcardInExactList,
    /// `expires=` without a valid day.
    Expires(InvalidDay),
    /// More words than an origin and ` expires=YYYY-MM-DD`.
    UnknownWord,
    /// Plain `http` of another machine, which a route that uses the list ignores.
    InsecureOnRoute,
    /// A wildcard, which a route that uses the list ignores.
    WildcardOnRoute,
    /// The pattern for every extension, which a route that uses the list ignores.
    ExtensionsOnRoute,
}

impl fmt::Display for LineError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Pattern(error) => error.fmt(f),
            Self::WildcardInExactList => f.write_str(
                "the list accepts exact origins only; wildcards need `dangerously_unchecked_wildcards`",
            ),
            Self::Expires(error) => write!(f, "`expires` is {error}"),
            Self::UnknownWord => f.write_str("only ` expires=YYYY-MM-DD` can follow the origin on its line"),
            Self::InsecureOnRoute => f.write_str(
                "an `http` origin of another machine is ignored on a route with credentials, and on any \
                 route without `dangerously_allow_insecure_origins`",
            ),
            Self::WildcardOnRoute => f.write_str("a wildcard is ignored on a route with credentials"),
            Self::ExtensionsOnRoute => f.write_str(
                "`moz-extension://*` is ignored on a route with credentials, on any route without \
                 `dangerously_allow_any_extension`, and for WebSocket handshakes on any route without \
                 `dangerously_allow_any_origin`",
            ),
        }
    }
}

impl core::error::Error for LineError {}

/// Which patterns a list may hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ListPatterns {
    /// Exact origins only.
    Exact,
    /// Wildcards too (`dangerously_unchecked_wildcards`).
    Wildcards,
}

/// Why a route with this admission ignores an entry.
#[must_use]
pub fn refusal(entry: &Entry, accepted: AcceptedEntries) -> Option<LineError> {
    let form = entry.pattern.form();
    if form.is_insecure() && !accepted.insecure {
        return Some(LineError::InsecureOnRoute);
    }
    if form.is_any_extension() && !accepted.extensions {
        return Some(LineError::ExtensionsOnRoute);
    }
    (!form.is_exact() && !accepted.wildcards).then_some(LineError::WildcardOnRoute)
}

/// Reads one line: an entry, or `None` for a blank line or a comment.
///
/// # Errors
/// If the line contains anything else.
pub fn parse_line(line: &str, patterns: ListPatterns) -> Result<Option<Entry>, LineError> {
    // A `#` inside a word starts no comment: `https://a.example#b` is a mistake, not an entry.
    let mut words = line.split_ascii_whitespace().take_while(|word| !word.starts_with('#'));
    let Some(origin) = words.next() else {
        return Ok(None);
    };
    let pattern = OriginPattern::parse(origin).map_err(LineError::Pattern)?;
    if patterns == ListPatterns::Exact && !pattern.form().is_exact() {
        return Err(LineError::WildcardInExactList);
    }
    let expires = match words.next() {
        None => Day::NEVER,
        Some(word) => {
            let day = word.strip_prefix("expires=").ok_or(LineError::UnknownWord)?;
            Day::parse(day).map_err(LineError::Expires)?
        }
    };
    match words.next() {
        None => Ok(Some(Entry { pattern, expires })),
        Some(_) => Err(LineError::UnknownWord),
    }
}

/// The fields of a value. `note` is for people.
#[derive(Default)]
struct KeyValue {
    expires: Option<String>,
    note: Ignored,
}

impl Object for KeyValue {
    fn field(&mut self, name: &str) -> Option<&mut dyn Value> {
        match name {
            "expires" => Some(&mut self.expires),
            "note" => Some(&mut self.note),
            _ => None,
        }
    }
}

/// Reads the last day of an entry from the value of its per-origin key. An existing key allows its origin, unless the value names a day that has passed. Returns
/// `None` for a value that cannot be read: then the key lists no origin.
///
/// Programs may store any word or number. A value that looks like a structure may contain an end; if it
/// cannot be read, that end may have passed.
#[must_use]
pub fn last_day_of_key(value: &str) -> Option<Day> {
    let value = value.trim_start_matches('\u{feff}').trim();
    if !value.starts_with(['{', '[', '"']) {
        return Some(Day::NEVER);
    }
    let mut fields = KeyValue::default();
    Json::read(value, &mut fields).ok()?;
    match fields.expires {
        None => Some(Day::NEVER),
        Some(day) => Day::parse(&day).ok(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn presence_allows_unless_the_value_may_hold_an_end_that_cannot_be_read() {
        let forever = Some(Day::NEVER);
        let until = |day| Some(Day::parse(day).expect("a day"));
        for (value, read_as) in [
            ("", forever),
            ("1", forever),
            ("yes", forever),
            ("\u{feff} {} ", forever),
            (r#"{"note": [1]}"#, forever),
            (r#"{"expires": null}"#, forever),
            (r#"{"expires": "2027-01-31", "note": "x"}"#, until("2027-01-31")),
            (r#"{"expires": "soon"}"#, None),
            (r#"{"expire": "2027-01-31"}"#, None),
            ("{", None),
            (r#""2027-01-31""#, None),
        ] {
            assert_eq!(last_day_of_key(value), read_as, "{value}");
        }
    }
}
