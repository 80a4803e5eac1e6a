//! Routes: which requests a set of rules is for.

use crate::grammar::host::HostPattern;
use crate::path::PathPattern;
use crate::policy::cors::Cors;
use crate::policy::document::{
    EncodedSlashes, Explain, Mode, OnDisallowed, OnLimiterError, OnReject, RouteDocument, WebSocketDocument,
};
use crate::policy::limit::{self, Counter, Limit};
use crate::policy::reader::Reader;
use crate::policy::request_headers::RequestHeaders;
use crate::policy::response_headers::ResponseHeaders;
use crate::policy::route_index::{self, RouteIndex};
use crate::policy::upstream::{Upstream, UpstreamUrl};
use crate::policy::violation::Violation;
use crate::policy::{Allowlists, Upstreams, is_name};

/// A route with its rules.
#[derive(Debug)]
pub struct Route {
    name: String,
    /// Host patterns; empty for every host.
    hosts: Vec<HostPattern>,
    path: PathPattern,
    upstream: Upstream,
    mode: Mode,
    pub(crate) cors: Option<Cors>,
    pub(crate) on_disallowed: OnDisallowed,
    pub(crate) explain: Explain,
    pub(crate) forward_origin: bool,
    pub(crate) forward_cookies: bool,
    pub(crate) storage_access: bool,
    pub(crate) encoded_slashes: bool,
    record_path: bool,
    pub(crate) websocket: WebSocketDocument,
    pub(crate) limits: Vec<Limit>,
    pub(crate) counters: Vec<Counter>,
    pub(crate) on_limiter_error: OnLimiterError,
    pub(crate) request_headers: RequestHeaders,
    pub(crate) response_headers: ResponseHeaders,
    timeout: u32,
    upload_timeout: Option<u32>,
}

impl Route {
    /// The name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The path.
    #[must_use]
    pub fn path(&self) -> &PathPattern {
        &self.path
    }

    /// The server that its requests are forwarded to.
    #[must_use]
    pub fn upstream(&self) -> &Upstream {
        &self.upstream
    }

    /// Whether the route enforces or only reports.
    #[must_use]
    pub fn mode(&self) -> Mode {
        self.mode
    }

    /// Whether records may contain the paths of its requests.
    #[must_use]
    pub fn records_paths(&self) -> bool {
        self.record_path
    }

    /// The upstream whose URLs and cookies in response headers become the gateway's, if the route rewrites them. A
    /// service binding or a zone has no URL of its own.
    #[must_use]
    pub fn rewritten_upstream(&self) -> Option<&UpstreamUrl> {
        match &self.upstream {
            Upstream::Url(url) => self.response_headers.rewrite.then_some(url),
            Upstream::Service(_) | Upstream::Zone => None,
        }
    }

    /// How the route rejects handshakes.
    #[must_use]
    pub fn on_reject(&self) -> OnReject {
        self.websocket.on_reject
    }

    /// Seconds until the head of the response; `None` for no bound.
    #[must_use]
    pub fn timeout(&self, has_body: bool) -> Option<u32> {
        if has_body { self.upload_timeout } else { Some(self.timeout) }
    }

    /// Whether the route matches a host in canonical form.
    #[must_use]
    pub fn answers_for(&self, host: &str) -> bool {
        self.hosts.is_empty() || self.hosts.iter().any(|pattern| pattern.matches(host))
    }

    /// The [keys](HostPattern::key) of its hosts, for the index; `None` for every host.
    pub(crate) fn host_keys(&self) -> impl Iterator<Item = &str> {
        let every = self.hosts.is_empty().then_some("");
        self.hosts.iter().map(HostPattern::key).chain(every)
    }

    /// Whether this route matches every request that `later` matches.
    pub(crate) fn hides(&self, later: &Self) -> bool {
        let covers_host = |host: &HostPattern| self.hosts.iter().any(|pattern| pattern.covers(host));
        let hosts_covered =
            self.hosts.is_empty() || (!later.hosts.is_empty() && later.hosts.iter().all(covers_host));
        hosts_covered && self.path.covers(&later.path)
    }

    fn read(
        document: &RouteDocument,
        upstreams: &Upstreams<'_>,
        allowlists: &Allowlists,
        reader: &mut Reader<'_>,
    ) -> Option<Self> {
        reader.key("name").require(is_name(&document.name), Violation::Name);
        let hosts = read_hosts(document.hosts.as_deref(), &mut reader.key("hosts"));
        let path = reader.key("path").accept(PathPattern::parse(&document.path).map_err(Violation::Path));
        let upstream = upstreams.find(&document.upstream);
        reader
            .key("upstream")
            .require(upstream.is_some(), Violation::UnknownUpstream(document.upstream.clone()));
        let limited = !document.limits.is_empty();
        let cors =
            document.cors.as_ref().map(|cors| Cors::read(cors, allowlists, limited, &mut reader.key("cors")));
        let (limits, counters) = limit::read_all(&document.limits, &mut reader.key("limits"));
        for (seconds, field) in
            [(Some(document.timeout), "timeout"), (document.upload_timeout, "upload_timeout")]
        {
            reader.key(field).require(seconds != Some(0), Violation::ZeroSeconds);
        }
        let any_origin =
            cors.as_ref().is_some_and(|cors| cors.is_any_origin() || cors.admits_any_extension());
        reader.key("websocket").key("dangerously_allow_any_origin").require(
            any_origin || !document.websocket.dangerously_allow_any_origin,
            Violation::AnyOriginHandshakesOnListedRoute,
        );
        let request_headers = RequestHeaders::read(&document.request, &mut reader.key("request"));
        let insecure = document.cors.as_ref().is_some_and(|cors| cors.dangerously_allow_insecure_origins);
        let response_headers =
            ResponseHeaders::read(&document.response, &document.security, insecure, reader);
        Some(Self {
            name: document.name.clone(),
            hosts,
            path: path?,
            upstream: upstream?.clone()?,
            mode: document.mode,
            // Without credentials there are no cookies to ask for.
            storage_access: document.storage_access && cors.as_ref().is_some_and(Cors::allows_credentials),
            cors,
            on_disallowed: document.on_disallowed,
            explain: document.explain,
            forward_origin: document.forward_origin,
            forward_cookies: document.forward_cookies,
            encoded_slashes: document.encoded_slashes == EncodedSlashes::Keep,
            record_path: document.record_path,
            websocket: document.websocket,
            limits,
            counters,
            on_limiter_error: document.on_limiter_error,
            request_headers,
            response_headers,
            timeout: document.timeout,
            upload_timeout: document.upload_timeout,
        })
    }
}

/// Reads the routes, checks the rules between them, and builds their index.
pub(crate) fn read_all(
    documents: &[RouteDocument],
    upstreams: &Upstreams<'_>,
    allowlists: &Allowlists,
    reader: &mut Reader<'_>,
) -> (Vec<Route>, RouteIndex) {
    reader.require(!documents.is_empty(), Violation::NoRoutes);
    let mut repeated = vec![false; documents.len()];
    for at in route_index::repeated(documents.iter().map(|document| document.name.as_str())) {
        if let Some(repeated) = repeated.get_mut(at) {
            *repeated = true;
        }
    }
    let mut routes = Vec::with_capacity(documents.len());
    let mut places = Vec::with_capacity(documents.len());
    for ((at, document), repeated) in documents.iter().enumerate().zip(repeated) {
        let mut reader = reader.index(at);
        reader.key("name").require(!repeated, Violation::DuplicateName);
        if let Some(route) = Route::read(document, upstreams, allowlists, &mut reader) {
            routes.push(route);
            places.push(at);
        }
    }
    let index = RouteIndex::new(&routes, |path| path.loose().to_vec());
    // Nothing hides the first.
    for (later, place) in places.into_iter().enumerate().skip(1) {
        if let Some(hiding) = index.hiding(&routes, later).and_then(|at| routes.get(at)) {
            reader.index(place).key("path").report(Violation::Unreachable(hiding.name.clone()));
        }
    }
    (routes, index)
}

fn read_hosts(documents: Option<&[String]>, reader: &mut Reader<'_>) -> Vec<HostPattern> {
    let Some(documents) = documents else {
        return Vec::new();
    };
    reader.require(!documents.is_empty(), Violation::NoHosts);
    reader.each(documents, &|text, reader| reader.accept(HostPattern::parse(text).map_err(Violation::Host)))
}
