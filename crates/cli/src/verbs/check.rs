//! `corsgate check`.

use clap::{Args, ValueEnum};
use corsgate_authoring::{
    Calendar, Checked, CheckedList, Code, EnvironmentPolicy, LOCAL_UPSTREAM, MAX_COMPILED, Report, Severity,
    Source, check, check_every_environment, check_list, check_list_of, lints, retired,
};
use corsgate_policy::Policy;
use corsgate_policy::grammar::day::Day;
use corsgate_policy::origin::entry::ListPatterns;
use corsgate_policy::policy::is_name;

use crate::exit::Exit;
use crate::failure::{Failure, InvalidValue};
use crate::input;
use crate::output::human::{plural, summary};
use crate::output::{self, FindingsFormat, diagnostics, from_presets, results};
use crate::policy::{check_bytes, environment_of_compiled, is_compiled};
use crate::system::today;

/// Check a policy, or a list before it is put into KV: every problem at once
///
/// Reports everything that `compile` refuses, and what is dangerous, useless or expired. Each finding has
/// a code, which `--explain` explains. In the format `human`, findings go to standard error, in other
/// formats to standard output.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLE)]
pub(crate) struct Arguments {
    /// The policy or a compiled policy; `-` for standard input
    #[arg(required_unless_present_any = ["list", "explain"])]
    file: Option<String>,
    /// Check this environment alone, instead of the base policy and every environment
    #[arg(long, value_name = "NAME", requires = "file")]
    env: Option<String>,
    /// Check a text list for KV: FILE alone, or NAME=FILE with the rules of the routes that use the list
    #[arg(long, value_name = "[NAME=]FILE")]
    list: Option<String>,
    /// The list has `dangerously_unchecked_wildcards`
    #[arg(long, requires = "list", conflicts_with = "file")]
    wildcards: bool,
    /// Also report the entries that expire within this time, for example 14d or 2w
    #[arg(long, value_name = "TIME", value_parser = days)]
    expires_within: Option<u32>,
    /// What else makes the exit status a failure
    #[arg(long, value_name = "WHAT")]
    deny: Option<DenyWarnings>,
    /// The output format
    #[arg(long, value_enum, default_value_t)]
    format: FindingsFormat,
    /// Explain a code such as CG101, and check nothing; or, after a policy and without a code, also show the names that
    /// its routes have from presets
    #[arg(long, value_name = "CODE", num_args = 0..=1, conflicts_with = "list")]
    #[expect(clippy::option_option, reason = "the switch can be there without its value")]
    explain: Option<Option<String>>,
    /// The policy is served on this machine, as `corsgate dev` does: whether the edge reaches its upstreams does not matter
    #[arg(long, hide = true, requires = "file")]
    on_this_machine: bool,
    /// The day of the check, instead of today
    #[arg(long, value_name = "YYYY-MM-DD", hide = true, value_parser = Day::parse)]
    today: Option<Day>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum DenyWarnings {
    /// Exit with 11 for warnings, as for errors
    Warnings,
}

const EXAMPLE: &str = "\
Exit codes:
  0   no errors
  1   the file could not be read
  2   wrong usage
  11  errors, or warnings with `--deny warnings`

Example:
  corsgate check policy.toml --env production --deny warnings
  corsgate check policy.toml --list partners=partners.txt
  corsgate check policy.toml --expires-within 14d
  corsgate check policy.toml --explain
  corsgate check --explain CG101";

const CODE_ALONE: &str = "`--explain CODE` checks nothing: leave out the code, or every other argument";

/// Runs the verb.
pub(crate) fn run(arguments: &Arguments) -> Result<Exit, Failure> {
    match &arguments.explain {
        Some(Some(code)) => {
            let is_alone = arguments.file.is_none()
                && arguments.deny.is_none()
                && arguments.expires_within.is_none()
                && arguments.format == FindingsFormat::default();
            return if is_alone { explain(code) } else { Err(Failure::usage(CODE_ALONE)) };
        }
        Some(None) if arguments.file.is_none() => {
            return Err(Failure::usage("`--explain` needs a code such as CG101, or a policy before it"));
        }
        Some(None) if arguments.format != FindingsFormat::default() => {
            return Err(Failure::usage("`--explain` without a code needs the format `human`"));
        }
        Some(None) | None => {}
    }
    let today = calendar(arguments, today);
    if let (Some(list), None) = (&arguments.list, &arguments.file) {
        let source = input::read_list(list)?;
        let patterns = if arguments.wildcards { ListPatterns::Wildcards } else { ListPatterns::Exact };
        let checked = check_list(&source, patterns, today);
        return conclude_list(arguments, &source, &checked);
    }
    if let Some(list) = arguments.list.as_deref().filter(|list| named_list(list).is_none()) {
        return Err(Failure::usage(format!(
            "with a policy, a list needs a name: write `--list NAME=FILE`, not `--list {list}`"
        )));
    }
    let file = arguments.file.as_deref().unwrap_or("-");
    let list = arguments.list.as_deref().and_then(named_list);
    input::require_one_stdin([file].into_iter().chain(list.map(|(_, list)| list)))?;
    let bytes = input::read_bytes(file, MAX_COMPILED)?;
    if is_compiled(file, &bytes) {
        if arguments.env.is_some() {
            return Err(environment_of_compiled(file).into());
        }
        let (document, source, checked) = check_bytes(input::name(file), bytes, today)?;
        let policy = || Policy::from_document(&document).ok();
        return conclude_policy(arguments, &source, &checked, "breaks rules:", policy, today);
    }
    let source = input::policy(file, bytes)?;
    let environment = arguments.env.as_deref();
    let mut checked = match environment {
        // What is served on this machine is the base alone.
        None if !arguments.on_this_machine => check_every_environment(&source, today),
        _ => check(&source, environment, today),
    };
    if arguments.on_this_machine {
        checked.report = checked.report.without(&[LOCAL_UPSTREAM]);
    }
    let compiled = || EnvironmentPolicy::new(&source, environment).ok();
    if arguments.explain.is_some()
        && let Some(policy) = compiled()
    {
        results::write_text(&from_presets::render(&policy, &source))?;
    }
    let policy = || compiled().map(EnvironmentPolicy::into_policy);
    conclude_policy(arguments, &source, &checked, "does not compile:", policy, today)
}

/// The day of the check, and until which day an expiry is soon.
fn calendar(arguments: &Arguments, clock: impl Fn() -> Option<Day>) -> Calendar {
    let today = arguments.today.or_else(clock);
    let soon = arguments.expires_within.zip(today);
    Calendar { today, soon: soon.map(|(within, today)| Day::from_days(today.days().saturating_add(within))) }
}

/// Reads a number of days or weeks, such as `14d`.
fn days(text: &str) -> Result<u32, InvalidValue> {
    let (number, unit) = [("d", 1), ("w", 7)]
        .into_iter()
        .find_map(|(unit, days)| Some((text.strip_suffix(unit)?, days)))
        .unwrap_or(("", 1));
    let is_number = !number.is_empty() && number.bytes().all(|digit| digit.is_ascii_digit());
    let days = number.parse::<u32>().ok().filter(|_| is_number).and_then(|number| number.checked_mul(unit));
    days.ok_or(InvalidValue("write days as `14d`, or weeks as `2w`"))
}

/// The name of a list, and its file. A `=` after what cannot be a name is part of a path.
pub(super) fn named_list(argument: &str) -> Option<(&str, &str)> {
    argument.split_once('=').filter(|(name, file)| is_name(name) && !file.is_empty())
}

/// Reports the findings in a policy, and in a list that it uses.
fn conclude_policy(
    arguments: &Arguments,
    source: &Source,
    checked: &Checked,
    refusal: &str,
    policy: impl FnOnce() -> Option<Policy>,
    today: Calendar,
) -> Result<Exit, Failure> {
    let size = format!("{}, {}", plural(checked.routes, "route"), plural(checked.origins, "origin"));
    let list = arguments.list.as_deref().and_then(named_list).filter(|_| !checked.report.has_errors());
    if let Some((name, file)) = list
        && let Some(policy) = policy()
    {
        let listed = input::read_list(file)?;
        let list = check_list_of(&listed, &policy, name, today)
            .map_err(|unknown| Failure::usage(unknown.to_string()))?;
        output::findings(arguments.format, &[(&checked.report, source), (&list.report, &listed)])?;
        let of_policy = verdict(arguments.deny, &checked.report, source, refusal, &size);
        let of_list = verdict(arguments.deny, &list.report, &listed, "has", &plural(list.origins, "origin"));
        return Ok(if of_policy == Exit::Fine { of_list } else { of_policy });
    }
    conclude(arguments.format, arguments.deny, &checked.report, source, refusal, &size)
}

/// Reports the findings in a list.
fn conclude_list(arguments: &Arguments, source: &Source, checked: &CheckedList) -> Result<Exit, Failure> {
    let size = plural(checked.origins, "origin");
    conclude(arguments.format, arguments.deny, &checked.report, source, "has", &size)
}

/// Writes the findings, and returns the verdict.
pub(super) fn conclude(
    format: FindingsFormat,
    deny: Option<DenyWarnings>,
    report: &Report,
    source: &Source,
    refusal: &str,
    size: &str,
) -> Result<Exit, Failure> {
    output::findings(format, &[(report, source)])?;
    Ok(verdict(deny, report, source, refusal, size))
}

/// Says what the findings of a file mean, after they were written.
fn verdict(deny: Option<DenyWarnings>, report: &Report, source: &Source, refusal: &str, size: &str) -> Exit {
    let denied = deny == Some(DenyWarnings::Warnings);
    match report.count(Severity::Warning) {
        _ if report.has_errors() => {
            diagnostics::problem(&summary(report, source, refusal));
            Exit::Findings
        }
        0 => {
            diagnostics::note(&format!("`{}` is fine: {size}", source.name()));
            Exit::Fine
        }
        _ if denied => {
            diagnostics::problem(&summary(report, source, "has warnings, which `--deny warnings` denies:"));
            Exit::Findings
        }
        _ => {
            diagnostics::note(&format!("{}: {size}", summary(report, source, "has no errors, and")));
            Exit::Fine
        }
    }
}

fn explain(code: &str) -> Result<Exit, Failure> {
    let is_requested = |known: Code| known.to_string().eq_ignore_ascii_case(code);
    let text = if let Some(lint) = lints().find(|lint| is_requested(lint.code)) {
        let severity = match lint.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Info => "info",
        };
        format!("{severity}[{}]: {}\n\n{}\n", lint.code, lint.title, lint.explanation)
    } else if let Some(it) = retired().find(|it| is_requested(it.code)) {
        format!(
            "retired[{}]: {}\n\nNo finding has had this code since version {}. {}\n",
            it.code, it.title, it.since, it.explanation
        )
    } else {
        return Err(Failure::usage(format!(
            "no finding has the code `{code}`; codes are `CG` and three digits, such as `CG101`"
        )));
    };
    results::write_text(&text)?;
    Ok(Exit::Fine)
}
