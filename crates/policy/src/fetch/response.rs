//! The response that a browser checks.

/// A response, as far as CORS looks at it. Several lines of a header are one value with commas, as Fetch gets them ("get"
/// a header) and the platform joins them.
#[derive(Clone, Copy, Debug, Default)]
pub struct CorsResponse<'a> {
    /// The status.
    pub status: u16,
    /// `Access-Control-Allow-Origin`.
    pub allow_origin: Option<&'a str>,
    /// `Access-Control-Allow-Credentials`.
    pub allow_credentials: Option<&'a str>,
    /// `Access-Control-Allow-Methods`.
    pub allow_methods: Option<&'a str>,
    /// `Access-Control-Allow-Headers`.
    pub allow_headers: Option<&'a str>,
}

impl<'a> CorsResponse<'a> {
    /// Picks the headers of CORS out of all. `get` takes a name in lower case, and joins the lines of that name with
    /// `, `.
    pub fn new(status: u16, get: impl Fn(&str) -> Option<&'a str>) -> Self {
        Self {
            status,
            allow_origin: get("access-control-allow-origin"),
            allow_credentials: get("access-control-allow-credentials"),
            allow_methods: get("access-control-allow-methods"),
            allow_headers: get("access-control-allow-headers"),
        }
    }
}

/// "ok status".
#[must_use]
pub fn is_ok_status(status: u16) -> bool {
    (200..=299).contains(&status)
}

/// "redirect status".
#[must_use]
pub fn is_redirect_status(status: u16) -> bool {
    matches!(status, 301 | 302 | 303 | 307 | 308)
}
