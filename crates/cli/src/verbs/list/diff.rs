//! `corsgate list diff`.

use clap::Args;
use corsgate_compare::ListInKv;
use corsgate_policy::grammar::day::Day;

use super::one_origin::keys_of;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::input;
use crate::lists::keys::live::Live;
use crate::lists::keys::store::{history, version};
use crate::lists::keys::{self, Keys};
use crate::lists::publication::show;
use crate::lists::store::{ListStore, version_key};
use crate::lists::{List, ListOptions, form};
use crate::namespace::Namespace;
use crate::output::changes::ChangesFormat;
use crate::output::diagnostics;
use crate::system::today;
use crate::verbs::deny_widening::{DenyWidening, exit_after};

/// Compare a list with the live one, or two files: what changes on which routes
///
/// Compares what the lists allow, not their text: comments, order and entries that have expired make no difference.
/// In a list with `kv_keys`, the live list is its keys.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLE)]
pub(super) struct Arguments {
    /// The name of the list in KV
    #[arg(value_name = "NAME")]
    name: String,
    /// The list to compare with the live one; with B, the list before. A file, `-` for standard input, `kv:` for the live
    /// list, or `kv:ID` for a version
    #[arg(value_name = "A")]
    first: String,
    /// The list after, in the same forms
    #[arg(value_name = "B")]
    second: Option<String>,
    /// The host whose keys these are, for lists with `scope = "host"`
    #[arg(long, value_name = "HOST")]
    host: Option<String>,
    /// Which changes make the exit status 11
    #[arg(long, value_name = "WHAT")]
    deny: Option<DenyWidening>,
    /// The output format
    #[arg(long, value_enum, default_value_t)]
    format: ChangesFormat,
    #[command(flatten)]
    options: ListOptions,
    /// The day of the comparison, instead of today
    #[arg(long, value_name = "YYYY-MM-DD", hide = true, value_parser = Day::parse)]
    today: Option<Day>,
}

const EXAMPLE: &str = "\
Exit codes:
  0   they mean the same, or no route of the policy uses the list
  1   a file, wrangler or KV failed
  2   wrong usage
  10  they differ, or one is a set that cannot be read
  11  something widens, with `--deny widens`; or the policy has errors

Example:
  corsgate list diff partners partners.txt --env production
  corsgate list diff partners kv: partners.txt --policy policy.toml --deny widens";

pub(super) fn run(arguments: &Arguments) -> Result<Exit, Failure> {
    let Arguments { name, first, second, host, deny, format, options, .. } = arguments;
    let (before, now) = match second {
        Some(second) => (first.as_str(), second.as_str()),
        None => ("kv:", first.as_str()),
    };
    input::require_one_stdin([before, now].into_iter().chain(options.stdin()))?;
    let list = List::find(name, options)?;
    let today = arguments.today.or_else(today);
    let keys = keys_of(&list, host.as_deref())?;
    let read = |argument: &str| match keys {
        Some(keys) => read_keys(keys, argument, options, today),
        None => read(&list, argument, options),
    };
    let (before, now) = (read(before)?, read(now)?);
    let found = match keys {
        Some(keys) => {
            let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
            keys::changes(&list, keys, &text(&before.1), &text(&now.1), today)
        }
        None => list.compare(list.patterns(), &before.1, &now.1, today),
    };
    let in_kv = keys.map_or(ListInKv::Text { name }, |keys| keys.in_kv);
    show(&list, in_kv, *format, (&before.0, &before.1), (&now.0, &now.1), &found)?;
    let is_unreadable = [&before.1, &now.1].into_iter().any(|value| form::text_of(value).is_err());
    Ok(match exit_after(&found, *deny) {
        // It is not known to mean the same.
        Exit::Fine if is_unreadable => Exit::Different,
        exit => exit,
    })
}

/// The name of a list in messages, and its value.
pub(super) fn read(list: &List, argument: &str, options: &ListOptions) -> Result<(String, Vec<u8>), Failure> {
    let Some(id) = argument.strip_prefix("kv:") else {
        let source = input::read_list(argument)?;
        return Ok((input::name(argument).to_owned(), source.text().as_bytes().to_vec()));
    };
    let store = ListStore::open(&options.kv)?;
    let listing = store.list(&list.name)?;
    if !id.is_empty() {
        return Ok((version_key(&list.name, id), store.version(&list.name, id, &listing)?));
    }
    let live = store.live(&list.name, &listing)?;
    if live.is_none() {
        diagnostics::note(&format!("there is no `{}` in {} yet", list.key(), options.kv.place()));
    }
    Ok((list.key(), live.unwrap_or_default()))
}

/// The name of a list of keys in messages, and its origins as a text.
pub(super) fn read_keys(
    keys: Keys<'_>,
    argument: &str,
    options: &ListOptions,
    today: Option<Day>,
) -> Result<(String, Vec<u8>), Failure> {
    let Some(id) = argument.strip_prefix("kv:") else {
        let source = input::read_list(argument)?;
        return Ok((input::name(argument).to_owned(), source.text().as_bytes().to_vec()));
    };
    let namespace = Namespace::open(&options.kv)?;
    if !id.is_empty() {
        let history = history(keys, &namespace)?;
        return Ok((
            keys::store::version_key(keys, id),
            version(keys, id, &history, &namespace)?.into_bytes(),
        ));
    }
    let prefix = keys.prefix();
    let origins = Live::read(keys, &namespace)?.origins(today);
    if origins.is_empty() {
        diagnostics::note(&format!("there is no key `{prefix}…` in {} yet", options.kv.place()));
    }
    Ok((prefix, keys::text_of(&origins).into_bytes()))
}
