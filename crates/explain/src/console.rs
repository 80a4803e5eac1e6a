//! The sentences that Chromium prints to its console, as measured: the README has them, and a test holds both together.
//!
//! They stand in `services/network/public/cpp/cors/cors_error_string.cc` and the like, and change seldom. Those about lists that do not
//! parse are not in the README, since the gateway never sends such a list.

use corsgate_policy::fetch::Blocked;

use crate::page::PageRequest;

/// What Chromium prints when it keeps an answer from a page.
pub(crate) fn blocked(request: &PageRequest, preflight: bool, why: &Blocked) -> String {
    let (url, origin) = (&request.href, &request.origin);
    let sentence = sentence(preflight, why);
    format!("Access to fetch at '{url}' from origin '{origin}' has been blocked by CORS policy: {sentence}")
}

/// What stands behind "blocked by CORS policy:".
#[must_use]
pub fn sentence(preflight: bool, why: &Blocked) -> String {
    let access = match why {
        Blocked::NoAllowOrigin => {
            "No 'Access-Control-Allow-Origin' header is present on the requested resource.".to_owned()
        }
        Blocked::OtherOrigin(value) => format!(
            "The 'Access-Control-Allow-Origin' header has a value '{value}' that is not equal to the supplied origin. Have the server send the header with a valid value."
        ),
        Blocked::AnyOriginWithCredentials => "The value of the 'Access-Control-Allow-Origin' header in the response must not be the wildcard '*' when the request's credentials mode is 'include'.".to_owned(),
        Blocked::Credentials => "The value of the 'Access-Control-Allow-Credentials' header in the response is '' which must be 'true' when the request's credentials mode is 'include'.".to_owned(),
        Blocked::Status(_) => "It does not have HTTP ok status.".to_owned(),
        Blocked::Unparsable(header, _) => {
            return format!("Cannot parse {header} response header field in preflight response.");
        }
        Blocked::Method(method) => {
            return format!(
                "Method {method} is not allowed by Access-Control-Allow-Methods in preflight response."
            );
        }
        Blocked::Header(name) => {
            return format!(
                "Request header field {name} is not allowed by Access-Control-Allow-Headers in preflight response."
            );
        }
    };
    match preflight {
        true => format!("Response to preflight request doesn't pass access control check: {access}"),
        false => access,
    }
}

/// What it prints when a handshake is answered with an error.
pub(crate) fn handshake(request: &PageRequest, status: u16) -> String {
    format!(
        "WebSocket connection to '{}' failed: Error during WebSocket handshake: Unexpected response code: {status}",
        request.page_url()
    )
}

/// What it prints when a page may read an answer that is an error.
pub(crate) fn failed(status: u16) -> String {
    let reason = match status {
        400 => "Bad Request",
        403 => "Forbidden",
        404 => "Not Found",
        502 => "Bad Gateway",
        503 => "Service Unavailable",
        _ => "",
    };
    format!("Failed to load resource: the server responded with a status of {status} ({reason})")
}
