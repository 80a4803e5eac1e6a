//! Findings as JSON in the tool's own format, version 1.

use corsgate_authoring::{Report, Severity, Source};
use serde::Serialize;

use crate::document;
use crate::region::Region;

#[derive(Serialize)]
struct Findings<'r> {
    findings: Vec<Finding<'r>>,
}

#[derive(Serialize)]
struct Finding<'r> {
    code: String,
    severity: &'static str,
    message: &'r str,
    file: &'r str,
    /// Absent if the finding is about the whole file.
    region: Option<Region>,
    labels: Vec<Label<'r>>,
    help: Option<&'r str>,
    fix: Option<Fix<'r>>,
}

#[derive(Serialize)]
struct Label<'r> {
    region: Region,
    text: &'r str,
}

#[derive(Serialize)]
struct Fix<'r> {
    region: Region,
    replacement: &'r str,
}

/// All findings of a report.
///
/// # Errors
/// If it cannot be JSON.
pub fn render(report: &Report, source: &Source) -> serde_json::Result<String> {
    render_all(&[(report, source)])
}

/// All findings of several files.
///
/// # Errors
/// If it cannot be JSON.
pub fn render_all(files: &[(&Report, &Source)]) -> serde_json::Result<String> {
    let findings = files.iter().flat_map(|(report, source)| of_file(report, source)).collect();
    document::versioned(Findings { findings })
}

fn of_file<'r>(report: &'r Report, source: &'r Source) -> impl Iterator<Item = Finding<'r>> {
    let region = move |span: &_| Region::of(span, source);
    report.findings().iter().map(move |finding| Finding {
        code: finding.code.to_string(),
        severity: severity(finding.severity),
        message: &finding.message,
        file: source.name(),
        region: finding.span().map(region),
        labels: {
            let labels = finding.labels.iter();
            labels.map(|label| Label { region: region(&label.span), text: &label.text }).collect()
        },
        help: finding.help.as_deref(),
        fix: finding.fix.as_ref().map(|fix| Fix { region: region(&fix.span), replacement: &fix.replacement }),
    })
}

fn severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Info => "info",
    }
}
