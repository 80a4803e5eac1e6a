//! Reads of a request that only some requests need, beside [`gathered`](crate::wire::gathered).

use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

#[wasm_bindgen(module = "/src/platform/request.js")]
extern "C" {
    /// The value of a header.
    pub(crate) fn header(request: &JsValue, name: &str) -> Option<String>;
    /// The names of all headers, with spaces between them.
    #[wasm_bindgen(js_name = headerNames)]
    pub(crate) fn header_names(request: &JsValue) -> String;
}
