//! Carries out a decision: answers at the edge, or forwards to the upstream.

use corsgate_policy::decision::facts::Facts;
use corsgate_policy::grammar::token::first_subprotocol;
use corsgate_policy::policy::limit::client_key;
use corsgate_policy::policy::upstream::Upstream;
use corsgate_policy::response::forward;
use corsgate_policy::response::headers::{CLOSE_REFUSED, ResponseHeaderSink, SWITCHING_PROTOCOLS};
use corsgate_policy::{Decision, Kind, Outcome, Reason, Route};
use js_sys::{Object, Reflect};
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

use super::Exchange;
use crate::platform::request;
use crate::records::log::{self, About, Event};
use crate::records::recording;
use crate::wire::headers::Headers;
use crate::wire::plan::Plan;

#[wasm_bindgen(module = "/src/exchange/respond.js")]
extern "C" {
    pub(super) fn respond(status: u16, headers: &str, body: Option<&str>) -> JsValue;
}

#[wasm_bindgen(module = "/src/exchange/refuse-socket.js")]
extern "C" {
    #[wasm_bindgen(js_name = refuseSocket)]
    fn refuse_socket(
        context: &JsValue,
        headers: &str,
        code: u16,
        reason: &str,
        client: &str,
    ) -> Option<Object>;
}

#[wasm_bindgen(module = "/src/exchange/forward.js")]
extern "C" {
    #[wasm_bindgen(js_name = forward)]
    fn send(
        request: &JsValue,
        env: &JsValue,
        context: &JsValue,
        binding: &JsValue,
        plan: &str,
        own: Option<&str>,
        timeout: f64,
    ) -> JsValue;
}

/// Answers or forwards a request as decided. `facts` is `None` if its URL could not be parsed.
pub(super) fn carry_out(exchange: &Exchange, facts: Option<&Facts<'_>>, decision: &Decision<'_>) -> JsValue {
    let Some(facts) = facts else {
        return answer(exchange, None, decision);
    };
    if let Some(route) = decision.route.filter(|_| decision.is_sent_on()) {
        return send_on(exchange, facts, decision, route);
    }
    match decision.closes_socket(facts) {
        Some(reason) => close_socket(exchange, facts, decision, reason),
        None => answer(exchange, Some(facts), decision),
    }
}

/// A response at the edge: 204 to an allowed preflight, a problem document to a rejected request.
fn answer(exchange: &Exchange, facts: Option<&Facts<'_>>, decision: &Decision<'_>) -> JsValue {
    let mut headers = Headers::default();
    let status = decision.write_answer(&mut headers);
    recording::record_answer(exchange, facts, decision, status);
    // The platform drops the body of a response to HEAD.
    let has_body = decision.kind != Kind::Preflight;
    let body = if has_body { decision.problem() } else { None };
    respond(status, headers.as_message(), body.as_deref())
}

/// Rejects a handshake by accepting and closing it. A client with too many closing sockets gets an HTTP error instead.
#[inline(never)]
fn close_socket(exchange: &Exchange, facts: &Facts<'_>, decision: &Decision<'_>, reason: Reason) -> JsValue {
    const PROTOCOL: &str = "sec-websocket-protocol";
    let mut headers = Headers::default();
    decision.write_headers(&mut headers);
    // If a page offered subprotocols and none is selected, its browser fails the connection and the reason is lost.
    let offered = request::header(&exchange.request, PROTOCOL);
    if let Some(first) = offered.as_deref().and_then(first_subprotocol) {
        headers.set(PROTOCOL, first);
    }
    let client = client_key(facts.client_ip);
    let context = &exchange.context;
    match refuse_socket(context, headers.as_message(), CLOSE_REFUSED, reason.name(), &client) {
        Some(accepted) => {
            recording::record_answer(exchange, Some(facts), decision, SWITCHING_PROTOCOLS);
            accepted.into()
        }
        None => answer(exchange, Some(facts), decision),
    }
}

/// Forwards a request, with the plan for its response.
#[inline(never)]
fn send_on(exchange: &Exchange, facts: &Facts<'_>, decision: &Decision<'_>, route: &Route) -> JsValue {
    let upstream = route.upstream();
    let binding = match upstream {
        Upstream::Service(name) => match service(exchange, name) {
            Some(binding) => binding,
            None => {
                let mut failed = *decision;
                failed.outcome = Outcome::Reject(Reason::UpstreamUnreachable);
                return answer(exchange, Some(facts), &failed);
            }
        },
        Upstream::Url(_) | Upstream::Zone => JsValue::UNDEFINED,
    };
    let mut plan = Plan::default();
    if route.rewritten_upstream().is_some() {
        plan.own_origin = facts.url.origin;
    }
    forward::write_target(route, facts, &mut plan.target);
    if let Upstream::Url(url) = upstream {
        plan.upstream = url.to_string();
    }
    let header_names = &request::header_names(&exchange.request);
    decision.write_request_headers(&Facts { header_names, ..*facts }, &mut plan.request);
    decision.write_headers(&mut plan.response);
    let summary = recording::summarize(exchange, Some(facts), decision);
    summary.write_line(&mut plan.summary);
    plan.is_recorded = summary.awaits_response();
    let own = matches!(decision.outcome, Outcome::Report(_)).then(|| {
        let mut own = Headers::default();
        decision.write_own_headers(&mut own);
        own
    });
    let timeout = route.timeout(facts.has_body).map_or(0.0, |seconds| f64::from(seconds) * 1000.0);
    send(
        &exchange.request,
        &exchange.env,
        &exchange.context,
        &binding,
        &plan.write(),
        own.as_ref().map(Headers::as_message),
        timeout,
    )
}

/// The service binding of an upstream.
fn service(exchange: &Exchange, name: &str) -> Option<JsValue> {
    let binding = Reflect::get(&exchange.env, &JsValue::from_str(name)).ok();
    let binding = binding.filter(|binding| binding.is_object());
    if binding.is_none() {
        log::capped(&exchange.context, About::Faults, || Event::BindingMissing { binding: name }.error());
    }
    binding
}
