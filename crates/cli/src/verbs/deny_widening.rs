//! `--deny widens`, an option of the verbs that compare policies or lists.

use clap::ValueEnum;
use corsgate_compare::{Change, Direction};

use crate::exit::Exit;

/// Which changes `--deny` makes a failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum DenyWidening {
    /// Any change that widens a route
    Widens,
}

/// The exit status after a comparison.
pub(super) fn exit_after(changes: &[Change], deny: Option<DenyWidening>) -> Exit {
    let widens = changes.iter().any(|change| change.direction == Direction::Widens);
    match deny {
        Some(DenyWidening::Widens) if widens => Exit::Findings,
        _ if changes.is_empty() => Exit::Fine,
        _ => Exit::Different,
    }
}
