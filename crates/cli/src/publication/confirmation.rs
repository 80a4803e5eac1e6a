//! How a change is confirmed: on the command line, or by a question at the terminal.

use std::io::{self, BufRead, IsTerminal, Write};

use clap::Args;

use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::diagnostics;
use crate::output::fence::{Notation, fenced, uncoloured};

/// Whether to ask before a change.
#[derive(Debug, Args)]
#[group(skip)]
pub(crate) struct ConfirmationOptions {
    /// Do not ask for confirmation
    #[arg(long)]
    yes: bool,
    /// Do not write: only show what changes, and what would be written
    #[arg(long, conflicts_with = "yes")]
    dry_run: bool,
}

/// How a change is confirmed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Consent {
    /// By a question at the terminal.
    Asked,
    /// By the command line.
    Given,
    /// It is not: nothing is written.
    DryRun,
}

impl ConfirmationOptions {
    /// For a change that must be confirmed. `stdin` names what is read from standard input, if anything is.
    ///
    /// # Errors
    /// When the question cannot be asked.
    pub(crate) fn required(&self, stdin: Option<&str>) -> Result<Consent, Failure> {
        match (self.dry_run, self.yes, can_ask(), stdin) {
            (true, ..) => Ok(Consent::DryRun),
            (_, true, ..) => Ok(Consent::Given),
            (_, _, false, _) => Err(Failure::usage(
                "there is no terminal to ask for confirmation: read the output of `--dry-run`, then write `--yes`",
            )),
            (_, _, true, Some(what)) => Err(Failure::usage(format!(
                "the {what} comes from standard input, so confirmation cannot be asked for: write `--yes`"
            ))),
            (_, _, true, None) => Ok(Consent::Asked),
        }
    }

    /// For a change that the command line itself describes: asks only where there is a terminal.
    pub(crate) fn optional(&self) -> Consent {
        match (self.dry_run, self.yes || !can_ask()) {
            (true, _) => Consent::DryRun,
            (false, true) => Consent::Given,
            (false, false) => Consent::Asked,
        }
    }
}

impl Consent {
    /// The end of a run that must not write, after saying so: `would` for a dry run, `declined` after a no.
    pub(crate) fn stops(self, would: &str, question: &str, declined: &str) -> Option<Exit> {
        match self {
            Self::DryRun => {
                diagnostics::note(would);
                Some(Exit::Fine)
            }
            Self::Asked if !agrees(question) => {
                diagnostics::note(declined);
                Some(Exit::Different)
            }
            Self::Asked | Self::Given => None,
        }
    }
}

/// Whether there is somebody to ask.
pub(crate) fn can_ask() -> bool {
    io::stdin().is_terminal() && io::stderr().is_terminal()
}

/// Asks; everything but yes is no, the end of the input too.
pub(crate) fn agrees(question: &str) -> bool {
    let mut stderr = io::stderr();
    let question = fenced(&uncoloured(question), Notation::People);
    if write!(stderr, "{question} [y/N] ").and_then(|()| stderr.flush()).is_err() {
        return false;
    }
    let mut answer = String::new();
    match io::stdin().lock().read_line(&mut answer) {
        // The line that was begun ends here.
        Ok(0) => {
            let _unseen = writeln!(stderr);
            false
        }
        Ok(_) => matches!(answer.trim().to_lowercase().as_str(), "y" | "yes"),
        Err(_) => false,
    }
}
