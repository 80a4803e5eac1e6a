//! The headers that a decision writes on a response of the upstream or of the gateway itself.

use crate::decision::facts::{Facts, Kind};
use crate::decision::reason::Reason;
use crate::decision::{Decision, Grant, Outcome};
use crate::policy::cors::Cors;
use crate::policy::document::OnReject;
use crate::policy::limit::Limit;
use crate::policy::response_headers::Timing;

/// Receives changes to the headers of a response. Names are lower-case. Names and values come from the
/// policy, from constants, or from an `Origin` that the policy lists.
pub trait ResponseHeaderSink {
    /// Removes a header of the upstream.
    fn remove(&mut self, name: &str);
    /// Sets a header, replacing the upstream's.
    fn set(&mut self, name: &str, value: &str);
    /// Appends a member to a list header.
    fn append(&mut self, name: &str, value: &str);
    /// Merges names into `Vary`.
    fn vary(&mut self, names: &'static str);
    /// Lets pages read the headers of the upstream's response that these families have (see
    /// [`exposed`](crate::response::exposed)). The gateway's own answers have none of the upstream's.
    fn expose(&mut self, _families: &str) {}
}

const NO_CONTENT: u16 = 204;

/// The status of an accepted handshake (RFC 6455, 4.2.2).
pub const SWITCHING_PROTOCOLS: u16 = 101;

/// The close code of a rejected WebSocket: 403 in the range for private use (RFC 6455, 7.4.2).
pub const CLOSE_REFUSED: u16 = 4403;

const REJECT: &str = "reject";
const STRIP: &str = "strip";

/// The problem type of draft-ietf-httpapi-ratelimit-headers, which clients may recognize.
const QUOTA_EXCEEDED: &str = "https://iana.org/assignments/http-problem-types#quota-exceeded";

const VARY_ACTUAL: &str = "Origin";
const VARY_STORAGE_ACCESS: &str = "Origin, Sec-Fetch-Storage-Access";
const VARY_FAMILIES: &str = "Access-Control-Request-Headers";
const VARY_PREFLIGHT: &str = "Origin, Access-Control-Request-Method, Access-Control-Request-Headers";

impl Decision<'_> {
    /// Writes the headers of the response for the outcome. The caller has already removed the upstream's
    /// `Access-Control-*` and `Corsgate-*`, so the response has only those written here.
    ///
    /// Under [`Outcome::Report`] the upstream's own CORS headers are kept, and only headers that do not
    /// depend on CORS are written.
    pub fn write_headers(&self, sink: &mut impl ResponseHeaderSink) {
        match self.outcome {
            Outcome::Report(_) => self.write_route(sink),
            Outcome::Allow | Outcome::Strip(_) | Outcome::Reject(_) => self.write_own_headers(sink),
        }
        if let Some(refusal) = self.refusal() {
            refusal.write_headers(sink);
        }
    }

    /// Writes the headers of the gateway's answer to a request that is not forwarded, and returns its
    /// status: 204 for a preflight that succeeds; for a rejection the status of its reason, with
    /// [a problem](Self::problem) as the body.
    pub fn write_answer(&self, sink: &mut impl ResponseHeaderSink) -> u16 {
        self.write_headers(sink);
        let status = self.refusal().map_or(NO_CONTENT, |refusal| refusal.status());
        match status {
            NO_CONTENT => {}
            // Browsers never show the body of a preflight response.
            _ if self.kind == Kind::Preflight => forbid_storing(sink),
            _ => {
                let set = self.route.map_or(&[][..], |route| &route.response_headers.set);
                for (name, value) in PROBLEM_PROTECTION {
                    if !set.iter().any(|(known, _)| known == name) {
                        sink.set(name, value);
                    }
                }
                describe_problem(sink);
            }
        }
        status
    }

    /// The reason to accept a handshake and close its socket at once, if the route does so: a page can read
    /// a close frame, but not the response to a rejected handshake.
    #[must_use]
    pub fn closes_socket(&self, facts: &Facts<'_>) -> Option<Reason> {
        let Outcome::Reject(reason) = self.outcome else { return None };
        // The platform accepts a WebSocket only if `websocket` is the whole value of `Upgrade`.
        let only_websocket = facts.upgrade.is_some_and(|upgrade| upgrade.eq_ignore_ascii_case("websocket"));
        let closes = self.kind == Kind::Handshake
            && only_websocket
            && reason.is_about_origin()
            && self.route.is_some_and(|route| route.on_reject() == OnReject::Close);
        closes.then_some(reason)
    }

    /// Writes the headers of every answer that the gateway itself gives, whatever the outcome: CORS as the
    /// policy grants it, `Vary`, and the route's headers. A route in report mode is no exception: such an
    /// answer has no CORS headers from the upstream, so they must come from the policy.
    pub fn write_own_headers(&self, sink: &mut impl ResponseHeaderSink) {
        self.write_cors(sink);
        if self.varies {
            let storage_access = self.route.is_some_and(|route| route.storage_access);
            sink.vary(match self.kind {
                Kind::Preflight => VARY_PREFLIGHT,
                Kind::Actual if storage_access => VARY_STORAGE_ACCESS,
                Kind::Actual | Kind::Handshake => VARY_ACTUAL,
            });
        } else if self.kind == Kind::Preflight
            && self.cors.is_some_and(|cors| cors.request_headers.depend_on_request())
        {
            sink.vary(VARY_FAMILIES);
        }
        self.write_route(sink);
        self.write_storage_access(sink);
        // A page that may not read a response may not see its timing either.
        let timing = self.route.map_or(Timing::Upstreams, |route| route.response_headers.timing);
        let stripped = matches!(self.outcome, Outcome::Strip(_)) && timing != Timing::Listed;
        if timing == Timing::Follows || stripped {
            self.write_timing(sink);
        }
    }

    /// Writes the headers that a route sets and removes, and those of its limits. None of them depends on
    /// CORS.
    fn write_route(&self, sink: &mut impl ResponseHeaderSink) {
        if let Some(route) = self.route {
            let headers = &route.response_headers;
            headers.remove.iter().for_each(|name| sink.remove(name));
            headers.set.iter().for_each(|(name, value)| sink.set(name, value));
        }
        self.write_limits(sink);
    }

    fn write_cors(&self, sink: &mut impl ResponseHeaderSink) {
        const ALLOW_ORIGIN: &str = "access-control-allow-origin";
        match self.grant {
            Grant::Nobody => return,
            Grant::Anyone => sink.set(ALLOW_ORIGIN, "*"),
            Grant::Origin(origin) => sink.set(ALLOW_ORIGIN, origin),
            Grant::Explanation(reason) => {
                let words = reason.name().replace('_', "-");
                // No one can get a certificate for `.invalid` (RFC 6761, 6.4), so no page ever has this
                // origin. Browsers print the value as it is.
                sink.set(ALLOW_ORIGIN, &["https://", &words, ".corsgate.invalid"].concat());
                return;
            }
        }
        let Some(cors) = self.cors else { return };
        if cors.credentials {
            sink.set("access-control-allow-credentials", "true");
        }
        match self.kind {
            Kind::Preflight => self.write_preflight(cors, sink),
            _ => {
                let exposed = &cors.exposed_headers;
                set_unless_empty(sink, "access-control-expose-headers", exposed.header_value());
                if !exposed.families().is_empty() {
                    sink.expose(exposed.families());
                }
            }
        }
    }

    /// Writes the full lists, not only what was requested: browsers cache them for each method and header,
    /// and send fewer preflights. Of a family only what was requested can be written.
    fn write_preflight(&self, cors: &Cors, sink: &mut impl ResponseHeaderSink) {
        let methods = match cors.methods.header_value() {
            // A missing list allows the method of a request with upload listeners (Fetch, "CORS-preflight
            // fetch", step 7.4), so a rejection names the safelisted methods.
            "" if self.outcome == Outcome::Reject(Reason::MethodNotAllowed) && !self.fails_preflight => {
                "GET, HEAD, POST"
            }
            methods => methods,
        };
        set_unless_empty(sink, "access-control-allow-methods", methods);
        let headers = cors.request_headers.header_value(self.requested_headers);
        set_unless_empty(sink, "access-control-allow-headers", &headers);
        if let (Outcome::Allow, Some(max_age)) = (self.outcome, &cors.max_age) {
            sink.set("access-control-max-age", max_age);
        }
    }

    /// Storage Access Headers, "perform a storage access retry check": the browser repeats the request with cookies only
    /// if its origin is named. An upstream that names others has no say where the gateway has one.
    fn write_storage_access(&self, sink: &mut impl ResponseHeaderSink) {
        const ACTIVATE: &str = "activate-storage-access";
        match (self.may_activate, self.outcome, self.grant) {
            (false, ..) => {}
            // An origin that the policy can list has no character that a quoted string must escape.
            (true, Outcome::Allow, Grant::Origin(origin)) => {
                sink.set(ACTIVATE, &["retry; allowed-origin=\"", origin, "\""].concat());
            }
            (true, ..) => sink.remove(ACTIVATE),
        }
    }

    /// Resource Timing, "timing allow check": the answer follows the CORS decision.
    fn write_timing(&self, sink: &mut impl ResponseHeaderSink) {
        const TIMING_ALLOW_ORIGIN: &str = "timing-allow-origin";
        match self.grant {
            Grant::Anyone => sink.set(TIMING_ALLOW_ORIGIN, "*"),
            Grant::Origin(origin) => sink.set(TIMING_ALLOW_ORIGIN, origin),
            Grant::Nobody | Grant::Explanation(_) => sink.remove(TIMING_ALLOW_ORIGIN),
        }
    }

    /// What the response says about a rejection; `None` under [`Outcome::Report`].
    #[must_use]
    pub fn refusal(&self) -> Option<Refusal<'_>> {
        let (verdict, reason) = match self.outcome {
            Outcome::Allow | Outcome::Report(_) => return None,
            Outcome::Strip(reason) => (STRIP, reason),
            Outcome::Reject(reason) => (REJECT, reason),
        };
        let route = self.route.map(crate::Route::name);
        let status = self.status_of(reason);
        Some(Refusal { verdict, reason, status, route, policy_id: self.policy_id })
    }

    /// The body of a rejection: its problem, with the names of the limits that deny the request.
    // Not inlined: a preflight has none.
    #[must_use]
    #[inline(never)]
    pub fn problem(&self) -> Option<String> {
        let denying: Vec<_> = self.denying().map(Limit::name).collect();
        let refusal = self.refusal()?;
        Some(match self.unrouted {
            Some(unrouted) => refusal.problem_with(&unrouted.to_string(), &denying),
            None => refusal.problem_with(refusal.reason.detail(), &denying),
        })
    }
}

/// How the gateway reports that it rejected a request. It consists of names only, so that it can be written
/// without the policy when an upstream fails later.
#[derive(Clone, Copy, Debug)]
pub struct Refusal<'a> {
    verdict: &'static str,
    reason: Reason,
    status: u16,
    route: Option<&'a str>,
    policy_id: Option<&'a str>,
}

impl<'a> Refusal<'a> {
    /// The failure of a request that had been allowed and forwarded.
    #[must_use]
    pub fn of_failure(reason: Reason, route: &'a str, policy_id: &'a str) -> Self {
        let (route, policy_id) = (Some(route), Some(policy_id));
        Self { verdict: REJECT, reason, status: reason.status(), route, policy_id }
    }

    /// The reason.
    #[must_use]
    pub fn reason(&self) -> Reason {
        self.reason
    }

    /// The status of the answer.
    #[must_use]
    pub fn status(&self) -> u16 {
        self.status
    }

    /// Writes `Corsgate-Decision` (an Item of RFC 9651) and `Proxy-Status` (RFC 9209).
    pub fn write_headers(&self, sink: &mut impl ResponseHeaderSink) {
        let Self { verdict, reason, .. } = self;
        // Names of routes and ids of policies hold nothing that a quoted string must escape.
        let [before_route, route, after_route] = quoted(";route=\"", self.route);
        let [before_policy, policy, after_policy] = quoted(";policy=\"", self.policy_id);
        let reason_name = reason.name();
        let decision = [
            verdict,
            ";reason=",
            reason_name,
            before_route,
            route,
            after_route,
            before_policy,
            policy,
            after_policy,
        ];
        sink.set("corsgate-decision", &decision.concat());
        // An error means that the request was not forwarded, which is untrue of a stripped response.
        let Some(error) = reason.proxy_error_for(self.status) else { return };
        let (before_error, error) = if *verdict == REJECT { (";error=", error) } else { ("", "") };
        let status = ["corsgate", before_error, error, ";details=\"", reason_name, "\""];
        sink.append("proxy-status", &status.concat());
    }

    /// The body: a problem of RFC 9457 in JSON.
    #[must_use]
    pub fn problem(&self) -> String {
        self.problem_with(self.reason.detail(), &[])
    }

    fn problem_with(&self, detail: &str, violated_policies: &[&str]) -> String {
        #[derive(serde::Serialize)]
        struct Problem<'p> {
            r#type: &'p str,
            title: &'p str,
            status: u16,
            detail: &'p str,
            reason: &'p str,
            #[serde(skip_serializing_if = "Option::is_none")]
            route: Option<&'p str>,
            #[serde(rename = "violated-policies", skip_serializing_if = "<[_]>::is_empty")]
            violated_policies: &'p [&'p str],
        }
        let own_type;
        let problem = Problem {
            r#type: match self.reason {
                Reason::RateLimited => QUOTA_EXCEEDED,
                reason => {
                    own_type = [PROBLEM_TYPE, reason.name()].concat();
                    &own_type
                }
            },
            title: self.reason.title(),
            status: self.status,
            detail,
            reason: self.reason.name(),
            route: self.route,
            violated_policies,
        };
        serde_json::to_string(&problem).unwrap_or_default()
    }
}

/// A parameter with a text in quotes, in three parts; all empty if there is none.
fn quoted<'a>(key: &'a str, value: Option<&'a str>) -> [&'a str; 3] {
    value.map_or([""; 3], |value| [key, value, "\""])
}

/// The prefix of the gateway's own problem types. It leads nowhere: `.invalid` never resolves (RFC 6761).
pub const PROBLEM_TYPE: &str = "https://corsgate.invalid/problems/";

/// A rejection describes the current moment, so no cache may store it.
pub fn forbid_storing(sink: &mut impl ResponseHeaderSink) {
    sink.set("cache-control", "no-store");
}

/// The security headers of a problem, unless the route sets its own: no other media type may be guessed, and
/// any page may load it.
///
/// Browsers check `Cross-Origin-Resource-Policy` only for opaque responses, and a response to a CORS request is
/// never opaque (Fetch, "HTTP fetch": the cross-origin resource policy check). So `Access-Control-Allow-Origin`
/// alone decides whether a page can *read* a problem, whatever this header says. Without `cross-origin`, a page
/// under `Cross-Origin-Embedder-Policy: require-corp` would see a different network error for an image that is
/// over its limit; with `same-origin`, any page could tell a rejection from a success without CORS. A problem
/// contains nothing that must be kept out of a page's process: names of routes and ids of policies are public.
pub const PROBLEM_PROTECTION: [(&str, &str); 2] =
    [("x-content-type-options", "nosniff"), ("cross-origin-resource-policy", "cross-origin")];

/// The body is a problem of RFC 9457.
pub fn describe_problem(sink: &mut impl ResponseHeaderSink) {
    forbid_storing(sink);
    sink.set("content-type", "application/problem+json");
}

fn set_unless_empty(sink: &mut impl ResponseHeaderSink, name: &str, value: &str) {
    if !value.is_empty() {
        sink.set(name, value);
    }
}
