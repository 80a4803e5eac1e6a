//! What goes to the upstream: the URL, and what changes among the request's headers.

use crate::cors::Cors;
use crate::decide::{Decision, Outcome};
use crate::facts::{Facts, HOP_HEADER, Kind};
use crate::route::Route;
use crate::upstream::Upstream;

/// Takes changes to the headers of a request. Names are lower-case.
pub trait RequestHeaderSink {
    /// Removes what the client sent under a name.
    fn remove(&mut self, name: &str);
    /// Replaces what the client sent under a name.
    fn set(&mut self, name: &str, value: &str);
}

/// Headers by which a client could tell the upstream another address, host or URL than the true.
const MISLEADING: [&str; 3] = ["forwarded", "x-original-url", "x-rewrite-url"];

/// Headers that would keep a copy of a response for each origin in caches on the way.
const ORIGIN_DEPENDENT: [&str; 2] = ["access-control-request-method", "access-control-request-headers"];

/// Writes the URL for a request of the route.
pub fn write_target(route: &Route, facts: &Facts<'_>, target: &mut String) {
    let url = &facts.url;
    match route.upstream() {
        Upstream::Url(upstream) => upstream.write_target(url.path, url.query, target),
        // The binding or the zone decides where it goes; both know the public name.
        Upstream::Service(_) | Upstream::Zone => {
            for part in [url.origin, url.path, url.query] {
                target.push_str(part);
            }
        }
    }
}

impl Decision<'_> {
    /// Writes the changes to the headers of the request.
    pub fn write_request_headers(&self, facts: &Facts<'_>, sink: &mut impl RequestHeaderSink) {
        MISLEADING.iter().for_each(|name| sink.remove(name));
        // The address as Cloudflare says it; without its word, none.
        for name in ["x-real-ip", "x-forwarded-for"] {
            match facts.client_ip {
                Some(address) => sink.set(name, address),
                None => sink.remove(name),
            }
        }
        sink.set("x-forwarded-host", facts.url.authority);
        sink.set("x-forwarded-proto", facts.url.scheme);
        match facts.hops {
            Some(hops) => sink.set(HOP_HEADER, &format!("{hops}, {}", facts.url.authority)),
            None => sink.set(HOP_HEADER, facts.url.authority),
        }
        // Where a route only reports, the upstream decides, and must be asked what the page asked.
        if matches!(self.outcome, Outcome::Report(_)) {
            return;
        }
        let forward_origin = self.route.is_some_and(|route| route.forward_origin);
        if self.kind == Kind::Actual && facts.is_cacheable() && !forward_origin {
            if facts.origin.is_some() {
                sink.remove("origin");
            }
            ORIGIN_DEPENDENT.iter().for_each(|name| sink.remove(name));
        }
        // A page can open a WebSocket with the user's cookies without asking anyone, so on a route
        // without credentials they are left behind.
        if self.kind == Kind::Handshake && !self.cors.is_some_and(Cors::allows_credentials) {
            for name in ["cookie", "authorization"] {
                sink.remove(name);
            }
        }
    }
}
