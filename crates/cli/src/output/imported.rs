//! The report of `corsgate import`.

use clap::ValueEnum;
use corsgate_import::{Carried, Class, Finding, Target};
use serde_json::json;

use crate::failure::Failure;
use crate::output::human::plural;
use crate::output::plain::plain;
use crate::output::{diagnostics, results};

/// The output formats.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum ImportFormat {
    /// For people: what was left out first
    #[default]
    Human,
    /// For programs
    Json,
}

/// The content of the report.
pub(crate) struct Imported<'i> {
    pub(crate) sources: &'i [String],
    pub(crate) carried: &'i Carried,
    pub(crate) target: &'i Target,
    pub(crate) wrote: &'i [String],
}

/// Writes the report to standard output.
pub(crate) fn write(format: ImportFormat, imported: &Imported<'_>) -> Result<(), Failure> {
    match format {
        ImportFormat::Human => {
            results::write_text(&human(imported))?;
            if !imported.wrote.is_empty() {
                placeholders(imported.target);
            }
            Ok(())
        }
        ImportFormat::Json => {
            let text = serde_json::to_string_pretty(&as_json(imported))
                .map_err(|error| Failure::Output(error.into()))?;
            results::write_json(&format!("{text}\n"))
        }
    }
}

/// Says what the operator has to fill in.
fn placeholders(target: &Target) {
    let missing: Vec<_> = [(target.hosts.is_empty(), "--host"), (target.upstream.is_none(), "--upstream")]
        .into_iter()
        .filter_map(|(is_missing, option)| is_missing.then_some(format!("`{option}`")))
        .collect();
    if !missing.is_empty() {
        diagnostics::note(&format!(
            "the policy has a placeholder for {}: `corsgate check` points at it",
            missing.join(" and for ")
        ));
    }
}

fn human(imported: &Imported<'_>) -> String {
    let findings = &imported.carried.findings;
    let mut text = String::new();
    for class in Class::ALL {
        let of_class: Vec<_> = findings.iter().filter(|finding| finding.class == class).collect();
        if of_class.is_empty() {
            continue;
        }
        text.push_str(&format!("{} ({})\n", class.name(), of_class.len()));
        for finding in of_class {
            text.push_str(&line(finding));
        }
        text.push('\n');
    }
    let routes = imported.carried.routes.iter().filter(|route| !route.is_proposed).count();
    text.push_str(&format!("{} from {}\n", plural(routes, "route"), plural(imported.sources.len(), "file")));
    text
}

fn line(finding: &Finding) -> String {
    let route =
        finding.route.as_ref().map(|route| format!(" of route `{}`", plain(route))).unwrap_or_default();
    let mut text = format!("  {}  {}{route}: {}\n", finding.place, finding.about.name(), finding.message);
    if let Some(advice) = &finding.advice {
        text.push_str(&format!("    {advice}\n"));
    }
    text
}

fn as_json(imported: &Imported<'_>) -> serde_json::Value {
    let findings = imported.carried.findings.iter().map(|finding| {
        json!({
            "class": finding.class.name(),
            "about": finding.about.name(),
            "message": finding.message,
            "advice": finding.advice,
            "file": &*finding.place.file,
            "line": finding.place.line,
            "column": finding.place.column,
            "route": finding.route,
        })
    });
    json!({
        "version": 1,
        "sources": imported.sources,
        "complete": imported.carried.is_complete(),
        "findings": findings.collect::<Vec<_>>(),
        "wrote": imported.wrote,
    })
}
