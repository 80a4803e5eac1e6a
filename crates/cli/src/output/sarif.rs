//! Findings as SARIF 2.1.0, which code scanning reads.
//!
//! <https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html>

use std::fmt::Write as _;

use corsgate_authoring::{Finding, Lint, Report, Severity, Source, Span, lints};
use serde_json::{Value, json};

use crate::output::document;
use crate::output::region::Region;

/// All findings of files, and their rules.
pub(crate) fn render(files: &[(&Report, &Source)]) -> serde_json::Result<String> {
    let mut findings = Vec::new();
    for (report, source) in files {
        findings.extend(report.findings().iter().map(|finding| (finding, *source)));
    }
    let found = |lint: &&Lint| findings.iter().any(|(finding, _)| finding.code == lint.code);
    let rules: Vec<_> = lints().filter(found).collect();
    let results: Vec<_> = findings.iter().map(|(finding, source)| result(finding, &rules, source)).collect();
    let log = json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": {
                "driver": {
                    "name": "corsgate",
                    "version": env!("CARGO_PKG_VERSION"),
                    "informationUri": env!("CARGO_PKG_REPOSITORY"),
                    "rules": rules.iter().map(|lint| rule(lint)).collect::<Vec<_>>(),
                },
            },
            "columnKind": "unicodeCodePoints",
            "results": results,
        }],
    });
    document::pretty(&log)
}

fn rule(lint: &Lint) -> Value {
    json!({
        "id": lint.code.to_string(),
        "shortDescription": { "text": lint.title },
        "help": { "text": lint.explanation, "markdown": lint.explanation },
        "defaultConfiguration": { "level": level(lint.severity) },
    })
}

fn result(finding: &Finding, rules: &[&Lint], source: &Source) -> Value {
    let text = match &finding.help {
        Some(help) => format!("{}: {help}", finding.message),
        None => finding.message.clone(),
    };
    let mut result = json!({
        "ruleId": finding.code.to_string(),
        "ruleIndex": rules.iter().position(|lint| lint.code == finding.code),
        "level": level(finding.severity),
        "message": { "text": text },
        "locations": [location(finding.span(), source)],
    });
    let Some(members) = result.as_object_mut() else { return result };
    if let Some(fix) = &finding.fix {
        let replacement = json!({
            "deletedRegion": Region::of(&fix.span, source),
            "insertedContent": { "text": fix.replacement },
        });
        let change = json!({ "artifactLocation": artifact(source), "replacements": [replacement] });
        let description = json!({ "text": format!("write `{}`", fix.replacement) });
        members
            .insert("fixes".to_owned(), json!([{ "description": description, "artifactChanges": [change] }]));
    }
    result
}

fn location(span: Option<&Span>, source: &Source) -> Value {
    match span {
        Some(span) => json!({
            "physicalLocation": { "artifactLocation": artifact(source), "region": Region::of(span, source) },
        }),
        None => json!({ "physicalLocation": { "artifactLocation": artifact(source) } }),
    }
}

/// A path as a relative reference of URIs (RFC 3986).
fn artifact(source: &Source) -> Value {
    let mut uri = String::new();
    for byte in source.name().bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => {
                uri.push(char::from(byte));
            }
            // Writing to a string does not fail.
            _ => write!(uri, "%{byte:02X}").unwrap_or_default(),
        }
    }
    json!({ "uri": uri })
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Info => "note",
    }
}
