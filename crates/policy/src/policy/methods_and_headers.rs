//! The methods and headers that a policy allows, with the header values that say so.

use crate::fetch::method::{is_safelisted, normalize};
use crate::fetch::request_header::is_non_wildcard;
use crate::grammar::token::{HeaderName, Method, is_token, members};

/// The most bytes of `Access-Control-Request-Headers` that are looked at.
pub const MAX_REQUEST_HEADERS_BYTES: usize = 4096;
/// The most names in `Access-Control-Request-Headers` that are looked at.
pub const MAX_REQUEST_HEADERS_NAMES: usize = 100;

/// The methods that a preflight may ask for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AllowedMethods {
    any: bool,
    names: Vec<Method>,
    value: String,
}

impl AllowedMethods {
    /// The named ones, and with `any` all others too (`*`).
    #[must_use]
    pub fn new(any: bool, names: Vec<Method>) -> Self {
        let value = joined(any, names.iter().map(Method::as_str));
        Self { any, names, value }
    }

    /// The value of `Access-Control-Allow-Methods`; empty when none is named.
    #[must_use]
    pub fn header_value(&self) -> &str {
        &self.value
    }

    /// Whether a page may use the method (Fetch, "CORS-preflight fetch", step 7.5): the
    /// safelisted methods always, the others byte for byte.
    #[must_use]
    pub fn allow(&self, method: &str) -> bool {
        let method = normalize(method);
        self.any || is_safelisted(method) || self.names.iter().any(|allowed| allowed.as_str() == method)
    }
}

/// The request headers that a preflight may ask for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AllowedHeaders {
    any: bool,
    names: Vec<HeaderName>,
    value: String,
}

/// Why not all of the requested headers are allowed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HeadersRefused<'a> {
    /// Too long, too many, or not a list of names.
    Malformed,
    /// This one is not allowed.
    NotAllowed(&'a str),
}

impl AllowedHeaders {
    /// The named ones, and with `any` all others (`*`) but `authorization`, which `*` never covers.
    #[must_use]
    pub fn new(any: bool, names: Vec<HeaderName>) -> Self {
        let value = joined(any, names.iter().map(HeaderName::as_str));
        Self { any, names, value }
    }

    /// The value of `Access-Control-Allow-Headers`; empty when none is named.
    #[must_use]
    pub fn header_value(&self) -> &str {
        &self.value
    }

    /// Checks a value of `Access-Control-Request-Headers`.
    ///
    /// # Errors
    /// The whole value is malformed, or the first name that is not allowed.
    pub fn check<'a>(&self, requested: &'a str) -> Result<(), HeadersRefused<'a>> {
        check_requested_headers(requested, |name| self.allow(name))
    }

    fn allow(&self, name: &str) -> bool {
        (self.any && !is_non_wildcard(name))
            || self.names.iter().any(|allowed| allowed.as_str().eq_ignore_ascii_case(name))
    }
}

/// Checks a value of `Access-Control-Request-Headers`. Browsers send it lower-case, sorted and
/// without space (Fetch, "CORS-unsafe request-header names"); what they do not send but lists
/// allow (RFC 9110, 5.6.1: order, case, space, empty elements) is read all the same. One pass,
/// within bounds, without allocation.
///
/// # Errors
/// The whole value is malformed, or the first name that is not allowed.
pub(crate) fn check_requested_headers(
    requested: &str,
    allow: impl Fn(&str) -> bool,
) -> Result<(), HeadersRefused<'_>> {
    if requested.len() > MAX_REQUEST_HEADERS_BYTES {
        return Err(HeadersRefused::Malformed);
    }
    let mut refused = None;
    for (at, name) in members(requested).enumerate() {
        if at >= MAX_REQUEST_HEADERS_NAMES || !is_token(name.as_bytes()) {
            return Err(HeadersRefused::Malformed);
        }
        if refused.is_none() && !allow(name) {
            refused = Some(name);
        }
    }
    refused.map_or(Ok(()), |name| Err(HeadersRefused::NotAllowed(name)))
}

/// The response headers that a page may read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ExposedHeaders {
    value: String,
}

impl ExposedHeaders {
    /// The named ones, and with `any` all others too (`*`).
    #[must_use]
    pub fn new(any: bool, names: &[HeaderName]) -> Self {
        Self { value: joined(any, names.iter().map(HeaderName::as_str)) }
    }

    /// The value of `Access-Control-Expose-Headers`; empty when none is named.
    #[must_use]
    pub fn header_value(&self) -> &str {
        &self.value
    }
}

fn joined<'a>(any: bool, names: impl Iterator<Item = &'a str>) -> String {
    any.then_some("*").into_iter().chain(names).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    fn methods(any: bool, names: &[&str]) -> AllowedMethods {
        AllowedMethods::new(any, names.iter().map(|name| Method::parse(name).expect(name)).collect())
    }

    fn headers(any: bool, names: &[&str]) -> AllowedHeaders {
        AllowedHeaders::new(any, names.iter().map(|name| HeaderName::parse(name).expect(name)).collect())
    }

    #[test]
    fn methods_are_compared_as_fetch_does() {
        let allowed = methods(false, &["PUT", "PATCH"]);
        for (method, allow) in [
            ("PUT", true),
            ("put", true),
            ("PATCH", true),
            ("patch", false),
            ("DELETE", false),
            ("GET", true),
            ("POST", true),
            ("HEAD", true),
            ("OPTIONS", false),
        ] {
            assert_eq!(allowed.allow(method), allow, "{method}");
        }
        assert_eq!(allowed.header_value(), "PUT, PATCH");
        assert!(methods(true, &[]).allow("ANYTHING"));
        assert_eq!(methods(true, &[]).header_value(), "*");
        assert_eq!(methods(false, &[]).header_value(), "");
    }

    #[test]
    fn requested_headers_are_read_tolerantly() {
        let allowed = headers(false, &["Authorization", "content-type"]);
        for value in [
            "authorization,content-type",
            "content-type,authorization",
            "Content-Type , AUTHORIZATION",
            ",,authorization,\t, content-type,authorization,",
            "",
            " , ",
        ] {
            assert_eq!(allowed.check(value), Ok(()), "{value:?}");
        }
        assert_eq!(
            allowed.check("authorization,x-trace,x-other"),
            Err(HeadersRefused::NotAllowed("x-trace"))
        );
        assert_eq!(allowed.header_value(), "authorization, content-type");
    }

    #[test]
    fn a_list_out_of_bounds_or_with_a_byte_no_name_has_is_malformed() {
        let allowed = headers(true, &[]);
        let names = |count| vec!["x"; count].join(",");
        let long = |length| "x".repeat(length);
        assert_eq!(allowed.check(&names(MAX_REQUEST_HEADERS_NAMES)), Ok(()));
        assert_eq!(allowed.check(&long(MAX_REQUEST_HEADERS_BYTES)), Ok(()));
        for value in [
            names(MAX_REQUEST_HEADERS_NAMES + 1),
            long(MAX_REQUEST_HEADERS_BYTES + 1),
            "x y".to_owned(),
            "x:y".to_owned(),
            "x\u{1}".to_owned(),
            "ü".to_owned(),
            "x\u{a0}".to_owned(),
        ] {
            assert_eq!(allowed.check(&value), Err(HeadersRefused::Malformed), "{value:?}");
        }
        // Malformed outweighs not allowed, wherever it stands.
        assert_eq!(headers(false, &[]).check("x-trace,a b"), Err(HeadersRefused::Malformed));
    }

    #[test]
    fn a_star_never_covers_authorization() {
        assert_eq!(headers(true, &[]).check("x-anything"), Ok(()));
        assert_eq!(
            headers(true, &[]).check("Authorization"),
            Err(HeadersRefused::NotAllowed("Authorization"))
        );
        assert_eq!(headers(true, &["authorization"]).check("authorization,x"), Ok(()));
        assert_eq!(headers(true, &["authorization"]).header_value(), "*, authorization");
    }
}
