//! Results as workflow commands, which GitHub Actions shows beside the changed lines.
//!
//! <https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands>

use corsgate_authoring::cases::{Coverage, Uncovered, Verdict};
use corsgate_authoring::{Source, Span};

use crate::output::github::{data, property};
use crate::output::region::Region;
use crate::output::runs::{Results, Timed, complaints, decision_line, request_line, setting};

/// What failed and what is uncovered, one a line.
pub(crate) fn render(results: &Results<'_>) -> String {
    let failures = results.runs.iter().filter(|timed| timed.ran.verdict != Verdict::Passed);
    let failures = failures.map(|timed| failure(timed, results));
    let uncovered = results.coverage.iter().flatten().flat_map(|coverage| uncovered(coverage, results));
    let without =
        results.environments_without_cases.iter().filter(|_| results.coverage.is_some()).map(|name| {
            let message = format!("no case runs in the environment `{name}`");
            command(level(results), results.policy, None, "uncovered", &message)
        });
    failures.chain(uncovered).chain(without).collect()
}

fn failure(timed: &Timed<'_>, results: &Results<'_>) -> String {
    let mut lines = complaints(&timed.ran.verdict);
    lines.push(format!("{}, {}", request_line(&timed.run), setting(timed)));
    lines.extend(timed.ran.decided.as_ref().map(|decided| format!("decided: {}", decision_line(decided))));
    command("error", results.cases, Some(timed.run.case.span()), &timed.run.name, &lines.join("\n"))
}

fn uncovered(coverage: &Coverage, results: &Results<'_>) -> Vec<String> {
    let seen = coverage.environment.as_ref().map(|name| format!(" in `{name}`")).unwrap_or_default();
    let tell = |what: &str, Uncovered { name, span }: &Uncovered| {
        let message = format!("{what} `{name}`{seen}");
        command(level(results), results.policy, span.as_ref(), "uncovered", &message)
    };
    let routes = coverage.uncovered_routes.iter().map(|it| tell("no case reaches route", it));
    routes
        .chain(coverage.uncovered_entries.iter().map(|it| tell("no case reaches entry", it)))
        .chain(coverage.open_boundaries.iter().map(|it| tell("no case fails if this grows:", it)))
        .collect()
}

fn level(results: &Results<'_>) -> &'static str {
    if results.denies_uncovered { "error" } else { "warning" }
}

fn command(level: &str, source: &Source, span: Option<&Span>, title: &str, message: &str) -> String {
    let place = span.map_or_else(String::new, |span| {
        let Region { start_line, start_column, end_line, end_column } = Region::of(span, source);
        format!(",line={start_line},col={start_column},endLine={end_line},endColumn={end_column}")
    });
    let (file, title, message) = (property(source.name()), property(title), data(message));
    format!("::{level} file={file}{place},title={title}::{message}\n")
}
