//! The reports of the admin API: `corsgate-reports` asks and answers, JavaScript runs what it asks.

use corsgate_reports::{BadRequest, BadResults, Dialect, Listed, Places, Request, Source, Statement};
use serde::Serialize;
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

use crate::exchange::{self, Exchange, Missing};

/// What must be run for a report.
#[derive(Serialize)]
struct Plan<'a> {
    statements: Vec<Asked<'a>>,
}

#[derive(Serialize)]
struct Asked<'a> {
    sql: &'a str,
    parameters: &'a [String],
    columns: &'a [&'static str],
}

/// A report that cannot be given (RFC 9457).
#[derive(Serialize)]
struct Problem<'a> {
    r#type: &'a str,
    title: &'a str,
    status: u16,
    detail: &'a str,
    /// What of the query it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    parameter: Option<&'a str>,
}

impl Problem<'_> {
    fn answer(&self) -> String {
        exchange::told(self.status, self)
    }

    fn of(bad: &BadRequest) -> String {
        let (r#type, title) = match bad.status() {
            404 => ("https://corsgate.invalid/problems/report_unknown", "There is no such report"),
            _ => (
                "https://corsgate.invalid/problems/report_invalid",
                "The report is not asked for as it must be",
            ),
        };
        Problem { r#type, title, status: bad.status(), detail: bad.sentence(), parameter: bad.named() }
            .answer()
    }

    fn of_back_end(detail: &str) -> String {
        let r#type = "https://corsgate.invalid/problems/records_unreadable";
        Problem { r#type, title: "The records cannot be read", status: 502, detail, parameter: None }.answer()
    }
}

/// For the admin API: the statements of a report, as a line with the status and JSON. `now` is in seconds since 1970.
#[wasm_bindgen]
#[must_use]
pub fn report_plan(name: &str, query: &str, now: f64, dialect: &str, dataset: &str) -> String {
    let request = match Request::parse(name, query, whole(now)) {
        Ok(request) => request,
        Err(bad) => return Problem::of(&bad),
    };
    let Some(dialect) = Dialect::from_name(dialect, dataset) else {
        return Problem::of_back_end(
            "`ANALYTICS_DATASET` is not the name of a dataset: write letters, digits, `_` and `-`.",
        );
    };
    let statements = request.statements(dialect);
    let statements = statements
        .iter()
        .map(|Statement { sql, parameters, columns }| Asked { sql, parameters, columns })
        .collect();
    exchange::told(200, &Plan { statements })
}

/// For the admin API: the answer of a report, of the rows of its statements, as a line with the status and JSON; or what
/// must be read first, as `askWithReads` takes it. All but the rows, and what was learned by reading since `began`, are as
/// they were for [`report_plan`].
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
    let request = match Request::parse(name, query, whole(now)) {
        Ok(request) => request,
        Err(bad) => return Problem::of(&bad),
    };
    let (Some(source), Ok(results)) = (Source::from_name(source), serde_json::from_str::<Vec<_>>(results))
    else {
        return Problem::of_back_end("What keeps the records answered in a form that is not theirs.");
    };
    let answered = if request.needs_entries() {
        let exchange = Exchange::of_nobody(env, context, began, learned);
        match answer_with_entries(&exchange, &request, source, &results) {
            Ok(json) => Ok(json),
            Err(Unanswered::Missing(missing)) => return exchange.told_missing(&missing),
            Err(Unanswered::BadResults(bad)) => Err(bad),
        }
    } else {
        request.answer(source, &results, &Listed::default())
    };
    match answered {
        Ok(json) => format!("200\n{json}"),
        Err(bad) => Problem::of_back_end(&format!("What keeps the records answered something else: {bad}.")),
    }
}

/// Why a report has no answer yet, or gets none.
enum Unanswered {
    /// This must be read from KV first.
    Missing(Missing),
    /// The rows are not those of the report.
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
    request: &Request,
    source: Source,
    results: &[Vec<Vec<String>>],
) -> Result<String, Unanswered> {
    let mut missing = Missing::default();
    let Some(stored) = exchange.policy_in_force(&mut missing) else { return Err(missing.into()) };
    let policy = match &stored.policy {
        Ok(policy) => policy,
        Err(reason) => {
            let not_covered = vec![format!("the policy: {reason}")];
            return Ok(request.answer(source, results, &Listed { not_covered, ..Listed::default() })?);
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
