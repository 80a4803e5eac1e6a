//! `corsgate list remove`.

use clap::Args;
use corsgate_policy::kv::list_key;

use super::one_origin::{require_no_host, show_key, text_of};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::lists::key::{Held, OriginKey, exact_origin};
use crate::lists::publication::{self, Goal};
use crate::lists::store::ListStore;
use crate::lists::{Kind, List, ListOptions, edit, require_name};
use crate::namespace::Namespace;
use crate::note::Operation;
use crate::output::diagnostics;
use crate::publication::confirmation::ConfirmationOptions;
use crate::system;

/// Take one origin out of a list
///
/// In a list with `kv_keys`, its key is deleted. In a text list, its lines are removed, every other byte stays, and the
/// list is published with its history; a list that is a set stays one. An origin that is not in the list is no mistake: a job can run twice.
/// What is no origin is removed only if a line or a key stands there literally.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLE)]
pub(super) struct Arguments {
    /// The name of the list in KV
    #[arg(value_name = "NAME")]
    name: String,
    /// The origin, as it stands in the list
    #[arg(value_name = "ORIGIN")]
    origin: String,
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
  0   no longer in the list; or it was not
  1   wrangler or KV failed: what was written until then is said
  2   wrong usage
  10  you said no
  11  the policy has errors
  13  a text list changed meanwhile

Example:
  corsgate list remove previews https://pr-7.app.pages.dev --env production";

pub(super) fn run(arguments: &Arguments) -> Result<Exit, Failure> {
    let Arguments { name, host, options, .. } = arguments;
    require_name(name)?;
    let exact = exact_origin(&arguments.origin, "removed");
    let origin = arguments.origin.as_str();
    let list = List::find(name, options)?;
    match list.kind {
        Kind::Keys { .. } => remove_key(arguments, &list, exact),
        Kind::Text(patterns) => {
            require_no_host(&list, host.as_deref())?;
            let store = ListStore::open(&options.kv)?;
            let listing = store.list(name)?;
            let (before, form) = text_of(&list, store.live(name, &listing)?)?;
            let text = match exact {
                Ok(_) => edit::without(&before, origin),
                Err(_) => edit::without_line(&before, origin),
            };
            if text == before {
                exact?;
                diagnostics::note(&format!(
                    "`{origin}` is not in `{}` of {}; there is nothing to write",
                    list_key(name),
                    options.kv.place()
                ));
                return Ok(Exit::Fine);
            }
            let goal = Goal {
                list: &list,
                patterns,
                name: &format!("{} without {origin}", list.key()),
                value: form.value_of(&text)?,
                act: Operation::Remove,
                message: &format!("remove {origin}"),
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

fn remove_key(arguments: &Arguments, list: &List, exact: Result<String, Failure>) -> Result<Exit, Failure> {
    let origin = arguments.origin.as_str();
    let key = OriginKey::new(list, arguments.host.as_deref(), origin)?;
    let namespace = Namespace::open(&arguments.options.kv)?;
    let place = arguments.options.kv.place();
    let held = key.find(&namespace, origin, system::today())?;
    if matches!(held, Held::Nothing) {
        exact?;
        diagnostics::note(&format!("there is no `{}` in {place}; there is nothing to delete", key.key));
        return Ok(Exit::Fine);
    }
    show_key(list, &key, held.entry(), &[])?;
    let would = format!("would delete `{}`", key.key);
    let question = format!("Delete `{}` in {place}?", key.key);
    if let Some(exit) = arguments.confirmation.optional().stops(&would, &question, "nothing was deleted") {
        return Ok(exit);
    }
    namespace.delete(&key.key)?;
    diagnostics::note(&format!("deleted `{}`", key.key));
    diagnostics::note(&format!(
        "`{origin}` is no longer in the list `{}` in {place}; all gateways know it within about 90 seconds. Another list of a route may still have it",
        list.name
    ));
    Ok(Exit::Fine)
}
