//! Sends a request through the pure crate, in the order of the Worker.
#![expect(clippy::expect_used, reason = "tests may fail loudly")]

use corsgate_policy::response::forward::RequestHeaderSink;
use corsgate_policy::response::headers::ResponseHeaderSink;
use corsgate_policy::{
    Decision, Facts, Kind, Outcome, RequestUrl,
    response::{exposed, vary},
};

/// Header lines in order with names in lower case, and the families that are exposed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Headers(Vec<(String, String)>, String);

impl Headers {
    /// The values of all lines with this name.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.lines().filter(move |(known, _)| *known == name).map(|(_, value)| value)
    }

    /// The value of a name that is on at most one line, as in a request, where the platform has joined the lines.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.lines().find(|(known, _)| *known == name).map(|(_, value)| value)
    }

    /// All lines.
    pub fn lines(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    fn push(&mut self, name: &str, value: &str) {
        self.0.push((name.to_ascii_lowercase(), value.to_owned()));
    }

    fn drop_all(&mut self, name: &str) {
        self.0.retain(|(known, _)| known != name);
    }

    /// Exposes the families, as the Worker does once it has the upstream's response.
    fn expose_families(&mut self) {
        const EXPOSED: &str = "access-control-expose-headers";
        let families = std::mem::take(&mut self.1);
        let listed = self.get(EXPOSED).unwrap_or_default();
        let names: Vec<_> = self.lines().map(|(name, _)| name).collect();
        if let Some(exposed) = exposed::with_families(listed, &families, &names.join(" ")) {
            self.replace(EXPOSED, &exposed);
        }
    }

    fn replace(&mut self, name: &str, value: &str) {
        self.drop_all(name);
        self.push(name, value);
    }
}

impl ResponseHeaderSink for Headers {
    fn remove(&mut self, name: &str) {
        self.drop_all(name);
    }

    fn set(&mut self, name: &str, value: &str) {
        self.replace(name, value);
    }

    fn append(&mut self, name: &str, value: &str) {
        self.push(name, value);
    }

    fn vary(&mut self, names: &'static str) {
        let current: Vec<_> = self.all("vary").collect();
        if let Some(merged) = vary::merge(Some(&current.join(", ")), names) {
            self.replace("vary", &merged);
        }
    }

    fn expose(&mut self, families: &str) {
        families.clone_into(&mut self.1);
    }
}

impl RequestHeaderSink for Headers {
    fn remove(&mut self, name: &str) {
        self.drop_all(name);
    }

    fn set(&mut self, name: &str, value: &str) {
        self.replace(name, value);
    }

    fn set_secret(&mut self, name: &str, scheme: &str, secret: &str) {
        self.replace(name, &format!("{scheme}<{secret}>"));
    }
}

/// A request as it reaches the gateway.
#[derive(Clone, Debug)]
pub struct Request {
    /// The method, in its own case.
    pub method: String,
    /// The URL.
    pub url: String,
    /// The headers, one line for a name.
    pub headers: Headers,
    names: String,
}

impl Request {
    /// A request without headers; the URL as URL parsing serializes it.
    pub fn new(method: &str, url: &str) -> Self {
        Self {
            method: method.to_owned(),
            url: url.to_owned(),
            headers: Headers::default(),
            names: String::new(),
        }
    }

    /// Adds a header line. The platform joins a second line with the same name to the first value.
    pub fn with(mut self, name: &str, value: &str) -> Self {
        let name = name.to_ascii_lowercase();
        let joined = match self.headers.get(&name) {
            Some(earlier) => format!("{earlier}, {value}"),
            None => value.to_owned(),
        };
        self.headers.replace(&name, &joined);
        let names: Vec<_> = self.headers.lines().map(|(name, _)| name).collect();
        self.names = names.join(" ");
        self
    }

    /// The facts that the gateway knows about the request.
    pub fn facts(&self) -> Facts<'_> {
        let header = |name| self.headers.get(name);
        Facts {
            method: &self.method,
            url: RequestUrl::parse(&self.url).expect("a parsed URL"),
            origin: header("origin"),
            requested_method: header("access-control-request-method"),
            requested_headers: header("access-control-request-headers"),
            sec_fetch_site: header("sec-fetch-site"),
            storage_access_inactive: header("sec-fetch-storage-access") == Some("inactive"),
            upgrade: header("upgrade"),
            accept: header("accept"),
            has_authorization: header("authorization").is_some(),
            has_body: false,
            client_ip: header("cf-connecting-ip"),
            hops: header("corsgate-hop"),
            header_names: &self.names,
        }
    }
}

/// A response of the upstream or of the gateway.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Response {
    /// The status.
    pub status: u16,
    /// The headers.
    pub headers: Headers,
}

impl Response {
    /// A response with these header lines.
    pub fn new<'a>(status: u16, lines: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        let mut headers = Headers::default();
        lines.into_iter().for_each(|(name, value)| headers.push(name, value));
        Self { status, headers }
    }
}

/// The response to a request: the gateway's own, or the upstream's. In report mode the upstream's is unchanged,
/// otherwise every `Access-Control-*` and `Corsgate-*` is removed; then the decision's headers are added.
pub fn answer(decision: &Decision<'_>, upstream: &Response) -> Response {
    let mut answer = match (decision.outcome, decision.kind) {
        (Outcome::Reject(reason), _) => Response::new(decision.status_of(reason), []),
        (Outcome::Report(_), _) => upstream.clone(),
        (Outcome::Allow, Kind::Preflight) => Response::new(204, []),
        (Outcome::Allow | Outcome::Strip(_), _) => {
            let foreign = |name: &str| !name.starts_with("access-control-") && !name.starts_with("corsgate-");
            Response::new(upstream.status, upstream.headers.lines().filter(|(name, _)| foreign(name)))
        }
    };
    decision.write_headers(&mut answer.headers);
    answer.headers.expose_families();
    answer
}
