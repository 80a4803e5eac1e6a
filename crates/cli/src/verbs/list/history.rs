//! `corsgate list history`.

use clap::Args;
use corsgate_authoring::id_of;
use corsgate_policy::kv::list_key;

use crate::exit::Exit;
use crate::failure::Failure;
use crate::lists::require_name;
use crate::lists::store::ListStore;
use crate::output::diagnostics;
use crate::output::history::StatusFormat;
use crate::output::list_history::{self, ListHistory};
use crate::wrangler::WranglerOptions;

/// List the versions of a list: when, why, and which one is live; of a list of keys, its origins
///
/// A key that KV forgets, or that was removed, leaves no trace.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLE)]
pub(super) struct Arguments {
    /// The name of the list in KV
    #[arg(value_name = "NAME")]
    name: String,
    /// The output format
    #[arg(long, value_enum, default_value_t)]
    format: StatusFormat,
    #[command(flatten)]
    kv: WranglerOptions,
}

const EXAMPLE: &str = "\
Exit codes:
  0   listed, though it may be none
  1   wrangler or KV failed
  2   wrong usage

Example:
  corsgate list history partners --env production";

pub(super) fn run(arguments: &Arguments) -> Result<Exit, Failure> {
    let Arguments { name, format, kv } = arguments;
    require_name(name)?;
    let store = ListStore::open(kv)?;
    let listing = store.list(name)?;
    let live = store.live(name, &listing)?.map(|bytes| id_of(&bytes));
    // The metadata does not decide: somebody may have written the value since.
    let noted = listing.live.as_ref().and_then(|note| note.id.as_deref());
    if let Some(live) = live.as_deref().filter(|live| noted != Some(live)) {
        diagnostics::note(&format!("`{}` holds `{live}`, which was not written by corsgate", list_key(name)));
    }
    let prefix = format!("origin/{name}/");
    let keys = store.namespace.list(&prefix)?;
    let place = kv.place();
    list_history::write(*format, &ListHistory { name, place: &place, live, listing: &listing, keys: &keys })?;
    Ok(Exit::Fine)
}
