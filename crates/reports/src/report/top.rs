//! `top`: what is refused most, and when first and last.

use super::{DECISIONS_AND_RECORDS, Part, by_keys, keys};
use crate::json::Json;
use crate::query::{Figures, Measure};
use crate::range::Range;
use crate::request::Request;
use crate::results::{BadResults, Results};

pub(super) fn figures(request: &Request, range: Range) -> Vec<Figures> {
    let seen = [("first_seen", Measure::FirstSeen), ("last_seen", Measure::LastSeen)];
    vec![by_keys(request, range, [DECISIONS_AND_RECORDS, seen].concat(), request.limit)]
}

pub(super) fn rows<'a>(request: &Request, results: &mut Results<'a>) -> Result<Part<'a>, BadResults> {
    let mut part = Part::default();
    let mut listed = 0;
    for mut row in results.next()? {
        let mut members = keys(request, &mut row)?;
        let [decisions, records, first, last] = row.numbers()?;
        listed += decisions;
        members.push(("decisions", Json::Number(decisions)));
        members.push(("rows", Json::Number(records)));
        members.extend([("first_seen", Json::time(first)), ("last_seen", Json::time(last))]);
        part.rows.push(Json::Object(members));
    }
    part.listed = Some(listed);
    Ok(part)
}
