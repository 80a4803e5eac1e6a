//! `corsgate list build`.

use clap::Args;
use corsgate_authoring::check_list;
use corsgate_policy::grammar::day::Day;
use corsgate_policy::origin::entry::ListPatterns;

use crate::exit::Exit;
use crate::failure::Failure;
use crate::input;
use crate::lists::form::Form;
use crate::output::diagnostics;
use crate::output::human::{plural, summary};
use crate::replace;
use crate::system::today;

/// Write a list as a set: the form of long lists, which a gateway searches without parsing it
///
/// The file is checked as `corsgate list check` does. The set decides as the text does, and has no comments. The same
/// origins always make the same bytes. `corsgate list publish` stores long lists so by itself; whoever writes to KV by
/// other means puts the set under `allowlist/NAME`, like a text.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLE)]
pub(super) struct Arguments {
    /// The list, a text or a set; `-` for standard input
    #[arg(value_name = "FILE")]
    list: String,
    /// The file to write; one that exists is replaced
    #[arg(long, short, value_name = "FILE")]
    out: String,
    /// The list has `dangerously_unchecked_wildcards`
    #[arg(long)]
    wildcards: bool,
    /// The day of the check, instead of today
    #[arg(long, value_name = "YYYY-MM-DD", hide = true, value_parser = Day::parse)]
    today: Option<Day>,
}

const EXAMPLE: &str = "\
Exit codes:
  0   written
  1   a file could not be read or written, or the set is longer than a value in KV may be
  2   wrong usage
  11  the list has errors

Example:
  corsgate list build partners.txt -o partners.set";

pub(super) fn run(arguments: &Arguments) -> Result<Exit, Failure> {
    let Arguments { list, out, wildcards, .. } = arguments;
    replace::require_other(&[list], out)?;
    let source = input::read_list(list)?;
    let patterns = if *wildcards { ListPatterns::Wildcards } else { ListPatterns::Exact };
    let checked = check_list(&source, patterns, arguments.today.or_else(today));
    diagnostics::findings(&checked.report, &source);
    if checked.report.has_errors() {
        diagnostics::problem(&summary(&checked.report, &source, "is not written as a set:"));
        return Err(Failure::Findings);
    }
    let set = Form::Set.value_of(source.text())?;
    replace::prepare(out, &set)?.replace()?;
    diagnostics::note(&format!(
        "wrote `{out}`: {} in {} bytes",
        plural(checked.origins, "origin"),
        set.len()
    ));
    Ok(Exit::Fine)
}
