//! How a change is confirmed: on the command line, or by an answer at the terminal.

use clap::Args;

use crate::asking::{agrees, can_ask};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::diagnostics;

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
    /// By an answer at the terminal.
    Asked,
    /// By an option.
    Given,
    /// Not at all: nothing is written.
    DryRun,
}

impl ConfirmationOptions {
    /// For a change that must be confirmed. `stdin` names the input that is read from standard input, if any.
    ///
    /// # Errors
    /// When nobody can be asked.
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

    /// For a change that the command line itself describes: asks only at a terminal.
    pub(crate) fn optional(&self) -> Consent {
        match (self.dry_run, self.yes || !can_ask()) {
            (true, _) => Consent::DryRun,
            (false, true) => Consent::Given,
            (false, false) => Consent::Asked,
        }
    }
}

impl Consent {
    /// Ends a run that must not write, and says why: `would` after a dry run, `declined` after a no.
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
