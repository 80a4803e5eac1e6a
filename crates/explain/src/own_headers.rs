//! The headers that browsers add to a request themselves: in what they export these say nothing about the script.

use corsgate_policy::fetch::request_header::is_forbidden;

/// Those that a script could set too, and seldom does: the user's settings, caches, a reload with the tools open.
const SELDOM_OF_SCRIPTS: [&str; 7] = [
    "cache-control",
    "if-modified-since",
    "if-none-match",
    "pragma",
    "priority",
    "save-data",
    "upgrade-insecure-requests",
];

/// Whether a script cannot have set the header, or never does. `name` is in lower case.
pub(crate) fn is_never_of_scripts(name: &str) -> bool {
    // The preflight's own headers say what a script set.
    let asks = matches!(name, "access-control-request-method" | "access-control-request-headers");
    name == "user-agent" || name.starts_with(':') || is_forbidden(name) && !asks
}

/// Whether a header that a browser exported is more likely its own than a script's.
pub(crate) fn is_seldom_of_scripts(name: &str) -> bool {
    SELDOM_OF_SCRIPTS.contains(&name)
}
