//! The policy in force, as this isolate knows it.

use std::rc::Rc;

use corsgate_policy::kv::CURRENT_POLICY;
use corsgate_policy::{Policy, Reason};
use wasm_bindgen::JsValue;

use crate::kv::age::Kept;
use crate::kv::learning::Found;
use crate::kv::slot::Slot;
use crate::platform::fingerprint::fingerprint;
use crate::records::log::{self, About, Event};
use crate::wire::read::Read;

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
pub(crate) fn kept(now: f64, refresh_after: f64) -> Kept<Rc<Stored>> {
    POLICY.with(|slot| slot.kept(now, refresh_after))
}

/// How long ago what this isolate holds was read, in milliseconds.
pub(crate) fn age(now: f64) -> Option<f64> {
    POLICY.with(|slot| slot.age(now))
}

/// What stands for a policy that could not be read.
pub(crate) fn unavailable() -> Rc<Stored> {
    Stored::without_policy(Reason::PolicyInvalid)
}

/// Takes in what `policy/current` holds. Where that cannot be read, the key that must be read next is the one before.
///
/// Where KV failed, nothing changes. The same text as the one in memory is not parsed again: in a cold isolate many
/// requests may each have read it.
pub(crate) fn learn_current(context: &JsValue, found: &Found<'_>, began: f64) -> Option<Read> {
    let text = match found {
        Found::Failed => return None,
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
    match (Policy::read(text.as_bytes()), source) {
        (Ok(policy), source) => {
            keep(Rc::new(Stored { policy: Ok(policy), source }), began);
            None
        }
        (Err(error), Source::Current(current)) => {
            Some(Read::PreviousPolicy { current, error: error.to_string() })
        }
        (Err(_), _) => None,
    }
}

/// Takes in what `policy/previous` holds, since `error` keeps the current one from being read. It is read again each
/// time, so that what it holds now counts, as it would for an isolate that has just started.
pub(crate) fn learn_previous(context: &JsValue, current: u64, error: &str, found: &Found<'_>, began: f64) {
    let text = match found {
        Found::Failed => return,
        Found::Nothing => None,
        Found::Text(text) => Some(*text),
    };
    let source = Source::Previous { current, previous: text.map(fingerprint) };
    if keep_held(&source, began) {
        return;
    }
    let previous = text.and_then(|text| Policy::read(text.as_bytes()).ok());
    let serving = previous.as_ref().map(Policy::id);
    log::capped(context, About::Faults, || {
        Event::PolicyInvalid { key: CURRENT_POLICY, error, serving }.error()
    });
    keep(Rc::new(Stored { policy: previous.ok_or(Reason::PolicyInvalid), source }), began);
}

fn keep(stored: Rc<Stored>, read_at: f64) {
    POLICY.with(|slot| slot.keep(stored, read_at));
}

/// Keeps what is held on, if it comes from these very texts.
fn keep_held(source: &Source, read_at: f64) -> bool {
    let held = POLICY.with(Slot::held).filter(|held| held.source == *source);
    held.map(|held| keep(held, read_at)).is_some()
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
