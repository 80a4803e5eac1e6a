//! The messages that Chromium prints to its console, as measured. The README quotes them, and a test keeps both equal.
//!
//! Source: `services/network/public/cpp/cors/cors_error_string.cc` and similar files, which seldom change. The README
//! omits the messages about lists that do not parse, since the gateway never sends such a list.

use corsgate_policy::fetch::Blocked;

use crate::page::PageRequest;

/// What Chromium prints when it blocks a response.
pub(crate) fn blocked(request: &PageRequest, preflight: bool, why: &Blocked) -> String {
    let (url, origin) = (&request.href, &request.origin);
    let sentence = sentence(preflight, why);
    format!("Access to fetch at '{url}' from origin '{origin}' has been blocked by CORS policy: {sentence}")
}

/// The text after "blocked by CORS policy:".
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

/// What Chromium prints when the response to a handshake is an error.
pub(crate) fn handshake(request: &PageRequest, status: u16) -> String {
    format!(
        "WebSocket connection to '{}' failed: Error during WebSocket handshake: Unexpected response code: {status}",
        request.page_url()
    )
}

/// What Chromium prints when a page may read a response that is an error.
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
