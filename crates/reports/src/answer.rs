//! The JSON around the rows, common to all reports.

use crate::dialect::Source;
use crate::json::Json;
use crate::policy_entries::PolicyEntries;
use crate::report::{self, Rows};
use crate::report_request::ReportRequest;
use crate::results::{BadResults, Results};

/// The version of the JSON form. Adding a member does not change it.
const VERSION: u64 = 1;

pub(crate) fn write(
    request: &ReportRequest,
    source: Source,
    results: &[Vec<Vec<String>>],
    listed: &PolicyEntries<'_>,
) -> Result<String, BadResults> {
    let mut results = Results(results.iter());
    let Rows { total, other, missed, further, rows } = report::rows(request, source, &mut results, listed)?;
    let range = request.range_of(source);
    let (decisions, records) = total;
    let figure = |name, figure| (name, Json::Number(figure));
    let mut members = vec![
        ("version", Json::Number(VERSION)),
        ("report", Json::Text(request.report.name())),
        ("source", Json::Text(source.name())),
        ("since", Json::Time(range.since)),
        ("until", Json::Time(range.until)),
        ("by", Json::texts(request.by.iter().map(|dimension| dimension.name()))),
    ];
    if !request.filters.is_empty() {
        let filters = request.filters.iter().map(|(dimension, value)| (dimension.name(), Json::Text(value)));
        members.push(("filters", Json::Object(filters.collect())));
    }
    members.push(("total", Json::Object(vec![figure("decisions", decisions), figure("rows", records)])));
    members.push(("other", other.map_or(Json::Null, |other| Json::Object(vec![figure("decisions", other)]))));
    members.push(("error", missed.map_or(Json::Null, Json::Number)));
    members.extend(further);
    members.push(("rows", Json::List(rows)));
    let mut text = String::new();
    Json::Object(members).write(&mut text);
    Ok(text)
}
