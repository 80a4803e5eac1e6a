//! The frame of the tool's own JSON: the version of the format, then the content.

use serde::Serialize;

/// The version of all formats that have this frame.
const VERSION: u32 = 1;

#[derive(Serialize)]
struct Versioned<T> {
    version: u32,
    #[serde(flatten)]
    content: T,
}

/// Writes a document in one of the tool's own formats, with a final line break.
///
/// # Errors
/// If it cannot be JSON.
pub fn versioned(content: impl Serialize) -> serde_json::Result<String> {
    pretty(&Versioned { version: VERSION, content })
}

/// Writes any JSON in several lines, with a final line break.
///
/// # Errors
/// If it cannot be JSON.
pub fn pretty(value: &impl Serialize) -> serde_json::Result<String> {
    serde_json::to_string_pretty(value).map(|json| format!("{json}\n"))
}
