//! `corsgate`, the operator's tool: one file a verb, one file an output format.

mod cli;
mod exit;
mod input;
mod output;
mod policy;
mod progress;
mod system;
mod verbs;

use std::process::ExitCode;

fn main() -> ExitCode {
    cli::run().into()
}
