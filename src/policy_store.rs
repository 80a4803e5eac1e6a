//! The policy in force, as this isolate knows it.

use std::rc::Rc;

use corsgate_policy::{Policy, ReadError, Reason};
use worker::Env;

use crate::fingerprint::fingerprint;
use crate::kv::{self, KvFailed};
use crate::log::Event;
use crate::slot::{Kept, Slot};

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

/// What this isolate holds.
pub(crate) fn kept(now: f64, refresh_after: f64) -> Kept<Stored> {
    POLICY.with(|slot| slot.kept(now, refresh_after))
}

/// What is in force, read anew where it is due: for who can wait.
pub(crate) async fn in_force(env: &Env, now: f64, refresh_after: f64) -> Rc<Stored> {
    match kept(now, refresh_after) {
        Kept::Fresh(stored) => stored,
        Kept::Due(last) | Kept::Expired(last) => read(env, Some(last), now).await,
        Kept::None => read(env, None, now).await,
    }
}

/// How long ago what this isolate holds was read, in milliseconds.
pub(crate) fn age(now: f64) -> Option<f64> {
    POLICY.with(|slot| slot.age(now))
}

/// Reads KV. Where it fails, `last` stays in force, and without one there is no policy.
pub(crate) async fn read(env: &Env, last: Option<Rc<Stored>>, now: f64) -> Rc<Stored> {
    match from_kv(env, last.clone()).await {
        Ok(stored) => {
            POLICY.with(|slot| slot.keep(Rc::clone(&stored), now));
            stored
        }
        // Not kept: the next request asks again.
        Err(KvFailed) => last.unwrap_or_else(|| Stored::without_policy(Reason::PolicyInvalid)),
    }
}

async fn from_kv(env: &Env, last: Option<Rc<Stored>>) -> Result<Rc<Stored>, KvFailed> {
    let Some(text) = kv::text(env, CURRENT).await? else {
        Event::PolicyMissing { key: CURRENT }.error();
        return Ok(Stored::without_policy(Reason::PolicyMissing));
    };
    let fingerprint = fingerprint(&text);
    if let Some(last) = last.as_ref().filter(|last| last.source == Source::Current(fingerprint)) {
        return Ok(Rc::clone(last));
    }
    match Policy::read(text.as_bytes()) {
        Ok(policy) => Ok(Rc::new(Stored { policy: Ok(policy), source: Source::Current(fingerprint) })),
        Err(error) => from_previous(env, fingerprint, &error, last).await,
    }
}

/// The policy before the current one, which `error` keeps from being read. It is read again each
/// time, so that what it holds now counts, as it would for an isolate that has just started.
async fn from_previous(
    env: &Env,
    current: u64,
    error: &ReadError,
    last: Option<Rc<Stored>>,
) -> Result<Rc<Stored>, KvFailed> {
    let text = kv::text(env, PREVIOUS).await?;
    let source = Source::Previous { current, previous: text.as_deref().map(fingerprint) };
    if let Some(last) = last.filter(|last| last.source == source) {
        return Ok(last);
    }
    let previous = text.and_then(|text| Policy::read(text.as_bytes()).ok());
    let serving = previous.as_ref().map(Policy::id);
    Event::PolicyInvalid { key: CURRENT, error: &error.to_string(), serving }.error();
    Ok(Rc::new(Stored { policy: previous.ok_or(Reason::PolicyInvalid), source }))
}

impl Stored {
    /// Which copy serves: `current`, or `previous` where that cannot be read.
    pub(crate) fn copy(&self) -> Option<&'static str> {
        match (&self.policy, &self.source) {
            (Ok(_), Source::Current(_)) => Some("current"),
            (Ok(_), Source::Previous { .. }) => Some("previous"),
            _ => None,
        }
    }

    fn without_policy(reason: Reason) -> Rc<Self> {
        Rc::new(Self { policy: Err(reason), source: Source::None })
    }
}
