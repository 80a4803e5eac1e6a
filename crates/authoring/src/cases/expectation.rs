//! Reads what a case expects.

use corsgate_policy::Reason;
use corsgate_policy::grammar::token::is_field_value;
use corsgate_policy::record::RecordedOutcome;
use toml::de::DeValue;

use crate::cases::file::{Named, named};
use crate::cases::impossible::not_a_name;
use crate::cases::words::{self, VOCABULARY};
use crate::cursor::Cursor;
use crate::finding::{Finding, Span};
use crate::mistakes;
use crate::table::Table;

/// The table `expect`. What it does not mention is not compared.
#[derive(Clone, Debug, Default)]
pub(crate) struct Expectation {
    pub(crate) outcome: Option<RecordedOutcome>,
    pub(crate) reason: Option<Reason>,
    pub(crate) route: Option<Named>,
    pub(crate) entry: Option<String>,
    pub(crate) offending_header: Option<String>,
    pub(crate) status: Option<u16>,
    /// Names in lower case.
    pub(crate) headers: Vec<(String, String)>,
    /// Whether there must be no other headers.
    pub(crate) exact: bool,
    pub(crate) absent: Vec<String>,
    pub(super) places: Places,
}

#[derive(Clone, Debug, Default)]
pub(super) struct Places {
    pub(super) all: Span,
    pub(super) outcome: Option<Span>,
    pub(super) reason: Option<Span>,
    pub(super) entry: Option<Span>,
    pub(super) offending_header: Option<Span>,
    pub(super) status: Option<Span>,
    pub(super) absent: Vec<Span>,
    /// Whether `expect` has any key, even one that could not be read.
    pub(super) any: bool,
}

/// Headers that an exact comparison ignores unless they are named. `Corsgate-Decision` holds the id of the policy,
/// which changes with every edit, and both repeat what `outcome` and `reason` say.
pub(crate) const NOT_COMPARED: [&str; 2] = ["corsgate-decision", "proxy-status"];

/// Reads `expect`.
pub(crate) fn read(table: &mut Table<'_, '_>, all: Span) -> Expectation {
    table.speak(&VOCABULARY);
    const KEYS: [&str; 6] = ["outcome", "reason", "route", "entry", "offending_header", "status"];
    let any = KEYS.iter().any(|key| table.has(key));
    let mut places = Places { all, any, ..Places::default() };
    let outcome = table.field("outcome").and_then(|word| {
        places.outcome = Some(word.span());
        read_outcome(word)
    });
    let reason = table.field("reason").and_then(|word| {
        places.reason = Some(word.span());
        read_reason(word)
    });
    let route = table.field("route").and_then(named);
    let entry = table.field("entry").and_then(|entry| {
        places.entry = Some(entry.span());
        entry.string()
    });
    let offending_header = table.field("offending_header").and_then(|name| {
        places.offending_header = Some(name.span());
        name.string()
    });
    let status = table.field("status").and_then(|status| {
        places.status = Some(status.span());
        read_status(status)
    });
    let headers = table.field("headers").and_then(|headers| {
        headers.table(|table| {
            places.any |= table.names().next().is_some();
            read_headers(table)
        })
    });
    let exact = table.field("exact").and_then(Cursor::flag).unwrap_or_default();
    let absent =
        table.field("absent").and_then(|names| names.list("a list of names", named)).unwrap_or_default();
    places.absent = absent.iter().map(|name| name.span.clone()).collect();
    let absent = absent.into_iter().map(|name| name.text.to_ascii_lowercase()).collect();
    Expectation {
        outcome,
        reason,
        route,
        entry,
        offending_header,
        status,
        headers: headers.unwrap_or_default(),
        exact,
        absent,
        places,
    }
}

/// Reads an outcome of a decision. Outcomes that depend on the upstream's response occur only in records.
fn read_outcome(word: Cursor<'_, '_>) -> Option<RecordedOutcome> {
    if matches!(word.value(), DeValue::String(text) if text == RecordedOutcome::WouldAllow.name()) {
        let message = "`would_allow` is known only after the upstream has responded; write `allow`, which is the decision";
        return word.reject(Finding::new(&mistakes::IMPOSSIBLE, message));
    }
    let decided = RecordedOutcome::ALL.iter().filter(|outcome| **outcome != RecordedOutcome::WouldAllow);
    word.word(&decided.map(|outcome| (outcome.name(), *outcome)).collect::<Vec<_>>())
}

/// Reads a reason that can follow from the policy alone.
fn read_reason(word: Cursor<'_, '_>) -> Option<Reason> {
    let known = word.value().as_str().and_then(Reason::from_name);
    if let Some(reason) = known.filter(|reason| !words::is_decided_by_policy(*reason)) {
        let message =
            format!("`{reason}` is a reason of the running gateway: no decision of the policy has it");
        return word.reject(Finding::new(&mistakes::IMPOSSIBLE, message));
    }
    let decided = Reason::ALL.iter().filter(|reason| words::is_decided_by_policy(**reason));
    word.word(&decided.map(|reason| (reason.name(), *reason)).collect::<Vec<_>>())
}

fn read_status(status: Cursor<'_, '_>) -> Option<u16> {
    let is_status = |status: &u32| (100..=599).contains(status);
    match status.value() {
        DeValue::Integer(number) => {
            let read = u32::from_str_radix(number.as_str(), number.radix()).ok().filter(is_status);
            match read.and_then(|read| u16::try_from(read).ok()) {
                Some(read) => Some(read),
                None => {
                    let message = format!("expected a status from 100 to 599, found `{number}`");
                    status.reject(Finding::new(&mistakes::WRONG_TYPE, message))
                }
            }
        }
        _ => status.whole().and(None),
    }
}

fn read_headers(table: &mut Table<'_, '_>) -> Vec<(String, String)> {
    let headers = table.entries(|name, value| match not_a_name(name) {
        Some(message) => value.reject(Finding::new(&mistakes::IMPOSSIBLE, message)),
        None => read_header_value(value),
    });
    headers.into_iter().filter_map(|(name, value)| Some((name.to_ascii_lowercase(), value?))).collect()
}

/// Reads a value that is valid in a header.
fn read_header_value(value: Cursor<'_, '_>) -> Option<String> {
    match value.value() {
        DeValue::Boolean(false) => {
            let finding = Finding::new(&mistakes::WRONG_TYPE, "expected a string, found `false`");
            value.reject(finding.help("list headers that must not be there in `absent = [\"…\"]`"))
        }
        DeValue::String(text) if !is_field_value(text) => {
            value.reject(Finding::new(&mistakes::IMPOSSIBLE, "this is not a valid header value"))
        }
        _ => value.string(),
    }
}
