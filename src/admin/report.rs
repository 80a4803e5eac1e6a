//! The reports of the admin API: `corsgate-reports` writes the statements and the answer, JavaScript runs the statements.

use corsgate_reports::{
    BadRequest, BadResults, Dialect, Places, PolicyEntries, ReportRequest, Source, Statement,
};
use serde::Serialize;
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

use super::problem::{self, Problem};
use crate::exchange::{Exchange, Missing};
use crate::wire::learned::Learned;
use crate::wire::reply;

/// The statements to run for a report.
#[derive(Serialize)]
struct Plan<'a> {
    statements: Vec<PlannedStatement<'a>>,
}

#[derive(Serialize)]
struct PlannedStatement<'a> {
    sql: &'a str,
    parameters: &'a [String],
    columns: &'a [&'static str],
}

fn refused(bad: &BadRequest) -> String {
    let (slug, title) = match bad.status() {
        404 => ("report_unknown", "There is no such report"),
        _ => ("report_invalid", "The report is not asked for as it must be"),
    };
    Problem::new(slug, title, bad.status(), bad.sentence()).about(bad.named()).reply()
}

fn unreadable(detail: &str) -> String {
    Problem::new("records_unreadable", "The records cannot be read", 502, detail).reply()
}

/// For the admin API: the statements of a report, as a `reply`. `now` is in seconds since 1970.
#[wasm_bindgen]
#[must_use]
pub fn report_plan(name: &str, query: &str, now: f64, dialect: &str, dataset: &str) -> String {
    let request = match ReportRequest::parse(name, query, whole(now)) {
        Ok(request) => request,
        Err(bad) => return refused(&bad),
    };
    let Some(dialect) = Dialect::from_name(dialect, dataset) else {
        return unreadable(
            "`ANALYTICS_DATASET` is not the name of a dataset: write letters, digits, `_` and `-`.",
        );
    };
    let statements = request.statements(dialect);
    let statements = statements
        .iter()
        .map(|Statement { sql, parameters, columns }| PlannedStatement { sql, parameters, columns })
        .collect();
    reply::answer(200, &Plan { statements })
}

/// For the admin API: the `reply` with a report, made from the rows of its statements. The other arguments are those of
/// [`report_plan`], except `learned`, which holds what was read since `began`.
#[expect(clippy::too_many_arguments, reason = "each crosses from JavaScript by itself")]
#[wasm_bindgen]
#[must_use]
pub fn report_answer(
    env: JsValue,
    context: JsValue,
    name: &str,
    query: &str,
    now: f64,
    source: &str,
    results: &str,
    began: f64,
    learned: &str,
) -> String {
    let request = match ReportRequest::parse(name, query, whole(now)) {
        Ok(request) => request,
        Err(bad) => return refused(&bad),
    };
    let (Some(source), Ok(results)) = (Source::from_name(source), serde_json::from_str::<Vec<_>>(results))
    else {
        return unreadable("What keeps the records answered in a form that is not theirs.");
    };
    let answered = if request.needs_entries() {
        let learned = match Learned::read(learned) {
            Ok(learned) => learned,
            Err(malformed) => return problem::malformed(malformed),
        };
        let exchange = Exchange::of_nobody(env, context, began, learned);
        match answer_with_entries(&exchange, &request, source, &results) {
            Ok(json) => Ok(json),
            Err(Unanswered::Missing(missing)) => return exchange.reply_missing(&missing),
            Err(Unanswered::BadResults(bad)) => Err(bad),
        }
    } else {
        request.answer(source, &results, &PolicyEntries::default())
    };
    match answered {
        Ok(json) => reply::answer_json(200, &json),
        Err(bad) => unreadable(&format!("What keeps the records answered something else: {bad}.")),
    }
}

/// Why a report has no answer, or not yet.
enum Unanswered {
    /// This must be read from KV first.
    Missing(Missing),
    /// The rows do not fit the statements of the report.
    BadResults(BadResults),
}

impl From<Missing> for Unanswered {
    fn from(missing: Missing) -> Self {
        Self::Missing(missing)
    }
}

impl From<BadResults> for Unanswered {
    fn from(bad: BadResults) -> Self {
        Self::BadResults(bad)
    }
}

fn answer_with_entries(
    exchange: &Exchange,
    request: &ReportRequest,
    source: Source,
    results: &[Vec<Vec<String>>],
) -> Result<String, Unanswered> {
    let mut missing = Missing::default();
    let Some(stored) = exchange.policy_in_force(&mut missing) else { return Err(missing.into()) };
    let policy = match &stored.policy {
        Ok(policy) => policy,
        Err(reason) => {
            let not_covered = vec![format!("the policy: {reason}")];
            return Ok(request.answer(
                source,
                results,
                &PolicyEntries { not_covered, ..PolicyEntries::default() },
            )?);
        }
    };
    let lists = exchange.lists(policy.kv_lists().map(|(_, list)| list), &mut missing);
    if !missing.is_empty() {
        return Err(missing.into());
    }
    let lists = lists.iter().map(|list| list.as_ref().map(|list| &list.list.origins));
    Ok(request.answer(source, results, &Places::of(policy).listed(policy, lists))?)
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "float casts saturate; a clock before 1970 reads as its first second"
)]
fn whole(seconds: f64) -> u64 {
    seconds as u64
}
