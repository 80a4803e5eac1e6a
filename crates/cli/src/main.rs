//! `corsgate`, the operator's tool: one file a verb, one file an output format.

mod analytics;
mod cli;
mod exit;
mod failure;
mod gateway;
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
mod system;
mod verbs;
mod wrangler;

use std::process::ExitCode;

fn main() -> ExitCode {
    cli::run().into()
}
