//! This project's decision.

use corsgate_policy::grammar::day::Day;
use corsgate_policy::response::headers::ResponseHeaderSink;
use corsgate_policy::{
    Answers, Facts, Outcome, Policy, ReadError, RequestUrl, decision::decide::decide as decide_request,
};
use http::{HeaderMap, HeaderName, HeaderValue};
use serde_json::json;

use crate::stopwatch::{Case, Subject};

/// A typical route of an API, with its origins in an allowlist.
pub(crate) fn policy(origins: &[String]) -> Result<Policy, ReadError> {
    let document = json!({
        "version": 1,
        "upstreams": { "api": "https://origin.example.net" },
        "allowlists": { "tenants": origins },
        "routes": [{
            "name": "api",
            "path": "/api/*",
            "upstream": "api",
            "cors": { "origins": ["@tenants"], "methods": ["PUT"], "credentials": true },
        }],
    });
    Policy::read(document.to_string().as_bytes())
}

/// `decide` alone.
pub(crate) fn decide<'a>(case: Case, policy: &'a Policy, clients: &'a [String]) -> Subject<'a> {
    let facts: Vec<Facts<'a>> = clients.iter().map(|origin| facts(origin)).collect();
    let today = Day::from_unix_milliseconds(1.8e12);
    let answer = move |client: usize| {
        let facts = &facts[client];
        matches!(decide_request(policy, facts, &Answers::default(), today).outcome, Outcome::Allow)
    };
    Subject { name: "decide", case, answer: Box::new(answer) }
}

/// `decide`, with its headers written into the map that tower-http also writes into.
pub(crate) fn write_headers<'a>(case: Case, policy: &'a Policy, clients: &'a [String]) -> Subject<'a> {
    let facts: Vec<Facts<'a>> = clients.iter().map(|origin| facts(origin)).collect();
    let today = Day::from_unix_milliseconds(1.8e12);
    let answer = move |client: usize| {
        let facts = &facts[client];
        let decision = decide_request(policy, facts, &Answers::default(), today);
        let mut headers = Headers(HeaderMap::new());
        decision.write_headers(&mut headers);
        std::hint::black_box(&headers.0);
        matches!(decision.outcome, Outcome::Allow)
    };
    Subject { name: "decide and stamp", case, answer: Box::new(answer) }
}

fn facts(origin: &str) -> Facts<'_> {
    let url = RequestUrl::parse("https://api.example.com/api/users/42").unwrap_or_default();
    Facts { method: "GET", url, origin: Some(origin), ..Facts::default() }
}

struct Headers(HeaderMap);

impl ResponseHeaderSink for Headers {
    fn remove(&mut self, name: &str) {
        self.0.remove(name);
    }

    fn set(&mut self, name: &str, value: &str) {
        if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::try_from(value)) {
            self.0.insert(name, value);
        }
    }

    fn append(&mut self, name: &str, value: &str) {
        if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::try_from(value)) {
            self.0.append(name, value);
        }
    }

    fn vary(&mut self, names: &'static str) {
        self.0.insert(http::header::VARY, HeaderValue::from_static(names));
    }
}
