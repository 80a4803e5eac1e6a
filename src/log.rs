//! What operators read in the Worker's log: one line of JSON for each event.

use serde::Serialize;
use worker::{console_error, console_warn};

/// Something about the gateway's own state that an operator should mend.
#[derive(Serialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub(crate) enum Event<'a> {
    /// A key of KV could not be read.
    KvFailed { key: &'a str, error: &'a str },
    /// The stored policy cannot be read; `serving` is the id of the one before, where that can.
    PolicyInvalid { key: &'a str, error: &'a str, serving: Option<&'a str> },
    /// There is no policy in KV.
    PolicyMissing { key: &'a str },
    /// A list that the policy names is not in KV: it lists nobody.
    ListMissing { key: &'a str },
    /// A list has lines that were left out.
    ListLinesIgnored { key: &'a str, ignored: usize, first: Vec<IgnoredLine> },
    /// The value of a per-origin key cannot be read: the key lists nobody.
    OriginKeyInvalid { key: &'a str },
    /// Too many unknown origins came at once; the rest of the second goes unanswered.
    OriginLookupsExhausted { per_second: u32 },
    /// What counts a limit's requests cannot be reached, or is too slow.
    LimiterFailed { route: &'a str, limit: &'a str, error: &'a str },
    /// The policy names a service binding that the Worker does not have.
    BindingMissing { binding: &'a str },
}

/// A line of a list that was left out.
#[derive(Serialize)]
pub(crate) struct IgnoredLine {
    pub(crate) line: usize,
    pub(crate) error: String,
}

impl Event<'_> {
    /// Something is lost until someone acts.
    pub(crate) fn error(&self) {
        console_error!("{}", self.line());
    }

    /// Something was left out, and the rest holds.
    pub(crate) fn warn(&self) {
        console_warn!("{}", self.line());
    }

    fn line(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }
}
