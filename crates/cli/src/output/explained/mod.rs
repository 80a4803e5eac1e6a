//! The answers of `corsgate explain`: one file a format.

mod brief;
mod human;

use clap::ValueEnum;
use corsgate_answers::explained::json;
pub(crate) use corsgate_answers::explained::{Evidence, Ground, Live, Question, description};
use corsgate_explain::Browser;

use crate::failure::Failure;
use crate::output::{FindingsFormat, results};

/// The output formats.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum ExplainFormat {
    /// For people
    #[default]
    Human,
    /// For programs: each check as `/api/explain` has it, with places
    Json,
}

impl ExplainFormat {
    /// The output format if there is no explanation.
    pub(crate) fn of_findings(self) -> FindingsFormat {
        match self {
            Self::Human => FindingsFormat::Human,
            Self::Json => FindingsFormat::Json,
        }
    }
}

/// How explanations are written.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Manner {
    pub(crate) format: ExplainFormat,
    /// The browser whose sentences are printed.
    pub(crate) browser: Browser,
    /// One line for each request.
    pub(crate) brief: bool,
}

/// Writes the explanations to standard output, and returns whether everything is allowed. There may be no policy.
pub(crate) fn write(
    manner: Manner,
    ground: Option<&Ground<'_>>,
    question: &Question,
) -> Result<bool, Failure> {
    match (manner.format, manner.brief) {
        (ExplainFormat::Human, false) => {
            let (text, allowed) = human::render(manner.browser, ground, question);
            results::write_styled(&text).map(|()| allowed)
        }
        (ExplainFormat::Human, true) => {
            let (text, allowed) = brief::render(manner.browser, ground, question);
            results::write_styled(&text).map(|()| allowed)
        }
        (ExplainFormat::Json, _) => {
            let rendered = json::render(manner.browser, ground, question);
            let (text, allowed) = rendered.map_err(|error| Failure::Output(error.into()))?;
            results::write_json(&text).map(|()| allowed)
        }
    }
}
