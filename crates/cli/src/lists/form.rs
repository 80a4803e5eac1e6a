//! The form in which a list stands in KV: a text, or a set that a gateway searches without parsing it.

use std::borrow::Cow;

use clap::ValueEnum;
use corsgate_policy::origin::entry::{ListPatterns, parse_line};
use corsgate_policy::origin::sorted::{UnreadableSet, is_set, text_of_set, write_set};

use crate::failure::Failure;

/// The most origins of a list that becomes a text unless `--form` says otherwise. Each new isolate parses these for some
/// milliseconds before its first answer.
pub(crate) const MOST_IN_TEXT: usize = 2_000;
/// The longest value in KV (Cloudflare's limits of KV).
pub(crate) const MOST_BYTES: usize = 25 * 1024 * 1024;

/// The form in which a list is stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Form {
    /// As it is, with its comments
    Text,
    /// As a set, for long lists
    Set,
}

impl Form {
    /// The form that fits a list with so many origins.
    pub(crate) fn fitting(origins: usize) -> Self {
        if origins > MOST_IN_TEXT { Self::Set } else { Self::Text }
    }

    /// The form of a value in KV.
    pub(crate) fn of(value: &[u8]) -> Self {
        if is_set(value) { Self::Set } else { Self::Text }
    }

    /// The value in KV of a list without bad lines.
    ///
    /// # Errors
    /// When KV does not take so long a value.
    pub(crate) fn value_of(self, text: &str) -> Result<Vec<u8>, Failure> {
        let entry = |line| parse_line(line, ListPatterns::Wildcards).ok().flatten();
        let value = match self {
            Self::Text => text.as_bytes().to_vec(),
            Self::Set => write_set(text.trim_start_matches('\u{feff}').lines().filter_map(entry)),
        };
        if value.len() <= MOST_BYTES {
            return Ok(value);
        }
        let mebibytes = |bytes: usize| bytes.div_ceil(1024 * 1024);
        Err(Failure::Kv(format!(
            "the list has {} MiB as a {}, and a value in KV at most {}: divide it, or use a list with `kv_keys`, which has a key for each origin",
            mebibytes(value.len()),
            if self == Self::Set { "set" } else { "text" },
            mebibytes(MOST_BYTES),
        )))
    }
}

/// The text of a list in either form, decoded as the gateway does, even if it is not UTF-8.
///
/// # Errors
/// When the gateway cannot read the set.
pub(crate) fn text_of(value: &[u8]) -> Result<Cow<'_, str>, UnreadableSet> {
    match Form::of(value) {
        Form::Text => Ok(String::from_utf8_lossy(value)),
        Form::Set => text_of_set(value.to_vec()).map(Cow::Owned),
    }
}
