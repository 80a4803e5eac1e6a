//! `corsgate list publish`.

use clap::Args;
use corsgate_policy::grammar::day::Day;

use super::one_origin::{keys_of, unix_seconds};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::input;
use crate::lists::form::Form;
use crate::lists::publication::{self, Goal, PublicationOptions};
use crate::lists::store::ListStore;
use crate::lists::{List, ListOptions, keys, require_name};
use crate::namespace::Namespace;
use crate::note::{Note, Operation};
use crate::output::diagnostics;
use crate::output::human::plural;
use crate::system::today;
use crate::verbs::deny_widening::DenyWidening;

/// Put a list in force: check it, show what it opens on which routes, ask, and write it to KV
///
/// The file is checked as `corsgate list check` does, and compared with the live list. If you confirm, it is written as
/// `allowlist-version/NAME/ID`, which never changes again, and so is the live list if it has no version yet. Then it
/// becomes `allowlist/NAME`. If this is interrupted, the live list is still complete, and the same command continues.
///
/// A long list is stored as a set, which a gateway searches without parsing it; it decides as the text does.
///
/// In a list with `kv_keys`, the file says which keys there are: those that change are written, and all others of the
/// list are deleted, also those that `corsgate list add` wrote. KV has no transaction: if this is interrupted, a part of
/// the keys has changed, and the same command continues. A filter that the list has is written anew before its keys.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLE)]
pub(super) struct Arguments {
    /// The name of the list in KV
    #[arg(value_name = "NAME")]
    name: String,
    /// The list; `-` for standard input
    #[arg(value_name = "FILE")]
    file: String,
    /// Why the list changes; stored with it and shown by `corsgate list history`
    #[arg(long, short, value_name = "TEXT")]
    message: String,
    /// Which changes make the exit status 11, before anything is written
    #[arg(long, value_name = "WHAT")]
    deny: Option<DenyWidening>,
    /// The host whose keys these are, for lists with `scope = "host"`
    #[arg(long, value_name = "HOST")]
    host: Option<String>,
    /// How the list is stored; without it, as a set if it has more than 2,000 origins
    #[arg(long, value_enum, value_name = "FORM")]
    form: Option<Form>,
    /// Write a filter of the keys before them, in a list with `kv_keys`: gateways answer most strangers from it, without
    /// reading a key, and refuse origins that it does not know
    #[arg(long)]
    filter: bool,
    #[command(flatten)]
    publication: PublicationOptions,
    #[command(flatten)]
    options: ListOptions,
    /// The day of the check, instead of today
    #[arg(long, value_name = "YYYY-MM-DD", hide = true, value_parser = Day::parse)]
    today: Option<Day>,
}

const EXAMPLE: &str = "\
Exit codes:
  0   in force; or it was already
  1   a file, wrangler or KV failed: what was written until then is said
  2   wrong usage
  10  you said no
  11  the list or the policy has errors; or something widens, with `--deny widens`
  13  what is live is not what was compared, or not `--base`

Example:
  corsgate list publish partners partners.txt --env production --message 'contract 118'";

pub(super) fn run(arguments: &Arguments) -> Result<Exit, Failure> {
    let Arguments { name, file, message, publication, host, options, .. } = arguments;
    require_name(name)?;
    Note::of_list(Operation::Publish, Some("0123456789abcdef"), message, Some("0123456789abcdef"))
        .map_err(|error| Failure::usage(error.to_string()))?;
    input::require_one_stdin([file.as_str()].into_iter().chain(options.stdin()))?;
    let consent = publication.consent(file == "-")?;
    let source = input::read_list(file)?;
    let today = arguments.today.or_else(today);
    let list = List::find(name, options)?;
    let keys = keys_of(&list, host.as_deref())?;
    if keys.is_some() && arguments.form.is_some() {
        return Err(Failure::usage(format!(
            "`--form` is for lists that are one value, and `{name}` has a key for each origin"
        )));
    }
    let checked = list.check(&source, today, "is not published:")?;
    let denies_widening = arguments.deny == Some(DenyWidening::Widens);
    if let Some(keys) = keys {
        let goal = keys::publication::Goal {
            list: &list,
            keys,
            name: input::name(file),
            text: keys::text_of(&keys::origins_of(source.text(), today)),
            act: Operation::Publish,
            message,
            filter: arguments.filter,
            base: publication.base.as_deref(),
            denies_widening,
            consent,
            place: options.kv.place(),
            today,
            now: unix_seconds()?,
        };
        return keys::publication::run(&goal, &Namespace::open(&options.kv)?);
    }
    if arguments.filter {
        return Err(Failure::usage(format!(
            "`--filter` is for lists with a key for each origin, and `{name}` is one text"
        )));
    }
    let form = arguments.form.unwrap_or(Form::fitting(checked.origins));
    let value = form.value_of(source.text())?;
    if form == Form::Set {
        diagnostics::note(&format!(
            "`{name}` is stored as a set, without the comments of the file: {} in {} bytes; `corsgate list show {name}` prints it",
            plural(checked.origins, "origin"),
            value.len()
        ));
    }
    let store = ListStore::open(&options.kv)?;
    let listing = store.list(name)?;
    let goal = Goal {
        list: &list,
        patterns: list.patterns(),
        name: input::name(file),
        value,
        act: Operation::Publish,
        message,
        base: publication.base.as_deref(),
        denies_widening,
        consent,
        place: options.kv.place(),
        today,
    };
    publication::run(&goal, &store, &listing)
}
