//! `corsgate diff`.

use std::io::{BufRead as _, BufReader};

use clap::Args;
use corsgate_compare::replay::{self, Lists, Replay};
use corsgate_compare::{Side, compare};
use corsgate_policy::grammar::day::Day;
use corsgate_policy::policy::document::AllowlistDocument;

use crate::exit::Exit;
use crate::failure::Failure;
use crate::input::{self, InputError, parse_named_list};
use crate::output::changes::{self, ChangesFormat, Comparison, Replayed};
use crate::output::diagnostics;
use crate::output::human::plural;
use crate::policy::{Loaded, Origin};
use crate::progress::Watched;
use crate::system::today;
use crate::verbs::deny_widening::{DenyWidening, exit_after};
use crate::wrangler;

/// Compare two policies by what they mean: each change widens, narrows or is neutral
///
/// Compares what the gateway would do, not the text: an origin that a wildcard now covers is not a loss, and a route that
/// moved is compared with the route that matched its requests before. Each change is shown with its risk, and the reason.
/// `--replay` decides recorded requests by both policies.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLE)]
pub(crate) struct Arguments {
    /// The policy before: a file, `FILE@ENVIRONMENT`, a compiled policy, `-` for standard input, or a published one:
    /// `kv:` (live), `kv:previous`, `kv:ID`
    #[arg(value_name = "A")]
    before: String,
    /// The policy after, in the same forms
    #[arg(value_name = "B")]
    now: String,
    /// Which changes make the exit status 11
    #[arg(long, value_name = "WHAT")]
    deny: Option<DenyWidening>,
    /// The output format
    #[arg(long, value_enum, default_value_t)]
    format: ChangesFormat,
    /// Exported records to decide by both policies: log lines, or rows of Analytics Engine as JSON
    #[arg(long, value_name = "FILE")]
    replay: Option<String>,
    /// The content of the KV list `allowlist/NAME`, for the replay; can be repeated
    #[arg(long = "list", value_name = "NAME=FILE", requires = "replay", value_parser = parse_named_list)]
    lists: Vec<(String, String)>,
    /// The day of the replay, instead of today
    #[arg(long, value_name = "YYYY-MM-DD", hide = true, value_parser = Day::parse)]
    today: Option<Day>,
    #[command(flatten)]
    kv: wrangler::WranglerOptions,
}

const EXAMPLE: &str = "\
Exit codes:
  0   they mean the same
  1   a file could not be read, or is no policy
  2   wrong usage
  10  they differ
  11  something widens, with `--deny widens`; or a policy has errors

Example:
  corsgate diff policy.json policy.toml@production --deny widens
  corsgate diff kv: policy.toml@production --env production";

/// Runs the verb.
pub(crate) fn run(arguments: &Arguments) -> Result<Exit, Failure> {
    let (before, now) = (Origin::of(&arguments.before)?, Origin::of(&arguments.now)?);
    if arguments.kv.are_given() && !before.is_kv() && !now.is_kv() {
        let sentence = "`--env` and the other options for KV need a side that is `kv:`; write an environment of a policy as `FILE@ENVIRONMENT`";
        return Err(Failure::usage(sentence));
    }
    let policies = [&before, &now].into_iter().filter(|origin| origin.is_stdin()).map(|_| "-");
    let lists = arguments.lists.iter().map(|(_, file)| file.as_str());
    input::require_one_stdin(policies.chain(arguments.replay.as_deref()).chain(lists))?;
    let (before, now) = load_both(&before, &now, &arguments.kv)?;
    let changes = compare(&before.side, &now.side);
    let replayed =
        arguments.replay.as_ref().map(|file| replay(arguments, file, &before, &now)).transpose()?;
    let comparison = Comparison {
        before: before.compared(),
        now: now.compared(),
        routes: now.side.document().routes.len(),
        changes: &changes,
        unchanged: None,
        replayed: replayed.as_ref(),
    };
    changes::write(arguments.format, &comparison)?;
    Ok(exit_after(&changes, arguments.deny))
}

/// Loads both policies. Errors in the first do not hide errors in the second.
fn load_both(
    before: &Origin,
    now: &Origin,
    kv: &wrangler::WranglerOptions,
) -> Result<(Loaded, Loaded), Failure> {
    let first = match before.load(kv) {
        Ok(before) => return Ok((before, now.load(kv)?)),
        Err(failure @ (Failure::Findings | Failure::Usage(_))) => failure,
        Err(failure) => return Err(failure),
    };
    match now.load(kv) {
        Ok(_) | Err(Failure::Findings) => Err(first),
        Err(second @ Failure::Usage(_)) if matches!(first, Failure::Findings) => {
            diagnostics::failure(&second);
            Err(first)
        }
        Err(second) => {
            diagnostics::failure(&first);
            Err(second)
        }
    }
}

fn replay(arguments: &Arguments, file: &str, before: &Loaded, now: &Loaded) -> Result<Replayed, Failure> {
    let mut lists = Lists::default();
    for (name, file) in &arguments.lists {
        if lists.names().any(|known| known == name) {
            return Err(Failure::usage(format!("the list `{name}` is given twice")));
        }
        if !reads(&before.side, name) && !reads(&now.side, name) {
            return Err(Failure::usage(format!("neither policy has a list `{{ kv = \"{name}\" }}`")));
        }
        let source = input::read_list(file)?;
        let bad = lists.add(name, source.text());
        if bad > 0 {
            let lines = plural(bad, "line");
            diagnostics::note(&format!("`{file}`: {lines} ignored; `corsgate check --list {file}` says why"));
        }
    }
    let Some(day) = arguments.today.or_else(today) else {
        return Err(Failure::Clock);
    };
    let mut replay = Replay::new(&before.side, &now.side, lists, day);
    let watched = Watched::new(input::open(file)?, input::name(file));
    let mut reader = BufReader::new(watched);
    let beginning = reader.fill_buf().map(<[u8]>::to_vec);
    input::refuse_utf16(file, &beginning.unwrap_or_default())?;
    let read = replay::read(reader, &mut |row| replay.take(row));
    input::read_through(file, read)?;
    if replay.tally().records == 0 {
        let why = match replay.tally().named.first() {
            Some(first) => format!("it has no records: line {}: {}", first.line, first.why),
            None => "it has no records".to_owned(),
        };
        return Err(InputError::unusable(input::name(file), why).into());
    }
    let (groups, tally) = replay.finish();
    Ok(Replayed { name: input::name(file).to_owned(), day, groups, tally })
}

/// Whether a policy reads a list in KV.
fn reads(side: &Side, name: &str) -> bool {
    side.document()
        .allowlists
        .values()
        .any(|list| matches!(list, AllowlistDocument::Kv { kv, .. } if kv == name))
}
