//! Plans and answers of reports as JSON, for tests that run the statements: `cargo run -p corsgate-reports --example
//! reports`. Standard input is a list of calls, standard output the list of what they gave:
//!
//! - `{"plan": "top", "query": "since=6h", "now": 1700000000, "dialect": "engine", "dataset": "corsgate_decisions"}` gives
//!   `[{"sql": …, "parameters": […], "columns": […]}]`;
//! - with `results` (for each statement its rows, of texts) and, for `unused`, `entries` (`[[entry, place]]`),
//!   `not_covered` and `sample_allowed`, it gives the answer;
//! - where the request is none, either gives `{"error": …}`.

use std::error::Error;
use std::io;

use corsgate_reports::{Dialect, ListedEntry, PolicyEntries, ReportRequest};
use serde_json::{Value, from_value, json};

fn main() -> Result<(), Box<dyn Error>> {
    let calls: Vec<Value> = serde_json::from_reader(io::stdin())?;
    let given = calls.iter().map(given).collect::<Result<Vec<_>, _>>()?;
    println!("{}", Value::from(given));
    Ok(())
}

fn given(call: &Value) -> Result<Value, Box<dyn Error>> {
    let text = |name: &str| call.get(name).and_then(Value::as_str).unwrap_or_default();
    let now = call.get("now").and_then(Value::as_u64).ok_or("no `now`")?;
    let request = match ReportRequest::parse(text("plan"), text("query"), now) {
        Ok(request) => request,
        Err(error) => return Ok(json!({ "error": error.sentence() })),
    };
    let dialect = Dialect::from_name(text("dialect"), text("dataset")).ok_or("no such `dialect`")?;
    let Some(results) = call.get("results") else {
        let statements = request.statements(dialect).into_iter().map(|statement| {
            json!({ "sql": statement.sql, "parameters": statement.parameters, "columns": statement.columns })
        });
        return Ok(statements.collect());
    };
    let results: Vec<Vec<Vec<String>>> = from_value(results.clone())?;
    let member = |name: &str| call.get(name).cloned().unwrap_or(json!([]));
    let entries: Vec<(String, String)> = from_value(member("entries"))?;
    let entries = entries.iter().map(|(entry, place)| ListedEntry { entry: entry.into(), place });
    let sample = call.get("sample_allowed").and_then(Value::as_u64).unwrap_or(0);
    let listed = PolicyEntries {
        entries: entries.collect(),
        not_covered: from_value(member("not_covered"))?,
        sample_allowed: u32::try_from(sample)?,
    };
    Ok(serde_json::from_str(&request.answer(dialect.source(), &results, &listed)?)?)
}
