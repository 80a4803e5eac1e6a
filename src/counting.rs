//! Counting requests at the limits of their routes, as far as this isolate is concerned.

use corsgate_policy::document::OnLimiterError;
use corsgate_policy::gcra::{Rate, Standing};
use corsgate_policy::limit::{Counter, Limit};
use corsgate_policy::{Count, Decision, Facts};
use js_sys::{Date, Promise};
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen_futures::JsFuture;

use crate::denials::Denial;
use crate::exchange::Exchange;
use crate::log::{self, About, Event};
use crate::{background, denials, glue};

/// How long a request may wait for its limits, in milliseconds.
const DEADLINE: f64 = 500.0;

/// For how long a denial is remembered that need not hold as long as it says, in milliseconds: that of
/// an overloaded object, and that of one which stands beside another's. Such an object may have counted
/// requests that the other denies, and that it is about to be given back.
const UNSURE_FOR: f64 = 1000.0;

#[wasm_bindgen(module = "/src/counting.js")]
extern "C" {
    fn count(env: &JsValue, plan: &str, deadline: f64) -> Promise;
    #[wasm_bindgen(js_name = giveBack)]
    fn give_back(env: &JsValue, plan: &str, answers: &str) -> Promise;
}

/// An object that counts for some limits of a route.
struct Object<'a> {
    counter: &'a Counter,
    limits: &'a [Limit],
    name: String,
}

/// The answers of the limits, where this isolate knows that one of them denies.
pub(crate) fn remembered(
    exchange: &Exchange,
    facts: &Facts<'_>,
    decision: &Decision<'_>,
) -> Option<Vec<Count>> {
    known(&objects(exchange, facts, decision), decision, exchange.now)
}

/// The answers of the limits; the objects are asked unless this isolate knows that one denies.
pub(crate) async fn counts(exchange: &Exchange, facts: &Facts<'_>, decision: &Decision<'_>) -> Vec<Count> {
    let objects = objects(exchange, facts, decision);
    if objects.is_empty() {
        return Vec::new();
    }
    let now = Date::now();
    if let Some(counts) = known(&objects, decision, now) {
        return counts;
    }
    let env = exchange.env.as_ref();
    let answers = JsFuture::from(count(env, &plan(&objects), DEADLINE)).await;
    let answers = answers.ok().and_then(|answers| answers.as_string()).unwrap_or_default();
    let mut counts = vec![Count::Failed; decision.limits().len()];
    for (object, line) in objects.iter().zip(answers.split('\n')) {
        let answered = object.read(line, &mut counts);
        if !answered {
            object.tell(exchange, decision, line);
        }
    }
    // One that has failed said nothing, whatever the route makes of that.
    let denying =
        |object: &&Object<'_>| object.counts(&counts).any(|(_, count)| count.denies(OnLimiterError::Allow));
    let is_only_denial = objects.iter().filter(denying).count() == 1;
    for object in &objects {
        object.remember(&counts, is_only_denial, now);
    }
    if decision.counted(&counts).outcome != decision.outcome {
        // What one limit denies must not use up those that other objects count for.
        let has_counted = |object: &Object<'_>| {
            object.counts(&counts).all(|(_, count)| matches!(count, Count::Admitted(_)))
        };
        let answered = objects.into_iter().zip(answers.split('\n'));
        let (counted, answers): (Vec<_>, Vec<_>) = answered.filter(|(object, _)| has_counted(object)).unzip();
        take_back(exchange, &counted, &answers.join("\n"));
    }
    counts
}

/// Asks an object to count nothing. Its name is one that no limit has.
///
/// # Errors
/// What keeps it from answering.
pub(crate) async fn try_out(env: &JsValue) -> Result<(), String> {
    let answer = JsFuture::from(count(env, "status\n", DEADLINE)).await;
    let answer = answer.ok().and_then(|answer| answer.as_string()).unwrap_or_default();
    match answer.parse::<u64>() {
        Ok(_now) => Ok(()),
        Err(_) => Err(answer.strip_prefix("failed ").unwrap_or(&answer).to_owned()),
    }
}

fn take_back(exchange: &Exchange, objects: &[Object<'_>], answers: &str) {
    if objects.is_empty() {
        return;
    }
    let given = JsFuture::from(give_back(exchange.env.as_ref(), &plan(objects), answers));
    background::run(&exchange.context, async move {
        // It is never rejected.
        let _given = given.await;
    });
}

fn objects<'a>(exchange: &Exchange, facts: &Facts<'_>, decision: &Decision<'a>) -> Vec<Object<'a>> {
    let route = decision.route.map_or("", |route| route.name());
    let header = |name: &str| glue::header(&exchange.request, name);
    let object = |counter: &'a Counter| {
        let name = counter.object_name(route, facts, header);
        Object { counter, limits: decision.limits(), name }
    };
    decision.counters().iter().map(object).collect()
}

/// For each object a line with its name, and one with quota and window of each of its limits.
fn plan(objects: &[Object<'_>]) -> String {
    let mut lines = Vec::with_capacity(2 * objects.len());
    for object in objects {
        let rate = |rate: Rate| format!("{} {}", rate.quota(), rate.window());
        let rates: Vec<_> = object.own_limits().map(|(_, limit)| rate(limit.rate())).collect();
        lines.extend([object.name.clone(), rates.join(" ")]);
    }
    lines.join("\n")
}

/// The answers as far as they are known, if one of them denies.
fn known(objects: &[Object<'_>], decision: &Decision<'_>, now: f64) -> Option<Vec<Count>> {
    let mut counts = vec![Count::NotAsked; decision.limits().len()];
    let mut denied = false;
    for object in objects {
        let Some(denial) = denials::find(&object.name, now) else { continue };
        denied = true;
        let count = match denial.limit {
            Some(_) => Count::Denied(Standing { remaining: 0, reset: denial.until - now }),
            None => Count::Overloaded,
        };
        for (own, at) in object.counter.limits().iter().enumerate() {
            if denial.limit.is_none_or(|limit| limit == own)
                && let Some(place) = counts.get_mut(*at)
            {
                *place = count;
            }
        }
    }
    denied.then_some(counts)
}

impl<'a> Object<'a> {
    /// The limits that it counts for, by their positions.
    fn own_limits(&self) -> impl Iterator<Item = (usize, &'a Limit)> {
        self.counter.limits().iter().filter_map(|at| Some((*at, self.limits.get(*at)?)))
    }

    /// Their answers.
    fn counts<'c>(&self, counts: &'c [Count]) -> impl Iterator<Item = (usize, &'c Count)> {
        self.counter.limits().iter().filter_map(|at| Some((*at, counts.get(*at)?)))
    }

    /// Of several limits that deny the one that does so for longest.
    fn remember(&self, counts: &[Count], is_only_denial: bool, now: f64) {
        let mut longest = None;
        for (own, (_, count)) in self.counts(counts).enumerate() {
            let (limit, reset) = match count {
                Count::Denied(standing) if is_only_denial => (Some(own), standing.reset),
                Count::Denied(standing) => (Some(own), standing.reset.min(UNSURE_FOR)),
                Count::Overloaded => (None, UNSURE_FOR),
                Count::Admitted(_) | Count::Failed | Count::NotAsked => continue,
            };
            if longest.is_none_or(|longest: Denial| longest.until < now + reset) {
                longest = Some(Denial { since: now, until: now + reset, limit });
            }
        }
        if let Some(denial) = longest {
            denials::remember(&self.name, denial);
        }
    }

    /// Reads a line of `count` into the places of its limits, and says whether it is an answer.
    fn read(&self, line: &str, counts: &mut [Count]) -> bool {
        let answer = if line == "overloaded" {
            Some(vec![Count::Overloaded; self.counter.limits().len()])
        } else {
            self.read_arrivals(line)
        };
        let Some(answer) = answer else { return false };
        for (at, count) in self.counter.limits().iter().zip(answer) {
            if let Some(place) = counts.get_mut(*at) {
                *place = count;
            }
        }
        true
    }

    /// Reads what `take` answers: the object's time, then each limit's verdict and arrival time.
    fn read_arrivals(&self, line: &str) -> Option<Vec<Count>> {
        let mut words = line.split(' ');
        // As a whole number: to read a fraction takes ten kilobytes of Wasm.
        let now = words.next()?.parse::<u64>().ok()? as f64;
        let count = |(_, limit): (usize, &Limit)| {
            let word = words.next()?;
            let standing = |arrival: &str| Some(limit.rate().standing(arrival.parse().ok()?, now));
            match word.strip_prefix('-') {
                Some(arrival) => standing(arrival).map(Count::Denied),
                None => standing(word.strip_prefix('+')?).map(Count::Admitted),
            }
        };
        self.own_limits().map(count).collect()
    }

    /// Says in the log what is wrong with it.
    fn tell(&self, exchange: &Exchange, decision: &Decision<'_>, line: &str) {
        let route = decision.route.map_or("", |route| route.name());
        let error = line.strip_prefix("failed ").unwrap_or(line);
        let limits = self.own_limits().map(|(_, limit)| limit.name()).collect();
        log::capped(&exchange.context, About::Faults, || {
            Event::LimiterFailed { route, limits, error }.warn()
        });
    }
}
