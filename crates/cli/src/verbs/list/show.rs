//! `corsgate list show`.

use clap::Args;

use super::diff::{read, read_keys};
use super::one_origin::keys_of;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::input;
use crate::lists::form::{self, Form};
use crate::lists::{List, ListOptions};
use crate::output::results;
use crate::system::today;

/// Print a list as a text: the live one, or a version
///
/// A list that is a text in KV is printed as it is, one that is a set with an origin a line, and one with `kv_keys` with
/// the origins of its keys. A terminal and the log of a CI job get characters escaped that they would obey; files and
/// other programs get every byte.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLE)]
pub(super) struct Arguments {
    /// The name of the list in KV
    #[arg(value_name = "NAME")]
    name: String,
    /// `kv:` for the live list, `kv:ID` for a version, or a file
    #[arg(value_name = "WHICH", default_value = "kv:")]
    which: String,
    /// The host whose keys these are, for lists with `scope = "host"`
    #[arg(long, value_name = "HOST")]
    host: Option<String>,
    #[command(flatten)]
    options: ListOptions,
}

const EXAMPLE: &str = "\
Exit codes:
  0   printed, though it may be empty
  1   a file, wrangler or KV failed, or the list is a set that cannot be read
  2   wrong usage
  11  the policy has errors

Example:
  corsgate list show partners --env production > partners.txt";

pub(super) fn run(arguments: &Arguments) -> Result<Exit, Failure> {
    let Arguments { name, which, host, options } = arguments;
    input::require_one_stdin([which.as_str()].into_iter().chain(options.stdin()))?;
    let list = List::find(name, options)?;
    let (key, value) = match keys_of(&list, host.as_deref())? {
        Some(keys) => read_keys(keys, which, options, today())?,
        None => read(&list, which, options)?,
    };
    let text = form::text_of(&value).map_err(|error| Failure::Kv(format!("cannot read `{key}`: {error}")))?;
    match Form::of(&value) {
        // The bytes, even if they are no text: a file must hold what KV does.
        Form::Text => results::write_foreign(&value)?,
        Form::Set => results::write_foreign(text.as_bytes())?,
    }
    Ok(Exit::Fine)
}
