//! The tool's output: results on standard output, everything else on standard error.

pub(crate) mod changes;
pub(crate) mod diagnostics;
pub(crate) mod explained;
pub(crate) mod fence;
pub(crate) mod from_presets;
mod github;
pub(crate) mod history;
pub(crate) mod human;
pub(crate) mod imported;
pub(crate) mod list_history;
pub(crate) mod plain;
pub(crate) mod probed;
pub(crate) mod reports;
pub(crate) mod results;
pub(crate) mod runs;
mod sarif;
pub(crate) mod status;
pub(crate) mod suggested;

use clap::ValueEnum;
use corsgate_answers::findings as json;
pub(crate) use corsgate_answers::{document, region, trace};
use corsgate_authoring::{Report, Source};

use crate::failure::Failure;

/// The output formats of findings.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum FindingsFormat {
    /// For people, on standard error
    #[default]
    Human,
    /// For programs: findings with their places and fixes
    Json,
    /// SARIF 2.1.0, for code scanning
    Sarif,
    /// Workflow commands of GitHub Actions
    Github,
}

/// Writes the findings of a file that cannot be used, and the verdict after its name.
pub(crate) fn refused(format: FindingsFormat, report: &Report, source: &Source, verdict: &str) -> Failure {
    match findings(format, &[(report, source)]) {
        Ok(()) => {
            diagnostics::problem(&human::summary(report, source, verdict));
            Failure::Findings
        }
        Err(failure) => failure,
    }
}

/// Writes the findings of files: for people on standard error, for programs as one document on standard output.
pub(crate) fn findings(format: FindingsFormat, files: &[(&Report, &Source)]) -> Result<(), Failure> {
    let rendered = match format {
        FindingsFormat::Human => {
            files.iter().for_each(|(report, source)| diagnostics::findings(report, source));
            return Ok(());
        }
        FindingsFormat::Json => json::render_all(files),
        FindingsFormat::Sarif => sarif::render(files),
        FindingsFormat::Github => {
            let lines: String = files.iter().map(|(report, source)| github::render(report, source)).collect();
            return results::write_commands(&lines);
        }
    };
    results::write_json(&rendered.map_err(|error| Failure::Output(error.into()))?)
}
