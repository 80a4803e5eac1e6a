//! The headers that browsers add to a request themselves. In an export they say nothing about the script.

use corsgate_policy::fetch::request_header::is_forbidden;

/// Headers that a script can set but seldom does: they come from user settings, caches, or a reload with DevTools open.
const SELDOM_OF_SCRIPTS: [&str; 7] = [
    "cache-control",
    "if-modified-since",
    "if-none-match",
    "pragma",
    "priority",
    "save-data",
    "upgrade-insecure-requests",
];

/// Whether a script cannot set the header, or never does. `name` is in lower case.
pub(crate) fn is_never_of_scripts(name: &str) -> bool {
    // A preflight's own headers show what a script set.
    let asks = matches!(name, "access-control-request-method" | "access-control-request-headers");
    name == "user-agent" || name.starts_with(':') || is_forbidden(name) && !asks
}

/// Whether an exported header more likely comes from the browser than from a script.
pub(crate) fn is_seldom_of_scripts(name: &str) -> bool {
    SELDOM_OF_SCRIPTS.contains(&name)
}
