//! The frame of this tool's own JSON: the version of its form, then the content.

use serde::Serialize;

/// The version of every form that is framed here.
const VERSION: u32 = 1;

#[derive(Serialize)]
struct Versioned<T> {
    version: u32,
    #[serde(flatten)]
    content: T,
}

/// A document of this tool's own form, with a line break at its end.
pub(crate) fn versioned(content: impl Serialize) -> serde_json::Result<String> {
    pretty(&Versioned { version: VERSION, content })
}

/// Any JSON in several lines, with a line break at its end.
pub(crate) fn pretty(value: &impl Serialize) -> serde_json::Result<String> {
    serde_json::to_string_pretty(value).map(|json| format!("{json}\n"))
}
