//! Doing what was decided: an answer at the edge, or the way to the upstream.

use corsgate_policy::document::OnReject;
use corsgate_policy::stamp::ResponseHeaderSink;
use corsgate_policy::token::first_subprotocol;
use corsgate_policy::upstream::Upstream;
use corsgate_policy::{Decision, Facts, Kind, Outcome, Reason, Route, forward};
use js_sys::Reflect;
use wasm_bindgen::JsValue;

use crate::exchange::Exchange;
use crate::glue::{self, Head, RequestChanges, ResponseChanges};
use crate::log::{self, About, Event};
use crate::recording;

/// The close code of a refused WebSocket: 403 among the codes for private use (RFC 6455, 7.4.2).
const CLOSE_REFUSED: u16 = 4403;

/// Answers a request as decided. Without facts, its URL could not be parsed.
pub(crate) fn act(exchange: &Exchange, facts: Option<&Facts<'_>>, decision: &Decision<'_>) -> JsValue {
    match (decision.outcome, decision.route, facts) {
        (_, Some(route), Some(facts)) if decision.is_sent_on() => send_on(exchange, facts, decision, route),
        (Outcome::Reject(reason), Some(route), Some(facts))
            if closes_socket(facts, decision, reason, route) =>
        {
            close_socket(exchange, facts, decision, reason)
        }
        _ => answer(exchange, facts, decision),
    }
}

/// An answer at the edge: 204 to a preflight that may go on, a problem to what is refused.
fn answer(exchange: &Exchange, facts: Option<&Facts<'_>>, decision: &Decision<'_>) -> JsValue {
    const NO_CONTENT: u16 = 204;
    let mut head = Head::default();
    decision.stamp(&mut head);
    let status = decision.refusal().map_or(NO_CONTENT, |refusal| refusal.reason().status());
    recording::record_answer(exchange, facts, decision, status);
    if status == NO_CONTENT {
        return glue::respond(status, head.as_str(), None);
    }
    // Browsers never show what a preflight says. From the answer to HEAD the platform drops the body.
    if decision.kind == Kind::Preflight {
        head.forbid_storing();
        return glue::respond(status, head.as_str(), None);
    }
    head.describe_problem();
    glue::respond(status, head.as_str(), decision.problem().as_deref())
}

fn closes_socket(facts: &Facts<'_>, decision: &Decision<'_>, reason: Reason, route: &Route) -> bool {
    // The platform accepts a WebSocket only where nothing but one was asked for.
    let only_websocket = facts.upgrade.is_some_and(|upgrade| upgrade.eq_ignore_ascii_case("websocket"));
    decision.kind == Kind::Handshake
        && only_websocket
        && reason.is_about_origin()
        && route.on_reject() == OnReject::Close
}

fn close_socket(exchange: &Exchange, facts: &Facts<'_>, decision: &Decision<'_>, reason: Reason) -> JsValue {
    const SWITCHING_PROTOCOLS: u16 = 101;
    recording::record_answer(exchange, Some(facts), decision, SWITCHING_PROTOCOLS);
    const PROTOCOL: &str = "sec-websocket-protocol";
    let mut head = Head::default();
    decision.stamp(&mut head);
    // A page that offered subprotocols fails the connection, and loses the reason, unless one is selected.
    let offered = glue::header(&exchange.request, PROTOCOL);
    if let Some(first) = offered.as_deref().and_then(first_subprotocol) {
        head.set(PROTOCOL, first);
    }
    glue::refuse_socket(head.as_str(), CLOSE_REFUSED, reason.name())
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
    decision.write_request_headers(facts, &mut request);
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
        log::capped(&exchange.context, About::Faults, || Event::BindingMissing { binding: name }.error());
    }
    binding
}
