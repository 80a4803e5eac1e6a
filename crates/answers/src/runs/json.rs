//! Results as JSON in the tool's own format, version 1.

use corsgate_authoring::cases::{Coverage, Decided, Mismatch, Uncovered, Verdict};
use corsgate_authoring::{Source, Span};
use serde::Serialize;

use crate::document;
use crate::region::Region;
use crate::runs::{Results, Timed};
use crate::trace::At;

#[derive(Serialize)]
struct TestResults<'r> {
    policy: &'r str,
    cases: &'r str,
    passed: usize,
    failed: usize,
    undecided: usize,
    runs: Vec<Run<'r>>,
    /// Absent unless it was asked for.
    coverage: Option<Covered<'r>>,
}

#[derive(Serialize)]
struct Run<'r> {
    name: &'r str,
    case: &'r str,
    region: Region,
    environment: Option<&'r str>,
    today: String,
    verdict: &'static str,
    mismatches: Vec<MismatchOf<'r>>,
    /// Why there is no decision.
    undecided: Option<String>,
    decision: Option<Decision<'r>>,
    /// The checks that led to the decision, of a run that failed.
    trace: Option<&'r serde_json::Value>,
    /// The position of the rule behind each check.
    places: Option<Vec<Option<&'r At>>>,
}

#[derive(Serialize)]
struct MismatchOf<'r> {
    what: &'r str,
    expected: Option<&'r str>,
    got: Option<&'r str>,
}

#[derive(Serialize)]
struct Decision<'r> {
    outcome: &'static str,
    reason: Option<&'static str>,
    route: Option<&'r str>,
    entry: Option<&'r str>,
    #[serde(rename = "offendingHeader")]
    offending_header: Option<&'r str>,
    status: Option<u16>,
    headers: Vec<Header<'r>>,
}

#[derive(Serialize)]
struct Header<'r> {
    name: &'r str,
    value: &'r str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Covered<'r> {
    environments: Vec<CoveredEnvironment<'r>>,
    environments_without_cases: &'r [String],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct CoveredEnvironment<'r> {
    environment: Option<&'r str>,
    percent: usize,
    routes: usize,
    entries: usize,
    uncovered_routes: Vec<UncoveredItem<'r>>,
    uncovered_entries: Vec<UncoveredItem<'r>>,
    boundaries: usize,
    open_boundaries: Vec<UncoveredItem<'r>>,
}

#[derive(Serialize)]
struct UncoveredItem<'r> {
    name: &'r str,
    region: Option<Region>,
}

/// The results of every case, and of coverage where it was asked for, as `test --format json` prints them.
///
/// # Errors
/// If it cannot be JSON.
pub fn render(results: &Results<'_>) -> serde_json::Result<String> {
    let coverage = results.coverage.as_ref().map(|environments| Covered {
        environments: environments.iter().map(|it| covered(it, results.policy)).collect(),
        environments_without_cases: results.environments_without_cases,
    });
    let content = TestResults {
        policy: results.policy.name(),
        cases: results.cases.name(),
        passed: results.passed(),
        failed: results.failed(),
        undecided: results.undecided(),
        runs: results.runs.iter().map(|timed| run(timed, results.cases)).collect(),
        coverage,
    };
    document::versioned(content)
}

fn run<'r>(Timed { run, ran, trace, .. }: &'r Timed<'_>, cases: &Source) -> Run<'r> {
    let (verdict, mismatches, undecided) = match &ran.verdict {
        Verdict::Passed => ("passed", &[][..], None),
        Verdict::Failed(mismatches) => ("failed", &mismatches[..], None),
        Verdict::Undecided(sentence) => ("undecided", &[][..], Some(sentence.to_string())),
    };
    let mismatch = |it: &'r Mismatch| MismatchOf {
        what: &it.what,
        expected: it.expected.as_deref(),
        got: it.got.as_deref(),
    };
    Run {
        name: &run.name,
        case: run.case.name(),
        region: Region::of(run.case.span(), cases),
        environment: run.environment,
        today: ran.today.to_string(),
        verdict,
        mismatches: mismatches.iter().map(mismatch).collect(),
        undecided,
        decision: ran.decided.as_ref().map(decision),
        trace: trace.as_ref().map(|trace| &trace.checks),
        places: trace.as_ref().map(|trace| trace.lines.iter().map(|line| line.place.as_ref()).collect()),
    }
}

fn decision(decided: &Decided) -> Decision<'_> {
    Decision {
        outcome: decided.outcome.name(),
        reason: decided.reason.map(|reason| reason.name()),
        route: decided.route.as_deref(),
        entry: decided.entry.as_deref(),
        offending_header: decided.offending_header.as_deref(),
        status: decided.status,
        headers: decided.headers.iter().map(|(name, value)| Header { name, value }).collect(),
    }
}

fn covered<'r>(coverage: &'r Coverage, policy: &Source) -> CoveredEnvironment<'r> {
    let region = |span: &Span| Region::of(span, policy);
    let place = |it: &'r Uncovered| UncoveredItem { name: &it.name, region: it.span.as_ref().map(region) };
    CoveredEnvironment {
        environment: coverage.environment.as_deref(),
        percent: coverage.percent(),
        routes: coverage.routes,
        entries: coverage.entries,
        uncovered_routes: coverage.uncovered_routes.iter().map(place).collect(),
        uncovered_entries: coverage.uncovered_entries.iter().map(place).collect(),
        boundaries: coverage.boundaries,
        open_boundaries: coverage.open_boundaries.iter().map(place).collect(),
    }
}
