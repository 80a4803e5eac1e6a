//! `top`: what is rejected most, with the first and the last time.

use super::{Part, RECORDS_AND_TIMES, by_keys, seen_row};
use crate::query::{Figures, Measure, When};
use crate::range::Range;
use crate::report_request::ReportRequest;
use crate::results::{BadResults, Results};

pub(super) fn figures(request: &ReportRequest, range: Range) -> Vec<Figures> {
    let decisions = ("decisions", Measure::Decisions(When::Always));
    let measures = [decisions].into_iter().chain(RECORDS_AND_TIMES).collect();
    vec![by_keys(request, range, measures, request.limit)]
}

pub(super) fn rows<'a>(request: &ReportRequest, results: &mut Results<'a>) -> Result<Part<'a>, BadResults> {
    let mut part = Part::default();
    let mut listed = 0;
    for row in results.next()? {
        let (decisions, row) = seen_row(request, row)?;
        listed += decisions;
        part.rows.push(row);
    }
    part.listed = Some(listed);
    Ok(part)
}
