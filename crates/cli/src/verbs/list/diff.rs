//! `corsgate list diff`.

use clap::{Args, ValueEnum};
use corsgate_compare::Direction;
use corsgate_policy::grammar::day::Day;

use crate::exit::Exit;
use crate::failure::Failure;
use crate::input;
use crate::lists::publication::show;
use crate::lists::store::{ListStore, version_key};
use crate::lists::{List, ListOptions};
use crate::output::changes::ChangesFormat;
use crate::output::diagnostics;
use crate::system::today;

/// Compare a text list with the live one, or two files: what changes on which routes
///
/// Compares what the lists allow, not their text: comments, order and entries that have expired make no difference.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLE)]
pub(super) struct Arguments {
    /// The name of the list in KV, `allowlist/NAME`
    #[arg(value_name = "NAME")]
    name: String,
    /// The list to compare with the live one; with B, the list before. A file, `-` for standard input, `kv:` for the live
    /// list, or `kv:ID` for a version
    #[arg(value_name = "A")]
    first: String,
    /// The list after, in the same forms
    #[arg(value_name = "B")]
    second: Option<String>,
    /// Which changes make the exit status 11
    #[arg(long, value_name = "WHAT")]
    deny: Option<DenyWidening>,
    /// The output format
    #[arg(long, value_enum, default_value_t)]
    format: ChangesFormat,
    #[command(flatten)]
    options: ListOptions,
    /// The day of the comparison, instead of today
    #[arg(long, value_name = "YYYY-MM-DD", hide = true, value_parser = Day::parse)]
    today: Option<Day>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum DenyWidening {
    /// Any change that widens a route
    Widens,
}

const EXAMPLE: &str = "\
Exit codes:
  0   they mean the same
  1   a file, wrangler or KV failed
  2   wrong usage
  10  they differ
  11  something widens, with `--deny widens`; or the policy has errors

Example:
  corsgate list diff partners partners.txt --env production
  corsgate list diff partners kv: partners.txt --policy policy.toml --deny widens";

pub(super) fn run(arguments: &Arguments) -> Result<Exit, Failure> {
    let Arguments { name, first, second, deny, format, options, .. } = arguments;
    let (before, now) = match second {
        Some(second) => (first.as_str(), second.as_str()),
        None => ("kv:", first.as_str()),
    };
    if before == "-" && now == "-" {
        return Err(Failure::usage("standard input can be read only once"));
    }
    let list = List::find(name, options)?;
    let patterns = list.patterns()?;
    let (before, now) = (read(&list, before, options)?, read(&list, now, options)?);
    let found = list.compare(patterns, &before.1, &now.1, arguments.today.or_else(today));
    show(&list, *format, (&before.0, &before.1), (&now.0, &now.1), &found)?;
    let widens = found.iter().any(|change| change.direction == Direction::Widens);
    Ok(match deny {
        Some(DenyWidening::Widens) if widens => Exit::Findings,
        _ if found.is_empty() => Exit::Fine,
        _ => Exit::Different,
    })
}

/// A list, and what messages call it.
fn read(list: &List, argument: &str, options: &ListOptions) -> Result<(String, Vec<u8>), Failure> {
    let Some(id) = argument.strip_prefix("kv:") else {
        let source = input::read_list(argument)?;
        return Ok((input::name(argument).to_owned(), source.text().as_bytes().to_vec()));
    };
    let store = ListStore::open(&options.kv)?;
    let listing = store.list(&list.name)?;
    if !id.is_empty() {
        return Ok((version_key(&list.name, id), store.version(&list.name, id, &listing)?));
    }
    let live = store.live(&list.name, &listing)?;
    if live.is_none() {
        diagnostics::note(&format!("there is no `{}` in {} yet", list.key(), options.kv.place()));
    }
    Ok((list.key(), live.unwrap_or_default()))
}
