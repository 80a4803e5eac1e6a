//! `corsgate schema`.

use clap::Args;
use corsgate_authoring::POLICY_SCHEMA;

use crate::exit::Exit;
use crate::output::{Failure, results};

/// Print the JSON Schema of policy files, for editors
///
/// Editors that know TOML complete keys and mark slips by it. It tells shapes alone: what the values
/// must be, `corsgate check` knows.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLE)]
pub(crate) struct Arguments {}

const EXAMPLE: &str = "\
Exit codes:
  0   printed
  2   wrong usage

Example:
  corsgate schema > policy.schema.json
  # and at the top of policy.toml, for taplo and the editors that use it:
  #:schema ./policy.schema.json";

/// Runs the verb.
pub(crate) fn run(_arguments: &Arguments) -> Result<Exit, Failure> {
    results::write(POLICY_SCHEMA.as_bytes())?;
    Ok(Exit::Fine)
}
