//! `corsgate publish`.

use clap::Args;
use corsgate_authoring::{MAX_COMPILED, Severity, check, compile};
use corsgate_policy::grammar::day::Day;

use crate::exit::Exit;
use crate::failure::Failure;
use crate::input::{self, InputError};
use crate::output::diagnostics;
use crate::output::human::summary;
use crate::policy::{check_bytes, is_compiled, refuse_compiled};
use crate::policy_store::{Note, Operation, PolicyStore};
use crate::publication::{self, Goal, Published};
use crate::system::today;
use crate::verbs::deny_widening::DenyWidening;

/// Put a policy in force: check it, show what changes, ask, and write it to KV
///
/// The policy is checked, compiled for the environment `--env`, and compared with the live policy. If you confirm, it is
/// written as `policy/version/ID`, which never changes again. Then the live policy is copied to `policy/previous`, and
/// the new one to `policy/current`. If this is interrupted, the policy in force is still complete, and the same command
/// continues.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLE)]
pub(crate) struct Arguments {
    /// The policy or a compiled policy; `-` for standard input
    #[arg(value_name = "POLICY")]
    file: String,
    /// Why the policy changes; stored with it and shown by `corsgate history`
    #[arg(long, short, value_name = "TEXT")]
    message: String,
    /// Publish the base policy, which has no environment with the name of wrangler's
    #[arg(long)]
    no_overlay: bool,
    /// Replace `policy/previous` too, so that the gateway never falls back to an earlier policy
    #[arg(long)]
    revoke: bool,
    /// Which changes make the exit status 11, before anything is written
    #[arg(long, value_name = "WHAT")]
    deny: Option<DenyWidening>,
    /// Publish even if the live policy cannot be read, or has another version
    #[arg(long)]
    replace_unreadable: bool,
    #[command(flatten)]
    options: publication::PublicationOptions,
    /// The day of the check, instead of today
    #[arg(long, value_name = "YYYY-MM-DD", hide = true, value_parser = Day::parse)]
    today: Option<Day>,
}

const EXAMPLE: &str = "\
Exit codes:
  0   in force; or it was already
  1   a file, wrangler, KV or the gateway failed: what was written until then is said
  2   wrong usage
  10  you said no; or the gateway does not answer by it yet
  11  the policy has errors; or something widens, with `--deny widens`
  13  what is live is not what was compared, or not `--base`

Example:
  corsgate publish policy.toml --env production --message 'partner.example may read'";

/// Runs the verb.
pub(crate) fn run(arguments: &Arguments) -> Result<Exit, Failure> {
    let Arguments { file, message, options, .. } = arguments;
    let act = if arguments.revoke { Operation::Revoke } else { Operation::Publish };
    // Check the length of the note early, with placeholder ids: all ids have the same length.
    Note::new(act, "0123456789abcdef", message, Some("0123456789abcdef"))
        .map_err(|error| Failure::usage(error.to_string()))?;
    let (consent, gateway) = publication::begin(options, file == "-")?;
    let policy = read(arguments)?;
    let store = PolicyStore::open(&options.kv)?;
    let listing = store.list()?;
    let goal = Goal {
        policy,
        act,
        message: message.clone(),
        denies_widening: arguments.deny == Some(DenyWidening::Widens),
        replaces_unreadable: arguments.replace_unreadable,
    };
    publication::run(&goal, options, consent, gateway.as_ref(), &store, &listing)
}

fn read(arguments: &Arguments) -> Result<Published, Failure> {
    let file = &arguments.file;
    let bytes = input::read_bytes(file, MAX_COMPILED)?;
    let name = input::name(file);
    let unusable = |error| InputError::unusable(name, format!("{error}"));
    if is_compiled(file, &bytes) {
        let (document, source, checked) = check_bytes(name, bytes, arguments.today.or_else(today))?;
        if checked.report.has_errors() {
            refuse_compiled(checked.report, &source, "is not published:");
            return Err(Failure::Findings);
        }
        diagnostics::findings(&checked.report, &source);
        return Ok(Published::canonical(name, document).map_err(unusable)?);
    }
    let source = input::source(file, bytes)?;
    let environment = arguments.options.kv.env.as_deref().filter(|_| !arguments.no_overlay);
    let checked = check(&source, environment, arguments.today.or_else(today));
    diagnostics::findings(&checked.report, &source);
    if checked.report.count(Severity::Error) > 0 {
        diagnostics::problem(&summary(&checked.report, &source, "is not published:"));
        return Err(Failure::Findings);
    }
    match compile(&source, environment) {
        Ok(compiled) => Ok(Published::canonical(name, compiled.document).map_err(unusable)?),
        // Only compilation shows whether the policy is too large.
        Err(report) => {
            diagnostics::report(&report, &source);
            Err(Failure::Findings)
        }
    }
}
