//! `corsgate dev`, which the npm package has: its launcher, in `npm/corsgate/`, does the work by Node.js, workerd and the
//! built Worker. What is here are its flags, for help, completions and manual pages.

use clap::Args;

use crate::exit::Exit;
use crate::failure::Failure;

/// Serve a policy on this machine with the gateway of the npm package, and again whenever it is edited
///
/// The gateway runs in local workerd, by the wrangler of your project. An edited policy or list is in force within
/// seconds, with the findings of `check`; if it has errors, the one before stays in force. Standard output has the
/// gateway's address and a link that signs in to the console. The token of the admin API is that in CORSGATE_ADMIN_TOKEN,
/// or a random one.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLE)]
pub(crate) struct Arguments {
    /// The policy
    policy: String,
    /// The environment to apply to the base policy
    #[arg(long, value_name = "NAME")]
    env: Option<String>,
    /// The port on 127.0.0.1; 0 for any free one
    #[arg(long, value_name = "N", default_value = "8787")]
    port: String,
    /// A list in KV, put there again whenever it is edited (repeatable)
    #[arg(long, value_name = "NAME=FILE")]
    allowlist: Vec<String>,
    /// A service binding that forwards to URL (repeatable)
    #[arg(long, value_name = "NAME=URL")]
    service: Vec<String>,
    /// A variable of the Worker (repeatable)
    #[arg(long, value_name = "NAME=VALUE")]
    var: Vec<String>,
    /// Keep KV, limits and records in DIR; otherwise they end with the gateway
    #[arg(long, value_name = "DIR")]
    persist: Option<String>,
}

const EXAMPLE: &str = "\
Exit codes:
  0   ended by a signal
  1   the gateway could not be started
  2   wrong usage
  11  the policy or a list has errors

Example:
  corsgate dev policy.toml --env development
  corsgate dev policy.toml --allowlist partners=partners.txt --port 8080";

/// Without the package there is no Worker to serve with.
pub(crate) fn run(_: &Arguments) -> Result<Exit, Failure> {
    Err(Failure::NoPackage)
}
