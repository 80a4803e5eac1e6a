//! A panic on request, to test what else it ends. Only the tests' own build of the Worker has it, by
//! the feature `planted-panic`: no deployed source can panic.

use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

use crate::platform::request::header;

/// The header that asks for a panic. Its value is the moment.
const HEADER: &str = "corsgate-planted-panic";

#[wasm_bindgen(module = "/src/platform/planted-panic.js")]
extern "C" {
    #[wasm_bindgen(js_name = panicLater)]
    fn panic_later(context: &JsValue, moment: &str) -> JsValue;
}

/// Panics when the request asks: `now`, `later` in the promise of the response, or `behind` it in the
/// background, after the response.
pub(crate) fn strike(request: &JsValue, context: &JsValue) -> Option<JsValue> {
    let moment = header(request, HEADER)?;
    if moment == "now" {
        panic();
    }
    let answer = panic_later(context, &moment);
    (moment == "later").then_some(answer)
}

/// For `planted-panic.js`: panics.
#[wasm_bindgen]
pub fn planted_panic() {
    panic()
}

#[expect(clippy::panic, reason = "the one panic there is, and only in the tests' build")]
fn panic() -> ! {
    panic!("planted by a test")
}
