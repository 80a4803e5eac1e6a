//! `corsgate man`.

use clap::{Args, Command};
use clap_mangen::Man;

use crate::cli;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::results;

/// Print the manual page of the tool or of a verb
#[derive(Debug, Args)]
#[command(after_help = EXAMPLE)]
pub(crate) struct Arguments {
    /// The verb, such as `test` or `list add`; without it, the page of the tool is printed
    verb: Vec<String>,
}

const EXAMPLE: &str = "\
Exit codes:
  0   printed
  2   wrong usage

Example:
  corsgate man test > corsgate-test.1";

/// The source that manual pages name.
const SOURCE: &str = concat!("corsgate ", env!("CARGO_PKG_VERSION"));

/// Runs the verb.
pub(crate) fn run(arguments: &Arguments) -> Result<Exit, Failure> {
    let Some(command) = page_of(&arguments.verb) else {
        let verb = arguments.verb.join(" ");
        return Err(Failure::usage(format!("there is no verb `{verb}`; `corsgate --help` lists them")));
    };
    let mut page = Vec::new();
    Man::new(command).source(SOURCE).render(&mut page).map_err(Failure::Output)?;
    results::write(&page)?;
    Ok(Exit::Fine)
}

/// The command that the page describes.
fn page_of(verb: &[String]) -> Option<Command> {
    let mut tool = cli::command();
    // Name pages of verbs `corsgate-VERB`, as is usual, but begin their synopsis with the whole command.
    tool.build();
    let found = verb.iter().try_fold(&tool, |command, word| command.find_subcommand(word));
    found.cloned()
}
