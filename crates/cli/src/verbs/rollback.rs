//! `corsgate rollback`.

use clap::Args;

use crate::exit::Exit;
use crate::failure::{Failure, InvalidValue};
use crate::policy::{check_bytes, refuse_compiled};
use crate::policy_store::{Key, Listing, Note, Operation, PolicyStore};
use crate::publication::plan::replaced_by_half;
use crate::publication::{self, Goal, Published};
use crate::system::today;

/// Put a published policy in force again: the previous one, or any version
///
/// The live policy becomes `policy/previous`, so that a second rollback undoes the first. As with `corsgate publish`, the
/// changes are shown, and you are asked to confirm.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLE)]
pub(crate) struct Arguments {
    /// The id of the version, instead of `policy/previous`
    #[arg(long, value_name = "ID", value_parser = parse_version)]
    to: Option<Key>,
    /// Why the policy changes, instead of `rollback`; stored with the policy
    #[arg(long, short, value_name = "TEXT", default_value = "rollback", hide_default_value = true)]
    message: String,
    #[command(flatten)]
    options: publication::PublicationOptions,
}

const EXAMPLE: &str = "\
Exit codes:
  0   in force again
  1   there is no such version, or wrangler, KV or the gateway failed: what was written until then is said
  2   wrong usage
  10  you said no; or the gateway does not answer by it yet
  11  the version has errors, or its id is not that of its content
  13  what is live changed meanwhile, or is not `--base`

Example:
  corsgate rollback --env production";

/// Runs the verb.
pub(crate) fn run(arguments: &Arguments) -> Result<Exit, Failure> {
    let Arguments { to, message, options } = arguments;
    Note::new(Operation::Rollback, "0123456789abcdef", message, Some("0123456789abcdef"))
        .map_err(|error| Failure::usage(error.to_string()))?;
    let (consent, gateway) = publication::begin(options, false)?;
    let store = PolicyStore::open(&options.kv)?;
    let mut listing = store.list()?;
    let key = to.clone().unwrap_or(Key::Previous);
    if !listing.has(&key) {
        return Err(Failure::Kv(format!(
            "there is no `{key}` in {}: `corsgate history` lists the versions",
            options.kv.place()
        )));
    }
    let bytes = store.read(&key)?;
    let policy = Published::stored(&key, bytes.clone())
        .map_err(|error| Failure::Kv(format!("`{key}` cannot be put in force: {error}")))?;
    key.require_of(policy.id())?;
    // The policy may have been written by hand, so it must pass the same checks as in `publish`.
    let (_, source, checked) = check_bytes(&key.to_string(), bytes, today())?;
    if checked.report.has_errors() {
        refuse_compiled(checked.report, &source, "is not put in force:");
        return Err(Failure::Findings);
    }
    if key == Key::Previous {
        note_previous(&mut listing, &policy);
    }
    if to.is_none() && is_nothing_new(&listing, policy.id()) && is_live(&store, policy.id())? {
        return Err(Failure::Kv(format!(
            "`{key}` is `{}`, which is already live: name another version from `corsgate history` with `--to`",
            policy.id()
        )));
    }
    let goal = Goal {
        policy,
        act: Operation::Rollback,
        message: message.clone(),
        denies_widening: false,
        // Before a rollback, the operator already knows that the live policy is wrong.
        replaces_unreadable: true,
    };
    publication::run(&goal, options, consent, gateway.as_ref(), &store, &listing)
}

/// A policy that was written by hand has no metadata.
fn note_previous(listing: &mut Listing, policy: &Published) {
    if let Some(note) = listing.notes.get_mut(&Key::Previous) {
        note.id = Some(policy.id().to_owned());
    }
}

/// Whether the goal is already live, and no earlier rollback to it was interrupted.
fn is_nothing_new(listing: &Listing, previous: &str) -> bool {
    let Some(current) = listing.notes.get(&Key::Current) else { return false };
    current.id.as_deref() == Some(previous) && replaced_by_half(previous, listing).is_none()
}

/// Whether a policy is live by its content: what the metadata names may have been replaced by other means.
fn is_live(store: &PolicyStore, id: &str) -> Result<bool, Failure> {
    let live = Published::stored(&Key::Current, store.read(&Key::Current)?);
    Ok(live.is_ok_and(|live| live.id() == id))
}

fn parse_version(text: &str) -> Result<Key, InvalidValue> {
    Key::version(text).ok_or(InvalidValue("an id has 16 digits, 0 to f: `corsgate history` lists them"))
}
