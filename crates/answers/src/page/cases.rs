//! The results of a file of cases: the document of `corsgate test --coverage`.

use std::collections::BTreeMap;

use corsgate_authoring::cases::{Suite, read_cases};
use serde::Deserialize;

use super::{Answer, CASES, NoAnswer, PolicyOnDay, text};
use crate::runs::{self, Selection, json};

/// The input of `run_tests`.
#[derive(Deserialize)]
pub(super) struct Asked {
    #[serde(flatten)]
    on: PolicyOnDay,
    cases: String,
    /// The files of lists that the cases name, by path.
    #[serde(default)]
    files: BTreeMap<String, String>,
}

/// `run_tests`.
pub(super) fn run(asked: &Asked) -> Answer {
    let policy = asked.on.source()?;
    let source = text(CASES, &asked.cases)?;
    let today = asked.on.today()?;
    let mut read_list = |path: &str| match asked.files.get(path) {
        Some(text) => Ok(text.clone()),
        None => Err(format!("the page has no file `{path}`").into()),
    };
    let cases = read_cases(&source, &mut read_list)
        .map_err(|report| NoAnswer::of_reports(&[("cases", &report, &source)]))?;
    let suite = Suite::new(&cases, &policy, asked.on.environment.as_deref()).map_err(|unprepared| {
        NoAnswer::of_reports(&[
            ("policy", &unprepared.policy, &policy),
            ("cases", &unprepared.cases, &source),
        ])
    })?;
    let selection = Selection { filter: "", coverage: true, denies_uncovered: false };
    // The document has no durations.
    let results = runs::run_all(&suite, &policy, &source, selection, today, || 0.0);
    Ok(json::render(&results)?)
}
