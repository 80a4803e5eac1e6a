//! Whether a request is one of CORS at all.

use super::entry::Entry;

/// What a request is for the browser.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum RequestKind {
    /// A request of CORS, or one of which the archive does not say that it is none.
    Cors,
    /// A WebSocket's handshake.
    Handshake,
    /// A preflight.
    Preflight,
    /// No check of CORS applies, for this reason. With an `Origin`, a server may refuse it nevertheless.
    WithoutCors(&'static str),
}

/// The kind of an entry's request, by what the browser sent (`Sec-Fetch-Mode`), or else by the type of the resource.
pub(super) fn kind(entry: &Entry) -> RequestKind {
    let resource = entry.resource_type().unwrap_or_default().to_ascii_lowercase();
    let scheme = entry.request.url.split(':').next().unwrap_or_default().to_ascii_lowercase();
    let opens = entry.header("upgrade").is_some_and(|value| value.eq_ignore_ascii_case("websocket"));
    let is_options = entry.request.method.eq_ignore_ascii_case("OPTIONS");
    let has_origin = entry.header("origin").is_some();
    let mode = entry.header("sec-fetch-mode").map(str::to_ascii_lowercase);
    match (scheme.as_str(), mode.as_deref()) {
        ("ws" | "wss", _) | (_, Some("websocket")) => return RequestKind::Handshake,
        ("http" | "https", _) => {}
        _ => return RequestKind::WithoutCors("a `data:`, `blob:`, `file:` or extension URL"),
    }
    if resource == "websocket" || opens {
        return RequestKind::Handshake;
    }
    if is_options && (resource == "preflight" || entry.has_header("access-control-request-method")) {
        return RequestKind::Preflight;
    }
    if entry.is_by_service_worker() {
        return RequestKind::WithoutCors("a request that the page's service worker answered");
    }
    if entry.header("sec-fetch-site").is_some_and(|site| site.eq_ignore_ascii_case("same-origin")) {
        return RequestKind::WithoutCors("a request to the page's own origin");
    }
    match mode.as_deref() {
        Some("cors") => return RequestKind::Cors,
        Some("navigate") => return RequestKind::WithoutCors("a navigation"),
        Some("no-cors") => return RequestKind::WithoutCors(no_cors(entry, &resource)),
        Some("same-origin") => {
            return RequestKind::WithoutCors("a request to the page's own origin");
        }
        _ => {}
    }
    match resource.as_str() {
        "document" => RequestKind::WithoutCors("a navigation"),
        "image" | "media" | "script" | "stylesheet" | "manifest" | "ping" | "texttrack"
        | "cspviolationreport" | "beacon" | "css"
            if !has_origin =>
        {
            RequestKind::WithoutCors(no_cors(entry, &resource))
        }
        // The headers as they were on the wire: a request of CORS has `Origin`.
        "" if !has_origin && is_from_wire(entry) => {
            RequestKind::WithoutCors("a request without `Origin`, which no request of CORS lacks")
        }
        _ => RequestKind::Cors,
    }
}

/// Browsers show a failed request without what only the network adds; proxies record everything.
fn is_from_wire(entry: &Entry) -> bool {
    ["accept-encoding", "host", ":authority"].iter().any(|name| entry.has_header(name))
}

fn no_cors(entry: &Entry, resource: &str) -> &'static str {
    let what = entry.header("sec-fetch-dest").filter(|dest| *dest != "empty").unwrap_or(resource);
    match what {
        "image" => "an image without `crossorigin`",
        "audio" | "video" | "media" | "track" | "texttrack" => "audio or video without `crossorigin`",
        "script" => "a script without `crossorigin`",
        "style" | "stylesheet" | "css" => "a style sheet without `crossorigin`",
        "iframe" | "frame" | "document" => "a navigation",
        "ping" | "beacon" | "report" | "cspviolationreport" => "a beacon or report",
        _ => "a `no-cors` request",
    }
}
