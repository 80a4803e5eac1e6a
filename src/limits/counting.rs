//! This isolate's part in counting a request at the limits of its route.

use corsgate_policy::{Count, Decision, Facts};
use js_sys::Date;
use wasm_bindgen::prelude::wasm_bindgen;

use super::answers::refund;
use super::object::{Object, objects};
use super::{denials, local_counts};
use crate::exchange::Exchange;
use crate::wire::counts::{Answer, Counted};

#[wasm_bindgen(module = "/src/limits/permits.js")]
extern "C" {
    #[wasm_bindgen(js_name = usePermits)]
    fn use_permits(plan: &str) -> Option<String>;
}

/// What is known of a request's limits.
pub(crate) enum LimitCounts {
    /// The answers of all limits.
    Known(Vec<Count>),
    /// The lines of `counts` with which to ask the objects that count.
    Open(String),
}

/// The answers of a request's limits, or the lines of `counts` with which to ask the objects that count.
///
/// No object is asked if this isolate knows that one denies, or has charged it so much that it would deny. An object that has
/// already counted this request, before another policy came into force, is not asked again.
pub(crate) fn counts(exchange: &Exchange, facts: &Facts<'_>, decision: &Decision<'_>) -> LimitCounts {
    let is_counted = exchange.learned.counted().next().is_some();
    match decision.limits().is_empty() && !is_counted {
        true => LimitCounts::Known(Vec::new()),
        false => counts_of_limits(exchange, facts, decision),
    }
}

// Not inlined: most requests have no limits, and a new isolate compiles nothing of this for them.
#[inline(never)]
fn counts_of_limits(exchange: &Exchange, facts: &Facts<'_>, decision: &Decision<'_>) -> LimitCounts {
    let objects = objects(exchange, facts, decision);
    let asked: Vec<_> = objects.iter().map(Object::line).collect();
    let mut learned: Vec<_> = exchange.learned.counted().filter_map(Counted::parse).collect();
    let open = match settled(exchange, decision, &objects, &asked, &learned) {
        Ok(counts) => return LimitCounts::Known(counts),
        Err(open) => open,
    };
    // After the last round no object is asked again.
    if exchange.learned.is_over() {
        refund_all(exchange);
        return LimitCounts::Known(vec![Count::Failed; decision.limits().len()]);
    }
    let open_objects: Vec<_> = open.iter().filter_map(|at| objects.get(*at)).collect();
    let now = Date::now();
    if let Some(counts) =
        known_denials(&open_objects, decision, now).or_else(|| charge(&open_objects, decision, now))
    {
        refund_all(exchange);
        return LimitCounts::Known(counts);
    }
    let plan: Vec<_> = open.iter().filter_map(|at| asked.get(*at)).map(String::as_str).collect();
    let plan = plan.join("\n");
    let Some(permitted) = use_permits(&plan) else { return LimitCounts::Open(plan) };
    for object in open_objects {
        local_counts::answered(&object.name);
    }
    learned.extend(Counted::parse_all(&permitted));
    settled(exchange, decision, &objects, &asked, &learned)
        .map_or(LimitCounts::Open(plan), LimitCounts::Known)
}

/// The answers of all limits, once one denies or all are there.
///
/// # Errors
/// The positions of the objects that have not answered.
fn settled(
    exchange: &Exchange,
    decision: &Decision<'_>,
    objects: &[Object<'_>],
    asked: &[String],
    learned: &[Counted<'_>],
) -> Result<Vec<Count>, Vec<usize>> {
    let answers: Vec<_> =
        asked.iter().map(|asked| learned.iter().find(|counted| counted.answers(asked))).collect();
    let is_open = |answer: &Option<&Counted<'_>>| answer.is_none_or(|answer| answer.is_refunded);
    let open: Vec<_> =
        answers.iter().enumerate().filter(|(_, answer)| is_open(answer)).map(|(at, _)| at).collect();
    if !open.is_empty() && !answers.iter().flatten().any(|answer| answer.refuses()) {
        return Err(open);
    }
    let counts = answered(objects, decision, &answers);
    let is_refused = decision.counted(&counts).outcome != decision.outcome;
    // A request that one limit denies, or that a new policy no longer limits, must not use up quota.
    let stands = |counted: &&Counted<'_>| !is_refused && asked.iter().any(|asked| counted.answers(asked));
    refund(&exchange.env, &exchange.context, learned.iter().filter(|counted| !stands(counted)));
    Ok(counts)
}

/// Refunds all counts of a request that is rejected for another reason.
#[inline(never)]
pub(crate) fn refund_all(exchange: &Exchange) {
    let learned: Vec<_> = exchange.learned.counted().filter_map(Counted::parse).collect();
    refund(&exchange.env, &exchange.context, learned.iter());
}

/// The answers of all objects, in the order of the limits.
#[inline(never)]
fn answered(objects: &[Object<'_>], decision: &Decision<'_>, answers: &[Option<&Counted<'_>>]) -> Vec<Count> {
    let mut counts = vec![Count::Failed; decision.limits().len()];
    let now = Date::now();
    for (object, answer) in objects.iter().zip(answers) {
        let own = match answer.map(|counted| &counted.answer) {
            // Another object denies the request.
            None => vec![Count::NotAsked; object.len()],
            Some(Answer::Admitted(counts) | Answer::Denied(counts)) => counts.clone(),
            Some(Answer::Overloaded) => vec![Count::Overloaded; object.len()],
            // Another request may have learned since what this one did not learn in time.
            Some(Answer::Slow(_)) => {
                denials::find(&object.name, now).map(|denial| object.denied(denial, now)).unwrap_or_default()
            }
            Some(Answer::Failed(_)) => continue,
        };
        object.place(own, &mut counts);
    }
    counts
}

/// The answers that are already known, if one of them denies.
#[inline(never)]
fn known_denials(objects: &[&Object<'_>], decision: &Decision<'_>, now: f64) -> Option<Vec<Count>> {
    let mut counts = vec![Count::NotAsked; decision.limits().len()];
    let mut denied = false;
    for object in objects {
        let Some(denial) = denials::find(&object.name, now) else { continue };
        denied = true;
        object.place(object.denied(denial, now), &mut counts);
    }
    denied.then_some(counts)
}

/// Charges a request to all its objects. If one has nothing left, charges none and returns the denial.
#[inline(never)]
fn charge(objects: &[&Object<'_>], decision: &Decision<'_>, now: f64) -> Option<Vec<Count>> {
    for (at, object) in objects.iter().enumerate() {
        let Err((own, standing)) = local_counts::charge(&object.name, &object.rates(), now) else { continue };
        for charged in objects.iter().take(at) {
            local_counts::answered(&charged.name);
            local_counts::refund(&charged.name, &charged.rates());
        }
        let mut counts = vec![Count::NotAsked; decision.limits().len()];
        object.place(object.one(own, Count::Denied(standing)), &mut counts);
        return Some(counts);
    }
    None
}
