//! Counting requests at the limits of their routes, as far as this isolate is concerned.

use std::cell::RefCell;

use corsgate_policy::gcra::Standing;
use corsgate_policy::limit::Limit;
use corsgate_policy::{Count, Decision, Facts};
use js_sys::{Date, Promise};
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen_futures::JsFuture;

use crate::exchange::Exchange;
use crate::glue;
use crate::log::Event;
use crate::memory::Memory;

/// How long a request may wait for its limits, in milliseconds.
const DEADLINE: f64 = 500.0;

/// For how long a denial is remembered that need not hold as long as it says, in milliseconds: that of
/// an overloaded limit, and that of one which stands beside another's. Such a limit may have counted
/// requests that the other denies, and that it is about to be given back.
const UNSURE_FOR: f64 = 1000.0;

#[wasm_bindgen(module = "/src/counting.js")]
extern "C" {
    fn count(env: &JsValue, plan: &str, deadline: f64) -> Promise;
    #[wasm_bindgen(js_name = giveBack)]
    fn give_back(env: &JsValue, plan: &str) -> Promise;
}

thread_local! {
    /// By object: who is denied until when, so that a flood does not reach the object.
    static DENIED: RefCell<Memory<Denial>> = RefCell::default();
}

/// That a limit denies. Times are in milliseconds since 1970.
#[derive(Clone, Copy)]
struct Denial {
    since: f64,
    until: f64,
    overloaded: bool,
}

/// A limit, and the object that counts the request for it.
struct Counter<'a> {
    limit: &'a Limit,
    object: String,
}

/// The answers of the limits, where this isolate knows that one of them denies.
pub(crate) fn remembered(
    exchange: &Exchange,
    facts: &Facts<'_>,
    decision: &Decision<'_>,
) -> Option<Vec<Count>> {
    known(&counters(exchange, facts, decision), exchange.now)
}

/// The answers of the limits; the objects are asked unless this isolate knows that one denies.
pub(crate) async fn counts(exchange: &Exchange, facts: &Facts<'_>, decision: &Decision<'_>) -> Vec<Count> {
    let counters = counters(exchange, facts, decision);
    if counters.is_empty() {
        return Vec::new();
    }
    let now = Date::now();
    if let Some(counts) = known(&counters, now) {
        return counts;
    }
    let env = exchange.env.as_ref();
    let answers = JsFuture::from(count(env, &plan(counters.iter()), DEADLINE)).await;
    let answers = answers.ok().and_then(|answers| answers.as_string()).unwrap_or_default();
    let mut lines = answers.split('\n');
    let counts: Vec<_> =
        counters.iter().map(|counter| counter.read(lines.next().unwrap_or_default(), decision)).collect();
    let is_only_denial = counts.iter().filter(|count| matches!(count, Count::Denied(_))).count() == 1;
    for (counter, count) in counters.iter().zip(&counts) {
        counter.remember(*count, is_only_denial, now);
    }
    if decision.counted(&counts).outcome != decision.outcome {
        give_back_the_rest(exchange, &counters, &counts);
    }
    counts
}

/// What one limit denies must not use up the others.
fn give_back_the_rest(exchange: &Exchange, counters: &[Counter<'_>], counts: &[Count]) {
    let counted = counters.iter().zip(counts);
    let counted =
        counted.filter(|(_, count)| matches!(count, Count::Admitted(_))).map(|(counter, _)| counter);
    let plan = plan(counted);
    if plan.is_empty() {
        return;
    }
    let given = JsFuture::from(give_back(exchange.env.as_ref(), &plan));
    exchange.context.wait_until(async move {
        // It is never rejected.
        let _given = given.await;
    });
}

fn counters<'a>(exchange: &Exchange, facts: &Facts<'_>, decision: &Decision<'a>) -> Vec<Counter<'a>> {
    let route = decision.route.map_or("", |route| route.name());
    let header = |name: &str| glue::header(&exchange.request, name);
    let object = |limit: &Limit| limit.object_name(route, facts, header);
    decision.limits().iter().map(|limit| Counter { limit, object: object(limit) }).collect()
}

/// Name of the object, quota and window of each, a line each.
fn plan<'c>(counters: impl Iterator<Item = &'c Counter<'c>>) -> String {
    let lines = counters.map(|Counter { limit, object }| {
        format!("{object}\n{}\n{}", limit.rate().quota(), limit.rate().window())
    });
    lines.collect::<Vec<_>>().join("\n")
}

fn known(counters: &[Counter<'_>], now: f64) -> Option<Vec<Count>> {
    let denied =
        |counter: &Counter<'_>| counter.denial(now).map_or(Count::NotAsked, |denial| denial.count(now));
    let counts: Vec<_> = counters.iter().map(denied).collect();
    counts.iter().any(|count| *count != Count::NotAsked).then_some(counts)
}

impl Denial {
    fn count(self, now: f64) -> Count {
        match self.overloaded {
            true => Count::Overloaded,
            false => Count::Denied(Standing { remaining: 0, reset: self.until - now }),
        }
    }
}

impl Counter<'_> {
    /// What is remembered of it. A clock that has stepped back since says nothing about now.
    fn denial(&self, now: f64) -> Option<Denial> {
        let find = |denied: &RefCell<Memory<Denial>>| denied.try_borrow().ok()?.find(&self.object);
        DENIED.with(find).filter(|denial| denial.since <= now && now < denial.until)
    }

    fn remember(&self, count: Count, is_only_denial: bool, now: f64) {
        let (reset, overloaded) = match count {
            Count::Denied(standing) if is_only_denial => (standing.reset, false),
            Count::Denied(standing) => (standing.reset.min(UNSURE_FOR), false),
            Count::Overloaded => (UNSURE_FOR, true),
            Count::Admitted(_) | Count::Failed | Count::NotAsked => return,
        };
        let until = now + reset;
        DENIED.with(|denied| {
            if let Ok(mut denied) = denied.try_borrow_mut() {
                denied.remember(&self.object, Denial { since: now, until, overloaded });
            }
        });
    }

    /// Reads a line of `count`.
    fn read(&self, line: &str, decision: &Decision<'_>) -> Count {
        let (word, rest) = line.split_once(' ').unwrap_or((line, ""));
        let standing = || {
            let (arrival, now) = rest.split_once(' ')?;
            // As a whole number: to read a fraction takes ten kilobytes of Wasm.
            let now: u64 = now.parse().ok()?;
            Some(self.limit.rate().standing(arrival.parse().ok()?, now as f64))
        };
        let count = match word {
            "admitted" => standing().map(Count::Admitted),
            "denied" => standing().map(Count::Denied),
            "overloaded" => Some(Count::Overloaded),
            _ => None,
        };
        count.unwrap_or_else(|| {
            let route = decision.route.map_or("", |route| route.name());
            Event::LimiterFailed { route, limit: self.limit.name(), error: rest }.warn();
            Count::Failed
        })
    }
}
