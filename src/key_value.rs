//! The value of a per-origin key.

use corsgate_policy::KeyAnswer;
use corsgate_policy::day::Day;
use serde::Deserialize;

use crate::log::Event;

/// What a value may say. `note` is for people.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Value {
    expires: Option<String>,
    #[serde(rename = "note")]
    _note: Option<serde::de::IgnoredAny>,
}

/// Reads a value. The key's presence allows, unless the value names a day that has passed.
///
/// Programs may store any word or number there. But what has the look of a structure may hold an
/// end, and an end that cannot be read may have passed: then the key lists nobody.
pub(crate) fn read(key: &str, value: &str) -> KeyAnswer {
    let value = value.trim_start_matches('\u{feff}').trim();
    if !value.starts_with(['{', '[', '"']) {
        return KeyAnswer::Present(Day::NEVER);
    }
    let expires = serde_json::from_str::<Value>(value).ok().and_then(|value| match value.expires {
        None => Some(Day::NEVER),
        Some(day) => Day::parse(&day).ok(),
    });
    match expires {
        Some(day) => KeyAnswer::Present(day),
        None => {
            Event::OriginKeyInvalid { key }.warn();
            KeyAnswer::Absent
        }
    }
}
