//! The results of `corsgate test`: one file a format.

mod github;
mod human;
mod junit;

use clap::ValueEnum;
use corsgate_answers::runs::json;
pub(crate) use corsgate_answers::runs::{Results, Timed};
use corsgate_answers::runs::{complaints, decision_line, request_line, setting};
use corsgate_authoring::{Report, Source};

use crate::failure::Failure;
use crate::output::{FindingsFormat, refused, results};

/// The output formats.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum RunsFormat {
    /// For people: what failed
    #[default]
    Human,
    /// For programs: every run, and what was decided
    Json,
    /// JUnit's XML, which CI systems show
    Junit,
    /// Workflow commands of GitHub Actions
    Github,
}

impl RunsFormat {
    /// The output format of findings if there are no results. JUnit has another, [`write_refused`].
    fn of_findings(self) -> FindingsFormat {
        match self {
            Self::Human | Self::Junit => FindingsFormat::Human,
            Self::Json => FindingsFormat::Json,
            Self::Github => FindingsFormat::Github,
        }
    }
}

/// Writes the findings of a file that cannot be used, and the verdict after its name.
pub(crate) fn write_refused(format: RunsFormat, report: &Report, source: &Source, verdict: &str) -> Failure {
    if format == RunsFormat::Junit
        && let Err(failure) = results::write_xml(&junit::findings(report, source, verdict))
    {
        return failure;
    }
    refused(format.of_findings(), report, source, verdict)
}

/// Writes the results to standard output.
pub(crate) fn write(format: RunsFormat, found: &Results<'_>) -> Result<(), Failure> {
    match format {
        RunsFormat::Human => results::write_styled(&human::render(found)),
        RunsFormat::Json => {
            let text = json::render(found).map_err(|error| Failure::Output(error.into()))?;
            results::write_json(&text)
        }
        RunsFormat::Junit => results::write_xml(&junit::render(found)),
        RunsFormat::Github => results::write_commands(&github::render(found)),
    }
}
