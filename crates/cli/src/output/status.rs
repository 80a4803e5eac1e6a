//! Which policy is live.

use core::fmt::Write;

use serde::Serialize;

use crate::failure::Failure;
use crate::gateway::PolicyStatus;
use crate::output::changes::visible;
use crate::output::history::{StatusFormat, said};
use crate::output::{document, results};
use crate::policy_store::{Key, Listing, Note, Operation};

/// The content of the status.
pub(crate) struct Status<'s> {
    pub(crate) place: &'s str,
    /// The id of the live policy, or why it cannot be read.
    pub(crate) live: Option<Result<&'s str, &'s str>>,
    /// What the live policy or its metadata say of it that is untrue.
    pub(crate) contradiction: Option<&'s str>,
    pub(crate) previous: Option<String>,
    pub(crate) listing: &'s Listing,
    pub(crate) gateway: Option<PolicyStatus>,
}

impl Status<'_> {
    /// Whether a policy is live and the gateway, if it was asked, uses it.
    pub(crate) fn is_fine(&self) -> bool {
        let Some(Ok(live)) = self.live else { return false };
        self.gateway.as_ref().is_none_or(|gateway| gateway.id.as_deref() == Some(live))
    }

    /// What the metadata says of the live policy; nothing if it is that of another.
    fn note(&self) -> Note {
        let note = self.listing.notes.get(&Key::Current);
        let id = self.live.and_then(Result::ok);
        let note = note.filter(|note| id.is_none_or(|id| note.is_of(id)));
        note.cloned().unwrap_or_default()
    }

    fn versions(&self) -> usize {
        self.listing.notes.keys().filter(|key| matches!(key, Key::Version(_))).count()
    }
}

#[derive(Serialize)]
struct StatusJson<'s> {
    live: Option<Live<'s>>,
    previous: Option<&'s str>,
    versions: usize,
    gateway: Option<Answering<'s>>,
}

#[derive(Serialize)]
struct Live<'s> {
    /// Absent if the policy cannot be read.
    id: Option<&'s str>,
    /// Why it cannot be read, or what it or its metadata say of it that is untrue.
    problem: Option<&'s str>,
    time: Option<String>,
    message: Option<String>,
    act: Option<Operation>,
    base: Option<String>,
}

#[derive(Serialize)]
struct Answering<'s> {
    id: Option<&'s str>,
    age_seconds: Option<u64>,
    copy: Option<&'s str>,
    reason: Option<&'s str>,
}

/// Writes the status to standard output.
pub(crate) fn write(format: StatusFormat, status: &Status<'_>) -> Result<(), Failure> {
    match format {
        StatusFormat::Human => results::write_styled(&human(status)),
        StatusFormat::Json => {
            let json = document::versioned(whole(status)).map_err(|error| Failure::Output(error.into()))?;
            results::write_json(&json)
        }
    }
}

fn whole<'s>(status: &'s Status<'_>) -> StatusJson<'s> {
    let Note { message, time, act, base, .. } = status.note();
    let problem = |live: Result<_, _>| live.err().or(status.contradiction);
    let live =
        status.live.map(|live| Live { id: live.ok(), problem: problem(live), time, message, act, base });
    StatusJson {
        live,
        previous: status.previous.as_deref(),
        versions: status.versions(),
        gateway: status.gateway.as_ref().map(|gateway| Answering {
            id: gateway.id.as_deref(),
            age_seconds: gateway.age_seconds,
            copy: gateway.copy.as_deref(),
            reason: gateway.reason.as_deref(),
        }),
    }
}

fn human(status: &Status<'_>) -> String {
    let mut text = String::new();
    let note = status.note();
    let live = match status.live {
        None => format!("no policy, in {}", status.place),
        Some(Err(why)) => format!("an unreadable policy, in {}: {}", status.place, visible(why)),
        Some(Ok(id)) => {
            let since = note.time.as_deref().map_or("an unknown time", |time| time);
            let message = match &note.id {
                Some(_) => said(note.message.as_deref(), note.act),
                None => "(put in force without corsgate)".to_owned(),
            };
            format!("`{id}`, in {}, since {}: {message}", status.place, visible(since))
        }
    };
    let previous = status.previous.as_deref().map_or("none".to_owned(), |id| format!("`{}`", visible(id)));
    // Writing to a string does not fail.
    let _written = writeln!(text, "live      {live}\nprevious  {previous}\nversions  {}", status.versions());
    if let Some(gateway) = &status.gateway {
        let age = gateway.age_seconds.map(|age| format!(", read {age} s ago")).unwrap_or_default();
        let _written = writeln!(text, "gateway   {}{age}", visible(&gateway.sentence()));
        if let Some(Ok(id)) = status.live.filter(|_| !status.is_fine()) {
            let _written = writeln!(
                text,
                "the gateway does not use `{id}`: a change takes up to 90 seconds to be in force everywhere"
            );
        }
    }
    text
}
