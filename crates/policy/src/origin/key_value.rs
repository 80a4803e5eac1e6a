//! The value of a per-origin key in KV.

use serde::Deserialize;

use crate::decision::lookup::KeyAnswer;
use crate::grammar::day::Day;

/// The fields of a value. `note` is for people.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Value {
    expires: Option<String>,
    #[serde(rename = "note")]
    _note: Option<serde::de::IgnoredAny>,
}

/// Reads a value. An existing key allows its origin, unless the value names a day that has passed. Returns
/// `None` for a value that cannot be read: then the key lists no origin.
///
/// Programs may store any word or number. A value that looks like a structure may contain an end; if it
/// cannot be read, that end may have passed.
#[must_use]
pub fn read(value: &str) -> Option<KeyAnswer> {
    let value = value.trim_start_matches('\u{feff}').trim();
    if !value.starts_with(['{', '[', '"']) {
        return Some(KeyAnswer::Present(Day::NEVER));
    }
    match serde_json::from_str::<Value>(value).ok()?.expires {
        None => Some(KeyAnswer::Present(Day::NEVER)),
        Some(day) => Day::parse(&day).ok().map(KeyAnswer::Present),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    #[test]
    fn presence_allows_unless_the_value_may_hold_an_end_that_cannot_be_read() {
        let forever = Some(KeyAnswer::Present(Day::NEVER));
        let until = |day| Some(KeyAnswer::Present(Day::parse(day).expect("a day")));
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
            assert_eq!(read(value), read_as, "{value}");
        }
    }
}
