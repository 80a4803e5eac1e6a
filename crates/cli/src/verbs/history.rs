//! `corsgate history`.

use clap::Args;

use crate::exit::Exit;
use crate::output::Failure;
use crate::output::history::{self, Format, History};
use crate::publication::Published;
use crate::shelf::{Key, Listing, Shelf};
use crate::wrangler;

/// List the published versions: when, why, and which one is live
#[derive(Debug, Args)]
#[command(after_help = EXAMPLE)]
pub(crate) struct Arguments {
    /// How they are written
    #[arg(long, value_enum, default_value_t)]
    format: Format,
    #[command(flatten)]
    kv: wrangler::Options,
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
    let shelf = Shelf::open(&arguments.kv)?;
    let listing = shelf.list()?;
    let current = id_of(&shelf, &listing, &Key::Current)?;
    let previous = id_of(&shelf, &listing, &Key::Previous)?;
    let place = arguments.kv.place();
    history::write(arguments.format, &History { place: &place, listing: &listing, current, previous })?;
    Ok(Exit::Fine)
}

/// The id of what a key holds: as it is noted, or else as it stands in the policy that somebody put there by hand; none
/// where that cannot be read.
pub(super) fn id_of(shelf: &Shelf, listing: &Listing, key: &Key) -> Result<Option<String>, Failure> {
    match listing.notes.get(key) {
        None => Ok(None),
        Some(note) if note.id.is_some() => Ok(note.id.clone()),
        Some(_) => Ok(Published::stored(key, shelf.read(key)?).ok().map(|policy| policy.id().to_owned())),
    }
}
