//! `corsgate test`.

use core::error::Error;
use std::path::Path;
use std::time::Instant;

use clap::{Args, ValueEnum};
use corsgate_answers::runs::{self, Selection};
use corsgate_authoring::cases::{Suite, Verdict, read_cases};
use corsgate_authoring::{Report, Source};
use corsgate_policy::grammar::day::Day;

use crate::exit::Exit;
use crate::failure::Failure;
use crate::input;
use crate::output::runs::{Results, RunsFormat};
use crate::output::{self, diagnostics};
use crate::system::today;

/// Test a policy: requests, and the expected result of each
///
/// Runs a file of test cases against a policy, with the same decision code as the gateway, and
/// without a network. docs/testing.md explains the format of the file.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLE)]
pub(crate) struct Arguments {
    /// The policy, or `-` for standard input
    policy: String,
    /// The file with the test cases, or `-` for standard input
    cases: String,
    /// The environment of cases without one of their own, instead of the one in `[defaults]`
    #[arg(long, value_name = "NAME")]
    env: Option<String>,
    /// Run only cases whose name contains this text
    #[arg(long, value_name = "TEXT")]
    filter: Option<String>,
    /// List the routes and entries that no case reaches
    #[arg(long)]
    coverage: bool,
    /// What else makes the exit status a failure
    #[arg(long, value_name = "WHAT", conflicts_with = "filter")]
    deny: Option<DenyUncovered>,
    /// The output format
    #[arg(long, value_enum, default_value_t)]
    format: RunsFormat,
    /// The day of cases without one of their own, instead of today
    #[arg(long, value_name = "YYYY-MM-DD", value_parser = Day::parse)]
    today: Option<Day>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum DenyUncovered {
    /// Exit with 11 if no case reaches a route, an entry or an environment
    Uncovered,
}

const EXAMPLE: &str = "\
Exit codes:
  0   every case passed
  1   a file could not be read
  2   wrong usage
  11  the policy or the file of cases has errors, or something is uncovered with `--deny uncovered`
  12  a case failed, or none ran

Example:
  corsgate test policy.toml policy.test.toml --coverage";

/// Runs the verb.
pub(crate) fn run(arguments: &Arguments) -> Result<Exit, Failure> {
    if arguments.policy == "-" && arguments.cases == "-" {
        return Err(Failure::usage("only one of the two files can come from standard input"));
    }
    let policy = input::read_source(&arguments.policy)?;
    let source = input::read_cases(&arguments.cases)?;
    let folder = Path::new(&arguments.cases).parent().unwrap_or(Path::new(""));
    let mut read_list = |path: &str| read_list(folder, path);
    let cases = match read_cases(&source, &mut read_list) {
        Ok(cases) => cases,
        Err(report) => return Err(refuse(arguments, &report, &source, "cannot be run:")),
    };
    let suite = match Suite::new(&cases, &policy, arguments.env.as_deref()) {
        Ok(suite) => suite,
        Err(unprepared) if unprepared.policy.has_errors() => {
            return Err(refuse(arguments, &unprepared.policy, &policy, "does not compile:"));
        }
        Err(unprepared) => return Err(refuse(arguments, &unprepared.cases, &source, "cannot be run:")),
    };
    let results = run_all(arguments, &suite, &policy, &source);
    output::runs::write(arguments.format, &results)?;
    Ok(conclude(arguments, &results))
}

/// The file of a list, relative to the file of cases.
pub(super) fn read_list(folder: &Path, path: &str) -> Result<String, Box<dyn Error>> {
    match folder.join(path).to_str() {
        Some(path) => Ok(input::read_list(path)?.text().to_owned()),
        None => Err(format!("`{path}` is relative to a file whose path is not text").into()),
    }
}

/// Reports the findings in one of the files.
fn refuse(arguments: &Arguments, report: &Report, source: &Source, verdict: &str) -> Failure {
    output::runs::write_refused(arguments.format, report, source, verdict)
}

fn run_all<'s>(
    arguments: &Arguments,
    suite: &'s Suite<'s>,
    policy: &'s Source,
    cases: &'s Source,
) -> Results<'s> {
    // If the clock is before 1970, there is no current day; use the first one.
    let today = arguments.today.or_else(today).unwrap_or(Day::from_unix_milliseconds(0.0));
    let selection = Selection {
        filter: arguments.filter.as_deref().unwrap_or_default(),
        coverage: arguments.coverage,
        denies_uncovered: arguments.deny == Some(DenyUncovered::Uncovered),
    };
    let start = Instant::now();
    runs::run_all(suite, policy, cases, selection, today, || start.elapsed().as_secs_f64())
}

fn conclude(arguments: &Arguments, results: &Results<'_>) -> Exit {
    if results.runs.is_empty() {
        diagnostics::problem(&match &arguments.filter {
            Some(filter) => format!("no case ran: no name contains `{filter}`"),
            None => format!("no case ran: `{}` has no cases", results.cases.name()),
        });
        return Exit::TestsFailed;
    }
    if results.runs.iter().any(|timed| timed.ran.verdict != Verdict::Passed) {
        return Exit::TestsFailed;
    }
    if results.denies_uncovered && !results.is_covered() {
        diagnostics::problem("not everything is covered, which `--deny uncovered` denies");
        return Exit::Findings;
    }
    Exit::Fine
}
