//! The message `granted`: the `Access-Control-Allow-*` fields of an upstream's response. JavaScript writes it, Rust reads it.

use corsgate_policy::fetch::CorsResponse;

use super::{Malformed, optional, values};

const HEAD: &str = "granted 1";

/// The access that an upstream's response with this status grants.
pub(crate) fn read(message: &str, status: u16) -> Result<CorsResponse<'_>, Malformed> {
    let [origin, credentials, methods, headers] = values(message, HEAD)?;
    let optional = |line| optional(line, HEAD);
    Ok(CorsResponse {
        status,
        allow_origin: optional(origin)?,
        allow_credentials: optional(credentials)?,
        allow_methods: optional(methods)?,
        allow_headers: optional(headers)?,
    })
}
