//! `share`: the share of each key's decisions that are rejected.
//!
//! All rejections are recorded, but only a sample of plain allows. So the number of decisions of a key is an
//! estimate, and the number of its recorded plain allows tells how precise it is.

use super::{Part, by_keys, keys};
use crate::json::Json;
use crate::query::{Figures, Measure, When};
use crate::range::Range;
use crate::report_request::ReportRequest;
use crate::results::{BadResults, Results};

/// With fewer records of plain allows, their number can be wrong by a third or more (1 / sqrt(10)).
pub(super) const FEW: u64 = 10;

pub(super) fn figures(request: &ReportRequest, range: Range) -> Vec<Figures> {
    let measures = vec![
        ("refused", Measure::Decisions(When::Refused)),
        ("decisions", Measure::Decisions(When::Always)),
        ("refused_records", Measure::Records(When::Refused)),
        ("records", Measure::Records(When::Always)),
        ("sampled_records", Measure::Records(When::Sampled)),
    ];
    vec![by_keys(request, range, measures, request.limit)]
}

pub(super) fn rows<'a>(request: &ReportRequest, results: &mut Results<'a>) -> Result<Part<'a>, BadResults> {
    let mut part = Part::default();
    let mut listed = 0;
    for mut row in results.next()? {
        let mut members = keys(request, &mut row)?;
        let [refused, decisions, refused_records, records, sampled] = row.numbers()?;
        listed += decisions;
        members.push(("share", Json::Thousandths(thousandths(refused, decisions))));
        members.push(("refused", Json::Number(refused)));
        members.push(("decisions", Json::Number(decisions)));
        members.push(("refused_rows", Json::Number(refused_records)));
        members.push(("rows", Json::Number(records)));
        members.push(("few_rows", Json::Flag(sampled < FEW)));
        part.rows.push(Json::Object(members));
    }
    part.listed = Some(listed);
    Ok(part)
}

/// `part / whole` in thousandths, rounded half up; 0 if `whole` is 0.
pub(super) fn thousandths(part: u64, whole: u64) -> i64 {
    let doubled = part.saturating_mul(2_000).saturating_add(whole);
    doubled.checked_div(whole.saturating_mul(2)).and_then(|share| i64::try_from(share).ok()).unwrap_or(0)
}
