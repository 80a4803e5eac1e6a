//! The methods and headers that a policy allows, with the header values that say so.

use std::borrow::Cow;

use crate::fetch::method::{is_safelisted, normalize};
use crate::fetch::request_header::{is_forbidden_in_full, is_non_wildcard};
use crate::grammar::family::HeaderFamily;
use crate::grammar::token::{HeaderName, Method, is_token, members, sorted_once};

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
    enforced: bool,
}

impl AllowedMethods {
    /// The named ones, and with `any` all others too (`*`).
    #[must_use]
    pub fn new(any: bool, names: Vec<Method>) -> Self {
        let value = joined(any, &mut names.iter().map(Method::as_str));
        Self { any, names, value, enforced: false }
    }

    /// Only the named ones, safelisted methods included, for preflights and for the requests themselves. GET also allows
    /// HEAD, which asks for less of the same response (RFC 9110, 9.3.2).
    #[must_use]
    #[inline(never)]
    pub fn enforced(any: bool, mut names: Vec<Method>) -> Self {
        let has = |name: &str| names.iter().any(|method| method.as_str() == name);
        if has("GET") && !has("HEAD") {
            names.extend(Method::parse("HEAD"));
        }
        Self { enforced: true, ..Self::new(any, names) }
    }

    /// Whether the requests themselves may use only these methods.
    #[must_use]
    pub fn are_enforced(&self) -> bool {
        self.enforced && !self.any
    }

    /// Whether a browser would take the lists of an answer to a preflight for a permission of this method, which is not
    /// allowed: it always accepts safelisted methods, and a missing list allows the method of a request with upload
    /// listeners (Fetch, "CORS-preflight fetch", steps 7.4 and 7.5). Only a status that fails stops it then (step 7).
    #[must_use]
    pub fn only_status_refuses(&self, method: &str) -> bool {
        self.enforced && (self.value.is_empty() || is_safelisted(normalize(method)))
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
        self.any
            || (!self.enforced && is_safelisted(method))
            || self.names.iter().any(|allowed| allowed.as_str() == method)
    }
}

/// The request headers that a preflight may ask for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AllowedHeaders {
    any: bool,
    names: Vec<HeaderName>,
    families: Vec<HeaderFamily>,
    value: String,
    /// The names and families, if there are families.
    with_families: Option<String>,
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
    /// The named ones and those of the families, and with `any` all others (`*`) but `authorization`, which
    /// `*` never covers.
    #[must_use]
    pub fn new(any: bool, names: Vec<HeaderName>, families: Vec<HeaderFamily>) -> Self {
        let value = joined(any, &mut names.iter().map(HeaderName::as_str));
        let with_families = listed_families(&families).map(|families| match value.as_str() {
            "" => families,
            value => format!("{value}, {families}"),
        });
        Self { any, names, families, value, with_families }
    }

    /// What the policy lists: names, families and `*`.
    #[must_use]
    pub fn listed(&self) -> &str {
        self.with_families.as_deref().unwrap_or(&self.value)
    }

    /// Whether the answer to a preflight depends on the headers that it asks for.
    #[must_use]
    pub fn depend_on_request(&self) -> bool {
        !self.any && !self.families.is_empty()
    }

    /// The value of `Access-Control-Allow-Headers`; empty when there is none. It has every name of the policy, because
    /// browsers cache them, and of the requested names those of a family, in lower case, sorted and once.
    /// A malformed request adds nothing.
    #[must_use]
    pub fn header_value(&self, requested: Option<&str>) -> Cow<'_, str> {
        let value = Cow::Borrowed(self.value.as_str());
        let requested = requested.filter(|_| self.depend_on_request());
        requested.and_then(|requested| self.with_requested(requested)).map_or(value, Cow::Owned)
    }

    /// The value with the requested names that families have, unless there are none.
    #[inline(never)]
    fn with_requested(&self, requested: &str) -> Option<String> {
        check_requested_headers(requested, |_| true).ok()?;
        let in_family = |name: &&str| self.is_in_family(name) && !self.is_named(name);
        let names = sorted_once(members(requested).filter(in_family));
        let mut all = self.names.iter().map(HeaderName::as_str).chain(names.iter().map(String::as_str));
        (!names.is_empty()).then(|| joined(false, &mut all))
    }

    /// Checks a value of `Access-Control-Request-Headers`.
    ///
    /// # Errors
    /// The whole value is malformed, or the first name that is not allowed.
    pub fn check<'a>(&self, requested: &'a str) -> Result<(), HeadersRefused<'a>> {
        check_requested_headers(requested, |name| self.allow(name))
    }

    fn allow(&self, name: &str) -> bool {
        (self.any && !is_non_wildcard(name)) || self.is_named(name) || self.is_in_family(name)
    }

    fn is_named(&self, name: &str) -> bool {
        self.names.iter().any(|allowed| allowed.as_str().eq_ignore_ascii_case(name))
    }

    /// No page can set a forbidden header, so a family does not have it.
    fn is_in_family(&self, name: &str) -> bool {
        self.families.iter().any(|family| family.admits(name)) && !is_forbidden_in_full(name)
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
    families: String,
}

impl ExposedHeaders {
    /// The named ones and those of the families, and with `any` all others too (`*`).
    #[must_use]
    pub fn new(any: bool, names: &[HeaderName], families: &[HeaderFamily]) -> Self {
        // `*` covers every name of a family.
        let families = if any { None } else { listed_families(families) };
        Self {
            value: joined(any, &mut names.iter().map(HeaderName::as_str)),
            families: families.unwrap_or_default(),
        }
    }

    /// The families, with `, ` between them, for [`exposed`](crate::response::exposed); empty when there are none.
    #[must_use]
    pub fn families(&self) -> &str {
        &self.families
    }

    /// The value of `Access-Control-Expose-Headers` without the names of families; empty when none is named.
    #[must_use]
    pub fn header_value(&self) -> &str {
        &self.value
    }
}

/// The families as a policy writes them, unless there are none.
fn listed_families(families: &[HeaderFamily]) -> Option<String> {
    let listed: Vec<_> = families.iter().map(|family| format!("{}*", family.prefix())).collect();
    (!listed.is_empty()).then(|| listed.join(", "))
}

fn joined(any: bool, names: &mut dyn Iterator<Item = &str>) -> String {
    let mut value = if any { "*".to_owned() } else { String::new() };
    for name in names {
        if !value.is_empty() {
            value.push_str(", ");
        }
        value.push_str(name);
    }
    value
}

#[cfg(test)]
mod tests {
    use super::*;

    fn methods(any: bool, names: &[&str]) -> AllowedMethods {
        AllowedMethods::new(any, names.iter().map(|name| Method::parse(name).expect(name)).collect())
    }

    fn headers(any: bool, names: &[&str]) -> AllowedHeaders {
        with_families(any, names, &[])
    }

    fn with_families(any: bool, names: &[&str], families: &[&str]) -> AllowedHeaders {
        let names = names.iter().map(|name| HeaderName::parse(name).expect(name)).collect();
        let families = families.iter().map(|family| HeaderFamily::parse(family).expect(family)).collect();
        AllowedHeaders::new(any, names, families)
    }

    #[test]
    fn a_family_admits_its_names_and_the_answer_has_those_that_were_asked_for() {
        let allowed = with_families(false, &["content-type"], &["x-amz-meta-*", "ho*"]);
        for (requested, refused, value) in [
            ("", None, "content-type"),
            ("content-type", None, "content-type"),
            ("x-amz-meta-b,x-amz-meta-a", None, "content-type, x-amz-meta-a, x-amz-meta-b"),
            ("X-Amz-Meta-A , x-amz-meta-a,,", None, "content-type, x-amz-meta-a"),
            ("x-amz-meta-a,x-trace", Some("x-trace"), "content-type, x-amz-meta-a"),
            ("x-amz-meta-", Some("x-amz-meta-"), "content-type"),
            ("host", Some("host"), "content-type"),
            ("Host", Some("Host"), "content-type"),
            ("hop", None, "content-type, hop"),
        ] {
            let expected = refused.map_or(Ok(()), |name| Err(HeadersRefused::NotAllowed(name)));
            assert_eq!(allowed.check(requested), expected, "{requested}");
            assert_eq!(allowed.header_value(Some(requested)), value, "{requested}");
        }
        assert_eq!(allowed.header_value(None), "content-type");
        assert_eq!(allowed.listed(), "content-type, x-amz-meta-*, ho*");
        assert_eq!(with_families(false, &[], &["x-*"]).listed(), "x-*");
        assert_eq!(headers(false, &["x-a"]).listed(), "x-a");
    }

    #[test]
    fn a_malformed_request_adds_no_name_of_a_family() {
        let allowed = with_families(false, &["x"], &["x-*"]);
        let names = |count: usize| (0..count).map(|at| format!("x-{at}")).collect::<Vec<_>>().join(",");
        assert_eq!(allowed.check(&names(MAX_REQUEST_HEADERS_NAMES)), Ok(()));
        assert_eq!(members(&allowed.header_value(Some(&names(MAX_REQUEST_HEADERS_NAMES)))).count(), 101);
        for requested in [
            names(MAX_REQUEST_HEADERS_NAMES + 1),
            format!("x-{}", "y".repeat(MAX_REQUEST_HEADERS_BYTES)),
            "x-a,x y".to_owned(),
            "x-a,x-ü".to_owned(),
        ] {
            assert_eq!(allowed.check(&requested), Err(HeadersRefused::Malformed));
            assert_eq!(allowed.header_value(Some(&requested)), "x");
        }
    }

    #[test]
    fn beside_a_star_a_family_changes_nothing() {
        let allowed = with_families(true, &["authorization"], &["x-*"]);
        assert!(!allowed.depend_on_request());
        assert_eq!(allowed.header_value(Some("x-a")), "*, authorization");
        let family = [HeaderFamily::parse("x-*").expect("a family")];
        assert_eq!(ExposedHeaders::new(true, &[], &family).families(), "");
        assert_eq!(ExposedHeaders::new(false, &[], &family).families(), "x-*");
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
        assert_eq!(allowed.header_value(None), "authorization, content-type");
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
        assert_eq!(headers(true, &["authorization"]).header_value(None), "*, authorization");
    }
}
