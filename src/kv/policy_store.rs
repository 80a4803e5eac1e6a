//! This isolate's copy of the policy in force.

use std::rc::Rc;

use corsgate_policy::kv::{CURRENT_POLICY, fingerprint};
use corsgate_policy::{Policy, ReadError, Reason};
use wasm_bindgen::JsValue;

use crate::kv::age::Kept;
use crate::kv::copy::KvCopy;
use crate::kv::learning::Found;
use crate::records::log::{self, About, Event};
use crate::wire::read::Read;

/// The policy in KV. A new isolate and an old one get the same from the same keys.
pub(crate) struct Stored {
    /// The policy, or the reason why there is none.
    pub(crate) policy: Result<Policy, Reason>,
    source: Source,
}

/// The fingerprints of the texts that it came from: the same texts need not be parsed or reported
/// again.
#[derive(PartialEq)]
enum Source {
    /// `policy/current` does not exist, or KV did not answer.
    None,
    /// `policy/current` is valid.
    Current(u64),
    /// `policy/current` is invalid, so `policy/previous` is used.
    Previous { current: u64, previous: Option<u64> },
}

thread_local! {
    static POLICY: KvCopy<Stored> = KvCopy::default();
}

/// This isolate's copy.
pub(crate) fn kept(now: f64, refresh_after: f64) -> Kept<Rc<Stored>> {
    POLICY.with(|copy| copy.kept(now, refresh_after))
}

/// The age of this isolate's copy, in milliseconds.
pub(crate) fn age(now: f64) -> Option<f64> {
    POLICY.with(|copy| copy.age(now))
}

/// Stands in for a policy when KV has failed and there is no copy.
pub(crate) fn unavailable() -> Rc<Stored> {
    Stored::without_policy(Reason::PolicyInvalid)
}

/// Stores KV's answer for `policy/current`. If the policy is invalid, returns `policy/previous` as the key to read next.
///
/// If KV failed, nothing changes. A text that is already in memory is not parsed again: in a cold isolate many requests
/// may each have read it.
pub(crate) fn learn_current(context: &JsValue, found: &Found<'_>, began: f64) -> Option<Read> {
    let text = match found {
        Found::Failed | Found::Set(_) => return None,
        Found::Nothing => {
            log::capped(context, About::Faults, || Event::PolicyMissing { key: CURRENT_POLICY }.error());
            keep(Stored::without_policy(Reason::PolicyMissing), began);
            return None;
        }
        Found::Text(text) => text,
    };
    let source = Source::Current(fingerprint(text));
    if keep_held(&source, began) {
        return None;
    }
    match (Policy::read_text(text), source) {
        (Ok(policy), source) => {
            keep(Rc::new(Stored { policy: Ok(policy), source }), began);
            None
        }
        (Err(error), Source::Current(current)) => Some(previous_policy(current, &error)),
        (Err(_), _) => None,
    }
}

#[inline(never)]
fn previous_policy(current: u64, error: &ReadError) -> Read {
    Read::PreviousPolicy { current, error: error.to_string() }
}

/// Stores KV's answer for `policy/previous`, because the current policy is invalid for the reason `error`. The key is read
/// again each time, so that its present value is used, as in a new isolate.
#[inline(never)]
pub(crate) fn learn_previous(context: &JsValue, current: u64, error: &str, found: &Found<'_>, began: f64) {
    let text = match found {
        Found::Failed | Found::Set(_) => return,
        Found::Nothing => None,
        Found::Text(text) => Some(*text),
    };
    let source = Source::Previous { current, previous: text.map(fingerprint) };
    if keep_held(&source, began) {
        return;
    }
    let previous = text.and_then(|text| Policy::read_text(text).ok());
    let serving = previous.as_ref().map(Policy::id);
    log::capped(context, About::Faults, || {
        Event::PolicyInvalid { key: CURRENT_POLICY, error, serving }.error()
    });
    keep(Rc::new(Stored { policy: previous.ok_or(Reason::PolicyInvalid), source }), began);
}

fn keep(stored: Rc<Stored>, read_at: f64) {
    POLICY.with(|copy| copy.keep(stored, read_at));
}

/// Renews the copy's age if it came from exactly these texts.
fn keep_held(source: &Source, read_at: f64) -> bool {
    let held = POLICY.with(KvCopy::held).filter(|held| held.source == *source);
    held.map(|held| keep(held, read_at)).is_some()
}

impl Stored {
    /// Which policy is used: `current`, or `previous` if `current` is invalid.
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
