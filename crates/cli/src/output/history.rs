//! The published versions, newest first.

use core::fmt::Write;

use clap::ValueEnum;
use serde::Serialize;

use crate::failure::Failure;
use crate::note::{Note, Operation};
use crate::output::changes::visible;
use crate::output::{document, results};
use crate::policy_store::{Key, Listing};

/// The output formats.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum StatusFormat {
    /// For people
    #[default]
    Human,
    /// For programs
    Json,
}

/// The versions to list.
pub(crate) struct History<'h> {
    pub(crate) place: &'h str,
    pub(crate) listing: &'h Listing,
    pub(crate) current: Option<String>,
    pub(crate) previous: Option<String>,
}

#[derive(Serialize)]
struct HistoryJson<'h> {
    current: Option<&'h str>,
    previous: Option<&'h str>,
    versions: Vec<Version<'h>>,
}

/// A version of a policy or of a list, with the note beside it.
#[derive(Serialize)]
pub(super) struct Version<'h> {
    pub(super) id: &'h str,
    pub(super) time: Option<&'h str>,
    pub(super) message: Option<&'h str>,
    pub(super) act: Option<Operation>,
    base: Option<&'h str>,
    tool: Option<&'h str>,
}

/// Writes the versions to standard output.
pub(crate) fn write(format: StatusFormat, history: &History<'_>) -> Result<(), Failure> {
    match format {
        StatusFormat::Human => results::write_styled(&human(history)),
        StatusFormat::Json => {
            let whole = HistoryJson {
                current: history.current.as_deref(),
                previous: history.previous.as_deref(),
                versions: versions(history.listing),
            };
            let json = document::versioned(whole).map_err(|error| Failure::Output(error.into()))?;
            results::write_json(&json)
        }
    }
}

fn versions(listing: &Listing) -> Vec<Version<'_>> {
    newest_first(listing.notes.iter().filter_map(|(key, note)| match key {
        Key::Version(id) => Some((id.as_str(), note)),
        Key::Current | Key::Previous => None,
    }))
}

/// Sorts the newest first, and versions without a time last.
pub(super) fn newest_first<'h>(notes: impl Iterator<Item = (&'h str, &'h Note)>) -> Vec<Version<'h>> {
    let mut versions: Vec<_> = notes.map(|(id, note)| version(id, note)).collect();
    versions.sort_by(|one, other| other.time.cmp(&one.time));
    versions
}

fn version<'h>(id: &'h str, note: &'h Note) -> Version<'h> {
    let Note { id: _, act, message, time, base, tool, last_day: _, unfinished: _ } = note;
    Version {
        id,
        time: time.as_deref(),
        message: message.as_deref(),
        act: *act,
        base: base.as_deref(),
        tool: tool.as_deref(),
    }
}

fn human(history: &History<'_>) -> String {
    let versions = versions(history.listing);
    if versions.is_empty() {
        return format!("no version has been published to {}\n", history.place);
    }
    let mut text = String::new();
    // Writing to a string does not fail.
    for version in &versions {
        let is = |id: &Option<String>| id.as_deref() == Some(version.id);
        let place = match (is(&history.current), is(&history.previous)) {
            (true, true) => "live, previous",
            (true, false) => "live",
            (false, true) => "previous",
            (false, false) => "",
        };
        let (time, message) =
            (visible(version.time.unwrap_or("time unknown")), said(version.message, version.act));
        let _written = writeln!(text, "{time:<21} {}  {place:<14}  {message}", version.id);
        let since = history.listing.notes.get(&Key::Current).filter(|note| {
            is(&history.current) && note.is_of(version.id) && note.time.as_deref() != version.time
        });
        if let Some(Note { time: Some(time), message, act, .. }) = since {
            let message = said(message.as_deref(), *act);
            let _written = writeln!(text, "{:<55} in force again since {}: {message}", "", visible(time));
        }
    }
    text
}

/// The message in one line.
pub(super) fn said(message: Option<&str>, act: Option<Operation>) -> String {
    match (message, act) {
        (Some(message), _) => visible(message.trim_end()),
        (None, Some(Operation::Keep)) => {
            "(put in force without corsgate, and saved when it was replaced)".to_owned()
        }
        (None, _) => "(no message)".to_owned(),
    }
}
