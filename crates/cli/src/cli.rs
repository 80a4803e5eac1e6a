//! The command line.

use clap::{Command, CommandFactory, Parser, Subcommand};

use crate::exit::Exit;
use crate::output::diagnostics;
use crate::verbs::{
    check, compile, completions, diff, explain, history, man, publish, report, rollback, schema, status,
    suggest, test, unused,
};

/// Check, compile, test, explain, compare and publish the policies of a corsgate gateway, and show what it refuses
#[derive(Debug, Parser)]
#[command(name = "corsgate", version, after_help = EXAMPLE)]
struct Cli {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    Check(check::Arguments),
    Compile(compile::Arguments),
    Test(test::Arguments),
    Explain(explain::Arguments),
    Diff(diff::Arguments),
    Publish(publish::Arguments),
    Rollback(rollback::Arguments),
    History(history::Arguments),
    Status(status::Arguments),
    Report(report::Arguments),
    Unused(unused::Arguments),
    Suggest(suggest::Arguments),
    Schema(schema::Arguments),
    Completions(completions::Arguments),
    Man(man::Arguments),
}

const EXAMPLE: &str = "\
Example:
  corsgate check policy.toml
  corsgate test policy.toml policy.test.toml --coverage
  corsgate explain policy.toml --url https://api.example.com/users --origin https://app.example.com
  corsgate compile policy.toml > policy.json
  corsgate diff policy.json policy.toml
  corsgate publish policy.toml --env production --message 'partner.example may read'
  corsgate report --url https://corsgate.example.com --since 6h";

/// Runs the verb that was asked for.
pub(crate) fn run() -> Exit {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            // The reader of the text may be gone; there is nobody left to tell.
            let _gone = error.print();
            return if error.use_stderr() { Exit::Usage } else { Exit::Fine };
        }
    };
    let done = match cli.verb {
        Verb::Check(arguments) => check::run(&arguments),
        Verb::Compile(arguments) => compile::run(&arguments),
        Verb::Test(arguments) => test::run(&arguments),
        Verb::Explain(arguments) => explain::run(&arguments),
        Verb::Diff(arguments) => diff::run(&arguments),
        Verb::Publish(arguments) => publish::run(&arguments),
        Verb::Rollback(arguments) => rollback::run(&arguments),
        Verb::History(arguments) => history::run(&arguments),
        Verb::Status(arguments) => status::run(&arguments),
        Verb::Report(arguments) => report::run(&arguments),
        Verb::Unused(arguments) => unused::run(&arguments),
        Verb::Suggest(arguments) => suggest::run(&arguments),
        Verb::Schema(arguments) => schema::run(&arguments),
        Verb::Completions(arguments) => completions::run(&arguments),
        Verb::Man(arguments) => man::run(&arguments),
    };
    done.unwrap_or_else(|failure| {
        diagnostics::failure(&failure);
        Exit::Failed
    })
}

/// All that can be asked for, as data: for what is made of it.
pub(crate) fn command() -> Command {
    Cli::command()
}
