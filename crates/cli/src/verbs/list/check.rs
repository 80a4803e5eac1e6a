//! `corsgate list check`.

use std::path::Path;

use clap::Args;
use corsgate_authoring::{check_list, check_list_of};
use corsgate_policy::grammar::day::Day;
use corsgate_policy::origin::entry::ListPatterns;

use crate::exit::Exit;
use crate::failure::Failure;
use crate::input;
use crate::lists::{Kind, kind_of};
use crate::output::FindingsFormat;
use crate::output::human::plural;
use crate::policy::Origin;
use crate::system::today;
use crate::verbs::check::{DenyWarnings, conclude, named_list};
use crate::wrangler::WranglerOptions;

/// Check a list: every bad line at once, and what each route ignores
///
/// Without a policy, each line is checked by itself. With `--policy` and the name of the list, `NAME=FILE`, the rules
/// of the routes that use the list count too. Nothing is read from KV, unless the policy is `kv:`.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLE)]
pub(super) struct Arguments {
    /// The list, with its name if there is a policy; `-` for standard input
    #[arg(value_name = "[NAME=]FILE")]
    list: String,
    /// The policy whose routes use the list, in the forms of `corsgate diff`
    #[arg(long, value_name = "POLICY")]
    policy: Option<String>,
    /// The list has `dangerously_unchecked_wildcards`
    #[arg(long, conflicts_with = "policy")]
    wildcards: bool,
    /// What else makes the exit status a failure
    #[arg(long, value_name = "WHAT")]
    deny: Option<DenyWarnings>,
    /// The output format
    #[arg(long, value_enum, default_value_t)]
    format: FindingsFormat,
    #[command(flatten)]
    kv: WranglerOptions,
    /// The day of the check, instead of today
    #[arg(long, value_name = "YYYY-MM-DD", hide = true, value_parser = Day::parse)]
    today: Option<Day>,
}

const EXAMPLE: &str = "\
Exit codes:
  0   no errors
  1   a file could not be read, or is no list
  2   wrong usage
  11  errors, or warnings with `--deny warnings`

Example:
  corsgate list check partners.txt
  corsgate list check partners=partners.txt --policy policy.toml --deny warnings";

pub(super) fn run(arguments: &Arguments) -> Result<Exit, Failure> {
    let Arguments { list, policy, wildcards, deny, format, kv, .. } = arguments;
    let today = arguments.today.or_else(today);
    let (source, checked) = match policy {
        None => {
            if kv.are_given() {
                return Err(Failure::usage("`--env` and the other options for KV need `--policy kv:`"));
            }
            // Without a policy, the name has no meaning, and `=` may be part of a path.
            let file = match named_list(list) {
                Some((_, file)) if !Path::new(list).exists() => file,
                _ => list.as_str(),
            };
            let source = input::read_list(file)?;
            let patterns = if *wildcards { ListPatterns::Wildcards } else { ListPatterns::Exact };
            let checked = check_list(&source, patterns, today);
            (source, checked)
        }
        Some(policy) => {
            let (name, file) = named_list(list).ok_or_else(|| {
                Failure::usage(format!("with a policy, a list needs a name: write `NAME={list}`"))
            })?;
            let policy = Origin::of(policy)?;
            input::require_one_stdin([file].into_iter().chain(policy.is_stdin().then_some("-")))?;
            let source = input::read_list(file)?;
            let side = policy.load(kv)?.side;
            let checked = match check_list_of(&source, side.policy(), name, today) {
                // The file of a list of keys has the same form, and no wildcards.
                Err(_) if matches!(kind_of(name, side.document()), Ok(Kind::Keys { .. })) => {
                    check_list(&source, ListPatterns::Exact, today)
                }
                checked => checked.map_err(|unknown| Failure::usage(unknown.to_string()))?,
            };
            (source, checked)
        }
    };
    conclude(*format, *deny, &checked.report, &source, "has", &plural(checked.origins, "origin"))
}
