//! Results for people: the failures, each with the expected and the actual result.

use std::fmt::Write as _;

use corsgate_authoring::cases::{Coverage, Uncovered, Verdict};

use crate::output::human::plural;
use crate::output::runs::{Results, Timed, complaints, decision_line, request_line, setting};

/// The maximum number of failures; after these are fixed, the next ones are shown.
const MAX_SHOWN: usize = 100;

const FAILED: &str = "\u{1b}[1;31mFAILED\u{1b}[0m";
const UNDECIDED: &str = "\u{1b}[1;31mUNDECIDED\u{1b}[0m";

/// All results.
pub(crate) fn render(results: &Results<'_>) -> String {
    let mut text = String::new();
    let failures = results.runs.iter().filter(|timed| timed.ran.verdict != Verdict::Passed);
    for timed in failures.take(MAX_SHOWN) {
        failure(timed, results, &mut text);
    }
    let (failed, undecided) = (results.failed(), results.undecided());
    if failed + undecided > MAX_SHOWN {
        let hidden = failed + undecided - MAX_SHOWN;
        line(&mut text, &format!("and {hidden} more: select with `--filter`, or see `--format json`\n"));
    }
    for coverage in results.coverage.iter().flatten() {
        cover(coverage, results, &mut text);
    }
    if results.coverage.is_some() {
        for name in results.environments_without_cases {
            line(&mut text, &format!("no case runs in the environment `{name}`"));
        }
    }
    let mut counts = vec![format!("{} passed", results.passed())];
    counts.extend((failed > 0).then(|| format!("{failed} failed")));
    counts.extend((undecided > 0).then(|| format!("{undecided} undecided")));
    line(&mut text, &format!("`{}`: {}", results.cases.name(), counts.join(", ")));
    text
}

fn failure(timed: &Timed<'_>, results: &Results<'_>, text: &mut String) {
    let Timed { run, ran, .. } = timed;
    let verdict = if matches!(ran.verdict, Verdict::Undecided(_)) { UNDECIDED } else { FAILED };
    line(text, &format!("{verdict} {}", run.name));
    let start = run.case.span().start;
    let (name, row, column) = (results.cases.name(), results.cases.line(start), results.cases.column(start));
    line(text, &format!("  --> {name}:{row}:{column}"));
    line(text, &format!("  {}", request_line(run)));
    line(text, &format!("  {}", setting(timed)));
    for complaint in complaints(&ran.verdict) {
        line(text, &format!("  - {complaint}"));
    }
    if let Some(decided) = &ran.decided {
        line(text, &format!("  decided: {}", decision_line(decided)));
        for (name, value) in &decided.headers {
            line(text, &format!("    {name}: {value}"));
        }
    }
    for check in timed.trace.iter().flat_map(|trace| &trace.lines) {
        line(text, &format!("  {}", check.shown()));
    }
    text.push('\n');
}

fn cover(coverage: &Coverage, results: &Results<'_>, text: &mut String) {
    let routes = coverage.routes - coverage.uncovered_routes.len();
    let entries = coverage.entries - coverage.uncovered_entries.len();
    let boundaries = coverage.boundaries - coverage.open_boundaries.len();
    let seen = match &coverage.environment {
        Some(environment) => format!("`{}` in `{environment}`", results.policy.name()),
        None => format!("`{}`", results.policy.name()),
    };
    line(
        text,
        &format!(
            "coverage of {seen}: {routes} of {}, {entries} of {}, {boundaries} of {} ({} %)",
            plural(coverage.routes, "route"),
            if coverage.entries == 1 {
                "1 entry".to_owned()
            } else {
                format!("{} entries", coverage.entries)
            },
            if coverage.boundaries == 1 {
                "1 boundary".to_owned()
            } else {
                format!("{} boundaries", coverage.boundaries)
            },
            coverage.percent()
        ),
    );
    for (what, uncovered) in [
        ("no case reaches route", &coverage.uncovered_routes),
        ("no case reaches entry", &coverage.uncovered_entries),
        ("no case fails if this grows:", &coverage.open_boundaries),
    ] {
        for Uncovered { name, span } in uncovered {
            line(text, &format!("  {what} `{name}`"));
            if let Some(span) = span {
                let (row, column) = (results.policy.line(span.start), results.policy.column(span.start));
                line(text, &format!("    --> {}:{row}:{column}", results.policy.name()));
            }
        }
    }
}

fn line(text: &mut String, line: &str) {
    // Writing to a string does not fail.
    let _written = writeln!(text, "{line}");
}
