//! `corsgate list add`.

use clap::Args;
use corsgate_compare::ListInKv;
use corsgate_policy::grammar::day::Day;

use super::one_origin::{require_no_host, show_key, text_of, unix_seconds};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::lists::expiry::{End, Expiry};
use crate::lists::form::Form;
use crate::lists::key::{OriginKey, entry, exact_origin, key_value, require_accepted, require_note};
use crate::lists::keys::filter;
use crate::lists::publication::{self, Goal};
use crate::lists::store::ListStore;
use crate::lists::{Kind, List, ListOptions, edit, require_name};
use crate::namespace::Namespace;
use crate::note::{Note, Operation};
use crate::output::diagnostics;
use crate::publication::confirmation::ConfirmationOptions;
use crate::system;

/// Allow one origin by a list, for some time or without end
///
/// In a list with `kv_keys`, the origin gets a key of its own, which KV forgets at the end; the last day stands in its
/// value too, and the gateway holds it to that; a filter of the list learns of it first. In a text list, its line is added or changed, every other byte stays,
/// and the list is published with its history; a list that is a set stays one. At a terminal you are asked to confirm; elsewhere, the origin on the
/// command line is what you confirm.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLE)]
pub(super) struct Arguments {
    /// The name of the list in KV
    #[arg(value_name = "NAME")]
    name: String,
    /// The origin, as browsers send it
    #[arg(value_name = "ORIGIN")]
    origin: String,
    /// How long it is allowed: a time such as `7d` (`m`, `h`, `d` or `w`), or the last day, UTC
    #[arg(long, value_name = "TIME|YYYY-MM-DD", value_parser = Expiry::parse)]
    expires: Option<Expiry>,
    /// Why it is allowed; stored with it, or in the history of a list that is a set
    #[arg(long, value_name = "TEXT")]
    note: Option<String>,
    /// The host whose API the origin may use, for lists with `scope = "host"`
    #[arg(long, value_name = "HOST")]
    host: Option<String>,
    #[command(flatten)]
    confirmation: ConfirmationOptions,
    #[command(flatten)]
    options: ListOptions,
}

const EXAMPLE: &str = "\
Exit codes:
  0   in the list; or it was already
  1   wrangler or KV failed: what was written until then is said
  2   wrong usage: no origin, an end in the past, or a list that the policy does not have
  10  you said no
  11  the policy has errors
  13  a text list changed meanwhile

Example:
  corsgate list add previews https://pr-7.app.pages.dev --expires 7d --env production
  corsgate list add partners https://shop.example --expires 2031-01-31 --note 'contract 118' --env production";

pub(super) fn run(arguments: &Arguments) -> Result<Exit, Failure> {
    let Arguments { name, expires, note, host, options, .. } = arguments;
    require_name(name)?;
    require_note(note.as_deref())?;
    let origin = exact_origin(&arguments.origin, "added")?;
    let now = unix_seconds()?;
    let end = expires.map(|expires| expires.at(now)).transpose()?;
    let message = note.clone().unwrap_or_else(|| format!("add {origin}"));
    Note::of_list(Operation::Add, Some("0123456789abcdef"), &message, Some("0123456789abcdef"))
        .map_err(|error| Failure::usage(error.to_string().replace("message", "note")))?;
    let list = List::find(name, options)?;
    match list.kind {
        Kind::Keys { .. } => add_key(arguments, &list, &origin, host.as_deref(), end, &message),
        Kind::Text(patterns) => {
            require_no_host(&list, host.as_deref())?;
            require_accepted(&list, ListInKv::Text { name }, &origin)?;
            let store = ListStore::open(&options.kv)?;
            let listing = store.list(name)?;
            let (before, form) = text_of(&list, store.live(name, &listing)?)?;
            if form == Form::Set && note.is_some() {
                diagnostics::note(&format!(
                    "`{}` is a set, which has no comments: the note is the message of its version in `corsgate list history {name}`",
                    list.key()
                ));
            }
            let day = end.map_or(Day::NEVER, |end| end.day);
            let goal = Goal {
                list: &list,
                patterns,
                name: &format!("{} with {origin}", list.key()),
                value: form.value_of(&edit::with(&before, &origin, day, note.as_deref()))?,
                act: Operation::Add,
                message: &message,
                base: None,
                denies_widening: false,
                consent: arguments.confirmation.optional(),
                place: options.kv.place(),
                today: system::today(),
            };
            publication::run(&goal, &store, &listing)
        }
    }
}

fn add_key(
    arguments: &Arguments,
    list: &List,
    origin: &str,
    host: Option<&str>,
    end: Option<End>,
    message: &str,
) -> Result<Exit, Failure> {
    let key = OriginKey::new(list, host, origin)?;
    require_accepted(list, key.list, origin)?;
    let day = end.map_or(Day::NEVER, |end| end.day);
    let note = Note::of_key(Operation::Add, message, day)?;
    let value = key_value(day, arguments.note.as_deref())?;
    let namespace = Namespace::open(&arguments.options.kv)?;
    let held = key.find(&namespace, origin, system::today())?;
    let now = [entry(origin, day)];
    show_key(list, &key, held.entry(), &now)?;
    let place = arguments.options.kv.place();
    let ttl = end.and_then(|end| end.ttl);
    let forgotten = ttl.map_or_else(String::new, |ttl| format!("; KV forgets it in {}", duration(ttl)));
    let would = format!("would write `{}`{forgotten}", key.key);
    let question = format!("Write `{}` in {place}?", key.key);
    if let Some(exit) = arguments.confirmation.optional().stops(&would, &question, "nothing was written") {
        return Ok(exit);
    }
    // Before the key: a gateway reads none that the filter does not know.
    filter::admit(&list.name, &key.key, &note, &namespace)?;
    namespace.put(&key.key, value.as_bytes(), &note, ttl)?;
    diagnostics::note(&format!("wrote `{}`{forgotten}", key.key));
    diagnostics::note(&format!(
        "`{origin}` is in the list `{}` in {place}, for the routes above; all gateways know it within about 90 seconds. Their rules decide about each request",
        list.name
    ));
    Ok(Exit::Fine)
}

/// A duration for people, in the largest unit of which it is a multiple.
fn duration(seconds: u64) -> String {
    let units = [(86_400, "day"), (3600, "hour"), (60, "minute"), (1, "second")];
    let (unit, name) =
        units.into_iter().find(|(unit, _)| seconds.is_multiple_of(*unit)).unwrap_or((1, "second"));
    match seconds / unit {
        1 => format!("1 {name}"),
        count => format!("{count} {name}s"),
    }
}
