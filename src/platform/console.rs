//! The platform's console, which is the Worker's log.

use std::panic;

use wasm_bindgen::prelude::wasm_bindgen;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_namespace = console)]
    pub(crate) fn log(line: &str);
    #[wasm_bindgen(js_namespace = console)]
    pub(crate) fn warn(line: &str);
    #[wasm_bindgen(js_namespace = console)]
    pub(crate) fn error(line: &str);
}

/// Logs panics, and has a panic or a trap end only this instance of the Wasm: the next call gets a new one.
pub(crate) fn survive_panics() {
    panic::set_hook(Box::new(|panic| error(&panic.to_string())));
    wasm_bindgen::handler::set_on_abort(wasm_bindgen::handler::schedule_reinit);
}
