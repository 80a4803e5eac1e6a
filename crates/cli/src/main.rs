//! `corsgate`, the operator's tool: one file a verb, one file an output format.

mod analytics;
mod asking;
mod cli;
mod exit;
mod explaining;
mod export;
mod failure;
mod gateway;
mod init;
mod input;
mod interruption;
mod lists;
mod namespace;
mod note;
mod output;
mod policy;
mod policy_store;
mod probing;
mod progress;
mod publication;
mod replace;
mod shell;
mod sources;
mod system;
mod verbs;
mod wrangler;

use std::process::ExitCode;

fn main() -> ExitCode {
    cli::run().into()
}
