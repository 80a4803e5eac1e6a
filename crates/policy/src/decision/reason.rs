//! Why a request was refused: one list for headers, bodies, logs, records, tests and tools.

use core::fmt;

use crate::decision::facts::Kind;

macro_rules! reasons {
    ($($(#[doc = $doc:literal])+ $variant:ident = $name:literal, $status:literal, $error:expr,
        $title:literal, $detail:literal;)+) => {
        /// Why a request was refused.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Reason {
            $($(#[doc = $doc])+ $variant,)+
        }

        impl Reason {
            /// All reasons, in the order of the documentation.
            pub const ALL: &[Self] = &[$(Self::$variant),+];

            /// The name used everywhere: lower case, words joined by `_`.
            #[must_use]
            pub fn name(self) -> &'static str {
                match self { $(Self::$variant => $name),+ }
            }

            /// The status of the gateway's answer.
            #[must_use]
            pub fn status(self) -> u16 {
                match self { $(Self::$variant => $status),+ }
            }

            /// The proxy error type (RFC 9209, 2.3), where the answer is an error.
            #[must_use]
            pub fn proxy_error(self) -> Option<&'static str> {
                match self { $(Self::$variant => $error),+ }
            }

            /// What happened, for the `title` of a problem (RFC 9457).
            #[must_use]
            pub fn title(self) -> &'static str {
                match self { $(Self::$variant => $title),+ }
            }

            /// What to do about it, for the `detail` of a problem.
            #[must_use]
            pub fn detail(self) -> &'static str {
                match self { $(Self::$variant => $detail),+ }
            }
        }
    };
}

reasons! {
    /// No entry of the route lists the origin.
    OriginNotListed = "origin_not_listed", 403, Some("http_request_denied"),
        "The origin is not allowed",
        "Pages of this origin may not use this route. If they should, add the origin, exactly as the \
         browser sends it, to the route's allowlist.";
    /// `Origin` is not what a browser sends.
    OriginMalformed = "origin_malformed", 403, Some("http_request_denied"),
        "The Origin header is malformed",
        "Send one Origin as browsers serialize it: scheme://host[:port] in lower case, without path, \
         trailing slash or default port.";
    /// `Origin: null`, which any sandboxed frame can send.
    OriginNull = "origin_null", 403, Some("http_request_denied"),
        "The origin is null",
        "Sandboxed frames, local files and some redirects send the origin `null`, which identifies no \
         site. Serve the page from its own origin and list that origin.";
    /// The entry that lists the origin has expired.
    OriginExpired = "origin_expired", 403, Some("http_request_denied"),
        "The origin's permission has expired",
        "The allowlist entry for this origin has expired. Renew the entry.";
    /// A handshake without `Origin` on a route that requires one.
    WebsocketOriginMissing = "websocket_origin_missing", 403, Some("http_request_denied"),
        "The WebSocket handshake has no Origin",
        "Browsers always send Origin. Other clients must send a listed Origin, or the \
         route must set `require_origin = false`.";
    /// `Access-Control-Request-Method` is not a method.
    MethodMalformed = "method_malformed", 403, Some("http_request_denied"),
        "The requested method is malformed",
        "Access-Control-Request-Method must contain exactly one method.";
    /// `Access-Control-Request-Headers` is not a list of header names, or is too long.
    HeadersMalformed = "headers_malformed", 403, Some("http_request_denied"),
        "The requested headers are malformed",
        "Access-Control-Request-Headers must be a list of at most 100 header names in at most 4096 bytes.";
    /// The route does not allow the method of the preflight, or the request uses TRACE, which no route
    /// allows.
    MethodNotAllowed = "method_not_allowed", 204, None,
        "The method is not allowed",
        "Add the method to the route's `methods`, in the same case as the page uses. A route with \
         `enforce_methods` allows no other, GET, HEAD and POST included. TRACE is never forwarded.";
    /// The route does not allow a header of the preflight.
    HeaderNotAllowed = "header_not_allowed", 204, None,
        "A request header is not allowed",
        "Add the header to the route's `request_headers`.";
    /// The path could match another route on some server, or the URL cannot be read at all.
    PathAmbiguous = "path_ambiguous", 400, Some("http_request_error"),
        "The URL is ambiguous",
        "Servers interpret this host or path in different ways, so the request is not forwarded. Use the \
         plain form: the route's case, single slashes, no dot segments, no unnecessary percent-encoding. A route with \
         `encoded_slashes = \"keep\"` takes `%2f` and `%5c` behind its own path.";
    /// No route matches the request.
    RouteNotFound = "route_not_found", 404, Some("destination_not_found"),
        "No route matches this request",
        "Check the host and the path against the routes of the policy.";
    /// The request exceeds a rate limit.
    RateLimited = "rate_limited", 429, Some("http_request_denied"),
        "Too many requests",
        "Wait the number of seconds in Retry-After, then try again.";
    /// No policy is stored.
    PolicyMissing = "policy_missing", 503, Some("proxy_configuration_error"),
        "The gateway has no policy",
        "Write a compiled policy to the KV key `policy/current`.";
    /// No stored policy can be read.
    PolicyInvalid = "policy_invalid", 503, Some("proxy_configuration_error"),
        "The gateway cannot read its policy",
        "KV does not answer, or it holds no policy that this version of the gateway can read. The Worker's \
         log says which.";
    /// A list that would decide cannot be read at the moment.
    ListUnavailable = "list_unavailable", 503, Some("proxy_internal_error"),
        "The allowlist cannot be read at the moment",
        "The gateway cannot tell whether the origin is allowed. Try again in a few seconds.";
    /// A secret that the upstream must get is not bound, or cannot be the value of a header.
    SecretMissing = "secret_missing", 503, Some("proxy_configuration_error"),
        "A secret for the upstream is missing",
        "The route sets a header of its requests to a secret that the gateway does not have or cannot send. The \
         Worker's log says which.";
    /// The upstream cannot be reached.
    UpstreamUnreachable = "upstream_unreachable", 502, Some("destination_unavailable"),
        "The upstream cannot be reached",
        "The server behind the gateway refused the connection or closed it. Try again later.";
    /// The upstream did not answer in time.
    UpstreamTimeout = "upstream_timeout", 504, Some("http_response_timeout"),
        "The upstream did not answer in time",
        "The server behind the gateway sent no response within the route's timeout. Try again later.";
    /// The upstream's response cannot be forwarded.
    UpstreamInvalid = "upstream_invalid", 502, Some("http_protocol_error"),
        "The upstream's response cannot be forwarded",
        "The server behind the gateway answered with a status outside 200 to 599.";
    /// The request has passed this gateway before.
    UpstreamLoop = "upstream_loop", 502, Some("proxy_loop_detected"),
        "The request came back to the gateway",
        "The route's upstream points to the gateway itself. Set it to the address of the server behind the \
         gateway.";
}

/// What a reason is about, so that an outage of an upstream is not taken for a refusal of the policy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReasonClass {
    /// The origin, the method or a header: the CORS rules of the route.
    Cors,
    /// A rate limit.
    Limit,
    /// The path, or no route for it.
    Path,
    /// The gateway itself: its policy, a list or a secret is missing.
    Configuration,
    /// The upstream failed. The policy allowed the request.
    Upstream,
}

impl ReasonClass {
    /// All classes, in the order of the documentation.
    pub const ALL: [Self; 5] = [Self::Cors, Self::Limit, Self::Path, Self::Configuration, Self::Upstream];

    /// The name in reports.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Cors => "cors",
            Self::Limit => "limit",
            Self::Path => "path",
            Self::Configuration => "configuration",
            Self::Upstream => "upstream",
        }
    }

    /// The class with a name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|class| class.name() == name)
    }
}

impl Reason {
    /// The reason with a name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|reason| reason.name() == name)
    }

    /// The status of the gateway's answer to a request of this kind. A preflight for a method that is not
    /// allowed gets a 204 with the true lists, so that the browser can compare; any other request is
    /// rejected.
    #[must_use]
    pub fn status_for(self, kind: Kind) -> u16 {
        match self {
            Self::MethodNotAllowed if kind != Kind::Preflight => 403,
            _ => self.status(),
        }
    }

    /// The proxy error type (RFC 9209, 2.3) of an answer with a status, where that is an error.
    pub(crate) fn proxy_error_for(self, status: u16) -> Option<&'static str> {
        match self {
            Self::MethodNotAllowed if status >= 400 => Some("http_request_denied"),
            _ => self.proxy_error(),
        }
    }

    /// What the reason is about.
    #[must_use]
    pub fn class(self) -> ReasonClass {
        match self {
            Self::OriginNotListed
            | Self::OriginMalformed
            | Self::OriginNull
            | Self::OriginExpired
            | Self::WebsocketOriginMissing
            | Self::MethodMalformed
            | Self::HeadersMalformed
            | Self::MethodNotAllowed
            | Self::HeaderNotAllowed => ReasonClass::Cors,
            Self::RateLimited => ReasonClass::Limit,
            Self::PathAmbiguous | Self::RouteNotFound => ReasonClass::Path,
            Self::PolicyMissing | Self::PolicyInvalid | Self::ListUnavailable | Self::SecretMissing => {
                ReasonClass::Configuration
            }
            Self::UpstreamUnreachable
            | Self::UpstreamTimeout
            | Self::UpstreamInvalid
            | Self::UpstreamLoop => ReasonClass::Upstream,
        }
    }

    /// Whether the origin alone decides.
    #[must_use]
    pub fn is_about_origin(self) -> bool {
        matches!(
            self,
            Self::OriginNotListed
                | Self::OriginMalformed
                | Self::OriginNull
                | Self::OriginExpired
                | Self::WebsocketOriginMissing
        )
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_unique_tokens_that_fit_a_close_frame() {
        for reason in Reason::ALL {
            assert_eq!(Reason::from_name(reason.name()), Some(*reason));
            assert!(reason.name().bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_'));
            assert!(reason.name().len() <= 123);
        }
    }

    #[test]
    fn an_error_status_has_a_proxy_error_and_no_other_has() {
        for reason in Reason::ALL {
            assert_eq!(reason.status() >= 400, reason.proxy_error().is_some(), "{reason}");
        }
    }
}
