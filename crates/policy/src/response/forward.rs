//! The request to the upstream: its URL and the changes to its headers.

use crate::decision::decide::{Decision, Outcome};
use crate::decision::facts::{Facts, HOP_HEADER, Kind};
use crate::policy::cors::Cors;
use crate::policy::request_headers::{RequestHeaders, RequestValue};
use crate::policy::route::Route;
use crate::policy::upstream::Upstream;
use crate::response::misleading_headers::{is_alike, is_misleading, is_of_access};

/// Receives changes to the headers of a request. Names are lower-case.
pub trait RequestHeaderSink {
    /// Removes a header of the client.
    fn remove(&mut self, name: &str);
    /// Sets a header, replacing the client's.
    fn set(&mut self, name: &str, value: &str);
    /// Sets a header to the value of a secret of the Worker, behind a scheme and its space, or an empty scheme.
    fn set_secret(&mut self, name: &str, scheme: &str, secret: &str);
}

/// The headers that tell the upstream the client's address, host and scheme, taken from Cloudflare and the
/// URL. They replace any value from the client.
const CLIENT_HEADERS: [&str; 4] = ["x-real-ip", "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto"];

/// Headers that would make caches on the path to the upstream store one response for each origin.
const ORIGIN_DEPENDENT: [&str; 2] = ["access-control-request-method", "access-control-request-headers"];

/// Writes the URL for a request of the route.
pub fn write_target(route: &Route, facts: &Facts<'_>, target: &mut String) {
    let url = &facts.url;
    match route.upstream() {
        Upstream::Url(upstream) => upstream.write_target(url.path, url.query, target),
        // The binding or the zone decides where the request goes; both know the public name. The port is the
        // scheme's default: the client chooses the port in `Host`, and must not choose the port that is
        // fetched.
        Upstream::Service(_) | Upstream::Zone => {
            for part in [url.scheme, "://", url.host, url.path, url.query] {
                target.push_str(part);
            }
        }
    }
}

impl Decision<'_> {
    /// Writes the changes to the headers of the request.
    pub fn write_request_headers(&self, facts: &Facts<'_>, sink: &mut impl RequestHeaderSink) {
        let [real_ip, forwarded_for, forwarded_host, forwarded_proto] = CLIENT_HEADERS;
        for name in facts.names().filter(|name| is_misleading(name) && !CLIENT_HEADERS.contains(name)) {
            sink.remove(name);
        }
        // The address comes from Cloudflare; without it, no address is sent.
        for name in [real_ip, forwarded_for] {
            match facts.client_ip {
                Some(address) => sink.set(name, address),
                None => sink.remove(name),
            }
        }
        sink.set(forwarded_host, facts.url.authority);
        sink.set(forwarded_proto, facts.url.scheme);
        match facts.hops {
            Some(hops) => sink.set(HOP_HEADER, &format!("{hops}, {}", facts.url.authority)),
            None => sink.set(HOP_HEADER, facts.url.authority),
        }
        // In report mode the upstream decides about CORS, so it must see the page's request unchanged.
        if !matches!(self.outcome, Outcome::Report(_)) {
            self.write_cors_request_headers(facts, sink);
        }
        self.write_own_request_headers(facts, sink);
    }

    /// Removes what the upstream must not see of a request that the gateway decides.
    fn write_cors_request_headers(&self, facts: &Facts<'_>, sink: &mut impl RequestHeaderSink) {
        let forward_origin = self.route.is_some_and(|route| route.forward_origin);
        if self.kind == Kind::Actual && facts.is_cacheable() && !forward_origin {
            if facts.origin.is_some() {
                sink.remove("origin");
            }
            ORIGIN_DEPENDENT.iter().for_each(|name| sink.remove(name));
        }
        match self.kind {
            _ if self.cors.is_some_and(Cors::allows_credentials) => {}
            // A page can open a WebSocket with the user's cookies without a preflight. So on a route without
            // credentials, remove them and the headers that Cloudflare Access derives from them.
            // `Proxy-Authorization` is already removed.
            Kind::Handshake => {
                for name in ["cookie", "authorization"] {
                    sink.remove(name);
                }
                facts.names().filter(|name| is_of_access(name)).for_each(|name| sink.remove(name));
            }
            _ if self.loses_cookies(facts) => sink.remove("cookie"),
            _ => {}
        }
    }

    /// Writes the headers of `[routes.request]`. The client's headers of these names are removed in every spelling
    /// that a server could read as the name, so that no client replaces a value or adds to it.
    fn write_own_request_headers(&self, facts: &Facts<'_>, sink: &mut impl RequestHeaderSink) {
        let Some(route) = self.route else { return };
        let RequestHeaders { remove, set } = &route.request_headers;
        // A rejected request that is forwarded all the same, and one on a route that reports, keep their `Origin`: only
        // the upstream can still refuse them by it.
        let keeps_origin = self.outcome != Outcome::Allow;
        let removed = remove.iter().filter(|name| !(keeps_origin && is_alike(name, "origin")));
        for own in removed.chain(set.iter().map(|(name, _)| name)) {
            sink.remove(own);
            facts
                .names()
                .filter(|name| *name != own && is_alike(name, own))
                .for_each(|name| sink.remove(name));
        }
        for (name, value) in set {
            match value {
                RequestValue::Text(text) => sink.set(name, text),
                RequestValue::Secret { scheme, name: secret } => {
                    sink.set_secret(name, scheme, secret.as_str())
                }
            }
        }
    }

    /// Whether the request comes from a page of another origin that may not use the user's cookies.
    ///
    /// Without credentials, no browser lets the page read the response to a request with cookies (Fetch,
    /// "CORS check", step 4), but the request could still change data. A request that is forwarded although
    /// its origin is rejected keeps its cookies: a form posted by an identity provider needs them.
    fn loses_cookies(&self, facts: &Facts<'_>) -> bool {
        self.outcome == Outcome::Allow
            && !self.route.is_some_and(|route| route.forward_cookies)
            && facts.foreign_origin().is_some()
    }
}
