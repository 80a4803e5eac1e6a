//! The Worker: a thin shell over `corsgate-policy`.
//!
//! Each request crosses from JavaScript once, with every fact that its decision depends on, and the decision crosses back once:
//! a crossing costs about as much as the whole decision. Requests for the admin host take another path (`admin::host`).

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
/// Exported by hand, because the `event` macro of `worker` wraps every response in a promise and
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

/// Does nothing: `wasm.js` calls it before each call with arguments, and says why.
#[wasm_bindgen]
pub fn wake() {}

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
