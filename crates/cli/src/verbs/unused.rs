//! `corsgate unused`.

use clap::{Args, ValueEnum};
use corsgate_authoring::EnvironmentPolicy;
use corsgate_policy::grammar::day::Day;
use corsgate_reports::PolicyEntries;
use corsgate_reports::time::DAY;

use crate::analytics::listing::Listing;
use crate::analytics::query::{Range, query};
use crate::analytics::{self, Reports};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::input::{self, parse_named_list};
use crate::output::diagnostics;
use crate::output::human::summary;
use crate::output::reports::confidence::Confidence;
use crate::output::reports::unused::{self, Entry, EntryPlace, Unused};
use crate::output::reports::{Answer, ReportFormat, Row, View};
use crate::system::terminal_columns;

/// List the entries of a policy that no request uses, and how certain that is
///
/// Only a sample of the allowed requests is recorded (`sample_allowed`), so a rarely used entry may be in no record. The
/// output says how often an entry must be used to be seen, or that this is too often to tell. The admin API of a gateway
/// knows the policy in force. Analytics Engine does not, so it needs the policy.
#[derive(Debug, Args)]
#[command(
    after_help = EXAMPLE,
    mut_arg("since", |argument| argument.help(SINCE)),
    mut_arg("limit", |argument| argument.help("The maximum number of rows [default: 1000]")),
)]
pub(crate) struct Arguments {
    /// The policy, or `-` for standard input; with it, each entry is shown with its line
    policy: Option<String>,
    /// The environment to apply to the base policy
    #[arg(long, value_name = "NAME", requires = "policy")]
    env: Option<String>,
    /// The content of the KV list `allowlist/NAME`; can be repeated
    #[arg(long = "list", value_name = "NAME=FILE", requires = "policy", value_parser = parse_named_list)]
    lists: Vec<(String, String)>,
    #[command(flatten)]
    range: Range,
    /// What makes the exit status a failure
    #[arg(long, value_name = "WHAT")]
    deny: Option<DenyUnused>,
    /// The output format
    #[arg(long, value_enum, default_value_t)]
    format: ReportFormat,
    #[command(flatten)]
    records: analytics::RecordsOptions,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum DenyUnused {
    /// Exit with 11 if an entry is unused, and with 10 if that is unknown
    Unused,
}

const SINCE: &str =
    "The start: a span like `15m`, `6h` or `7d`, or a time like `2026-11-23T06:45:00Z` [default: 30d]";

const EXAMPLE: &str = "\
Exit codes:
  0   answered, whatever is unused
  1   what keeps the records cannot be reached, refuses, or answers with something else; a file could not be read
  2   wrong usage
  10  it cannot be told what is unused, with `--deny unused`
  11  an entry is unused, with `--deny unused`; or the policy has errors

Example:
  corsgate unused policy.toml --url https://corsgate.example.com --since 30d
  corsgate unused policy.toml --env production --engine --since 90d";

/// Runs the verb.
pub(crate) fn run(arguments: &Arguments) -> Result<Exit, Failure> {
    let from_stdin = arguments.lists.iter().map(|(_, file)| file).chain(&arguments.policy);
    if from_stdin.filter(|file| *file == "-").count() + usize::from(arguments.records.is_stdin()) > 1 {
        return Err(Failure::usage("only one thing can come from standard input"));
    }
    if arguments.records.is_engine() && arguments.policy.is_none() {
        return Err(Failure::usage(
            "Analytics Engine does not know the policy: name its file, `corsgate unused policy.toml --engine`",
        ));
    }
    // A saved report has its own time range.
    let query = query("unused", &arguments.records, &parameters(arguments))?;
    let source = Reports::of(&arguments.records)?;
    let listing = listing(arguments)?;
    let listed = listing.as_ref().map(Listing::listed).unwrap_or_else(PolicyEntries::default);
    let report = source.ask("unused", &query, &listed)?;
    let answer = Answer::read(report.clone()).map_err(|why| source.not_as_it_should(&why))?;
    let now = arguments.records.now();
    let confidence = Confidence::of(&answer);
    let entries = entries(&answer, listing.as_ref(), now);
    let policy = listing.as_ref().map(Listing::name);
    let unused = Unused { answer: &answer, entries, confidence, policy };
    unused::write(arguments.format, &unused, &report, View { columns: terminal_columns(), now })?;
    Ok(match arguments.deny {
        Some(DenyUnused::Unused) if !unused.confidence.can_tell => Exit::Different,
        Some(DenyUnused::Unused) if answer.unused > 0 => Exit::Findings,
        _ => Exit::Fine,
    })
}

/// The parameters of the request: by default a month, and as many rows as possible.
fn parameters(arguments: &Arguments) -> Vec<(&'static str, Option<&str>)> {
    let mut parameters = arguments.range.parameters();
    for (name, value) in &mut parameters {
        *value = value.or(match *name {
            "since" => Some("30d"),
            "limit" => Some("1000"),
            _ => None,
        });
    }
    parameters
}

/// The policy, if one is named.
fn listing(arguments: &Arguments) -> Result<Option<Listing>, Failure> {
    let Some(file) = &arguments.policy else { return Ok(None) };
    let policy = input::read_source(file)?;
    let compiled = match EnvironmentPolicy::new(&policy, arguments.env.as_deref()) {
        Ok(compiled) => compiled,
        Err(report) => {
            diagnostics::findings(&report, &policy);
            diagnostics::problem(&summary(&report, &policy, "does not compile:"));
            return Err(Failure::Findings);
        }
    };
    Listing::new(policy, compiled, &arguments.lists).map(Some)
}

fn entries(answer: &Answer, listing: Option<&Listing>, now: u64) -> Vec<Entry> {
    let today = Day::from_days(u32::try_from(now / DAY).unwrap_or(u32::MAX));
    let place = |name: &str, entry: &str| EntryPlace {
        name: name.to_owned(),
        at: listing.and_then(|listing| listing.at(name, entry)),
        expired: listing.and_then(|listing| listing.expired(name, entry, today)),
    };
    let entry = |row: &Row| {
        let entry = row.text("entry");
        Entry {
            entry: entry.to_owned(),
            covered_by: Some(row.text("covered_by").to_owned()).filter(|other| !other.is_empty()),
            places: row.texts("places").into_iter().map(|name| place(name, entry)).collect(),
        }
    };
    answer.rows.iter().map(entry).collect()
}
