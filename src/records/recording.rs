//! Records decisions: a data point, and a line of the log for a rejection.
//!
//! A request that is answered at the edge is recorded at once, a forwarded one when its response has come. Nothing here
//! changes a response.

use corsgate_policy::record::{Observed, Record, RecordedOutcome, Summary};
use corsgate_policy::{Decision, Facts, Reason};
use js_sys::{Date, Math};
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

use crate::exchange::Exchange;
use crate::platform::request::header;
use crate::records::log::{self, About, Event};
use crate::wire::{Malformed, gathered, granted, observed, record};

#[wasm_bindgen(module = "/src/records/recording.js")]
extern "C" {
    #[wasm_bindgen(js_name = writePoint)]
    fn write_point(
        env: &JsValue,
        context: &JsValue,
        record: &str,
        weight: f64,
        status: f64,
        milliseconds: f64,
    ) -> Option<String>;
}

/// The parts of a decision that its record needs.
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

/// Records a request that the gateway answers itself.
pub(crate) fn record_answer(
    exchange: &Exchange,
    facts: Option<&Facts<'_>>,
    decision: &Decision<'_>,
    status: u16,
) {
    let summary = summarize(exchange, facts, decision);
    // Most allowed requests are outside the sample.
    if summary.is_recorded() {
        record_now(exchange, facts, decision, &summary, status);
    }
}

#[inline(never)]
fn record_now(
    exchange: &Exchange,
    facts: Option<&Facts<'_>>,
    decision: &Decision<'_>,
    summary: &Summary<'_>,
    status: u16,
) {
    let limits: Vec<_> = decision.denying().map(|limit| limit.name()).collect();
    let place = RequestContext { request: &exchange.request, env: &exchange.env, context: &exchange.context };
    place.record(facts, summary, status, &limits);
}

/// For `forward.js`: records a request when the upstream has responded. `granted` is given only on a route in report mode.
#[wasm_bindgen]
pub fn record_response(
    request: &JsValue,
    env: &JsValue,
    context: &JsValue,
    summary: &str,
    status: u16,
    granted: Option<String>,
) {
    let gathered = gathered::gather(request);
    let place = RequestContext { request, env, context };
    let recorded = || -> Result<(), Malformed> {
        let (Some(facts), Some(summary)) = (gathered::read(&gathered)?, Summary::read(summary)) else {
            return Ok(());
        };
        let summary = match &granted {
            Some(granted) => {
                summary.answered(&facts, &granted::read(granted, status)?, || carries_cookies(request))
            }
            None => summary,
        };
        place.record(Some(&facts), &summary, status, &[]);
        Ok(())
    };
    if let Err(malformed) = recorded() {
        tell_malformed(malformed);
    }
}

/// For `forward.js`: records a request whose upstream has failed, and logs the error.
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
    let (Some(summary), Some(reason)) = (Summary::read(summary), Reason::from_name(reason)) else {
        return;
    };
    log::capped(context, About::Faults, || {
        let (route, error) = (summary.route(), error.as_deref());
        Event::UpstreamFailed { reason: reason.name(), route, upstream, error }.warn();
    });
    match gathered::read(&gathered::gather(request)) {
        Ok(facts) => {
            let place = RequestContext { request, env, context };
            place.record(facts.as_ref(), &summary.failed(reason), reason.status(), &[]);
        }
        Err(malformed) => tell_malformed(malformed),
    }
}

/// For `recording.js`: logs that a data point failed after it was sent, in a Worker that is bound in place of Analytics
/// Engine.
#[wasm_bindgen]
pub fn point_rejected(context: &JsValue, error: &str) {
    tell_failure(context, error);
}

/// For the store: logs that decisions could not be delivered to it.
#[wasm_bindgen]
pub fn store_failed(context: &JsValue, decisions: u32, error: &str) {
    log::capped(context, About::Faults, || Event::StoreFailed { decisions, error }.warn());
}

fn tell_failure(context: &JsValue, error: &str) {
    log::capped(context, About::Faults, || Event::RecordFailed { error }.warn());
}

fn tell_malformed(malformed: Malformed) {
    Event::MessageMalformed { message: malformed.0 }.error();
}

/// The context of a request, and where its record goes.
struct RequestContext<'a> {
    request: &'a JsValue,
    env: &'a JsValue,
    context: &'a JsValue,
}

impl RequestContext<'_> {
    #[inline(never)]
    fn record(&self, facts: Option<&Facts<'_>>, summary: &Summary<'_>, status: u16, limits: &[&str]) {
        if !summary.is_recorded() {
            return;
        }
        let message = observed::observe(self.request);
        let observed = observed::read(&message).unwrap_or_else(|malformed| {
            tell_malformed(malformed);
            Default::default()
        });
        let observed::Observed { country, colo, ray } = observed;
        let observed = Observed { country, colo, ray, status };
        if let Some(record) = summary.record(facts, observed) {
            self.write(&record, limits);
        }
    }

    #[inline(never)]
    fn write(&self, record: &Record<'_>, limits: &[&str]) {
        let message = record::write(record);
        let [weight, status, milliseconds] = record.doubles();
        if let Some(error) = write_point(self.env, self.context, &message, weight, status, milliseconds) {
            tell_failure(self.context, &error);
        }
        if record.outcome != RecordedOutcome::Allow {
            log::capped(self.context, About::Decisions, || log::line(&record.log_line(limits)));
        }
    }
}

fn carries_cookies(request: &JsValue) -> bool {
    header(request, "cookie").is_some()
}
