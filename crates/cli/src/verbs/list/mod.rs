//! `corsgate list`: the verbs for lists in KV, one file each.

mod add;
mod build;
mod check;
mod diff;
mod filter;
mod history;
mod one_origin;
mod publish;
mod remove;
mod rollback;
mod show;

use clap::{Args, Subcommand};

use crate::exit::Exit;
use crate::failure::Failure;

/// Check, compare, publish and edit lists in KV: what each opens on which routes
///
/// `allowlist/NAME` is a text with an origin a line, or a set, the form of long lists: `publish` puts a file in force and
/// keeps what was live before, `rollback` brings that back, and `add` and `remove` edit one line. A list with `kv_keys` has a key in KV for each
/// origin: `add` writes it, with `--expires` for as long as it may stay, `remove` deletes it, and `publish` makes the
/// keys those of a file. The live policy, or `--policy`, says which of both a list is, and which routes use it.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLE)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    Check(check::Arguments),
    Build(build::Arguments),
    Filter(filter::Arguments),
    Diff(diff::Arguments),
    Show(show::Arguments),
    Publish(publish::Arguments),
    Rollback(rollback::Arguments),
    History(history::Arguments),
    Add(add::Arguments),
    Remove(remove::Arguments),
}

const EXAMPLE: &str = "\
Exit codes:
  0   done, or there was nothing to do
  1   a file, wrangler or KV failed: what was written until then is said
  2   wrong usage
  10  the lists differ; or you said no
  11  the list has errors; or something widens, with `--deny widens`
  13  what is live is not what was compared, or not `--base`

Example:
  corsgate list publish partners partners.txt --env production --message 'contract 118'
  corsgate list add previews https://pr-7.app.pages.dev --expires 7d --env production";

/// Runs the verb.
pub(crate) fn run(arguments: &Arguments) -> Result<Exit, Failure> {
    match &arguments.verb {
        Verb::Check(arguments) => check::run(arguments),
        Verb::Build(arguments) => build::run(arguments),
        Verb::Filter(arguments) => filter::run(arguments),
        Verb::Diff(arguments) => diff::run(arguments),
        Verb::Show(arguments) => show::run(arguments),
        Verb::Publish(arguments) => publish::run(arguments),
        Verb::Rollback(arguments) => rollback::run(arguments),
        Verb::History(arguments) => history::run(arguments),
        Verb::Add(arguments) => add::run(arguments),
        Verb::Remove(arguments) => remove::run(arguments),
    }
}
