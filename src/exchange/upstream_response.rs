//! Functions that `forward.js` calls while it changes an upstream's response.

use corsgate_policy::Reason;
use corsgate_policy::policy::upstream::UpstreamUrl;
use corsgate_policy::record::Summary;
use corsgate_policy::response::headers::Refusal;
use corsgate_policy::response::{exposed, rewrite, vary};
use wasm_bindgen::prelude::wasm_bindgen;

/// The value of `Vary` with the gateway's names merged in, or `None` if it already has them.
#[wasm_bindgen]
#[must_use]
pub fn merge_vary(current: &str, additions: &str) -> Option<String> {
    vary::merge(Some(current), additions)
}

/// The value of `Access-Control-Expose-Headers` with the names of the response that families have, or `None` if there
/// are none.
#[wasm_bindgen]
#[must_use]
pub fn expose_families(listed: &str, families: &str, names: &str) -> Option<String> {
    exposed::with_families(listed, families, names)
}

/// A value of one of the upstream's headers with the gateway's URLs, path and domain, or `None` if it stays as it is.
/// `name` is in lower case.
#[wasm_bindgen]
#[must_use]
pub fn rewrite(name: &str, value: &str, upstream: &str, public_origin: &str) -> Option<String> {
    rewrite::rewrite(name, value, &UpstreamUrl::from_text(upstream)?, public_origin)
}

/// The response when an upstream fails: the message [`failure`](crate::wire::failure).
#[wasm_bindgen]
#[must_use]
pub fn failure(reason: &str, summary: &str) -> String {
    let reason = Reason::from_name(reason).unwrap_or(Reason::UpstreamUnreachable);
    let (route, policy_id) = match Summary::read(summary) {
        Some(summary) => (summary.route(), summary.policy_id()),
        None => Default::default(),
    };
    crate::wire::failure::write(&Refusal::of_failure(reason, route, policy_id))
}
