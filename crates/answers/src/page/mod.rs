//! The questions that a page asks, as JSON in and JSON out. One file a question.
//!
//! Each answer is an object with one of these keys:
//!
//! - `value`: the document that the tool prints with `--format json` for the same question, or what its file says;
//! - `findings`: documents of findings, by the file that has them: `policy`, `cases`, `before`, `now`;
//! - `sentence`: why there is no answer, with `notes`.
//!
//! The same texts on the same day give the same bytes, natively and in a browser.

mod cases;
mod check;
mod copied;
mod diff;
mod environments;
mod explain;
mod lints;
mod recorded;
mod suggest;

use corsgate_authoring::{Report, Source};
use corsgate_policy::grammar::day::Day;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::explained::QuestionError;
use crate::findings;

/// The name of the policy.
const POLICY: &str = "policy.toml";
/// The name of the file of cases.
const CASES: &str = "policy.test.toml";

/// Answers a question. An unknown name, and an input that is not what the question takes, are sentences.
#[must_use]
pub fn ask(name: &str, input: &str) -> String {
    let answered = match name {
        "check" => read(input).and_then(|asked| check::check(&asked)),
        "explain" => read(input).and_then(|asked| explain::explain(&asked)),
        "read_copied" => read(input).and_then(|asked| copied::read(&asked)),
        "run_tests" => read(input).and_then(|asked| cases::run(&asked)),
        "environments" => read(input).and_then(|asked| environments::ids(&asked)),
        "diff" => read(input).and_then(|asked| diff::diff(&asked)),
        "suggest" => read(input).and_then(|asked| suggest::suggest_entries(&asked)),
        "lints" => lints::all(),
        _ => Err(NoAnswer::sentence(format!("there is no question `{}`", name.escape_debug()))),
    };
    match answered {
        Ok(value) => format!("{{\"value\":{}}}", value.trim_end()),
        Err(NoAnswer::Findings(findings)) => json!({ "findings": findings }).to_string(),
        Err(NoAnswer::Sentence { sentence, notes }) => {
            json!({ "sentence": sentence, "notes": notes }).to_string()
        }
    }
}

/// JSON as text, or why there is none.
type Answer = Result<String, NoAnswer>;

/// Why there is no answer.
enum NoAnswer {
    /// Documents of findings, by the file that has them.
    Findings(Value),
    Sentence {
        sentence: String,
        notes: Vec<String>,
    },
}

impl NoAnswer {
    fn sentence(sentence: impl Into<String>) -> Self {
        Self::Sentence { sentence: sentence.into(), notes: Vec::new() }
    }

    /// The findings of files, each under its name in the answer.
    fn of_reports(reports: &[(&str, &Report, &Source)]) -> Self {
        let mut all = serde_json::Map::new();
        for (name, report, source) in reports {
            let document = findings::render(report, source);
            let document = document.and_then(|text| serde_json::from_str(&text)).unwrap_or_default();
            all.insert((*name).to_owned(), document);
        }
        Self::Findings(Value::Object(all))
    }
}

impl From<serde_json::Error> for NoAnswer {
    fn from(error: serde_json::Error) -> Self {
        Self::sentence(error.to_string())
    }
}

impl From<QuestionError> for NoAnswer {
    fn from(error: QuestionError) -> Self {
        match error {
            QuestionError::Usage { sentence, notes } => Self::Sentence { sentence, notes },
            QuestionError::Unusable { .. } => Self::sentence(error.to_string()),
        }
    }
}

/// A policy in an environment, on a day.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct PolicyOnDay {
    policy: String,
    /// The name of its file; `policy.toml` unless the page knows another.
    name: Option<String>,
    environment: Option<String>,
    /// `YYYY-MM-DD`: a page has a clock, and this crate has none.
    today: String,
}

impl PolicyOnDay {
    fn source(&self) -> Result<Source, NoAnswer> {
        text(self.name(), &self.policy)
    }

    fn name(&self) -> &str {
        self.name.as_deref().unwrap_or(POLICY)
    }

    fn today(&self) -> Result<Day, NoAnswer> {
        day(&self.today)
    }
}

fn read<T: DeserializeOwned>(input: &str) -> Result<T, NoAnswer> {
    serde_json::from_str(input)
        .map_err(|error| NoAnswer::sentence(format!("the page asked in a wrong form: {error}")))
}

fn text(name: &str, text: &str) -> Result<Source, NoAnswer> {
    Source::from_bytes(name, text.as_bytes().to_vec())
        .map_err(|error| NoAnswer::sentence(format!("`{name}`: {error}")))
}

fn day(text: &str) -> Result<Day, NoAnswer> {
    Day::parse(text).map_err(|error| NoAnswer::sentence(format!("`today`: {error}")))
}
