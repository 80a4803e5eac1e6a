//! The command line.

use clap::{Parser, Subcommand};

use crate::exit::Exit;
use crate::output::diagnostics;
use crate::verbs::{check, compile, diff};

/// Check, compile and compare the policies of a corsgate gateway
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
    Diff(diff::Arguments),
}

const EXAMPLE: &str = "\
Example:
  corsgate check policy.toml
  corsgate compile policy.toml > policy.json
  corsgate diff policy.json policy.toml";

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
        Verb::Diff(arguments) => diff::run(&arguments),
    };
    done.unwrap_or_else(|failure| {
        diagnostics::failure(&failure);
        Exit::Failed
    })
}
