//! The output of `corsgate diff`: one file a format.

mod github;
mod human;
mod markdown;
mod sentence;

pub(crate) use sentence::visible;

use clap::ValueEnum;
use corsgate_answers::changes::json;
pub(crate) use corsgate_answers::changes::{Compared, Comparison, Replayed};

use crate::failure::Failure;
use crate::output::results;

/// The output formats.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum ChangesFormat {
    /// For people
    #[default]
    Human,
    /// For programs
    Json,
    /// Workflow commands of GitHub Actions
    Github,
    /// A comment for a pull request
    Markdown,
}

/// Writes the differences to standard output.
pub(crate) fn write(format: ChangesFormat, comparison: &Comparison<'_>) -> Result<(), Failure> {
    match format {
        ChangesFormat::Human => results::write_styled(&human::render(comparison)),
        ChangesFormat::Json => {
            let json = json::render(comparison).map_err(|error| Failure::Output(error.into()))?;
            results::write_json(&json)
        }
        ChangesFormat::Github => results::write_commands(&github::render(comparison)),
        ChangesFormat::Markdown => results::write_text(&markdown::render(comparison)),
    }
}
