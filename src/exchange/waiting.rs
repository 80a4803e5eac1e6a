//! Hands a request over to `waiting.js` until the reads and counts that it needs have ended.

use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

#[wasm_bindgen(module = "/src/exchange/waiting.js")]
extern "C" {
    #[wasm_bindgen(js_name = resumeAfterReads)]
    pub(super) fn resume_after_reads(
        request: &JsValue,
        env: &JsValue,
        context: &JsValue,
        gathered: &str,
        began: f64,
        learned: &str,
        reads: &str,
    ) -> JsValue;
    #[wasm_bindgen(js_name = resumeAfterCounts)]
    pub(super) fn resume_after_counts(
        request: &JsValue,
        env: &JsValue,
        context: &JsValue,
        gathered: &str,
        began: f64,
        learned: &str,
        plan: &str,
    ) -> JsValue;
}
