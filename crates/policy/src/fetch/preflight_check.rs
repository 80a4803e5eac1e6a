//! Whether a preflight allows the request that it asks for.

use super::cors_check::cors_check;
use super::header_list::TokenList;
use super::{
    Blocked, CorsRequest, CorsResponse, ListHeader, is_ok_status, is_redirect_status, method, request_header,
};

/// "CORS-preflight fetch", step 7. `method` is [normalized](method::normalize), and `unsafe_names` are the
/// "CORS-unsafe request-header names" of the request.
///
/// The use-CORS-preflight flag (step 7.4) is taken to be unset: it stands for upload listeners, which neither a
/// preflight nor the description of a request shows.
///
/// # Errors
/// Why the request is not sent.
pub fn preflight_check<'a>(
    request: CorsRequest<'_>,
    method: &'a str,
    unsafe_names: impl IntoIterator<Item = &'a str>,
    response: &CorsResponse<'a>,
) -> Result<(), Blocked<&'a str>> {
    // A preflight's redirect mode is "error", so "HTTP fetch" ends before the CORS check.
    if is_redirect_status(response.status) {
        return Err(Blocked::Status(response.status));
    }
    cors_check(request, response)?;
    if !is_ok_status(response.status) {
        return Err(Blocked::Status(response.status));
    }
    let lists = PreflightLists::extract(response)?;
    let include = request.include_credentials;
    if !lists.allow_method(method, include) {
        return Err(Blocked::Method(method));
    }
    match unsafe_names.into_iter().find(|name| !lists.allow_header(name, include)) {
        Some(name) => Err(Blocked::Header(name)),
        None => Ok(()),
    }
}

/// The lists of a preflight's response.
#[derive(Clone, Copy, Debug)]
pub struct PreflightLists<'a> {
    /// Of `Access-Control-Allow-Methods`.
    pub methods: TokenList<'a>,
    /// Of `Access-Control-Allow-Headers`.
    pub headers: TokenList<'a>,
}

impl<'a> PreflightLists<'a> {
    /// "CORS-preflight fetch", steps 7.1 to 7.3: where either list is a failure, the whole preflight is.
    ///
    /// # Errors
    /// [`Blocked::Unparsable`].
    pub fn extract(response: &CorsResponse<'a>) -> Result<Self, Blocked<&'a str>> {
        let list = |header, value: Option<&'a str>| {
            TokenList::extract(value)
                .map_err(|_member| Blocked::Unparsable(header, value.unwrap_or_default()))
        };
        Ok(Self {
            methods: list(ListHeader::Methods, response.allow_methods)?,
            headers: list(ListHeader::Headers, response.allow_headers)?,
        })
    }

    /// Step 7.5. With credentials, `*` is a method of that name.
    fn allow_method(self, method: &str, include: bool) -> bool {
        self.methods.has(method) || method::is_safelisted(method) || (!include && self.methods.has("*"))
    }

    /// Steps 7.6 and 7.7. With credentials, `*` is a header of that name.
    fn allow_header(self, name: &str, include: bool) -> bool {
        let wildcard_covers = !include && !request_header::is_non_wildcard(name);
        self.headers.has_name(name) || (wildcard_covers && self.headers.has("*"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const APP: &str = "https://app.example.com";

    fn check<'a>(
        include_credentials: bool,
        (method, names): (&'a str, &[&'a str]),
        (allow_methods, allow_headers): (Option<&'a str>, Option<&'a str>),
    ) -> Result<(), Blocked<&'a str>> {
        let request = CorsRequest { origin: APP, include_credentials };
        let response = CorsResponse {
            status: 204,
            allow_origin: Some(APP),
            allow_credentials: Some("true"),
            allow_methods,
            allow_headers,
        };
        preflight_check(request, method, names.iter().copied(), &response)
    }

    #[test]
    fn a_star_is_a_wildcard_without_credentials_and_never_for_authorization() {
        let star = (Some("*"), Some("*"));
        assert_eq!(check(false, ("PATCH", &["x-a"]), star), Ok(()));
        assert_eq!(check(true, ("PATCH", &[]), star), Err(Blocked::Method("PATCH")));
        assert_eq!(check(true, ("GET", &["x-a"]), star), Err(Blocked::Header("x-a")));
        assert_eq!(check(false, ("GET", &["authorization"]), star), Err(Blocked::Header("authorization")));
        assert_eq!(check(true, ("*", &["*"]), star), Ok(()));
        assert_eq!(check(false, ("GET", &["authorization"]), (None, Some("*, Authorization"))), Ok(()));
    }

    #[test]
    fn a_list_that_does_not_parse_fails_every_preflight() {
        for (lists, blocked) in [
            (
                (None, Some("content-type authorization")),
                Blocked::Unparsable(ListHeader::Headers, "content-type authorization"),
            ),
            ((Some("PUT, DE LETE"), None), Blocked::Unparsable(ListHeader::Methods, "PUT, DE LETE")),
            ((Some("a b"), Some("c d")), Blocked::Unparsable(ListHeader::Methods, "a b")),
            ((Some("*"), Some("* *")), Blocked::Unparsable(ListHeader::Headers, "* *")),
        ] {
            for include in [false, true] {
                assert_eq!(check(include, ("GET", &[]), lists), Err(blocked), "{lists:?}");
                assert_eq!(check(include, ("PUT", &["content-type"]), lists), Err(blocked), "{lists:?}");
            }
        }
    }

    #[test]
    fn the_cors_check_comes_first_and_then_the_status() {
        let request = CorsRequest { origin: APP, include_credentials: false };
        let unparsable = CorsResponse { status: 404, allow_methods: Some("a b"), ..CorsResponse::default() };
        let blocked = |response| preflight_check(request, "GET", [], response);
        assert_eq!(blocked(&unparsable), Err(Blocked::NoAllowOrigin));
        let granted = CorsResponse { allow_origin: Some("*"), ..unparsable };
        assert_eq!(blocked(&granted), Err(Blocked::Status(404)));
        for status in [301, 302, 303, 304, 307, 308] {
            let moved = CorsResponse { status, ..CorsResponse::default() };
            let expected = if status == 304 { Blocked::NoAllowOrigin } else { Blocked::Status(status) };
            assert_eq!(preflight_check(request, "GET", [], &moved), Err(expected));
        }
    }
}
