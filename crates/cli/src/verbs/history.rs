//! `corsgate history`.

use clap::Args;

use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::diagnostics;
use crate::output::history::{self, History, StatusFormat};
use crate::policy_store::{Key, Listing, Note, PolicyStore};
use crate::publication::Published;
use crate::wrangler;

/// List the published versions: when, why, and which one is live
#[derive(Debug, Args)]
#[command(after_help = EXAMPLE)]
pub(crate) struct Arguments {
    /// The output format
    #[arg(long, value_enum, default_value_t)]
    format: StatusFormat,
    #[command(flatten)]
    kv: wrangler::WranglerOptions,
}

const EXAMPLE: &str = "\
Exit codes:
  0   listed, though it may be none
  1   wrangler or KV failed
  2   wrong usage

Example:
  corsgate history --env production";

/// Runs the verb.
pub(crate) fn run(arguments: &Arguments) -> Result<Exit, Failure> {
    let store = PolicyStore::open(&arguments.kv)?;
    let listing = store.list()?;
    let current = id_of(&store, &listing, &Key::Current)?;
    let previous = id_of(&store, &listing, &Key::Previous)?;
    let place = arguments.kv.place();
    history::write(arguments.format, &History { place: &place, listing: &listing, current, previous })?;
    Ok(Exit::Fine)
}

/// The id of the policy under a key, computed from its content; the id in the metadata if the policy cannot be read.
/// Names a policy that was edited or written by hand.
pub(super) fn id_of(store: &PolicyStore, listing: &Listing, key: &Key) -> Result<Option<String>, Failure> {
    let Some(note) = listing.notes.get(key) else { return Ok(None) };
    let Ok(policy) = Published::stored(key, store.read(key)?) else { return Ok(note.id.clone()) };
    let _named = name_if_foreign(&policy, note);
    Ok(Some(policy.id().to_owned()))
}

/// Names a policy that was edited in KV or put there by other means. Returns what is wrong, if what it says of itself or
/// its metadata is untrue. A policy without metadata is fine: `wrangler kv key put` is enough to put one in force.
pub(super) fn name_if_foreign(policy: &Published, note: &Note) -> Option<String> {
    let contradiction = policy.contradiction(note);
    if let Some(sentence) = &contradiction {
        diagnostics::problem(sentence);
    } else if note.id.is_none() {
        diagnostics::note(&format!(
            "`{}` holds the policy `{}`, which was not written by corsgate: it has no metadata that names it",
            policy.loaded.name,
            policy.id()
        ));
    }
    contradiction
}
