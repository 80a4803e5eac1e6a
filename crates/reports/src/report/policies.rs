//! `policies`: the policies that decided, the newest first.
//!
//! Records before the range are read too, so that a policy that was in force when the range began is not taken for one
//! that came into force then.

use super::{Part, by_keys, keys};
use crate::json::Json;
use crate::query::{Figures, Measure, When};
use crate::range::Range;
use crate::report_request::ReportRequest;
use crate::results::{BadResults, Results};
use crate::time::DAY;

pub(super) fn figures(request: &ReportRequest, range: Range) -> Vec<Figures> {
    let measures = vec![
        ("first_seen", Measure::FirstSeen),
        ("last_seen", Measure::LastSeen),
        ("decisions", Measure::Decisions(When::Within(range))),
        ("refused", Measure::Decisions(When::RefusedWithin(range))),
        ("records", Measure::Records(When::Within(range))),
    ];
    let and_before = Range { since: range.since.saturating_sub(DAY), until: range.until };
    vec![by_keys(request, and_before, measures, request.limit)]
}

pub(super) fn rows<'a>(request: &ReportRequest, results: &mut Results<'a>) -> Result<Part<'a>, BadResults> {
    let mut part = Part::default();
    let mut listed = 0;
    for mut row in results.next()? {
        let mut members = keys(request, &mut row)?;
        let [first, last, decisions, refused, records] = row.numbers()?;
        // The last decision of a policy may be before the range.
        if records == 0 {
            continue;
        }
        listed += decisions;
        members.push(("first_seen", Json::time(first)));
        members.push(("last_seen", Json::time(last)));
        members.push(("decisions", Json::Number(decisions)));
        members.push(("refused", Json::Number(refused)));
        members.push(("rows", Json::Number(records)));
        part.rows.push(Json::Object(members));
    }
    part.listed = Some(listed);
    Ok(part)
}
