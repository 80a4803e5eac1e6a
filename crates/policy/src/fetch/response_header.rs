//! Response headers that a page may read without being listed.

/// "CORS-safelisted response-header name". `name` is in lower case.
#[must_use]
pub fn is_safelisted(name: &str) -> bool {
    matches!(
        name,
        "cache-control"
            | "content-language"
            | "content-length"
            | "content-type"
            | "expires"
            | "last-modified"
            | "pragma"
    )
}
