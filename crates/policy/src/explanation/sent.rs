//! The headers of the response and of the forwarded request.

use serde::{Serialize, Serializer};

use crate::decision::decide::{Decision, Outcome};
use crate::decision::facts::Facts;
use crate::policy::route::Route;
use crate::policy::upstream::Upstream;
use crate::response::forward::{self, RequestHeaderSink};
use crate::response::headers::ResponseHeaderSink;

/// The headers of the gateway's own answer, or the changes to the upstream's response.
#[derive(Debug, Default, Serialize)]
pub(super) struct ResponseHeaders {
    /// The status of the gateway's own answer.
    #[serde(skip)]
    pub(super) status: Option<u16>,
    /// Every `Access-Control-*` and `Corsgate-*` of the upstream is removed.
    strip_upstream: bool,
    remove: Vec<String>,
    set: Fields,
    append: Fields,
    /// The names to merge into the upstream's `Vary`.
    vary: Option<&'static str>,
    /// The families of the upstream's headers that are exposed besides the set ones.
    #[serde(skip_serializing_if = "Option::is_none")]
    expose: Option<String>,
    #[serde(skip)]
    is_answer: bool,
}

/// Names and values; if a name is set twice, the last value counts.
#[derive(Debug, Default)]
struct Fields(Vec<(String, String)>);

impl Fields {
    fn set(&mut self, name: &str, value: &str) {
        match self.0.iter_mut().find(|(known, _)| known == name) {
            Some((_, known)) => value.clone_into(known),
            None => self.0.push((name.to_owned(), value.to_owned())),
        }
    }
}

impl Serialize for Fields {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(name, value)| (name, value)))
    }
}

impl ResponseHeaders {
    pub(super) fn of(decision: &Decision<'_>, closes_socket: bool) -> Self {
        let mut headers = Self { is_answer: !decision.is_sent_on(), ..Self::default() };
        if decision.is_sent_on() {
            headers.strip_upstream = !matches!(decision.outcome, Outcome::Report(_));
            decision.write_headers(&mut headers);
        } else if closes_socket {
            decision.write_headers(&mut headers);
        } else {
            headers.status = Some(decision.write_answer(&mut headers));
        }
        headers
    }

    /// All names and values, whether set, appended or merged.
    pub(super) fn written(&self) -> impl Iterator<Item = (&str, &str)> {
        let fields = self.set.0.iter().chain(&self.append.0);
        let vary = self.vary.map(|names| ("vary", names));
        fields.map(|(name, value)| (name.as_str(), value.as_str())).chain(vary)
    }

    pub(super) fn removed(&self) -> &[String] {
        &self.remove
    }
}

impl ResponseHeaderSink for ResponseHeaders {
    fn remove(&mut self, name: &str) {
        // The gateway's own answer has nothing to remove.
        if !self.is_answer {
            self.remove.push(name.to_owned());
        }
    }

    fn set(&mut self, name: &str, value: &str) {
        self.set.set(name, value);
    }

    fn append(&mut self, name: &str, value: &str) {
        match self.is_answer {
            true => self.set.set(name, value),
            false => self.append.set(name, value),
        }
    }

    fn vary(&mut self, names: &'static str) {
        match self.is_answer {
            true => self.set.set("vary", names),
            false => self.vary = Some(names),
        }
    }

    fn expose(&mut self, families: &str) {
        if !self.is_answer {
            self.expose = Some(families.to_owned());
        }
    }
}

/// The upstream of a forwarded request, and the changes to its headers.
#[derive(Debug, Serialize)]
pub(super) struct UpstreamRequest {
    to: String,
    url: String,
    headers: RequestHeaders,
}

#[derive(Debug, Default, Serialize)]
struct RequestHeaders {
    remove: Vec<String>,
    set: Fields,
    /// The names of the headers that are set to secrets, with what stands for their values.
    #[serde(skip)]
    secrets: Vec<(String, String)>,
}

impl RequestHeaderSink for RequestHeaders {
    fn remove(&mut self, name: &str) {
        self.remove.push(name.to_owned());
    }

    fn set(&mut self, name: &str, value: &str) {
        self.set.set(name, value);
    }

    fn set_secret(&mut self, name: &str, scheme: &str, secret: &str) {
        let shown = format!("{scheme}secret {secret}");
        self.set.set(name, &shown);
        self.secrets.push((name.to_owned(), shown));
    }
}

impl UpstreamRequest {
    pub(super) fn url(&self) -> &str {
        &self.url
    }

    pub(super) fn removed(&self) -> &[String] {
        &self.headers.remove
    }

    pub(super) fn secrets(&self) -> &[(String, String)] {
        &self.headers.secrets
    }

    pub(super) fn of(decision: &Decision<'_>, facts: &Facts<'_>, route: &Route) -> Self {
        let to = match route.upstream() {
            Upstream::Url(url) => url.to_string(),
            Upstream::Service(name) => format!("service:{name}"),
            Upstream::Zone => "zone".to_owned(),
        };
        let mut url = String::new();
        forward::write_target(route, facts, &mut url);
        let mut headers = RequestHeaders::default();
        decision.write_request_headers(facts, &mut headers);
        Self { to, url, headers }
    }
}
