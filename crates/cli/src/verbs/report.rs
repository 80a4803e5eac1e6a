//! `corsgate report`.

use clap::Args;
use corsgate_reports::PolicyEntries;

use crate::analytics::query::{Range, query};
use crate::analytics::{self, Reports};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::reports::{self, Answer, ReportFormat, View};
use crate::output::results;
use crate::system::terminal_columns;

/// Show which origins are refused, where and why
///
/// The reports are `outcomes` (decisions over time), `top` (what is refused most), `share` (how much of the traffic of
/// each origin, route or policy is refused), `origins` (the origins refused most: how much, why, from where and when),
/// `policies` (the policies that decided, and since when) and `unusual` (what is refused for the first time, or much more
/// than usual). `corsgate unused` shows the entries that no request uses.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLE)]
pub(crate) struct Arguments {
    /// The report
    #[arg(value_name = "NAME", default_value = "top")]
    name: String,
    #[command(flatten)]
    range: Range,
    /// The keys to group by, such as `origin,reason`
    #[arg(long, value_name = "KEYS", conflicts_with = "from")]
    by: Option<String>,
    /// The output format
    #[arg(long, value_enum, default_value_t)]
    format: ReportFormat,
    #[command(flatten)]
    filters: Filters,
    #[command(flatten)]
    records: analytics::RecordsOptions,
}

/// Which decisions count.
#[derive(Debug, Args)]
#[command(next_help_heading = "Only decisions")]
struct Filters {
    /// With this outcome; `top` and `unusual` then count it instead of refusals
    #[arg(long, value_name = "OUTCOME", conflicts_with = "from")]
    outcome: Option<String>,
    /// With this reason; an empty value selects decisions without a reason
    #[arg(long, value_name = "REASON", conflicts_with = "from")]
    reason: Option<String>,
    /// With a reason of this class: `cors`, `limit`, `path`, `configuration` or `upstream`
    #[arg(long, value_name = "CLASS", conflicts_with = "from")]
    class: Option<String>,
    /// On this route; an empty value selects requests that matched no route
    #[arg(long, value_name = "ROUTE", conflicts_with = "from")]
    route: Option<String>,
    /// From this origin
    #[arg(long, value_name = "ORIGIN", conflicts_with = "from")]
    origin: Option<String>,
    /// For this path
    #[arg(long, value_name = "PATH", conflicts_with = "from")]
    path: Option<String>,
    /// Of the policy with this id; an empty value selects decisions without a policy
    #[arg(long, value_name = "ID", conflicts_with = "from")]
    policy: Option<String>,
    /// About requests from this country
    #[arg(long, value_name = "COUNTRY", conflicts_with = "from")]
    country: Option<String>,
    /// In this data centre of Cloudflare's
    #[arg(long, value_name = "COLO", conflicts_with = "from")]
    colo: Option<String>,
}

const EXAMPLE: &str = "\
Exit codes:
  0   answered, though nothing may have been found
  1   what keeps the records cannot be reached, refuses, or answers with something else
  2   wrong usage

Example:
  corsgate report --url https://corsgate.example.com --since 6h
  corsgate report outcomes --engine --since 7d --by reason
  corsgate report top --url https://corsgate.example.com --by country --origin https://shop.example";

/// Runs the verb.
pub(crate) fn run(arguments: &Arguments) -> Result<Exit, Failure> {
    let name = arguments.name.as_str();
    if name == "unused" {
        let sentence = "`unused` is not a report but a verb: run `corsgate unused`";
        return Err(Failure::usage(sentence));
    }
    let query = query(name, &arguments.records, &parameters(arguments))?;
    let source = Reports::of(&arguments.records)?;
    if arguments.format == ReportFormat::Json {
        reports::write_json(&source.ask_text(name, &query, &PolicyEntries::default())?)?;
        return Ok(Exit::Fine);
    }
    let answer = source.ask(name, &query, &PolicyEntries::default())?;
    let answer = Answer::read(answer).map_err(|why| source.not_as_it_should(&why))?;
    if arguments.format == ReportFormat::Csv {
        reports::write_csv(&answer)?;
        return Ok(Exit::Fine);
    }
    let view = View { columns: terminal_columns(), now: arguments.records.now() };
    let text = reports::human(&answer, view).map_err(|why| source.not_as_it_should(&why.to_string()))?;
    results::write_styled(&text)?;
    Ok(Exit::Fine)
}

fn parameters(arguments: &Arguments) -> Vec<(&'static str, Option<&str>)> {
    let Filters { outcome, reason, class, route, origin, path, policy, country, colo } = &arguments.filters;
    let mut parameters = arguments.range.parameters();
    parameters.push(("by", arguments.by.as_deref()));
    let filters = [
        ("outcome", outcome),
        ("reason", reason),
        ("class", class),
        ("route", route),
        ("origin", origin),
        ("path", path),
        ("policy", policy),
        ("country", country),
        ("colo", colo),
    ];
    parameters.extend(filters.map(|(name, value)| (name, value.as_deref())));
    parameters
}
