//! Which policy is in force: the Wasm's part of `GET /api/policy`. JavaScript adds the document, which the Wasm does not keep.

use corsgate_policy::Reason;
use wasm_bindgen::JsValue;

use super::problem::{self, Problem};
use super::status::policy_status;
use crate::exchange::{Exchange, Missing};
use crate::wire::learned::Learned;
use crate::wire::reply;

/// For the admin API: the `reply` that says which policy is in force in this isolate, as in the gateway's status. `learned` holds what was read since
/// `began`.
#[cfg_attr(feature = "requests", wasm_bindgen::prelude::wasm_bindgen)]
#[must_use]
pub fn admin_policy(env: JsValue, context: JsValue, began: f64, learned: &str) -> String {
    let learned = match Learned::read(learned) {
        Ok(learned) => learned,
        Err(malformed) => return problem::malformed(malformed),
    };
    let exchange = Exchange::of_nobody(env, context, began, learned);
    let mut missing = Missing::default();
    let Some(stored) = exchange.policy_in_force(&mut missing) else {
        return exchange.reply_missing(&missing);
    };
    match &stored.policy {
        Ok(_) => reply::answer(200, &policy_status(&stored)),
        Err(reason) => without_policy(*reason),
    }
}

/// The problem of a gateway without a policy: 404 if there is none, 503 if none can be read.
pub(super) fn without_policy(reason: Reason) -> String {
    let status = if reason == Reason::PolicyMissing { 404 } else { 503 };
    Problem::new(reason.name(), reason.title(), status, reason.detail()).reply()
}
