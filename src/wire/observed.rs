//! The message `observed`: facts about a request that only Cloudflare knows. JavaScript writes it, Rust reads it.

use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

use super::{Malformed, values};

const HEAD: &str = "observed 1";

#[wasm_bindgen(module = "/src/wire/observed.js")]
extern "C" {
    pub(crate) fn observe(request: &JsValue) -> String;
}

/// Facts from Cloudflare. An unknown value is empty.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Observed<'m> {
    /// The client's country.
    pub(crate) country: &'m str,
    /// The data centre that answers the request.
    pub(crate) colo: &'m str,
    /// The id of the request (`CF-Ray`).
    pub(crate) ray: &'m str,
}

pub(crate) fn read(message: &str) -> Result<Observed<'_>, Malformed> {
    let [country, colo, ray] = values(message, HEAD)?;
    Ok(Observed { country, colo, ray })
}
