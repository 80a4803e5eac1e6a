//! `corsgate completions`.

use clap::Args;
use clap_complete::{Shell, generate};

use crate::cli;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::results;

/// Print a script with which a shell completes verbs, options and their values
#[derive(Debug, Args)]
#[command(after_help = EXAMPLE)]
pub(crate) struct Arguments {
    /// The shell
    #[arg(value_enum)]
    shell: Shell,
}

const EXAMPLE: &str = "\
Exit codes:
  0   printed
  2   wrong usage

Example:
  corsgate completions bash > ~/.local/share/bash-completion/completions/corsgate";

/// Runs the verb.
pub(crate) fn run(arguments: &Arguments) -> Result<Exit, Failure> {
    let mut script = Vec::new();
    generate(arguments.shell, &mut cli::command(), "corsgate", &mut script);
    results::write(&script)?;
    Ok(Exit::Fine)
}
