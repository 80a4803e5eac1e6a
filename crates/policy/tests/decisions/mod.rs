//! The response to each request: the rows of `cors-behaviour.md` and their neighbours.
//!
//! A row is an exchange as HTTP writes it: the request, the upstream's response, and the gateway's response. The first
//! line of the latter is verdict, reason and status. Below it are all its headers except `Corsgate-Decision` and
//! `Proxy-Status`, which follow from the first line and are checked against it.
// Neither proptest nor the plain test harness runs in Wasm.
#![cfg(not(target_arch = "wasm32"))]
#![expect(clippy::expect_used, clippy::panic, reason = "tests may fail loudly")]

mod decoration;
mod forwarding;
mod limits;
mod lists;
mod paths;
mod preflights;
mod refusals;
mod report;
mod requests;
mod unrouted;
mod websockets;

use crate::implied;
use crate::support::{Request, Response, answer};
use corsgate_policy::decision::decide::decide;
use corsgate_policy::grammar::day::Day;
use corsgate_policy::{Answers, Decision, Examined, Kind, Outcome, Policy, Reason};
use serde_json::{Value, json};

const POLICY_ID: &str = "0123456789abcdef";
const TODAY: &str = "2026-06-15";
/// A response of the upstream without special headers.
const PLAIN: &str = "200";
const VARY_PREFLIGHT: &str = "vary: Origin, Access-Control-Request-Method, Access-Control-Request-Headers";

fn today() -> Day {
    Day::parse(TODAY).expect(TODAY)
}

/// A policy with these routes, and other fields of the document.
fn policy_with(routes: &[Value], fields: Value) -> Policy {
    let base = json!({
        "version": 1,
        "id": POLICY_ID,
        "upstreams": { "api": "https://origin.example.net/base" },
        "routes": routes,
    });
    let document = merge(base, fields);
    Policy::read(document.to_string().as_bytes()).unwrap_or_else(|error| panic!("{error}\n{document:#}"))
}

fn policy(routes: &[Value]) -> Policy {
    policy_with(routes, json!({}))
}

/// A route at `/<name>/*` of api.example.com.
fn route(name: &str, fields: Value) -> Value {
    let base = json!({
        "name": name,
        "path": format!("/{name}/*"),
        "hosts": ["api.example.com"],
        "upstream": "api",
    });
    merge(base, fields)
}

fn merge(mut base: Value, fields: Value) -> Value {
    let (Some(base_fields), Value::Object(fields)) = (base.as_object_mut(), fields) else {
        panic!("not objects");
    };
    base_fields.extend(fields);
    base
}

/// The CORS rules of route P.
fn cors_p() -> Value {
    json!({
        "origins": ["https://app.example.com", "https://*.example.com"],
        "credentials": true,
        "methods": ["PUT", "DELETE"],
        "request_headers": ["authorization", "content-type"],
        "exposed_headers": ["x-id"],
        "max_age": 600,
    })
}

/// Route P with further fields.
fn p(name: &str, fields: Value) -> Value {
    route(name, merge(json!({ "cors": cors_p() }), fields))
}

/// Route A with further fields.
fn a(name: &str, fields: Value) -> Value {
    route(name, merge(json!({ "cors": { "origins": ["*"] } }), fields))
}

/// One row of the table.
struct Row {
    name: String,
    request: Request,
    upstream: Response,
    answer: String,
}

fn row(name: &str, request: &str, upstream: &str, answer: impl Into<String>) -> Row {
    let (status, headers) = head(upstream);
    Row {
        name: name.to_owned(),
        request: request_of(request),
        upstream: Response::new(status.parse().expect(status), headers),
        answer: answer.into(),
    }
}

fn check(policy: &Policy, rows: impl IntoIterator<Item = Row>) {
    for Row { name, request, upstream, answer: expected } in rows {
        let facts = request.facts();
        let decision = decide(policy, &facts, &Answers::default(), today());
        assert_eq!(written(&decision, &answer(&decision, &upstream)), tidy(&expected), "{name}");
        implied::hold(&Examined::new(policy, &facts), &Answers::default(), today());
    }
}

/// Reads `GET /path`, or an absolute URL, and lines of headers.
fn request_of(text: &str) -> Request {
    let (line, headers) = head(text);
    let (method, target) = line.split_once(' ').expect(line);
    let host = if target.starts_with('/') { "https://api.example.com" } else { "" };
    headers.fold(Request::new(method, &format!("{host}{target}")), |request, (name, value)| {
        let name = match name {
            "ACRM" => "access-control-request-method",
            "ACRH" => "access-control-request-headers",
            name => name,
        };
        request.with(name, value)
    })
}

fn head(text: &str) -> (&str, impl Iterator<Item = (&str, &str)>) {
    let mut lines = text.lines().map(str::trim);
    let first = lines.next().unwrap_or_default();
    (first, lines.map(|line| line.split_once(':').map(|(name, value)| (name, value.trim())).expect(line)))
}

/// The response in the form of the table.
fn written(decision: &Decision<'_>, answer: &Response) -> String {
    let status = answer.status;
    let (first, told) = match decision.outcome {
        Outcome::Allow => (format!("allow {status}"), Vec::new()),
        Outcome::Strip(reason) => (format!("strip {reason} {status}"), refusal(decision, "strip")),
        Outcome::Reject(reason) => (format!("reject {reason} {status}"), refusal(decision, "reject")),
        Outcome::Report(None) => (format!("report {status}"), Vec::new()),
        Outcome::Report(Some(reason)) => (format!("report {reason} {status}"), Vec::new()),
    };
    let mut lines: Vec<_> = answer.headers.lines().map(|(name, value)| format!("{name}: {value}")).collect();
    for line in told {
        let at = lines.iter().position(|known| *known == line);
        lines.remove(at.unwrap_or_else(|| panic!("{line} is missing in {answer:?}")));
    }
    lines.sort_unstable();
    lines.insert(0, first);
    lines.join("\n")
}

/// The two lines that every rejection has.
fn refusal(decision: &Decision<'_>, verdict: &str) -> Vec<String> {
    let Some(reason) = decision.reason() else {
        return Vec::new();
    };
    let route = decision.route.map(|route| format!(";route=\"{}\"", route.name())).unwrap_or_default();
    let told = Some(format!("corsgate-decision: {verdict};reason={reason}{route};policy=\"{POLICY_ID}\""));
    // A request that was forwarded nevertheless is no error of the proxy.
    let repeated = (reason == Reason::MethodNotAllowed && decision.kind != Kind::Preflight)
        .then_some("http_request_denied");
    let proxy = reason.proxy_error().or(repeated).map(|error| match verdict {
        "strip" => format!("proxy-status: corsgate;details=\"{reason}\""),
        _ => format!("proxy-status: corsgate;error={error};details=\"{reason}\""),
    });
    told.into_iter().chain(proxy).collect()
}

/// An expected response, its lines trimmed and its headers sorted.
fn tidy(answer: &str) -> String {
    let mut lines: Vec<_> = answer.lines().map(str::trim).collect();
    if let Some((_, headers)) = lines.split_first_mut() {
        headers.sort_unstable();
    }
    lines.join("\n")
}

/// Row 1: forwarded without any CORS header.
fn as_1(status: u16) -> String {
    format!("allow {status}\nvary: Origin")
}

/// Row 2: readable by pages of this origin.
fn as_2(status: u16, origin: &str) -> String {
    format!("allow {status}\n{}\nvary: Origin", granted(origin))
}

/// The headers of row 2 but `Vary`.
fn granted(origin: &str) -> String {
    format!(
        "access-control-allow-origin: {origin}
         access-control-allow-credentials: true
         access-control-expose-headers: x-id"
    )
}

/// Row 3, `on_disallowed = reject`.
fn as_3(reason: &str) -> String {
    format!("reject {reason} 403\nvary: Origin")
}

/// Row 4: the whole response to a preflight of this origin.
fn as_4(origin: &str) -> String {
    format!("allow 204\n{}\naccess-control-max-age: 600", granted_to_preflight(origin))
}

/// Row 6: a preflight of an origin that is rejected.
fn as_6(reason: &str) -> String {
    format!("reject {reason} 403\n{VARY_PREFLIGHT}")
}

/// Row 7: the lists are the true ones, so the browser itself finds what is missing.
fn as_7(origin: &str, reason: &str) -> String {
    format!("reject {reason} 204\n{}", granted_to_preflight(origin))
}

fn granted_to_preflight(origin: &str) -> String {
    format!(
        "access-control-allow-origin: {origin}
         access-control-allow-credentials: true
         access-control-allow-methods: PUT, DELETE
         access-control-allow-headers: authorization, content-type
         {VARY_PREFLIGHT}"
    )
}
