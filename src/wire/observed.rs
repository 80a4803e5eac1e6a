//! The message `observed`: what Cloudflare alone knows of a request. JavaScript writes it, Rust reads it.

use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

use super::{Malformed, values};

const HEAD: &str = "observed 1";

#[wasm_bindgen(module = "/src/wire/observed.js")]
extern "C" {
    pub(crate) fn observe(request: &JsValue) -> String;
}

/// What Cloudflare knows; each value is empty where it is not known.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Observed<'m> {
    /// The client's country.
    pub(crate) country: &'m str,
    /// The data centre that answers.
    pub(crate) colo: &'m str,
    /// The id of the request (`CF-Ray`).
    pub(crate) ray: &'m str,
}

pub(crate) fn read(message: &str) -> Result<Observed<'_>, Malformed> {
    let [country, colo, ray] = values(message, HEAD)?;
    Ok(Observed { country, colo, ray })
}
