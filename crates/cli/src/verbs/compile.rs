//! `corsgate compile`.

use clap::Args;
use corsgate_authoring::compile;

use crate::exit::Exit;
use crate::failure::Failure;
use crate::input;
use crate::output::{diagnostics, results};

/// Compile a policy to the canonical JSON that the gateway reads
///
/// The JSON goes to standard output, but only if the policy has no error. Findings go to
/// standard error. The same file always compiles to the same bytes.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLE)]
pub(crate) struct Arguments {
    /// The policy, or `-` for standard input
    file: String,
    /// The environment to apply to the base policy; without it, the base policy is compiled
    #[arg(long, value_name = "NAME")]
    env: Option<String>,
}

const EXAMPLE: &str = "\
Exit codes:
  0   compiled
  1   the file could not be read
  2   wrong usage
  11  the policy has errors

Example:
  corsgate compile policy.toml > policy.json";

/// Runs the verb.
pub(crate) fn run(arguments: &Arguments) -> Result<Exit, Failure> {
    let source = input::read_source(&arguments.file)?;
    match compile(&source, arguments.env.as_deref()) {
        Ok(compiled) => {
            diagnostics::report(&compiled.warnings, &source);
            results::write(&compiled.json)?;
            Ok(Exit::Fine)
        }
        Err(report) => {
            diagnostics::report(&report, &source);
            Err(Failure::Findings)
        }
    }
}
