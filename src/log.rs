//! What operators read in the Worker's log: one line of JSON for each event.

use std::cell::RefCell;
use std::time::Duration;

use corsgate_policy::record::{Admit, LogCap};
use js_sys::Date;
use serde::Serialize;
use worker::{Context, Delay, console_error, console_log, console_warn};

use crate::background;

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
    /// A data point could not be written.
    RecordFailed { error: &'a str },
    /// So many lines were more than the log takes in a second.
    LinesLeftOut { count: u32 },
    /// The policy names a service binding that the Worker does not have.
    BindingMissing { binding: &'a str },
    /// An upstream gave no answer that can be passed on; the event has the name of the reason.
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

/// A line about a request: what was decided.
pub(crate) fn line(line: &str) {
    console_log!("{line}");
}

/// Writes what each request can cause, unless this second has had enough: then what was left out is counted, and said
/// when the second is over.
pub(crate) fn capped(context: &Context, write: impl FnOnce()) {
    thread_local! {
        static CAP: RefCell<LogCap> = const { RefCell::new(LogCap::new()) };
    }
    const SECOND: Duration = Duration::from_secs(1);
    let admit = CAP.with(|cap| cap.try_borrow_mut().map(|mut cap| cap.admit(Date::now())));
    match admit {
        Ok(Admit::Write) => write(),
        Ok(Admit::LeaveOutFirst) => background::run(context, async {
            Delay::from(SECOND).await;
            let count = CAP.with(|cap| cap.try_borrow_mut().map_or(0, |mut cap| cap.take_left_out()));
            // Where two seconds touch, one timer may have told what the other was set for.
            if count > 0 {
                Event::LinesLeftOut { count }.warn();
            }
        }),
        Ok(Admit::LeaveOut) | Err(_) => {}
    }
}
