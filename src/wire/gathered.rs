//! The message `gathered`: every part of a request that its decision can depend on. JavaScript writes it, Rust reads it.

use corsgate_policy::{Facts, RequestUrl};

use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

use super::{Malformed, optional, values};

const HEAD: &str = "gathered 1";

#[wasm_bindgen(module = "/src/wire/gathered.js")]
extern "C" {
    pub(crate) fn gather(request: &JsValue) -> String;
}

/// The facts of a request, without the names of its headers, which only a forwarded request needs. `None` if its URL cannot be
/// parsed.
pub(crate) fn read(message: &str) -> Result<Option<Facts<'_>>, Malformed> {
    let [method, href, lines @ ..]: [_; 13] = values(message, HEAD)?;
    let mut optionals = [None; 11];
    for (value, line) in optionals.iter_mut().zip(lines) {
        *value = optional(line, HEAD)?;
    }
    let [
        origin,
        requested_method,
        requested_headers,
        sec_fetch_site,
        storage_access_inactive,
        upgrade,
        accept,
        has_authorization,
        has_body,
        client_ip,
        hops,
    ] = optionals;
    let facts = Facts {
        method,
        url: RequestUrl::default(),
        origin,
        requested_method,
        requested_headers,
        sec_fetch_site,
        storage_access_inactive: storage_access_inactive.is_some(),
        upgrade,
        accept,
        has_authorization: has_authorization.is_some(),
        has_body: has_body.is_some(),
        client_ip,
        hops,
        header_names: "",
    };
    Ok(RequestUrl::parse(href).map(|url| Facts { url, ..facts }))
}

/// The URL in a message, found without reading the rest of it.
pub(crate) fn href(message: &str) -> &str {
    message.split('\n').nth(2).unwrap_or_default()
}
