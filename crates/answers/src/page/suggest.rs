//! Entries for origins that were refused: the document of `corsgate suggest`.

use corsgate_authoring::Source;
use corsgate_suggest::{Refusals, SuggestError, SuggestOptions, append, check_cases, suggest, unified};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Answer, CASES, NoAnswer, PolicyOnDay, text};
use crate::suggested::{self, Suggested};

/// The input of `suggest`.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Asked {
    #[serde(flatten)]
    on: PolicyOnDay,
    /// The answer of `/api/report/top` by `origin,route,reason`.
    report: Value,
    into: Option<String>,
    #[serde(default)]
    origins: Vec<String>,
    route: Option<String>,
    #[serde(default)]
    min_count: u64,
    /// The file of cases, to which the new ones are added. Without it they stand in no patch.
    cases: Option<String>,
    /// The name of that file; `policy.test.toml` unless the page knows another.
    cases_name: Option<String>,
    /// The files of lists that the cases name, by path.
    #[serde(default)]
    files: std::collections::BTreeMap<String, String>,
}

impl Asked {
    fn cases_name(&self) -> &str {
        self.cases_name.as_deref().unwrap_or(CASES)
    }
}

/// `suggest`: the document, the text of the policy with the additions, and that of the cases.
pub(super) fn suggest_entries(asked: &Asked) -> Answer {
    let source = asked.on.source()?;
    let refusals = Refusals::read(&asked.report).map_err(|why| NoAnswer::sentence(why.to_string()))?;
    let options = SuggestOptions {
        environment: asked.on.environment.as_deref(),
        into: asked.into.as_deref(),
        forbidden: &[],
        origins: &asked.origins,
        route: asked.route.as_deref(),
        min_count: asked.min_count,
        today: asked.on.today()?,
    };
    let suggestions = suggest(&source, &refusals, &options).map_err(|error| match &error {
        SuggestError::Policy(report) => NoAnswer::of_reports(&[("policy", report, &source)]),
        other => NoAnswer::sentence(other.to_string()),
    })?;
    let mut patch = unified(source.name(), Some(source.text()), &suggestions.text);
    let cases = with_cases(asked, &suggestions.text, &suggestions.cases, &options)?;
    if let (Some(before), Some(after)) = (&asked.cases, &cases) {
        patch.push_str(&unified(asked.cases_name(), Some(before), after));
    }
    let document = suggested::json::render(&Suggested {
        policy: source.name(),
        environment: options.environment,
        refusals: &refusals,
        suggestions: &suggestions,
        patch: &patch,
        cases_in_patch: asked.cases.is_some() && cases.is_some(),
        wrote: false,
    })?;
    let files = json!({ "policy": suggestions.text, "cases": cases });
    Ok(format!("{{\"document\":{},\"files\":{files}}}", document.trim_end()))
}

/// The file of cases with the new ones, after checking that all pass.
fn with_cases(
    asked: &Asked,
    patched: &str,
    cases: &str,
    options: &SuggestOptions<'_>,
) -> Result<Option<String>, NoAnswer> {
    if cases.is_empty() {
        return Ok(None);
    }
    let after = append(asked.cases.as_deref().unwrap_or_default(), cases);
    let policy: Source = text(asked.on.name(), patched)?;
    let mut read_list = |path: &str| match asked.files.get(path) {
        Some(text) => Ok(text.clone()),
        None => Err(format!("the page has no file `{path}`").into()),
    };
    check_cases(&policy, &text(asked.cases_name(), &after)?, options, &mut read_list)
        .map_err(|error| NoAnswer::sentence(format!("with the additions, {error}")))?;
    Ok(Some(after))
}
