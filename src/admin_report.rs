//! The reports of the admin API: `corsgate-reports` asks and answers, JavaScript runs what it asks.

use std::rc::Rc;

use corsgate_policy::Policy;
use corsgate_policy::origin_set::OriginSet;
use corsgate_reports::{BadRequest, Dialect, Listed, ListedEntry, Request, Source, Statement};
use js_sys::Promise;
use serde::Serialize;
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

use crate::exchange::{self, Exchange};
use crate::list_store::StoredList;
use crate::policy_store;

/// The most entries that the report of unused ones goes through: with their texts some megabytes.
const MOST_ENTRIES: usize = 20_000;

/// A set with more entries than this is long.
const LONG: usize = 1000;

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

/// For the admin API: the answer of a report, of the rows of its statements, as a line with the status and JSON. All but
/// the rows are as they were for [`report_plan`]. The promise is never rejected.
#[wasm_bindgen]
pub fn report_answer(
    env: JsValue,
    context: JsValue,
    name: String,
    query: String,
    now: f64,
    source: String,
    results: String,
) -> Promise {
    exchange::promise(async move {
        let request = match Request::parse(&name, &query, whole(now)) {
            Ok(request) => request,
            Err(bad) => return Problem::of(&bad),
        };
        let (Some(source), Ok(results)) =
            (Source::from_name(&source), serde_json::from_str::<Vec<_>>(&results))
        else {
            return Problem::of_back_end("What keeps the records answered in a form that is not theirs.");
        };
        let answered = if request.needs_entries() {
            answer_with_entries(&Exchange::of_nobody(env, context), &request, source, &results).await
        } else {
            request.answer(source, &results, &Listed::default())
        };
        match answered {
            Ok(json) => format!("200\n{json}"),
            Err(bad) => {
                Problem::of_back_end(&format!("What keeps the records answered something else: {bad}."))
            }
        }
    })
}

async fn answer_with_entries(
    exchange: &Exchange,
    request: &Request,
    source: Source,
    results: &[Vec<Vec<String>>],
) -> Result<String, corsgate_reports::BadResults> {
    let stored = policy_store::in_force(&exchange.env, exchange.now, exchange.refresh_after).await;
    let policy = match &stored.policy {
        Ok(policy) => policy,
        Err(reason) => {
            let not_covered = vec![format!("the policy: {reason}")];
            return request.answer(source, results, &Listed { not_covered, ..Listed::default() });
        }
    };
    let named: Vec<_> = policy.kv_lists().collect();
    let lists = exchange.lists(named.iter().map(|(_, list)| *list).collect()).await;
    let names: Vec<_> = named.iter().map(|(name, _)| *name).collect();
    request.answer(source, results, &listed(policy, &places(policy, &names), &lists))
}

/// What operators call the places in which entries stand: those of the policy, then the lists in KV.
fn places(policy: &Policy, lists: &[&str]) -> Vec<String> {
    let own = policy.entries().into_iter().map(|(place, _)| place);
    own.chain(lists.iter().map(|name| format!("allowlist {name}"))).collect()
}

fn listed<'a>(policy: &'a Policy, places: &'a [String], lists: &'a [Option<Rc<StoredList>>]) -> Listed<'a> {
    let mut listed = Listed { sample_allowed: millionths(policy.sample_allowed()), ..Listed::default() };
    let own = policy.entries().into_iter().map(|(_, set)| Some(set));
    let in_kv = lists.iter().map(|list| list.as_ref().map(|list| &list.list.origins));
    let sets: Vec<_> = places.iter().zip(own.chain(in_kv)).collect();
    // A list of many thousands must not keep the others out, so those come last.
    for long in [false, true] {
        let is_of_turn = |set: &Option<&OriginSet>| set.is_some_and(|set| set.len() > LONG) == long;
        for (place, set) in sets.iter().filter(|(_, set)| is_of_turn(set)) {
            add(&mut listed, place, *set);
        }
    }
    let keys = policy.kv_key_names().map(|name| format!("allowlist {name}: keys of single origins"));
    listed.not_covered.extend(keys);
    listed
}

fn add<'a>(listed: &mut Listed<'a>, place: &'a str, set: Option<&'a OriginSet>) {
    let Some(set) = set else {
        return listed.not_covered.push(format!("{place}: could not be read"));
    };
    let room = MOST_ENTRIES.saturating_sub(listed.entries.len());
    listed.entries.extend(set.patterns().take(room).map(|entry| ListedEntry { entry, place }));
    if set.len() > room {
        let all = set.len();
        listed.not_covered.push(format!("{place}: only {room} of its {all} entries were looked at"));
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "float casts saturate; a clock before 1970 reads as its first second"
)]
fn whole(seconds: f64) -> u64 {
    seconds as u64
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a share is from 0 to 1")]
fn millionths(share: f64) -> u32 {
    (share * 1_000_000.0).round() as u32
}
