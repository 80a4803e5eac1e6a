//! The headers that browsers add to a request themselves. In an export they say nothing about the script.

use corsgate_policy::fetch::request_header::is_forbidden;

/// Headers that a script cannot set, or never does, besides those that the Fetch Standard forbids.
const NEVER_OF_SCRIPTS: [&str; 18] = [
    "alt-used",
    // Client hints without the prefix `sec-ch-`.
    "device-memory",
    "downlink",
    "dpr",
    "ect",
    "rtt",
    "viewport-width",
    "width",
    "ping-from",
    "ping-to",
    "purpose",
    "service-worker",
    "service-worker-navigation-preload",
    "user-agent",
    "x-client-data",
    "x-devtools-emulate-network-conditions-client-id",
    "x-moz",
    "x-purpose",
];

/// Headers that a script can set but seldom does: they come from user settings, caches, or a reload with the developer
/// tools open.
const SELDOM_OF_SCRIPTS: [&str; 8] = [
    "cache-control",
    "if-modified-since",
    "if-none-match",
    "if-range",
    "pragma",
    "priority",
    "save-data",
    "upgrade-insecure-requests",
];

/// Whether a script cannot set the header, or never does. `name` is in lower case.
pub(crate) fn is_never_of_scripts(name: &str) -> bool {
    // A preflight's own headers show what a script set.
    let asks = matches!(name, "access-control-request-method" | "access-control-request-headers");
    name.starts_with(':') || NEVER_OF_SCRIPTS.contains(&name) || is_forbidden(name) && !asks
}

/// Whether an exported header more likely comes from the browser than from a script.
pub(crate) fn is_seldom_of_scripts(name: &str) -> bool {
    SELDOM_OF_SCRIPTS.contains(&name)
}
