//! `corsgate suggest`.

use std::path::Path;

use clap::Args;
use corsgate_authoring::{EnvironmentPolicy, Source};
use corsgate_policy::grammar::day::Day;
use corsgate_reports::PolicyEntries;
use corsgate_suggest::{
    Refusals, SuggestError, SuggestOptions, Suggestions, append, check_cases, forbidden, suggest, unified,
};

use crate::analytics::query::{Range, query};
use crate::analytics::{self, Reports};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::input::{self, InputError};
use crate::output::diagnostics;
use crate::output::human::plural;
use crate::output::suggested::{self, SuggestFormat, Suggested};
use crate::replace;
use crate::system::today;

/// Suggest entries for origins that were refused, as a patch of the policy
///
/// Reads the report of refusals, judges each origin, and prints a patch of the policy that changes nothing else in it,
/// with test cases for the new entries. Dangerous entries are commented out in the patch. Origins that look like an
/// attack are named, but not suggested. Nothing is published, and nothing is written without `--write`.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLE)]
pub(crate) struct Arguments {
    /// The policy, or `-` for standard input
    policy: String,
    /// The environment in which the requests were refused, and to whose lists the entries are added
    #[arg(long, value_name = "NAME")]
    env: Option<String>,
    /// Only this origin, which you know; can be repeated. It is then suggested even if it is new or was refused rarely
    #[arg(long = "origin", value_name = "ORIGIN")]
    origins: Vec<String>,
    /// Only refusals of this route
    #[arg(long, value_name = "ROUTE")]
    route: Option<String>,
    /// The allowlist to add to, instead of the narrowest place
    #[arg(long, value_name = "LIST")]
    into: Option<String>,
    /// Leave out origins that were refused less often
    #[arg(long, value_name = "COUNT", default_value_t = 10)]
    min_count: u64,
    /// The file to which the test cases are added; it is created if it does not exist
    #[arg(long, value_name = "FILE")]
    cases: Option<String>,
    /// Write the changes to the policy and the file of `--cases`
    #[arg(long)]
    write: bool,
    /// The output format
    #[arg(long, value_enum, default_value_t)]
    format: SuggestFormat,
    /// The day of the decisions, instead of today
    #[arg(long, value_name = "YYYY-MM-DD", hide = true, value_parser = Day::parse)]
    today: Option<Day>,
    #[command(flatten)]
    range: Range,
    #[command(flatten)]
    records: analytics::RecordsOptions,
}

const EXAMPLE: &str = "\
Exit codes:
  0   something is suggested, if only commented out
  1   a file could not be read or written, the records cannot be reached, or the patch would not do what is meant
  2   wrong usage
  10  there is nothing to suggest
  11  the policy has errors

Example:
  corsgate suggest policy.toml --url https://corsgate.example.com --since 7d --format patch | git apply
  corsgate suggest policy.toml --from top.json --origin https://partner.example --cases policy.test.toml --write";

/// Runs the verb.
pub(crate) fn run(arguments: &Arguments) -> Result<Exit, Failure> {
    let stdins =
        [arguments.policy == "-", arguments.records.is_stdin(), arguments.cases.as_deref() == Some("-")];
    if stdins.iter().filter(|is_stdin| **is_stdin).count() > 1 {
        return Err(Failure::usage("only one of the files can be `-` (standard input)"));
    }
    if arguments.cases.as_deref() == Some("-") {
        return Err(Failure::usage("`--cases` names a file to add to: it cannot be standard input"));
    }
    if arguments.write && arguments.policy == "-" {
        let sentence = "`--write` needs the name of the policy: standard input cannot be written";
        return Err(Failure::usage(sentence));
    }
    let query = query("top", &arguments.records, &parameters(arguments))?;
    let reports = Reports::of(&arguments.records)?;
    let source = input::read_source(&arguments.policy)?;
    // Report a policy with errors before records are fetched.
    if let Err(report) = EnvironmentPolicy::new(&source, arguments.env.as_deref()) {
        diagnostics::report(&report, &source);
        return Err(Failure::Findings);
    }
    let answer = reports.ask("top", &query, &PolicyEntries::default())?;
    let refusals = Refusals::read(&answer).map_err(|why| reports.not_as_it_should(&why.to_string()))?;
    // If the clock is before 1970, there is no current day; use the first one.
    let today = arguments.today.or_else(today).unwrap_or(Day::from_unix_milliseconds(0.0));
    let mut options = SuggestOptions {
        environment: arguments.env.as_deref(),
        into: arguments.into.as_deref(),
        origins: &arguments.origins,
        forbidden: &[],
        route: arguments.route.as_deref(),
        min_count: arguments.min_count,
        today,
    };
    let suggested = |options: &SuggestOptions<'_>| {
        suggest(&source, &refusals, options).map_err(|error| match error {
            SuggestError::Policy(report) => {
                diagnostics::report(&report, &source);
                Failure::Findings
            }
            SuggestError::UnknownRoute(_) | SuggestError::UnknownAllowlist(..) => {
                Failure::usage(error.to_string())
            }
            SuggestError::Unsound(_) => Failure::Unsound(error),
        })
    };
    let mut suggestions = suggested(&options)?;
    // Each time, others may take the places of those that the cases reject.
    let mut all = Vec::new();
    loop {
        let more = rejected_by_cases(arguments, &source, &suggestions, &options)?;
        if more.is_empty() {
            break;
        }
        all.extend(more);
        suggestions = suggested(&SuggestOptions { forbidden: &all, ..options.clone() })?;
    }
    options.forbidden = &all;
    let cases = cases(arguments, &source, &suggestions, &options)?;
    let mut patch = unified(shown_path(&arguments.policy), Some(source.text()), &suggestions.text);
    if let Some(Cases { file, before, after }) = &cases {
        patch.push_str(&unified(file, before.as_deref(), after));
    }
    let suggested = Suggested {
        policy: source.name(),
        environment: options.environment,
        refusals: &refusals,
        suggestions: &suggestions,
        patch: &patch,
        cases_in_patch: cases.is_some(),
        wrote: arguments.write,
    };
    if arguments.write {
        write(arguments, &source, &suggestions, cases.as_ref())?;
    }
    suggested::write(arguments.format, &suggested)?;
    Ok(match suggestions.additions.is_empty() {
        true => Exit::Different,
        false => Exit::Fine,
    })
}

fn parameters(arguments: &Arguments) -> Vec<(&'static str, Option<&str>)> {
    let mut parameters = arguments.range.parameters();
    parameters.push(("by", Some("origin,route,reason")));
    if let Some((_, limit)) = parameters.iter_mut().find(|(name, _)| *name == "limit") {
        // The maximum of a report.
        *limit = limit.or(Some("1000"));
    }
    parameters.push(("route", arguments.route.as_deref()));
    if let [only] = arguments.origins.as_slice() {
        parameters.push(("origin", Some(only)));
    }
    parameters
}

/// The name of the policy in the headers of the patch.
fn shown_path(policy: &str) -> &str {
    if policy == "-" { "policy.toml" } else { policy }
}

/// The file of cases, before and after the change.
struct Cases {
    file: String,
    before: Option<String>,
    after: String,
}

/// The suggested origins that the cases in the file reject.
fn rejected_by_cases(
    arguments: &Arguments,
    policy: &Source,
    suggestions: &Suggestions,
    options: &SuggestOptions<'_>,
) -> Result<Vec<(String, String)>, Failure> {
    let Some(file) = arguments.cases.as_deref().filter(|file| Path::new(file).exists()) else {
        return Ok(Vec::new());
    };
    let unusable = |error| InputError::unusable(policy.name(), error);
    let patched = Source::from_bytes(policy.name(), suggestions.text.clone().into_bytes())
        .map_err(|error| unusable(format!("with the additions, {error}")))?;
    let mut read_list = |path: &str| read_list(file, path);
    Ok(forbidden(&patched, &input::read_cases(file)?, &suggestions.additions, options, &mut read_list))
}

/// Reads a list whose path is relative to the file of cases.
fn read_list(cases: &str, path: &str) -> Result<String, Box<dyn core::error::Error>> {
    let folder = Path::new(cases).parent().unwrap_or(Path::new(""));
    match folder.join(path).to_str() {
        Some(path) => Ok(input::read_source(path)?.text().to_owned()),
        None => Err(format!("`{path}` is relative to a file whose path is not text").into()),
    }
}

/// The file of cases with the cases for the suggestions added, after checking that all cases pass.
fn cases(
    arguments: &Arguments,
    policy: &Source,
    suggestions: &Suggestions,
    options: &SuggestOptions<'_>,
) -> Result<Option<Cases>, Failure> {
    let file = arguments.cases.as_deref();
    let before = match file {
        Some(file) if Path::new(file).exists() => Some(input::read_cases(file)?.text().to_owned()),
        _ => None,
    };
    if suggestions.cases.is_empty() {
        return Ok(None);
    }
    let name = file.unwrap_or("the cases");
    let after = append(before.as_deref().unwrap_or_default(), &suggestions.cases);
    let unusable = |error| InputError::unusable(name, format!("with the new cases, {error}"));
    let text = |name: &str, text: &str| Source::from_bytes(name, text.as_bytes().to_vec()).map_err(unusable);
    let patched = text(policy.name(), &suggestions.text)?;
    let mut read_list = |path: &str| read_list(name, path);
    check_cases(&patched, &text(name, &after)?, options, &mut read_list).map_err(Failure::Cases)?;
    Ok(file.map(|file| Cases { file: file.to_owned(), before, after }))
}

/// Writes the files: both are prepared before the first is replaced.
fn write(
    arguments: &Arguments,
    source: &Source,
    suggestions: &Suggestions,
    cases: Option<&Cases>,
) -> Result<(), Failure> {
    let is_changed = suggestions.text != source.text();
    let policy = is_changed.then(|| replace::prepare(&arguments.policy, &suggestions.text)).transpose()?;
    let cases = cases.filter(|cases| cases.before.as_deref() != Some(cases.after.as_str()));
    let file = cases.map(|cases| replace::prepare(&cases.file, &cases.after)).transpose()?;
    if input::read_source(&arguments.policy)?.text() != source.text() {
        return Err(Failure::ChangedMeanwhile(arguments.policy.clone()));
    }
    if let Some(policy) = policy {
        policy.replace()?;
        let live = suggestions.additions.iter().filter(|addition| addition.target.is_in_policy());
        diagnostics::note(&format!("wrote `{}`: {}", arguments.policy, plural(live.count(), "addition")));
    }
    if let (Some(file), Some(cases)) = (file, cases) {
        file.replace()?;
        diagnostics::note(&format!("wrote `{}`", cases.file));
    }
    Ok(())
}
