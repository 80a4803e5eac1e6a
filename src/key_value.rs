//! The value of a per-origin key, with a line of the log for one that cannot be read.

use corsgate_policy::{KeyAnswer, key_value};

use crate::log::Event;

/// Reads a value.
pub(crate) fn read(key: &str, value: &str) -> KeyAnswer {
    key_value::read(value).unwrap_or_else(|| {
        Event::OriginKeyInvalid { key }.warn();
        KeyAnswer::Absent
    })
}
