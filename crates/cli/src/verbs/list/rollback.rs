//! `corsgate list rollback`.

use clap::Args;
use corsgate_authoring::id_of;
use corsgate_policy::kv::is_policy_id;

use super::one_origin::{keys_of, unix_seconds};
use crate::exit::Exit;
use crate::failure::{Failure, InvalidValue};
use crate::input;
use crate::lists::keys::publication::Before;
use crate::lists::keys::{self, Keys};
use crate::lists::publication::{self, Goal, PublicationOptions};
use crate::lists::store::{ListStore, Listing, version_key};
use crate::lists::{List, ListOptions, require_name};
use crate::namespace::Namespace;
use crate::note::{Note, Operation};
use crate::system::today;

/// Put a published list in force again: the one before the live one, or any version
///
/// A second rollback undoes the first. As with `corsgate list publish`, the changes are shown, and you are asked to
/// confirm. In a list with `kv_keys`, the keys of the version are written, and all others of the list are deleted; of a
/// publication that was not finished, this brings back what was live before it.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLE)]
pub(super) struct Arguments {
    /// The name of the list in KV
    #[arg(value_name = "NAME")]
    name: String,
    /// The id of the version, instead of the list before the live one
    #[arg(long, value_name = "ID", value_parser = parse_version)]
    to: Option<String>,
    /// Why the list changes, instead of `rollback`; stored with the list
    #[arg(long, short, value_name = "TEXT", default_value = "rollback", hide_default_value = true)]
    message: String,
    /// The host whose keys these are, for lists with `scope = "host"`
    #[arg(long, value_name = "HOST")]
    host: Option<String>,
    #[command(flatten)]
    publication: PublicationOptions,
    #[command(flatten)]
    options: ListOptions,
}

const EXAMPLE: &str = "\
Exit codes:
  0   in force again
  1   there is no such version, or it is no list, or wrangler or KV failed: what was written until then is said
  2   wrong usage
  10  you said no
  11  the version or the policy has errors
  13  what is live changed meanwhile, or is not `--base`

Example:
  corsgate list rollback partners --env production";

/// The verdict about a version with errors.
const REFUSED: &str = "is not put in force:";

pub(super) fn run(arguments: &Arguments) -> Result<Exit, Failure> {
    let Arguments { name, to, message, host, publication, options } = arguments;
    require_name(name)?;
    Note::of_list(Operation::Rollback, Some("0123456789abcdef"), message, Some("0123456789abcdef"))
        .map_err(|error| Failure::usage(error.to_string()))?;
    let consent = publication.consent(false)?;
    let list = List::find(name, options)?;
    if let Some(keys) = keys_of(&list, host.as_deref())? {
        let namespace = Namespace::open(&options.kv)?;
        let today = today();
        let before = Before::read(keys, &namespace, today)?;
        let id = match to {
            Some(id) => id.clone(),
            None => before_keys(keys, &before)?,
        };
        let (key, text) = (
            keys::store::version_key(keys, &id),
            keys::store::version(keys, &id, &before.history, &namespace)?,
        );
        list.check(&input::list(&key, text.clone().into_bytes())?, today, REFUSED)?;
        let goal = keys::publication::Goal {
            list: &list,
            keys,
            name: &key,
            text,
            act: Operation::Rollback,
            message,
            filter: false,
            base: publication.base.as_deref(),
            denies_widening: false,
            consent,
            place: options.kv.place(),
            today,
            now: unix_seconds()?,
        };
        return keys::publication::run(&goal, &namespace);
    }
    let store = ListStore::open(&options.kv)?;
    let listing = store.list(name)?;
    let id = match to {
        Some(id) => id.clone(),
        None => before_live(&list, &store, &listing)?,
    };
    let (key, value) = (version_key(name, &id), store.version(name, &id, &listing)?);
    let today = today();
    // A version may be what somebody else put in force, which was kept when it was replaced, so it must pass the same
    // checks as in `publish`.
    list.check(&input::list(&key, value.clone())?, today, REFUSED)?;
    let goal = Goal {
        list: &list,
        patterns: list.patterns(),
        name: &key,
        value,
        act: Operation::Rollback,
        message,
        base: publication.base.as_deref(),
        denies_widening: false,
        consent,
        place: options.kv.place(),
        today,
    };
    publication::run(&goal, &store, &listing)
}

/// The id of the list that the live one replaced.
fn before_live(list: &List, store: &ListStore, listing: &Listing) -> Result<String, Failure> {
    let (name, key) = (&list.name, list.key());
    let history = format!("name a version of `corsgate list history {name}` with `--to`");
    let Some(noted) = &listing.live else {
        return Err(Failure::Kv(format!("there is no `{key}`: {history}")));
    };
    let live = store.live(name, listing)?.unwrap_or_default();
    if noted.id.as_deref() != Some(&*id_of(&live)) {
        return Err(Failure::Kv(format!(
            "`{key}` was not written by corsgate, so nothing says what was live before it: {history}"
        )));
    }
    noted.base.clone().ok_or_else(|| {
        Failure::Kv(format!(
            "`{key}` is the first list that was published, so there is none before it: {history}"
        ))
    })
}

/// The id of the keys that the last publication replaced.
fn before_keys(keys: Keys<'_>, before: &Before) -> Result<String, Failure> {
    let (name, prefix) = (keys.name, keys.prefix());
    let history = format!("name a version of `corsgate list history {name}` with `--to`");
    let Some(noted) = &before.history.published else {
        return Err(Failure::Kv(format!("no keys of `{prefix}` have been published: {history}")));
    };
    if !noted.unfinished && !before.is_as_published {
        return Err(Failure::Kv(format!(
            "the keys of `{prefix}` have changed since `{}` was published, so its rollback would undo more than that: {history}",
            noted.id.as_deref().unwrap_or("unknown")
        )));
    }
    noted.base.clone().ok_or_else(|| {
        Failure::Kv(format!(
            "the keys of `{prefix}` are the first that were published, so there are none before them: {history}"
        ))
    })
}

fn parse_version(text: &str) -> Result<String, InvalidValue> {
    let id = is_policy_id(text).then(|| text.to_owned());
    id.ok_or(InvalidValue("an id has 16 digits, 0 to f: `corsgate list history` lists them"))
}
