//! A panic on request, to test what else it ends. Only the tests' own build of the Worker has it, by
//! the feature `planted-panic`: no deployed source can panic.

#[cfg(feature = "requests")]
use wasm_bindgen::JsValue;
#[cfg(feature = "requests")]
use wasm_bindgen::prelude::wasm_bindgen;

#[cfg(feature = "requests")]
use crate::platform::request::header;

/// The header that asks for a panic. Its value is the moment.
const TRIGGER: &str = "corsgate-planted-panic";

#[cfg(feature = "requests")]
#[wasm_bindgen(module = "/src/platform/planted-panic.js")]
extern "C" {
    #[wasm_bindgen(js_name = panicLater)]
    fn panic_later(context: &JsValue, moment: &str) -> JsValue;
}

/// Panics when the request asks: `now`, `later` in the promise of the response, or `behind` it in the
/// background, after the response.
#[cfg(feature = "requests")]
pub(crate) fn strike(request: &JsValue, context: &JsValue) -> Option<JsValue> {
    let moment = header(request, TRIGGER)?;
    if moment == "now" {
        panic();
    }
    let answer = panic_later(context, &moment);
    (moment == "later").then_some(answer)
}

/// For `planted-panic.js`: panics.
#[cfg(feature = "requests")]
#[wasm_bindgen]
pub fn planted_panic() {
    panic()
}

/// Panics when a text asks, for the module without requests.
#[cfg(feature = "admin")]
pub(crate) fn strike_at(text: &str) {
    if text.contains(TRIGGER) {
        panic();
    }
}

#[expect(clippy::panic, reason = "the one panic there is, and only in the tests' build")]
fn panic() -> ! {
    panic!("planted by a test")
}
