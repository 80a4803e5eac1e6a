//! The Worker: a thin shell over `corsgate-policy`.
//!
//! A request crosses from JavaScript once, with all facts that its decision depends on, and back once, with the decision: each
//! crossing costs about as much as the whole decision. Requests for the admin host leave early (`admin::host`).

mod admin;
mod exchange;
mod kv;
mod limits;
mod platform;
mod records;
mod wire;

use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

use crate::exchange::{Exchange, refuse_malformed};
use crate::wire::learned::Learned;

/// Runs once for each isolate.
#[wasm_bindgen(start)]
pub fn start() {
    console_error_panic_hook::set_once();
}

/// The handler of the Worker's `fetch` event: gives a `Response` or a promise of one.
///
/// Exported by hand, because the `event` macro of `worker` makes a promise of every answer and
/// reads requests one header at a time.
#[wasm_bindgen]
#[must_use]
pub fn fetch(request: JsValue, env: JsValue, context: JsValue) -> JsValue {
    let gathered = wire::gathered::gather(&request);
    if let Some(answer) = admin::host::answer(&request, &env, &context, &gathered) {
        return answer;
    }
    #[cfg(feature = "planted-panic")]
    if let Some(answer) = platform::planted_panic::strike(&request, &context) {
        return answer;
    }
    Exchange::new(request, gathered, env, context).answer()
}

/// Enters the Wasm without arguments: `wasm.js` says why.
#[wasm_bindgen]
pub fn wake() {}

/// For `waiting.js`: starts a request again that came at `began`, in milliseconds since 1970. Its reads and counts have ended
/// since.
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
