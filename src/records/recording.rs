//! Writing down what was decided: a data point, and of a refusal a line of the log.
//!
//! What is answered at the edge is recorded at once, what is sent on when its response is there. Nothing here changes
//! an answer.

use corsgate_policy::record::{Observed, Record, RecordedOutcome, Summary};
use corsgate_policy::fetch::CorsResponse;
use corsgate_policy::{Decision, Facts, Reason};
use js_sys::{Date, Math};
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

use crate::exchange::Exchange;
use crate::records::log::{self, About, Event};
use crate::{platform::glue, wire::gathered};

#[wasm_bindgen(module = "/src/records/recording.js")]
extern "C" {
    fn observe(request: &JsValue) -> String;
    #[wasm_bindgen(js_name = writePoint)]
    fn write_point(
        env: &JsValue,
        context: &JsValue,
        lines: &str,
        weight: f64,
        status: f64,
        milliseconds: f64,
    ) -> Option<String>;
}

/// What a record will need of a decision.
pub(crate) fn summarize<'a>(
    exchange: &Exchange,
    facts: Option<&Facts<'_>>,
    decision: &Decision<'a>,
) -> Summary<'a> {
    let host = facts.map_or("", |facts| facts.url.host);
    Summary::new(decision, host, (Date::now() - exchange.now).max(0.0), Math::random(), || {
        carries_cookies(&exchange.request)
    })
}

/// Records what the gateway answers itself.
pub(crate) fn record_answer(
    exchange: &Exchange,
    facts: Option<&Facts<'_>>,
    decision: &Decision<'_>,
    status: u16,
) {
    let limits: Vec<_> = decision.denying().map(|limit| limit.name()).collect();
    let summary = summarize(exchange, facts, decision);
    let place =
        Place { request: &exchange.request, env: exchange.env.as_ref(), context: exchange.context.as_ref() };
    place.record(facts, &summary, status, &limits);
}

/// For the glue: records a request whose response has come from the upstream. `cors` holds the
/// `Access-Control-Allow-*` of that response, a line each as `gather` writes them; it is looked at only on a route that
/// reports.
#[wasm_bindgen]
pub fn record_response(
    request: &JsValue,
    env: &JsValue,
    context: &JsValue,
    summary: &str,
    status: u16,
    cors: &str,
) {
    let lines = glue::gather(request);
    let (Some(facts), Some(summary)) = (gathered::facts(&lines), Summary::read(summary)) else {
        return;
    };
    let mut values = cors.split('\n').map(|line| line.strip_prefix('='));
    let mut value = || values.next().flatten();
    let answer = CorsResponse {
        status,
        allow_origin: value(),
        allow_credentials: value(),
        allow_methods: value(),
        allow_headers: value(),
    };
    let summary = summary.answered(&facts, &answer, || carries_cookies(request));
    Place { request, env, context }.record(Some(&facts), &summary, status, &[]);
}

/// For the glue: records a request whose upstream has failed, and says in the log how.
#[wasm_bindgen]
pub fn record_failure(
    request: &JsValue,
    env: &JsValue,
    context: &JsValue,
    summary: &str,
    reason: &str,
    upstream: &str,
    error: Option<String>,
) {
    let lines = glue::gather(request);
    let facts = gathered::facts(&lines);
    let (Some(summary), Some(reason)) = (Summary::read(summary), Reason::from_name(reason)) else {
        return;
    };
    log::capped(context, About::Faults, || {
        let (route, error) = (summary.route(), error.as_deref());
        Event::UpstreamFailed { reason: reason.name(), route, upstream, error }.warn();
    });
    Place { request, env, context }.record(facts.as_ref(), &summary.failed(reason), reason.status(), &[]);
}

/// For the glue: says in the log that a data point was not taken after all, by a Worker that is bound in place of
/// Analytics Engine.
#[wasm_bindgen]
pub fn point_rejected(context: &JsValue, error: &str) {
    tell_failure(context, error);
}

/// For the store: says in the log that decisions could not be delivered to it.
#[wasm_bindgen]
pub fn store_failed(context: &JsValue, decisions: u32, error: &str) {
    log::capped(context, About::Faults, || Event::StoreFailed { decisions, error }.warn());
}

fn tell_failure(context: &JsValue, error: &str) {
    log::capped(context, About::Faults, || Event::RecordFailed { error }.warn());
}

/// Where a request is, and where its record goes.
struct Place<'a> {
    request: &'a JsValue,
    env: &'a JsValue,
    context: &'a JsValue,
}

impl Place<'_> {
    fn record(&self, facts: Option<&Facts<'_>>, summary: &Summary<'_>, status: u16, limits: &[&str]) {
        if !summary.is_recorded() {
            return;
        }
        let observed = observe(self.request);
        let mut observed = observed.split('\n');
        let mut next = || observed.next().unwrap_or_default();
        let observed = Observed { country: next(), colo: next(), ray: next(), status };
        if let Some(record) = summary.record(facts, observed) {
            self.write(&record, limits);
        }
    }

    fn write(&self, record: &Record<'_>, limits: &[&str]) {
        let mut lines = String::new();
        record.write_lines(&mut lines);
        let [weight, status, milliseconds] = record.doubles();
        if let Some(error) = write_point(self.env, self.context, &lines, weight, status, milliseconds) {
            tell_failure(self.context, &error);
        }
        if record.outcome != RecordedOutcome::Allow {
            log::capped(self.context, About::Decisions, || log::line(&record.log_line(limits)));
        }
    }
}

fn carries_cookies(request: &JsValue) -> bool {
    glue::header(request, "cookie").is_some()
}
