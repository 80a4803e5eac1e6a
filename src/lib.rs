//! The Worker: a thin shell over `corsgate-policy`.
//!
//! [`fetch`] gathers the facts of a request in one crossing from JavaScript, takes policy and lists
//! from memory or KV, lets the policy decide, and does what was decided in one crossing back. Only what
//! is for the admin host (`admin_host`) goes another way.

mod admin;
mod exchange;
mod kv;
mod limits;
mod platform;
mod records;
mod wire;

use std::cell::Cell;

use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;
use worker::Env;

use crate::exchange::{Exchange, refuse_malformed};
use crate::wire::learned::Learned;

/// The age in seconds at which what came from KV is read anew, unless the variable
/// `POLICY_REFRESH_SECONDS` says otherwise.
const REFRESH_SECONDS: f64 = 30.0;

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

/// For `waiting.js`: goes on with a request that came at `began`, in milliseconds since 1970, and whose reads and counts
/// have ended since.
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

/// Read once: an isolate's variables never change, and each look at them is a crossing.
fn refresh_seconds(env: &Env) -> f64 {
    thread_local! {
        static SECONDS: Cell<Option<f64>> = const { Cell::new(None) };
    }
    SECONDS.get().unwrap_or_else(|| {
        let variable = env.var("POLICY_REFRESH_SECONDS").ok();
        let seconds = variable.and_then(|seconds| seconds.to_string().parse::<u32>().ok());
        let seconds = seconds.map_or(REFRESH_SECONDS, f64::from);
        SECONDS.set(Some(seconds));
        seconds
    })
}
