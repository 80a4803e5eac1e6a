//! `corsgate status`.

use clap::Args;

use crate::exit::Exit;
use crate::failure::Failure;
use crate::gateway::{self, Gateway};
use crate::output::history::StatusFormat;
use crate::output::status::{self, Status};
use crate::policy_store::{Key, PolicyStore};
use crate::publication::Published;
use crate::verbs::history::{id_of, name_if_foreign};
use crate::wrangler;

/// Show which policy is live in KV, and with --url which one the gateway uses
#[derive(Debug, Args)]
#[command(after_help = EXAMPLE)]
pub(crate) struct Arguments {
    /// The output format
    #[arg(long, value_enum, default_value_t)]
    format: StatusFormat,
    #[command(flatten)]
    kv: wrangler::WranglerOptions,
    #[command(flatten)]
    gateway: gateway::GatewayOptions,
}

const EXAMPLE: &str = "\
Exit codes:
  0   a policy is live; with --url, the gateway answers by it
  1   wrangler, KV or the gateway failed
  2   wrong usage
  10  nothing is live, what is cannot be read, was edited or has the metadata of another policy, or the gateway answers by
      another policy

Example:
  corsgate status --env production --url https://corsgate.example.com";

/// Runs the verb.
pub(crate) fn run(arguments: &Arguments) -> Result<Exit, Failure> {
    let gateway = Gateway::of(&arguments.gateway)?;
    let store = PolicyStore::open(&arguments.kv)?;
    let listing = store.list()?;
    let live = match listing.has(&Key::Current) {
        true => Some(
            Published::stored(&Key::Current, store.read(&Key::Current)?).map_err(|error| error.to_string()),
        ),
        false => None,
    };
    let policy = live.as_ref().and_then(|live| live.as_ref().ok());
    let contradiction = policy.and_then(|policy| name_if_foreign(policy, listing.notes.get(&Key::Current)?));
    let place = arguments.kv.place();
    let status = Status {
        place: &place,
        contradiction: contradiction.as_deref(),
        live: live.as_ref().map(|live| live.as_ref().map(Published::id).map_err(String::as_str)),
        previous: id_of(&store, &listing, &Key::Previous)?,
        listing: &listing,
        gateway: gateway.as_ref().map(Gateway::policy).transpose()?,
    };
    status::write(arguments.format, &status)?;
    Ok(if status.is_fine() && contradiction.is_none() { Exit::Fine } else { Exit::Different })
}
