//! The Worker's variables.

use js_sys::Reflect;
use wasm_bindgen::JsValue;

/// The text of a variable; `None` if the Worker has none of this name.
pub(crate) fn variable(env: &JsValue, name: &str) -> Option<String> {
    Reflect::get(env, &JsValue::from_str(name)).ok()?.as_string()
}
