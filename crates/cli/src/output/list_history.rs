//! The versions of a text list in KV, newest first, and the keys of a list of keys.

use core::fmt::Write;
use std::collections::BTreeMap;

use serde::Serialize;

use crate::failure::Failure;
use crate::lists::keys::store::History;
use crate::lists::store::Listing;
use crate::namespace::ListedKey;
use crate::note::Note;
use crate::output::changes::visible;
use crate::output::history::{StatusFormat, Version, newest_first, said};
use crate::output::{document, results};
use crate::system;

/// The content of the history.
pub(crate) struct ListHistory<'h> {
    pub(crate) name: &'h str,
    pub(crate) place: &'h str,
    /// The id of the live text.
    pub(crate) live: Option<String>,
    pub(crate) listing: &'h Listing,
    pub(crate) keys: &'h [ListedKey],
    /// What was published of its keys, by host.
    pub(crate) published: &'h BTreeMap<Option<String>, History>,
}

#[derive(Serialize)]
struct HistoryJson<'h> {
    list: &'h str,
    current: Option<&'h str>,
    versions: Vec<Version<'h>>,
    keys: Vec<Key<'h>>,
    published_keys: Vec<Published<'h>>,
}

/// What was published of the keys of all hosts, or of one.
#[derive(Serialize)]
struct Published<'h> {
    host: Option<&'h str>,
    /// The id of the last publication.
    last: Option<&'h str>,
    /// Whether all of its keys were written.
    finished: bool,
    versions: Vec<Version<'h>>,
}

#[derive(Serialize)]
struct Key<'h> {
    origin: &'h str,
    host: Option<&'h str>,
    /// When it was written.
    time: Option<String>,
    message: Option<String>,
    /// When KV deletes it.
    forgotten: Option<String>,
}

/// Writes the history to standard output.
pub(crate) fn write(format: StatusFormat, history: &ListHistory<'_>) -> Result<(), Failure> {
    match format {
        StatusFormat::Human => results::write_styled(&human(history)),
        StatusFormat::Json => {
            let whole = HistoryJson {
                list: history.name,
                current: history.live.as_deref(),
                versions: versions(history.listing),
                keys: keys(history),
                published_keys: published(history),
            };
            let json = document::versioned(whole).map_err(|error| Failure::Output(error.into()))?;
            results::write_json(&json)
        }
    }
}

fn versions(listing: &Listing) -> Vec<Version<'_>> {
    newest_first(listing.versions.iter().map(|(id, note)| (id.as_str(), note)))
}

fn published<'h>(history: &ListHistory<'h>) -> Vec<Published<'h>> {
    let read = |(host, history): (&'h Option<String>, &'h History)| Published {
        host: host.as_deref(),
        last: history.published.as_ref().and_then(|note| note.id.as_deref()),
        finished: history.published.as_ref().is_some_and(|note| !note.unfinished),
        versions: newest_first(history.versions.iter().map(|(id, note)| (id.as_str(), note))),
    };
    history.published.iter().map(read).collect()
}

fn keys<'h>(history: &ListHistory<'h>) -> Vec<Key<'h>> {
    let prefix = format!("origin/{}/", history.name);
    let read = |listed: &'h ListedKey| {
        let rest = listed.name.strip_prefix(&prefix)?;
        let (scheme, _) = rest.split_once("://")?;
        // In the key of a host, the host precedes the origin.
        let (host, origin) = match scheme.contains('/') {
            true => rest.split_once('/').map(|(host, origin)| (Some(host), origin))?,
            false => (None, rest),
        };
        let Note { time, message, .. } = listed.note();
        Some(Key { origin, host, time, message, forgotten: listed.expiration.map(system::moment) })
    };
    history.keys.iter().filter_map(read).collect()
}

fn human(history: &ListHistory<'_>) -> String {
    let (versions, keys) = (versions(history.listing), keys(history));
    let mut text = String::new();
    // Writing to a string does not fail.
    for version in &versions {
        let is_live = history.live.as_deref() == Some(version.id);
        let place = if is_live { "live" } else { "" };
        let (time, message) =
            (visible(version.time.unwrap_or("time unknown")), said(version.message, version.act));
        let _written = writeln!(text, "{time:<21} {}  {place:<4}  {message}", version.id);
        let since = history
            .listing
            .live
            .as_ref()
            .filter(|note| is_live && note.is_of(version.id) && note.time.as_deref() != version.time);
        if let Some(Note { time: Some(time), message, act, .. }) = since {
            let message = said(message.as_deref(), *act);
            let _written = writeln!(text, "{:<45} in force again since {}: {message}", "", visible(time));
        }
    }
    for Published { host, last, finished, versions } in published(history) {
        for version in &versions {
            let place = match (last == Some(version.id), finished) {
                (true, true) => "last",
                (true, false) => "part",
                (false, _) => "",
            };
            let (time, message) =
                (visible(version.time.unwrap_or("time unknown")), said(version.message, version.act));
            let host = host.map(|host| format!("{}: ", visible(host))).unwrap_or_default();
            let _written = writeln!(text, "{time:<21} {}  {place:<4}  {host}{message}", version.id);
        }
    }
    for Key { origin, host, time, message, forgotten } in &keys {
        let time = visible(time.as_deref().unwrap_or("time unknown"));
        let host = host.map(|host| format!(" on {}", visible(host))).unwrap_or_default();
        let until = forgotten.as_deref().map(|moment| format!(" until {moment}")).unwrap_or_default();
        let message = said(message.as_deref(), None);
        let _written = writeln!(text, "{time:<21} {}{host}{until}  {message}", visible(origin));
    }
    if text.is_empty() {
        return format!(
            "no version of the list `{}` has been published to {}\n",
            history.name, history.place
        );
    }
    text
}
