//! `corsgate list history`.

use clap::Args;
use corsgate_authoring::id_of;
use corsgate_policy::kv::list_key;

use crate::exit::Exit;
use crate::failure::Failure;
use crate::lists::keys::store::histories;
use crate::lists::require_name;
use crate::lists::store::ListStore;
use crate::output::diagnostics;
use crate::output::history::StatusFormat;
use crate::output::list_history::{self, ListHistory};
use crate::wrangler::WranglerOptions;

/// List the versions of a list: when, why, and which one is live; of a list of keys, its origins too
///
/// Of a list of keys, the version that was published last is marked: `corsgate list add` and `remove` write no versions,
/// so its keys may have changed since. A key that KV forgets, or that was removed, leaves no trace.
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
    // The metadata may be outdated: somebody may have written the value later.
    let noted = listing.live.as_ref().and_then(|note| note.id.as_deref());
    if let Some(live) = live.as_deref().filter(|live| noted != Some(live)) {
        diagnostics::note(&format!("`{}` holds `{live}`, which was not written by corsgate", list_key(name)));
    }
    let prefix = format!("origin/{name}/");
    let keys = store.namespace.list(&prefix)?;
    let published = histories(name, &store.namespace)?;
    for (host, history) in &published {
        if let Some(note) = history.published.as_ref().filter(|note| note.unfinished) {
            let of = host.as_ref().map(|host| format!(" of `{host}`")).unwrap_or_default();
            diagnostics::note(&format!(
                "the publication of `{}`{of} was not finished: the command that published it continues, and `corsgate list rollback {name}` brings back what was live before",
                note.id.as_deref().unwrap_or("unknown")
            ));
        }
    }
    let place = kv.place();
    let (listing, keys, published) = (&listing, &*keys, &published);
    list_history::write(*format, &ListHistory { name, place: &place, live, listing, keys, published })?;
    Ok(Exit::Fine)
}
