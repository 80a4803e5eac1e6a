//! Decisions by policies with many routes.

use corsgate_policy::decision::decide::decide;
use corsgate_policy::grammar::day::Day;
use corsgate_policy::{Answers, Facts, Outcome, Policy, ReadError, RequestUrl};
use serde_json::{Value, json};

use crate::origins::drawn;
use crate::stopwatch::{Case, Subject};

/// The page that every route allows.
const PAGE: &str = "https://app.example.com";

/// Policies with the same number of routes, which differ in what tells one route from another.
pub(crate) struct Policies {
    size: usize,
    kinds: Vec<Kind>,
}

/// A policy, and the requests that it is asked about.
struct Kind {
    policy: Policy,
    /// By the name of the subject: what becomes of the requests, and their URLs.
    asked: Vec<(&'static str, &'static str, Vec<String>)>,
}

impl Policies {
    pub(crate) fn new(size: usize) -> Result<Self, ReadError> {
        let by_host = |host: String| json!({ "hosts": [host], "path": "/*" });
        let by_path = |at| json!({ "hosts": ["api.example.com"], "path": format!("/api/things-{at}/*") });
        let last = size - 1;
        let kinds = vec![
            Kind {
                policy: policy(size, |at| by_host(format!("tenant-{at}.example.com")))?,
                asked: vec![
                    (
                        "by host",
                        "allowed",
                        each(size, |at| format!("https://tenant-{at}.example.com/users/42")),
                    ),
                    (
                        "by host, the last",
                        "allowed",
                        vec![format!("https://tenant-{last}.example.com/users/42")],
                    ),
                    (
                        "by host, none",
                        "rejected",
                        each(size, |at| format!("https://tenant-{at}x.example.com/users")),
                    ),
                ],
            },
            Kind {
                policy: policy(size, |at| by_host(format!("*.tenant-{at}.example.com")))?,
                asked: vec![(
                    "by wildcard host",
                    "allowed",
                    each(size, |at| format!("https://api.tenant-{at}.example.com/users/42")),
                )],
            },
            Kind {
                policy: policy(size, by_path)?,
                asked: vec![
                    (
                        "by path",
                        "allowed",
                        each(size, |at| format!("https://api.example.com/api/things-{at}/42")),
                    ),
                    (
                        "by path, the last",
                        "allowed",
                        vec![format!("https://api.example.com/api/things-{last}/42")],
                    ),
                    (
                        "by path, none",
                        "rejected",
                        each(size, |at| format!("https://api.example.com/api/things-{at}x/4")),
                    ),
                ],
            },
        ];
        Ok(Self { size, kinds })
    }

    pub(crate) fn subjects(&self) -> Vec<Subject<'_>> {
        let asked =
            self.kinds.iter().flat_map(|kind| kind.asked.iter().map(move |asked| (&kind.policy, asked)));
        asked.map(|(policy, (name, outcome, urls))| self.subject(policy, name, outcome, urls)).collect()
    }

    fn subject<'a>(
        &self,
        policy: &'a Policy,
        name: &'static str,
        outcome: &'static str,
        urls: &'a [String],
    ) -> Subject<'a> {
        let facts: Vec<Facts<'a>> = urls.iter().map(|url| facts(url)).collect();
        let today = Day::from_unix_milliseconds(1.8e12);
        let case = Case { size: self.size, outcome, clients: facts.len() };
        let answer = move |at: usize| {
            matches!(decide(policy, &facts[at], &Answers::default(), today).outcome, Outcome::Allow)
        };
        Subject { name, case, answer: Box::new(answer) }
    }
}

/// A thousand texts of numbers drawn evenly from all.
fn each(size: usize, text: impl Fn(usize) -> String) -> Vec<String> {
    drawn(size).map(text).collect()
}

/// Routes with the same rules, each with what `place` adds.
fn policy(size: usize, place: impl Fn(usize) -> Value) -> Result<Policy, ReadError> {
    let route = |at: usize| {
        let mut route = place(at);
        route["name"] = json!(format!("route-{at}"));
        route["upstream"] = json!("api");
        route["cors"] = json!({ "origins": ["@pages"], "methods": ["PUT"], "credentials": true });
        route
    };
    let document = json!({
        "version": 1,
        "upstreams": { "api": "https://origin.example.net" },
        "allowlists": { "pages": [PAGE] },
        "routes": (0..size).map(route).collect::<Vec<_>>(),
    });
    Policy::read(document.to_string().as_bytes())
}

fn facts(url: &str) -> Facts<'_> {
    let url = RequestUrl::parse(url).unwrap_or_default();
    Facts { method: "GET", url, origin: Some(PAGE), ..Facts::default() }
}
