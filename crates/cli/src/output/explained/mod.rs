//! The answers of `corsgate explain`: one file a format.

mod conclusion;
mod human;
mod json;
mod words;

use clap::ValueEnum;
use corsgate_explain::har::Har;
use corsgate_explain::{Kv, PageRequest};
use corsgate_policy::grammar::day::Day;

use crate::failure::Failure;
use crate::output::trace::Texts;
use crate::output::{FindingsFormat, results};

/// How answers are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum ExplainFormat {
    /// For people
    #[default]
    Human,
    /// For programs: each check as `/api/explain` has it, with places
    Json,
}

impl ExplainFormat {
    /// The output format where there is no answer.
    pub(crate) fn of_findings(self) -> FindingsFormat {
        match self {
            Self::Human => FindingsFormat::Human,
            Self::Json => FindingsFormat::Json,
        }
    }
}

/// The facts on which an explanation is based.
pub(crate) struct Ground<'s> {
    pub(crate) texts: Texts<'s>,
    /// Nothing for the base.
    pub(crate) environment: Option<&'s str>,
    pub(crate) kv: &'s Kv,
    pub(crate) today: Day,
}

/// The question: one request, or those of an archive.
pub(crate) struct Question {
    /// Each with how often it is there.
    requests: Vec<(PageRequest, usize)>,
    archive: Option<(String, Har)>,
    notes: Vec<String>,
}

impl Question {
    pub(crate) fn of_request(request: PageRequest, notes: Vec<String>) -> Self {
        Self { requests: vec![(request, 1)], archive: None, notes }
    }

    pub(crate) fn of_archive(mut har: Har, name: &str, notes: Vec<String>) -> Self {
        Self { requests: core::mem::take(&mut har.failed), archive: Some((name.to_owned(), har)), notes }
    }
}

/// Writes the answers to standard output, and says whether all is allowed.
pub(crate) fn write(
    format: ExplainFormat,
    ground: &Ground<'_>,
    question: &Question,
) -> Result<bool, Failure> {
    match format {
        ExplainFormat::Human => {
            let (text, allowed) = human::render(ground, question);
            results::write_styled(&text).map(|()| allowed)
        }
        ExplainFormat::Json => {
            let rendered = json::render(ground, question).map_err(|error| Failure::Output(error.into()));
            let (text, allowed) = rendered?;
            results::write_json(&text).map(|()| allowed)
        }
    }
}
