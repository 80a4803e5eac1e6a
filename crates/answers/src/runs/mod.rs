//! The results of a file of cases.

pub mod json;

use corsgate_authoring::cases::{Coverage, Decided, Mismatch, Ran, Run, Suite, Verdict};
use corsgate_authoring::{EnvironmentPolicy, Source};
use corsgate_policy::Kind;
use corsgate_policy::decision::trace::Check;
use corsgate_policy::grammar::day::Day;

use crate::trace::{self, Line, Texts};

/// Everything that a file of cases produced.
pub struct Results<'s> {
    /// The policy that the cases are run against.
    pub policy: &'s Source,
    /// The file of cases.
    pub cases: &'s Source,
    /// Each case with each of its origins and environments, in the order of the file.
    pub runs: Vec<Timed<'s>>,
    /// Absent unless it was asked for.
    pub coverage: Option<Vec<Coverage>>,
    /// Environments in which no case runs.
    pub environments_without_cases: &'s [String],
    /// Whether what is uncovered is a failure.
    pub denies_uncovered: bool,
}

/// A run and its duration.
pub struct Timed<'s> {
    /// The request of a case that ran.
    pub run: Run<'s>,
    /// The decision on it, and whether it is as the case expects.
    pub ran: Ran,
    /// How long it took, in seconds.
    pub seconds: f64,
    /// The checks that led to the decision, of a run that failed.
    pub trace: Option<Traced>,
}

/// The checks of a decision, for people and for programs.
pub struct Traced {
    /// The lines that people read.
    pub lines: Vec<Line>,
    /// The JSON of `/api/explain`.
    pub checks: serde_json::Value,
}

impl Results<'_> {
    /// The number of runs with a verdict.
    fn count(&self, is: impl Fn(&Verdict) -> bool) -> usize {
        self.runs.iter().filter(|timed| is(&timed.ran.verdict)).count()
    }

    /// The number of runs that passed.
    #[must_use]
    pub fn passed(&self) -> usize {
        self.count(|verdict| *verdict == Verdict::Passed)
    }

    /// The number of runs that failed.
    #[must_use]
    pub fn failed(&self) -> usize {
        self.count(|verdict| matches!(verdict, Verdict::Failed(_)))
    }

    /// The number of runs without a decision.
    #[must_use]
    pub fn undecided(&self) -> usize {
        self.count(|verdict| matches!(verdict, Verdict::Undecided(_)))
    }

    /// The duration of all runs, in seconds.
    #[must_use]
    pub fn seconds(&self) -> f64 {
        self.runs.iter().map(|timed| timed.seconds).sum()
    }

    /// Whether the cases cover everything.
    #[must_use]
    pub fn is_covered(&self) -> bool {
        let all = self.coverage.iter().flatten().all(Coverage::is_full);
        all && self.environments_without_cases.is_empty()
    }
}

/// Which cases to run, and what to say of their coverage.
#[derive(Clone, Copy, Debug)]
pub struct Selection<'s> {
    /// Runs only cases whose name contains this text.
    pub filter: &'s str,
    /// Whether to say what no case reaches.
    pub coverage: bool,
    /// Whether what is uncovered is a failure.
    pub denies_uncovered: bool,
}

/// Runs the cases on `today`, those that name no day of their own. `seconds` is a clock.
pub fn run_all<'s>(
    suite: &'s Suite<'s>,
    policy: &'s Source,
    cases: &'s Source,
    selection: Selection<'_>,
    today: Day,
    seconds: impl Fn() -> f64,
) -> Results<'s> {
    let mut all = Vec::new();
    let mut durations = Vec::new();
    let mut traces = Vec::new();
    for run in suite.runs().filter(|run| run.name.contains(selection.filter)) {
        let start = seconds();
        if let Some(ran) = suite.run(&run, today) {
            durations.push(seconds() - start);
            traces.push(trace(suite, &run, &ran, today, policy));
            all.push((run, ran));
        }
    }
    let coverage = (selection.coverage || selection.denies_uncovered).then(|| suite.coverage(&all));
    let runs = all.into_iter().zip(durations).zip(traces);
    let runs = runs.map(|(((run, ran), seconds), trace)| Timed { run, ran, seconds, trace });
    Results {
        policy,
        cases,
        runs: runs.collect(),
        coverage,
        environments_without_cases: suite.environments_without_cases(),
        denies_uncovered: selection.denies_uncovered,
    }
}

/// The checks of a run whose result is not the expected one.
fn trace(suite: &Suite<'_>, run: &Run<'_>, ran: &Ran, today: Day, policy: &Source) -> Option<Traced> {
    let failed = matches!(ran.verdict, Verdict::Failed(_));
    let told = |compiled: &EnvironmentPolicy, checks: &[Check<'_>]| {
        let mut lines = trace::lines(checks, &Texts { policy, compiled, lists: &[] });
        lines.extend(trace::environment(checks, policy, compiled));
        // Checks consist of texts, numbers and lists, so this does not fail.
        Traced { lines, checks: serde_json::to_value(checks).unwrap_or_default() }
    };
    if failed { suite.trace(run, today, told) } else { None }
}

/// A request in one line.
#[must_use]
pub fn request_line(run: &Run<'_>) -> String {
    let request = run.request;
    let what = match request.kind() {
        Kind::Actual => format!("{} {}", request.method(), request.url()),
        Kind::Preflight => {
            let headers = request.requested_headers().map(|names| format!(" with `{names}`"));
            format!("preflight for {}{} {}", request.method(), headers.unwrap_or_default(), request.url())
        }
        Kind::Handshake => format!("WebSocket handshake {}", request.url()),
    };
    match request.origin() {
        Some(origin) => format!("{what} from `{origin}`"),
        None => format!("{what} without origin"),
    }
}

/// The environment and the day of a run.
#[must_use]
pub fn setting(timed: &Timed<'_>) -> String {
    match timed.run.environment {
        Some(environment) => format!("in `{environment}` on {}", timed.ran.today),
        None => format!("on {}", timed.ran.today),
    }
}

/// A decision in one line, without its headers.
#[must_use]
pub fn decision_line(decided: &Decided) -> String {
    let mut parts = vec![decided.outcome.name().to_owned()];
    parts.extend(decided.reason.map(|reason| reason.to_string()));
    parts.push(match &decided.route {
        Some(route) => format!("route `{route}`"),
        None => "no route".to_owned(),
    });
    parts.extend(decided.entry.as_ref().map(|entry| format!("entry `{entry}`")));
    parts.extend(decided.offending_header.as_ref().map(|name| format!("offending header `{name}`")));
    parts.extend(decided.status.map(|status| format!("status {status}")));
    parts.join(", ")
}

/// A mismatch as a sentence.
fn mismatch_line(Mismatch { what, expected, got }: &Mismatch) -> String {
    let value =
        |value: &Option<String>| value.as_ref().map_or("none".to_owned(), |value| format!("`{value}`"));
    format!("{what}: expected {}, got {}", value(expected), value(got))
}

/// What is wrong with a run, one line each; empty if it passed.
#[must_use]
pub fn complaints(verdict: &Verdict) -> Vec<String> {
    match verdict {
        Verdict::Passed => Vec::new(),
        Verdict::Failed(mismatches) => mismatches.iter().map(mismatch_line).collect(),
        Verdict::Undecided(sentence) => vec![sentence.to_string()],
    }
}
