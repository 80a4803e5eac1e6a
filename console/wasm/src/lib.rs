//! The door of `corsgate_answers` to JavaScript: a name and JSON in, JSON out.

use wasm_bindgen::prelude::wasm_bindgen;

/// Lets a panic say on the console what it was.
#[wasm_bindgen(start)]
pub fn start() {
    console_error_panic_hook::set_once();
}

/// Answers a question of the page: see `corsgate_answers::page`.
#[wasm_bindgen]
#[must_use]
pub fn ask(name: &str, input: &str) -> String {
    corsgate_answers::page::ask(name, input)
}
