//! Decides recorded refusals again: what a change of the policy would have done to them.
//!
//! The report has the origin, the route and the reason of refusals, but not their URLs. So each is decided as a request
//! that reaches its route by the policy before. Only refusals of origins that no list had (`origin_not_listed`) can be
//! decided so: what the other reasons depend on is not in the report.

use std::collections::HashMap;

use corsgate_compare::Side;
use corsgate_compare::replay::{Lists, Replay, Row};
use corsgate_policy::grammar::day::Day;
use corsgate_policy::{Reason, RequestUrl};
use corsgate_suggest::{Refusal, Refusals, request_to};
use serde_json::Value;

use super::NoAnswer;
use crate::changes::Replayed;

/// The name of the records in the answer.
const REPORT: &str = "top";

/// Decides the refusals of a report `top` by `origin,route,reason` by both policies. Those that cannot be decided count
/// as left out.
pub(super) fn replay(report: &Value, before: &Side, now: &Side, day: Day) -> Result<Replayed, NoAnswer> {
    let refusals = Refusals::read(report).map_err(|why| NoAnswer::sentence(why.to_string()))?;
    let mut replay = Replay::new(before, now, Lists::without_the_origin(), day);
    let mut undecided = 0.0;
    let mut requests = HashMap::new();
    for refusal in &refusals.rows {
        let known = refusal.route.as_deref().and_then(|route| {
            let request = || request_to(before.document(), before.policy(), route);
            requests.entry(route).or_insert_with(request).as_ref()
        });
        match known.and_then(|request| row(refusal, request)) {
            Some(row) => replay.take(Ok(row)),
            None => undecided += estimate(refusal.decisions),
        }
    }
    let (groups, mut tally) = replay.finish();
    tally.left_out += undecided + estimate(refusals.other);
    Ok(Replayed { name: REPORT.to_owned(), day, groups, tally })
}

fn row(refusal: &Refusal, (url, method): &(String, String)) -> Option<Row> {
    let url = RequestUrl::parse(url).filter(|_| refusal.reason == Reason::OriginNotListed.name())?;
    Some(Row::refused(&refusal.origin, url.host, url.path, method, estimate(refusal.decisions)))
}

#[expect(clippy::cast_precision_loss, reason = "counts of decisions are far below 2^53")]
fn estimate(decisions: u64) -> f64 {
    decisions as f64
}
