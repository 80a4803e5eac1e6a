//! Doing what was decided: an answer at the edge, or the way to the upstream.

use corsgate_policy::grammar::token::first_subprotocol;
use corsgate_policy::policy::limit::client_key;
use corsgate_policy::policy::upstream::Upstream;
use corsgate_policy::response::headers::{CLOSE_REFUSED, ResponseHeaderSink, SWITCHING_PROTOCOLS};
use corsgate_policy::{Decision, Facts, Kind, Outcome, Reason, Route, response::forward};
use js_sys::Reflect;
use wasm_bindgen::JsValue;

use crate::exchange::Exchange;
use crate::platform::glue::{self, Head, RequestChanges, ResponseChanges};
use crate::records::log::{self, About, Event};
use crate::records::recording;

/// Answers a request as decided. Without facts, its URL could not be parsed.
pub(crate) fn act(exchange: &Exchange, facts: Option<&Facts<'_>>, decision: &Decision<'_>) -> JsValue {
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

/// An answer at the edge: 204 to a preflight that may go on, a problem to what is refused.
fn answer(exchange: &Exchange, facts: Option<&Facts<'_>>, decision: &Decision<'_>) -> JsValue {
    let mut head = Head::default();
    let status = decision.stamp_answer(&mut head);
    recording::record_answer(exchange, facts, decision, status);
    // From the answer to HEAD the platform drops the body.
    let has_body = decision.kind != Kind::Preflight;
    let body = if has_body { decision.problem() } else { None };
    glue::respond(status, head.as_str(), body.as_deref())
}

/// Where a client holds too many closing sockets, its handshake is refused as on any other route.
fn close_socket(exchange: &Exchange, facts: &Facts<'_>, decision: &Decision<'_>, reason: Reason) -> JsValue {
    const PROTOCOL: &str = "sec-websocket-protocol";
    let mut head = Head::default();
    decision.stamp(&mut head);
    // A page that offered subprotocols fails the connection, and loses the reason, unless one is selected.
    let offered = glue::header(&exchange.request, PROTOCOL);
    if let Some(first) = offered.as_deref().and_then(first_subprotocol) {
        head.set(PROTOCOL, first);
    }
    let client = client_key(facts.client_ip);
    let context = exchange.context.as_ref();
    match glue::refuse_socket(context, head.as_str(), CLOSE_REFUSED, reason.name(), &client) {
        Some(accepted) => {
            recording::record_answer(exchange, Some(facts), decision, SWITCHING_PROTOCOLS);
            accepted.into()
        }
        None => answer(exchange, Some(facts), decision),
    }
}

/// Forwards a request, with the plan for what comes back.
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
    let mut request = RequestChanges::default();
    let header_names = &glue::header_names(&exchange.request);
    decision.write_request_headers(&Facts { header_names, ..*facts }, &mut request);
    let mut response = ResponseChanges::default();
    decision.stamp(&mut response);
    let mut plan = String::with_capacity(1024);
    forward::write_target(route, facts, &mut plan);
    let location_base = match upstream {
        Upstream::Url(url) => url.to_string(),
        Upstream::Service(_) | Upstream::Zone => String::new(),
    };
    for line in [facts.url.origin, &location_base] {
        plan.push('\n');
        plan.push_str(line);
    }
    let summary = recording::summarize(exchange, Some(facts), decision);
    plan.push('\n');
    summary.write_line(&mut plan);
    for line in [if summary.awaits_response() { "1" } else { "" }, response.vary] {
        plan.push('\n');
        plan.push_str(line);
    }
    for lines in [&request.removes, &request.sets, &response.removes, &response.sets, &response.appends] {
        plan.push_str(&lines.text);
    }
    let own = matches!(decision.outcome, Outcome::Report(_)).then(|| {
        let mut own = Head::default();
        decision.stamp_own_answer(&mut own);
        own
    });
    let timeout = route.timeout(facts.has_body).map_or(0.0, |seconds| f64::from(seconds) * 1000.0);
    glue::forward(
        &exchange.request,
        exchange.env.as_ref(),
        exchange.context.as_ref(),
        &binding,
        &plan,
        request.removes.count,
        request.sets.count,
        response.removes.count,
        response.sets.count,
        response.appends.count,
        own.as_ref().map(Head::as_str),
        timeout,
    )
}

/// The service binding of an upstream.
fn service(exchange: &Exchange, name: &str) -> Option<JsValue> {
    let binding = Reflect::get(exchange.env.as_ref(), &JsValue::from_str(name)).ok();
    let binding = binding.filter(|binding| binding.is_object());
    if binding.is_none() {
        log::capped(exchange.context.as_ref(), About::Faults, || {
            Event::BindingMissing { binding: name }.error()
        });
    }
    binding
}
