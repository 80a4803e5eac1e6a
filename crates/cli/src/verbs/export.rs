//! `corsgate export`.

use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use corsgate_authoring::cases::{Suite, read_cases};
use corsgate_policy::grammar::day::Day;

use crate::exit::Exit;
use crate::export::{Exported, curl, export, http_file, postman};
use crate::failure::Failure;
use crate::input;
use crate::output::human::plural;
use crate::output::plain::excerpt;
use crate::output::{self, FindingsFormat, diagnostics, results};
use crate::probing::target::Target;
use crate::replace;
use crate::system::today;
use crate::verbs::test::read_list;

/// Write the test cases of a policy in another form: for Postman, as an `.http` file, or as curl lines
///
/// Each request is the one that its case describes, and each expectation what the policy decides. Nothing is sent. What a
/// form cannot say is left out, and named on standard error.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLE)]
pub(crate) struct Arguments {
    /// The form
    #[arg(value_enum, value_name = "FORM")]
    form: Form,
    /// The file with the test cases, or `-` for standard input
    #[arg(long, value_name = "FILE", default_value = "policy.test.toml")]
    tests: String,
    /// The policy, or `-` for standard input
    #[arg(long, value_name = "FILE", default_value = "policy.toml")]
    policy: String,
    /// The server to ask, instead of that of each case's URL; the requests then name the host of their case in `Host`
    #[arg(long, value_name = "BASE")]
    url: Option<String>,
    /// The environment of the gateway, instead of the one in `[defaults]` of the cases
    #[arg(long, value_name = "NAME")]
    env: Option<String>,
    /// Export only cases whose name contains this text
    #[arg(long, value_name = "TEXT", default_value = "", hide_default_value = true)]
    filter: String,
    /// The file to write, instead of standard output
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Replace a file that exists
    #[arg(long, requires = "out")]
    force: bool,
    /// The day of the expectations, instead of today
    #[arg(long, value_name = "YYYY-MM-DD", value_parser = Day::parse)]
    today: Option<Day>,
}

/// The forms.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Form {
    /// A Postman collection of format 2.1, with a request and its checks for each case
    Postman,
    /// An `.http` file for the HTTP client of JetBrains' IDEs and the REST Client of VS Code
    Http,
    /// A shell script of curl lines
    Curl,
}

const EXAMPLE: &str = "\
Exit codes:
  0   written
  1   a file could not be read or written
  2   wrong usage
  11  the policy or the file of cases has errors
  12  a case fails on the policy, or none can be exported

Example:
  corsgate export postman --out corsgate.postman_collection.json
  corsgate export http --tests policy.test.toml --policy policy.toml --env staging
  corsgate export curl --url http://127.0.0.1:8787 > cases.sh";

/// Runs the verb.
pub(crate) fn run(arguments: &Arguments) -> Result<Exit, Failure> {
    if arguments.policy == "-" && arguments.tests == "-" {
        return Err(Failure::usage("only one of the two files can come from standard input"));
    }
    if let Some(out) = &arguments.out {
        replace::require_other(&[&arguments.policy, &arguments.tests], &out.to_string_lossy())?;
    }
    let server = arguments.url.as_deref().map(server).transpose()?;
    let policy = input::read_source(&arguments.policy)?;
    let source = input::read_cases(&arguments.tests)?;
    let folder = Path::new(&arguments.tests).parent().unwrap_or(Path::new(""));
    let human = FindingsFormat::Human;
    let cases = read_cases(&source, &mut |path: &str| read_list(folder, path))
        .map_err(|report| output::refused(human, &report, &source, "cannot be exported:"))?;
    let suite = match Suite::new(&cases, &policy, arguments.env.as_deref()) {
        Ok(suite) => suite,
        Err(unprepared) if unprepared.policy.has_errors() => {
            return Err(output::refused(human, &unprepared.policy, &policy, "does not compile:"));
        }
        Err(unprepared) => {
            return Err(output::refused(human, &unprepared.cases, &source, "cannot be exported:"));
        }
    };
    // If the clock is before 1970, there is no current day; use the first one.
    let today = arguments.today.or_else(today).unwrap_or(Day::from_days(0));
    let mut exported = export(&suite, server.as_ref(), &arguments.filter, today);
    match arguments.form {
        Form::Postman => exported.leave_out(postman::cannot_say),
        Form::Http => exported.leave_out(http_file::cannot_say),
        Form::Curl => {}
    }
    if let Some(exit) = cannot_export(&exported, source.name()) {
        return Ok(exit);
    }
    write(arguments, &exported, source.name())?;
    Ok(Exit::Fine)
}

/// The server that is asked.
fn server(url: &str) -> Result<Target, Failure> {
    let target = Target::of(url)?;
    match target.path == "/" {
        true => Ok(target),
        false => Err(Failure::usage(format!(
            "the cases have their own paths: write `--url {}://{}`",
            target.scheme(),
            target.authority
        ))),
    }
}

/// The most names that a note has.
const MOST_NAMES: usize = 5;

fn named(names: &[String]) -> String {
    let shown: Vec<_> = names.iter().take(MOST_NAMES).map(|name| format!("`{}`", excerpt(name))).collect();
    match names.len().saturating_sub(MOST_NAMES) {
        0 => shown.join(", "),
        more => format!("{} and {more} more", shown.join(", ")),
    }
}

/// Says what is left out. An exit code if nothing can be exported, or what would be exported is not true.
fn cannot_export(exported: &Exported, cases: &str) -> Option<Exit> {
    if !exported.failing.is_empty() {
        diagnostics::problem(&format!(
            "{} on this policy, so nothing was exported: {}; `corsgate test` says why",
            match exported.failing.len() {
                1 => "a case fails".to_owned(),
                count => format!("{count} cases fail"),
            },
            named(&exported.failing)
        ));
        return Some(Exit::TestsFailed);
    }
    for (reason, names) in &exported.left_out {
        diagnostics::note(&format!("left out, {}: {}", excerpt(reason), named(names)));
    }
    if exported.requests.is_empty() {
        diagnostics::problem(&match exported.left_out.is_empty() {
            true => format!("nothing was exported: `{cases}` has no cases, or none with that name"),
            false => "nothing was exported: every case was left out".to_owned(),
        });
        return Some(Exit::TestsFailed);
    }
    None
}

fn write(arguments: &Arguments, exported: &Exported, cases: &str) -> Result<(), Failure> {
    let text = match arguments.form {
        Form::Postman => postman::write(exported, cases),
        Form::Http => http_file::write(exported, cases),
        Form::Curl => curl::write(exported, cases),
    };
    let Some(out) = &arguments.out else {
        return match arguments.form {
            Form::Postman => results::write_json(&text),
            Form::Http | Form::Curl => results::write_text(&text),
        };
    };
    let file = out.to_string_lossy().into_owned();
    if !arguments.force && out.symlink_metadata().is_ok() {
        return Err(Failure::Exists(file));
    }
    replace::prepare(&file, &text)?.replace()?;
    diagnostics::note(&format!("wrote `{file}`: {}", plural(exported.requests.len(), "request")));
    Ok(())
}
