//! What a running gateway says about a request: its own policy and lists decide. The answers are those of `/api/explain`.

use corsgate_explain::{Blocked, Browser, PageRequest, WireRequest, browser, sentences};
use corsgate_policy::fetch::CorsResponse;
use corsgate_policy::response::headers::{CLOSE_REFUSED, SWITCHING_PROTOCOLS};
use corsgate_policy::{Kind, Reason};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::conclusion::Conclusion;
use super::{methods, words};

/// One request on the wire, with the gateway's answer.
pub struct LiveStep {
    kind: Kind,
    method: String,
    /// What the gateway answered, as the JSON of its admin API.
    raw: Value,
    answer: Answer,
    faults: Vec<Blocked>,
}

/// The answers about a page's request.
pub struct Live {
    address: String,
    /// The requests, in order.
    pub steps: Vec<LiveStep>,
}

#[derive(Deserialize)]
struct Answer {
    decision: Decision,
    #[serde(default)]
    headers: Headers,
}

#[derive(Deserialize)]
struct Decision {
    outcome: String,
    reason: Option<String>,
    status: Option<u16>,
    close_code: Option<u16>,
    route: Option<String>,
    policy: Option<String>,
    entry: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Headers {
    strip_upstream: bool,
    set: Map<String, Value>,
    append: Map<String, Value>,
}

/// The description of a request, as `/api/explain` takes it. The query is left out: it decides nothing, and may be secret.
#[must_use]
pub fn description(sent: &WireRequest, url: &str, today: Option<String>) -> String {
    let headers = sent.headers().into_iter().filter(|(name, _)| *name != "origin");
    let mut headers: Map<String, Value> =
        headers.map(|(name, value)| (name.to_owned(), Value::from(value))).collect();
    let site = if sent.facts().sec_fetch_site == Some("same-origin") { "same-origin" } else { "cross-site" };
    headers.insert("sec-fetch-site".to_owned(), site.into());
    let origin = sent.headers().into_iter().find(|(name, _)| *name == "origin").map(|(_, value)| value);
    let url = url.split(['?', '#']).next().unwrap_or_default();
    json!({ "url": url, "method": sent.method(), "origin": origin, "headers": headers, "today": today })
        .to_string()
}

impl Live {
    /// No answer yet, from the gateway at this address.
    #[must_use]
    pub fn new(address: &str) -> Self {
        Self { address: address.to_owned(), steps: Vec::new() }
    }

    /// Takes the gateway's answer about a request. Returns whether the browser would go on to the next one.
    ///
    /// # Errors
    /// If it is not an answer of `/api/explain`.
    pub fn add(&mut self, request: &PageRequest, sent: &WireRequest, text: &str) -> serde_json::Result<bool> {
        let raw: Value = serde_json::from_str(text)?;
        let answer = Answer::deserialize(&raw)?;
        let is_open = answer.reports() || sent.kind() == Kind::Handshake;
        let faults = match is_open || request.is_same_origin() {
            true => Vec::new(),
            false => {
                let status = answer.decision.status.unwrap_or(200);
                let response = CorsResponse::new(status, |name| answer.header(name));
                let asked = sent.facts().requested_method.filter(|_| sent.kind() == Kind::Preflight);
                browser::faults(request, asked, &response)
            }
        };
        let goes_on = faults.is_empty() && !answer.refuses();
        self.steps.push(LiveStep {
            kind: sent.kind(),
            method: sent.method().to_owned(),
            raw,
            answer,
            faults,
        });
        Ok(goes_on)
    }

    /// The verdict by the gateway.
    #[must_use]
    pub fn conclusion(&self, request: &PageRequest, browser: Browser) -> Conclusion {
        let Some(step) = self.steps.last() else { return Conclusion::blank() };
        let decision = &step.answer.decision;
        let reason = decision.reason.as_deref().and_then(Reason::from_name);
        let first = step.faults.first();
        let is_cookies = matches!(first, Some(Blocked::Credentials(_) | Blocked::AnyOriginWithCredentials));
        let address = &self.address;
        let verdict = match (&decision.reason, first) {
            (_, Some(fault)) if is_cookies => format!("refused by the browser: {}", words::fault(fault)),
            (Some(reason), _) if step.answer.refuses() => {
                let how = match (decision.close_code, decision.status) {
                    (Some(_), _) => format!("accepts the WebSocket and closes it with {CLOSE_REFUSED}"),
                    (None, Some(status)) => format!("answers {} with {status}", what(step.kind)),
                    (None, None) => "forwards the request, and takes CORS out of the response".to_owned(),
                };
                format!("refused: `{reason}`: the gateway at {address} {how}")
            }
            (_, Some(fault)) => format!("refused by the browser: {}", words::fault(fault)),
            (reason, None) if step.answer.reports() => {
                let route = decision.route.as_deref().unwrap_or_default();
                let would =
                    reason.as_ref().map_or("allow it".to_owned(), |reason| format!("refuse: `{reason}`"));
                format!(
                    "left to the upstream: the route `{route}` only reports; if it enforced, it would {would}"
                )
            }
            _ => format!("allowed: by the policy and the lists of the gateway at {address}"),
        };
        let allowed = first.is_none() && !step.answer.refuses();
        let status = decision.status.unwrap_or(200);
        let is_preflight = step.kind == Kind::Preflight;
        let advice = match first.filter(|_| is_cookies) {
            Some(fault) => Some(words::remedy(fault, request.origin())),
            None => reason.map(|reason| methods::advice(request.method(), reason, None)),
        };
        Conclusion {
            allowed,
            verdict,
            decided_by: decision.entry.as_ref().map(|entry| (format!("the entry `{entry}`"), None)),
            advice,
            also: step.faults.iter().skip(1).map(words::fault).collect(),
            seen: vec![format!(
                "the gateway has the policy `{}`{}",
                decision.policy.as_deref().unwrap_or("none"),
                decision
                    .route
                    .as_ref()
                    .map(|route| format!(", and its route `{route}` matches"))
                    .unwrap_or_default()
            )],
            end: match (allowed, step.answer.refuses()) {
                (true, _) => "allowed",
                (false, true) => "refused",
                (false, false) => "blocked",
            },
            reason: reason.map(Reason::name),
            console: match first {
                Some(_) => sentences::blocked(browser, request, is_preflight, status, &step.faults),
                None if step.kind == Kind::Handshake && status >= 400 => {
                    Some(sentences::handshake(browser, request, status))
                }
                None => None,
            },
            ..Conclusion::blank()
        }
    }
}

fn what(kind: Kind) -> &'static str {
    match kind {
        Kind::Preflight => "the preflight",
        Kind::Actual => "the request",
        Kind::Handshake => "the handshake",
    }
}

impl Answer {
    fn header(&self, name: &str) -> Option<&str> {
        self.headers.set.get(name).or_else(|| self.headers.append.get(name)).and_then(Value::as_str)
    }

    /// The route only reports: CORS is left to the upstream.
    fn reports(&self) -> bool {
        self.decision.status.is_none() && !self.headers.strip_upstream
    }

    fn refuses(&self) -> bool {
        matches!(self.decision.outcome.as_str(), "reject" | "strip")
            && (self.decision.status != Some(SWITCHING_PROTOCOLS) || self.decision.close_code.is_some())
    }
}

impl LiveStep {
    /// What the gateway answered, as the JSON of its admin API.
    #[must_use]
    pub fn raw(&self) -> &Value {
        &self.raw
    }

    /// The request and the headers that the gateway writes, in lines.
    #[must_use]
    pub fn lines(&self) -> Vec<String> {
        let decision = &self.answer.decision;
        let mut lines = vec![match decision.status {
            Some(status) => {
                format!("{} {}: the gateway responds with {status}", self.method, what(self.kind))
            }
            None => {
                format!("{} {}: the upstream gets it, and its response gets", self.method, what(self.kind))
            }
        }];
        let headers = self.answer.headers.set.iter().chain(&self.answer.headers.append);
        lines
            .extend(headers.map(|(name, value)| format!("  {name}: {}", value.as_str().unwrap_or_default())));
        lines
    }
}
