//! The entry of each request, when it arrives and when it has waited.

use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

use super::Exchange;
use super::lead::refuse_malformed;
use crate::admin;
#[cfg(feature = "planted-panic")]
use crate::platform::planted_panic;
use crate::wire::gathered;
use crate::wire::learned::Learned;

/// The handler of the Worker's `fetch` event: gives a `Response` or a promise of one.
///
/// Exported by hand, because the `event` macro of the crate `worker` wraps every response in a promise and
/// reads requests one header at a time.
#[wasm_bindgen]
#[must_use]
pub fn fetch(request: JsValue, env: JsValue, context: JsValue) -> JsValue {
    let gathered = gathered::gather(&request);
    if let Some(answer) = admin::host::answer(&request, &env, &context, &gathered) {
        return answer;
    }
    #[cfg(feature = "planted-panic")]
    if let Some(answer) = planted_panic::strike(&request, &context) {
        return answer;
    }
    Exchange::new(request, gathered, env, context).answer()
}

/// For `waiting.js`: restarts a request after its reads and counts have ended. `began` is when it came, in milliseconds since
/// 1970.
#[wasm_bindgen]
#[must_use]
pub fn resume(
    request: JsValue,
    env: JsValue,
    context: JsValue,
    gathered: String,
    began: f64,
    learned: &str,
) -> JsValue {
    match Learned::read(learned) {
        Ok(learned) => Exchange::resumed(request, gathered, env, context, began, learned).answer(),
        Err(malformed) => refuse_malformed(malformed),
    }
}
