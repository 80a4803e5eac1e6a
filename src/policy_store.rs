//! The policy in force, as this isolate knows it.

use std::hash::{DefaultHasher, Hasher};
use std::rc::Rc;

use corsgate_policy::{Policy, ReadError, Reason};
use worker::Env;

use crate::kv::{self, KvFailed};
use crate::log::Event;
use crate::slot::{Copy, Slot};

const CURRENT: &str = "policy/current";
const PREVIOUS: &str = "policy/previous";

/// What KV holds. An isolate that has just started and one that has long run see the same in it.
pub(crate) struct Stored {
    /// The policy, or why there is none.
    pub(crate) policy: Result<Policy, Reason>,
    source: Source,
}

/// The fingerprints of the texts that led to it: the same texts need not be read, nor reported,
/// again.
#[derive(PartialEq)]
enum Source {
    /// `policy/current` is not there, or KV did not answer.
    None,
    /// `policy/current` was read.
    Current(u64),
    /// `policy/current` cannot be read, so that `policy/previous` counts.
    Previous { current: u64, previous: Option<u64> },
}

thread_local! {
    static POLICY: Slot<Stored> = Slot::default();
}

/// The copy of this isolate.
pub(crate) fn copy(now: f64, refresh_after: f64) -> Copy<Stored> {
    POLICY.with(|slot| slot.copy(now, refresh_after))
}

/// Reads KV. Where it fails, `last` stays in force, and without one there is no policy.
pub(crate) async fn read(env: &Env, last: Option<Rc<Stored>>, now: f64) -> Rc<Stored> {
    let stored = match kv::text(env, CURRENT).await {
        Ok(Some(current)) => from_current(env, &current, last).await,
        Ok(None) => {
            Event::PolicyMissing { key: CURRENT }.error();
            Rc::new(Stored { policy: Err(Reason::PolicyMissing), source: Source::None })
        }
        // Not kept: the next request asks again.
        Err(KvFailed) => return last.unwrap_or_else(unreadable),
    };
    POLICY.with(|slot| slot.keep(Rc::clone(&stored), now));
    stored
}

fn unreadable() -> Rc<Stored> {
    Rc::new(Stored { policy: Err(Reason::PolicyInvalid), source: Source::None })
}

async fn from_current(env: &Env, text: &str, last: Option<Rc<Stored>>) -> Rc<Stored> {
    let fingerprint = fingerprint(text);
    if let Some(last) = last.as_ref().filter(|last| last.source == Source::Current(fingerprint)) {
        return Rc::clone(last);
    }
    match Policy::read(text.as_bytes()) {
        Ok(policy) => Rc::new(Stored { policy: Ok(policy), source: Source::Current(fingerprint) }),
        Err(error) => from_previous(env, fingerprint, &error, last).await,
    }
}

/// The policy before the current one, which `error` keeps from being read. It is read again each
/// time, so that what it holds now counts, as it would for an isolate that has just started.
async fn from_previous(env: &Env, current: u64, error: &ReadError, last: Option<Rc<Stored>>) -> Rc<Stored> {
    let text = kv::text(env, PREVIOUS).await.ok().flatten();
    let source = Source::Previous { current, previous: text.as_deref().map(fingerprint) };
    if let Some(last) = last.filter(|last| last.source == source) {
        return last;
    }
    let previous = text.and_then(|text| Policy::read(text.as_bytes()).ok());
    let serving = previous.as_ref().map(Policy::id);
    Event::PolicyInvalid { key: CURRENT, error: &error.to_string(), serving }.error();
    Rc::new(Stored { policy: previous.ok_or(Reason::PolicyInvalid), source })
}

/// Tells texts apart. Not secret and not signed: only the operator writes them.
pub(crate) fn fingerprint(text: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    hasher.write(text.as_bytes());
    hasher.finish()
}
