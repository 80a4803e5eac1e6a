//! The results of `corsgate test`: one file a format.

mod github;
mod human;
mod json;
mod junit;

use clap::ValueEnum;
use corsgate_authoring::Source;
use corsgate_authoring::cases::{Coverage, Decided, Mismatch, Ran, Run, Verdict};
use corsgate_policy::Kind;

use crate::failure::Failure;
use crate::output::trace::Line;
use crate::output::{FindingsFormat, results};

/// How results are written.
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
    /// The output format where there are no results. JUnit has no form for them.
    pub(crate) fn of_findings(self) -> FindingsFormat {
        match self {
            Self::Human | Self::Junit => FindingsFormat::Human,
            Self::Json => FindingsFormat::Json,
            Self::Github => FindingsFormat::Github,
        }
    }
}

/// All that came of a file of cases.
pub(crate) struct Results<'s> {
    pub(crate) policy: &'s Source,
    pub(crate) cases: &'s Source,
    pub(crate) runs: Vec<Timed<'s>>,
    /// Nothing if it was not asked for.
    pub(crate) coverage: Option<Vec<Coverage>>,
    pub(crate) environments_without_cases: &'s [String],
    pub(crate) denies_uncovered: bool,
}

/// A run, and how long it took.
pub(crate) struct Timed<'s> {
    pub(crate) run: Run<'s>,
    pub(crate) ran: Ran,
    pub(crate) seconds: f64,
    /// The checks that led to the decision, of a run that failed.
    pub(crate) trace: Option<Traced>,
}

/// The checks of a decision, for people and for programs.
pub(crate) struct Traced {
    pub(crate) lines: Vec<Line>,
    /// As `/api/explain` has them.
    pub(crate) checks: serde_json::Value,
}

impl Results<'_> {
    /// How many runs have a verdict.
    fn count(&self, is: impl Fn(&Verdict) -> bool) -> usize {
        self.runs.iter().filter(|timed| is(&timed.ran.verdict)).count()
    }

    fn passed(&self) -> usize {
        self.count(|verdict| *verdict == Verdict::Passed)
    }

    fn failed(&self) -> usize {
        self.count(|verdict| matches!(verdict, Verdict::Failed(_)))
    }

    fn undecided(&self) -> usize {
        self.count(|verdict| matches!(verdict, Verdict::Undecided(_)))
    }

    fn seconds(&self) -> f64 {
        self.runs.iter().map(|timed| timed.seconds).sum()
    }

    /// Whether cases reach everything.
    pub(crate) fn is_covered(&self) -> bool {
        let all = self.coverage.iter().flatten().all(Coverage::is_full);
        all && self.environments_without_cases.is_empty()
    }
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

/// A request in a line.
fn request_line(run: &Run<'_>) -> String {
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
fn setting(timed: &Timed<'_>) -> String {
    match timed.run.environment {
        Some(environment) => format!("in `{environment}` on {}", timed.ran.today),
        None => format!("on {}", timed.ran.today),
    }
}

/// A decision in a line, without its headers.
fn decision_line(decided: &Decided) -> String {
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

/// A mismatch in a sentence.
fn mismatch_line(Mismatch { what, expected, got }: &Mismatch) -> String {
    let value =
        |value: &Option<String>| value.as_ref().map_or("none".to_owned(), |value| format!("`{value}`"));
    format!("{what}: expected {}, got {}", value(expected), value(got))
}

/// What is wrong with a run, a line each; nothing if it passed.
fn complaints(verdict: &Verdict) -> Vec<String> {
    match verdict {
        Verdict::Passed => Vec::new(),
        Verdict::Failed(mismatches) => mismatches.iter().map(mismatch_line).collect(),
        Verdict::Undecided(sentence) => vec![sentence.to_string()],
    }
}
