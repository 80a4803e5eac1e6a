//! Takes in the answers of the objects that count, whether or not a request still waits for them.

use corsgate_policy::Count;
use corsgate_policy::gcra::Standing;
use js_sys::Date;
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

use super::denials::{self, Denial};
use super::local_counts;
use super::object::named_in;
use crate::records::log::{self, About, Event};
use crate::wire::counts::{Answer, Counted};

/// How long an uncertain denial is remembered, in milliseconds: that of an overloaded object, and that of
/// an object beside another that denies too. Such an object may have counted requests that the other
/// denied and that are about to be refunded.
const UNSURE_FOR: f64 = 1000.0;

#[wasm_bindgen(module = "/src/limits/counting.js")]
extern "C" {
    #[wasm_bindgen(js_name = refundLines)]
    fn refund_lines(env: &JsValue, context: &JsValue, counted: &str);
}

/// For `waiting.js`: takes in the answers in the lines of `counts`. If one of them denies the request, the counts of the
/// others are refunded, even if the client has disconnected: it must not use up quota that it shares.
///
/// Returns the lines, with a mark after each that was refunded.
#[wasm_bindgen]
#[must_use]
pub fn learn_counts(env: &JsValue, context: &JsValue, counted: &str) -> String {
    let now = Date::now();
    let lines: Vec<_> = Counted::parse_all(counted).collect();
    if lines.len() != counted.split('\n').count() {
        Event::MessageMalformed { message: "counts" }.error();
    }
    let is_refused = lines.iter().any(Counted::refuses);
    if is_refused {
        refund(env, context, lines.iter());
    }
    let is_alone = lines.len() == 1;
    for Counted { object, rates, answer, .. } in &lines {
        if !matches!(answer, Answer::Slow(_)) {
            local_counts::answered(object);
        }
        match answer {
            // A request without an answer in time may pass, so it stays charged.
            Answer::Admitted(_) | Answer::Slow(_) => {}
            Answer::Denied(_) | Answer::Overloaded | Answer::Failed(_) => {
                local_counts::refund(object, rates);
            }
        }
        remember(object, answer, is_alone, now);
        let error = match answer {
            Answer::Failed(error) | Answer::Slow(error) => error,
            Answer::Admitted(_) | Answer::Denied(_) | Answer::Overloaded => continue,
        };
        let (route, limits) = named_in(object);
        log::capped(context, About::Faults, || Event::LimiterFailed { route, limits, error }.warn());
    }
    let marked = |line: &Counted<'_>| match is_refused && line.has_counted() {
        true => line.refunded(),
        false => line.line.to_owned(),
    };
    lines.iter().map(marked).collect::<Vec<_>>().join("\n")
}

/// For `counting.js`: takes in the line of an object that answers after the deadline of its request. `counted` holds the lines
/// of that request at the deadline.
#[wasm_bindgen]
pub fn learn_late_count(env: &JsValue, context: &JsValue, late: &str, counted: &str) {
    let Some(late) = Counted::parse(late) else {
        Event::MessageMalformed { message: "counts" }.error();
        return;
    };
    local_counts::answered(late.object);
    let is_alone = !counted.contains('\n');
    remember(late.object, &late.answer, is_alone, Date::now());
    if Counted::parse_all(counted).any(|line| line.refuses()) {
        refund(env, context, [&late].into_iter());
    }
}

/// Refunds the counts of lines.
pub(super) fn refund<'l>(env: &JsValue, context: &JsValue, lines: impl Iterator<Item = &'l Counted<'l>>) {
    let mut counted = Vec::new();
    for line in lines.filter(|line| line.has_counted()) {
        local_counts::refund(line.object, &line.rates);
        counted.push(line.line);
    }
    if !counted.is_empty() {
        refund_lines(env, context, &counted.join("\n"));
    }
}

/// Remembers that an object denies: of several limits, the one that denies for longest.
fn remember(object: &str, answer: &Answer<'_>, is_alone: bool, now: f64) {
    let denial = |limit, reset: f64, hold: f64| Denial {
        since: now,
        held_until: now + hold,
        until: now + reset,
        limit,
    };
    let longest = match answer {
        Answer::Overloaded => Some(denial(None, UNSURE_FOR, UNSURE_FOR)),
        Answer::Denied(counts) => counts
            .iter()
            .enumerate()
            .filter_map(|(own, count)| match count {
                Count::Denied(Standing { reset, .. }) => {
                    let hold = if is_alone { *reset } else { reset.min(UNSURE_FOR) };
                    Some(denial(Some(own), *reset, hold))
                }
                _ => None,
            })
            .max_by(|a, b| a.until.total_cmp(&b.until)),
        Answer::Admitted(_) | Answer::Slow(_) | Answer::Failed(_) => None,
    };
    if let Some(denial) = longest {
        denials::remember(object, denial);
    }
}
