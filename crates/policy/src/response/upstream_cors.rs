//! Predicts how a browser reacts to the upstream's own CORS headers, which a route in report mode keeps:
//! does the upstream reject a page that the policy would allow?
//!
//! It does if [`Decision::would_pass`] and then [`CorsResponse::refuses`] return true. The functions follow
//! the browser's side of Fetch (<https://fetch.spec.whatwg.org/>) as far as a gateway can. Where the
//! gateway cannot know a property of the page's request, it assumes the value that demands less of the
//! upstream, so that no upstream is blamed wrongly.

use crate::decision::decide::{Decision, Outcome};
use crate::decision::facts::{Facts, Kind};
use crate::fetch::cors_check::cors_check;
use crate::fetch::preflight_check::preflight_check;
use crate::fetch::{CorsRequest, CorsResponse, method};
use crate::grammar::token::members;
use crate::policy::cors::Cors;
use crate::policy::methods_and_headers::check_requested_headers;

impl Decision<'_> {
    /// Whether enforcement would let the page through, on a route in report mode.
    ///
    /// `carries_cookies` says whether the request has a `Cookie`. If it does and the route has no
    /// `credentials`, the page could not read the response under enforcement either, so this is false.
    #[must_use]
    pub fn would_pass(&self, carries_cookies: bool) -> bool {
        let is_readable = match self.kind {
            Kind::Actual => !carries_cookies || self.cors.is_some_and(Cors::allows_credentials),
            // A preflight never carries cookies, and enforcement removes them from a handshake.
            Kind::Preflight | Kind::Handshake => true,
        };
        self.outcome == Outcome::Report(None) && is_readable
    }
}

impl CorsResponse<'_> {
    /// Whether the response denies a page of another origin what it requested. False if the request does
    /// not come from such a page.
    ///
    /// `carries_cookies` says whether the request has a `Cookie`. If it does, its credentials mode is
    /// `include`, because no other mode sends cookies to another origin. If not, the mode is assumed not
    /// to be `include`.
    #[must_use]
    pub fn refuses(&self, facts: &Facts<'_>, carries_cookies: bool) -> bool {
        let Some(origin) = facts.foreign_origin() else {
            return false;
        };
        match facts.kind() {
            Kind::Preflight => !self.passes_preflight(origin, facts),
            // RFC 6455, 4.1: any other status fails the connection. CORS does not apply.
            Kind::Handshake => self.status != 101,
            // The browser applies the CORS check to its stored response, updated with the headers of this
            // 304 (Fetch, "HTTP-network-or-cache fetch", revalidation). The gateway does not know the
            // stored response.
            Kind::Actual if self.status == 304 && self.allow_origin.is_none() => false,
            Kind::Actual => !self.passes_cors_check(origin, carries_cookies),
        }
    }

    /// Whether a page of another origin may read the response although cookies were sent.
    #[must_use]
    pub fn grants_credentials(&self, facts: &Facts<'_>) -> bool {
        facts.foreign_origin().is_some_and(|origin| self.passes_cors_check(origin, true))
    }

    /// The CORS check. For a request without cookies, callers assume that the credentials mode is not
    /// `include`.
    fn passes_cors_check(&self, origin: &str, include_credentials: bool) -> bool {
        cors_check(CorsRequest { origin, include_credentials }, self).is_ok()
    }

    /// The checks of a preflight. A preflight does not reveal the credentials mode of the actual request,
    /// so it is assumed not to be `include`.
    fn passes_preflight(&self, origin: &str, facts: &Facts<'_>) -> bool {
        let method = method::normalize(facts.requested_method.unwrap_or_default());
        let names = facts.requested_headers.unwrap_or_default();
        let request = CorsRequest { origin, include_credentials: false };
        // A list that no browser would send passes no check.
        check_requested_headers(names, |_| true).is_ok()
            && preflight_check(request, method, members(names), self).is_ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decision::facts::RequestUrl;

    const APP: &str = "https://app.example.com";
    const PASSES: bool = false;
    const REFUSED: bool = true;

    fn get() -> Facts<'static> {
        let url = RequestUrl::parse("https://api.example.com/x").expect("a URL");
        Facts { method: "GET", url, origin: Some(APP), ..Facts::default() }
    }

    fn preflight<'a>(method: &'a str, headers: &'a str) -> Facts<'a> {
        let headers = Some(headers).filter(|headers| !headers.is_empty());
        Facts { method: "OPTIONS", requested_method: Some(method), requested_headers: headers, ..get() }
    }

    fn granting(allow_origin: &str) -> CorsResponse<'_> {
        CorsResponse { status: 200, allow_origin: Some(allow_origin), ..CorsResponse::default() }
    }

    #[test]
    fn an_actual_request_is_held_to_the_cors_check() {
        let credentials = |value| CorsResponse { allow_credentials: Some(value), ..granting(APP) };
        let silent = CorsResponse { status: 200, ..CorsResponse::default() };
        for (name, answer, without_cookies, with_cookies) in [
            ("nothing granted", silent, REFUSED, REFUSED),
            ("anyone", granting("*"), PASSES, REFUSED),
            (
                "anyone, with credentials",
                CorsResponse { allow_credentials: Some("true"), ..granting("*") },
                PASSES,
                REFUSED,
            ),
            ("the origin", granting(APP), PASSES, REFUSED),
            ("the origin, with credentials", credentials("true"), PASSES, PASSES),
            ("`True` is not `true`", credentials("True"), PASSES, REFUSED),
            ("credentials twice", credentials("true, true"), PASSES, REFUSED),
            (
                "the origin twice",
                granting("https://app.example.com, https://app.example.com"),
                REFUSED,
                REFUSED,
            ),
            ("anyone twice", granting("*, *"), REFUSED, REFUSED),
            ("another origin", granting("https://app.example.com:8443"), REFUSED, REFUSED),
            ("the origin in upper case", granting("https://APP.example.com"), REFUSED, REFUSED),
            ("an empty value", granting(""), REFUSED, REFUSED),
            (
                "an error that can be read",
                CorsResponse { status: 500, ..credentials("true") },
                PASSES,
                PASSES,
            ),
            ("an error that cannot", CorsResponse { status: 401, ..silent }, REFUSED, REFUSED),
            ("a redirect is checked as well", CorsResponse { status: 302, ..silent }, REFUSED, REFUSED),
            ("304: the stored response may grant", CorsResponse { status: 304, ..silent }, PASSES, PASSES),
            (
                "304: what it brings along counts",
                CorsResponse { status: 304, ..granting("https://other.example") },
                REFUSED,
                REFUSED,
            ),
        ] {
            assert_eq!(answer.refuses(&get(), false), without_cookies, "{name}");
            assert_eq!(answer.refuses(&get(), true), with_cookies, "{name}, with cookies");
        }
    }

    #[test]
    fn only_pages_of_other_origins_are_refused() {
        let url = get().url;
        let null = Facts { origin: Some("null"), ..get() };
        for (name, facts, refused) in [
            ("no Origin", Facts { origin: None, ..get() }, PASSES),
            ("the gateway's own", Facts { origin: Some(url.origin), ..get() }, PASSES),
            ("null of the gateway's own", Facts { sec_fetch_site: Some("same-origin"), ..null }, PASSES),
            ("null", null, REFUSED),
            ("another", get(), REFUSED),
        ] {
            let silent = CorsResponse { status: 200, ..CorsResponse::default() };
            assert_eq!(silent.refuses(&facts, true), refused, "{name}");
            let handshake = Facts { upgrade: Some("websocket"), ..facts };
            assert_eq!(silent.refuses(&handshake, true), refused, "{name}, a handshake");
        }
        assert!(!granting("null").refuses(&null, false), "`null` is granted by its name");
    }

    #[test]
    fn a_handshake_is_refused_unless_protocols_are_switched() {
        let handshake = Facts { upgrade: Some("websocket"), ..get() };
        for (status, refused) in [(101, PASSES), (200, REFUSED), (403, REFUSED), (404, REFUSED)] {
            let answer = CorsResponse { status, ..CorsResponse::default() };
            assert_eq!(answer.refuses(&handshake, true), refused, "{status}");
        }
        assert!(
            CorsResponse { status: 403, ..granting("*") }.refuses(&handshake, false),
            "CORS is not asked"
        );
    }

    #[test]
    fn a_preflight_passes_by_status_and_cors_check_and_lists() {
        let answer = |status, allow_origin| CorsResponse {
            status,
            allow_origin,
            allow_methods: Some("PUT"),
            ..CorsResponse::default()
        };
        for (name, answer, refused) in [
            ("204", answer(204, Some(APP)), PASSES),
            ("any ok status", answer(299, Some("*")), PASSES),
            ("a redirect", answer(301, Some(APP)), REFUSED),
            ("a missing route of the upstream", answer(404, Some(APP)), REFUSED),
            ("what is below 200", answer(199, Some(APP)), REFUSED),
            ("another origin", answer(204, Some("https://other.example")), REFUSED),
            ("nobody", answer(204, None), REFUSED),
            // The actual request is checked again, with its own credentials mode.
            ("anyone, and a cookie that no browser sends", answer(204, Some("*")), PASSES),
        ] {
            assert_eq!(answer.refuses(&preflight("PUT", ""), true), refused, "{name}");
        }
    }

    #[test]
    fn a_preflight_is_held_to_the_lists() {
        let both = "PUT, x-trace";
        for (name, method, headers, allow_methods, allow_headers, refused) in [
            ("listed", "PUT", "x-trace", Some(both), Some(both), PASSES),
            ("the case of a method counts", "PUT", "", Some("put"), None, REFUSED),
            ("but not of what a page asks", "put", "", Some("PUT"), None, PASSES),
            ("whereas `patch` is another method", "patch", "", Some("PATCH"), None, REFUSED),
            ("the case of a name does not", "PUT", "x-trace", Some("PUT"), Some("X-Trace"), PASSES),
            ("safelisted methods need no list", "POST", "", None, None, PASSES),
            ("nor does one count against them", "HEAD", "", Some("PUT"), None, PASSES),
            ("others do", "PUT", "", None, None, REFUSED),
            ("an empty list has nothing", "PUT", "", Some(""), None, REFUSED),
            ("`*` is every method", "PATCH", "", Some("*"), None, PASSES),
            ("beside others too", "PATCH", "", Some("PUT, *"), None, PASSES),
            ("a name that is not listed", "PUT", "x-other,x-trace", Some(both), Some(both), REFUSED),
            ("no names at all", "PUT", "x-trace", Some(both), None, REFUSED),
            ("`*` is every name", "GET", "x-trace,x-y", None, Some("*"), PASSES),
            ("but `authorization`", "GET", "authorization", None, Some("*"), REFUSED),
            ("which is named beside it", "GET", "authorization,x-y", None, Some("*, Authorization"), PASSES),
            ("empty members count for nothing", "PUT", "x-y", Some(",, PUT\t,"), Some(" , x-y"), PASSES),
            ("methods that are no list", "GET", "", Some("PUT; DELETE"), None, REFUSED),
            ("names that are no list", "GET", "", None, Some("\"x-trace\""), REFUSED),
            ("two methods in one word", "PUT", "", Some("PUT DELETE"), None, REFUSED),
            ("names that no browser asks for", "PUT", "a b", Some("PUT"), Some("*"), REFUSED),
        ] {
            let answer = CorsResponse { allow_methods, allow_headers, ..granting(APP) };
            assert_eq!(answer.refuses(&preflight(method, headers), false), refused, "{name}");
        }
    }
}
