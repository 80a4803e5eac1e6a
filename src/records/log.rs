//! The Worker's log, for operators: one line of JSON for each event.

use corsgate_policy::origin::list::BadLine;
use corsgate_policy::record::{Admit, LogCap};
use js_sys::Date;
use serde::Serialize;
use std::cell::RefCell;
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

use crate::platform::console;

#[wasm_bindgen(module = "/src/records/log.js")]
extern "C" {
    #[wasm_bindgen(js_name = tellLeftOutLater)]
    fn tell_left_out_later(context: &JsValue, about: &str);
}

/// A fault of the gateway that an operator should fix.
#[derive(Serialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub(crate) enum Event<'a> {
    /// A key of KV could not be read.
    KvFailed { key: &'a str, error: &'a str },
    /// The stored policy is invalid; `serving` is the id of the previous one, if that is valid.
    PolicyInvalid { key: &'a str, error: &'a str, serving: Option<&'a str> },
    /// There is no policy in KV.
    PolicyMissing { key: &'a str },
    /// A list that the policy names is not in KV: it is empty.
    ListMissing { key: &'a str },
    /// The value of a list is no list. An isolate that has read the list before uses what it has.
    ListUnreadable { key: &'a str, error: &'a str },
    /// Lines of a list were ignored.
    ListLinesIgnored { key: &'a str, ignored: usize, first: Vec<IgnoredLine> },
    /// The value of a per-origin key is invalid: its origin is not listed.
    OriginKeyInvalid { key: &'a str },
    /// Too many unknown origins came in this second; no more of them are looked up in it.
    OriginLookupsExhausted { per_second: u32 },
    /// The limiter cannot be reached, or is too slow.
    LimiterFailed { route: &'a str, limits: Vec<&'a str>, error: &'a str },
    /// A message between Rust and JavaScript does not have the form of this build.
    MessageMalformed { message: &'a str },
    /// A data point could not be written.
    RecordFailed { error: &'a str },
    /// Recorded decisions could not be delivered to the embedded store.
    StoreFailed { decisions: u32, error: &'a str },
    /// `count` lines were more than the log takes in a second, and were left out.
    LinesLeftOut { about: &'a str, count: u32 },
    /// The policy names a service binding that the Worker does not have.
    BindingMissing { binding: &'a str },
    /// An upstream gave no response that can be passed on; the event is named after the reason.
    #[serde(untagged)]
    UpstreamFailed {
        #[serde(rename = "event")]
        reason: &'a str,
        route: &'a str,
        upstream: &'a str,
        #[serde(skip_serializing_if = "Option::is_none")]
        error: Option<&'a str>,
    },
}

/// A line of a list that was ignored.
#[derive(Serialize)]
pub(crate) struct IgnoredLine {
    pub(crate) line: usize,
    pub(crate) error: String,
}

impl From<&BadLine> for IgnoredLine {
    fn from(bad: &BadLine) -> Self {
        Self { line: bad.number, error: bad.error.to_string() }
    }
}

impl Event<'_> {
    /// Logs a fault that stays until somebody fixes it.
    pub(crate) fn error(&self) {
        console::error(&self.line());
    }

    /// Logs that a part was left out; the rest stays in force.
    pub(crate) fn warn(&self) {
        console::warn(&self.line());
    }

    fn line(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }
}

/// Logs the decision about a request.
pub(crate) fn line(line: &str) {
    console::log(line);
}

/// For the admin API: writes a line of JSON about a failure.
#[cfg(feature = "requests")]
#[wasm_bindgen]
pub fn tell_fault(context: &JsValue, line: &str) {
    capped(context, About::Faults, || console::warn(line));
}

/// The two kinds of lines that any request can cause. Each has its own cap, so that a flood of rejections cannot hide faults.
#[derive(Clone, Copy)]
pub(crate) enum About {
    Decisions,
    Faults,
}

impl About {
    fn name(self) -> &'static str {
        match self {
            Self::Decisions => "decisions",
            Self::Faults => "faults",
        }
    }

    fn with_cap<T>(self, change: impl FnOnce(&mut LogCap) -> T) -> Option<T> {
        thread_local! {
            static DECISIONS: RefCell<LogCap> = const { RefCell::new(LogCap::new()) };
            static FAULTS: RefCell<LogCap> = const { RefCell::new(LogCap::new()) };
        }
        let cap = match self {
            Self::Decisions => &DECISIONS,
            Self::Faults => &FAULTS,
        };
        cap.with(|cap| cap.try_borrow_mut().ok().map(|mut cap| change(&mut cap)))
    }
}

/// Writes a line that any request can cause, unless the cap of its kind is reached in this second. Further lines are counted,
/// and their number is logged when the second is over.
pub(crate) fn capped(context: &JsValue, about: About, write: impl FnOnce()) {
    match about.with_cap(|cap| cap.admit(Date::now())) {
        Some(Admit::Write) => write(),
        Some(Admit::LeaveOutFirst) => tell_left_out_later(context, about.name()),
        Some(Admit::LeaveOut) | None => {}
    }
}

/// For `log.js`, when the second is over: says how many lines were left out.
#[wasm_bindgen]
pub fn tell_left_out(about: &str) {
    let Some(about) = [About::Decisions, About::Faults].into_iter().find(|known| known.name() == about)
    else {
        return;
    };
    let count = about.with_cap(LogCap::take_left_out).unwrap_or_default();
    // At the turn of a second, one timer may have reported the lines of the other.
    if count > 0 {
        Event::LinesLeftOut { about: about.name(), count }.warn();
    }
}
