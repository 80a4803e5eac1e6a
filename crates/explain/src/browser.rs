//! What a browser does with the response to a page's request, by the checks of [`corsgate_policy::fetch`].

use corsgate_policy::fetch::{Blocked, CorsRequest, CorsResponse, cors_check, preflight_check};

use crate::page::PageRequest;

/// Runs [`cors_check`](mod@cors_check) for a page's request.
///
/// # Errors
/// Why the browser blocks the response.
pub fn check_response(request: &PageRequest, response: &CorsResponse<'_>) -> Result<(), Blocked> {
    cors_check::cors_check(checked(request), response).map_err(Blocked::into_owned)
}

/// Runs [`preflight_check`](mod@preflight_check) for a page's request.
///
/// # Errors
/// Why the browser does not send the request.
pub fn check_preflight(
    request: &PageRequest,
    requested_method: &str,
    response: &CorsResponse<'_>,
) -> Result<(), Blocked> {
    let names = request.unsafe_names();
    let names = names.iter().map(|(name, _)| name.as_str());
    preflight_check::preflight_check(checked(request), requested_method, names, response)
        .map_err(Blocked::into_owned)
}

fn checked(request: &PageRequest) -> CorsRequest<'_> {
    CorsRequest { origin: &request.origin, include_credentials: request.credentials }
}
