//! `corsgate import`.

use std::fs;
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use corsgate_import::{Kind, Target, carry, merged, written};
use corsgate_policy::grammar::host::HostPattern;
use corsgate_policy::policy::document::Mode;
use corsgate_policy::policy::upstream::Upstream;

use crate::exit::Exit;
use crate::failure::{Failure, UsageError};
use crate::input;
use crate::output::diagnostics;
use crate::output::imported::{self, ImportFormat, Imported};
use crate::replace;
use crate::sources::read_all;

/// Write a policy from the CORS configuration of another program
///
/// Reads what a program or a service has for CORS, and writes `policy.toml`, which allows the same where that is safe,
/// and `policy.test.toml`, whose cases pin it. The report says line by line what was carried over, what is stricter
/// here, what would be unsafe, and what only running the program would tell. Nothing is run and nothing is sent.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLE)]
pub(crate) struct Arguments {
    /// Files to read, folders to search, or `-` for standard input
    #[arg(required = true, value_name = "FILE")]
    files: Vec<String>,
    /// What the files are, if their content does not tell
    #[arg(long, value_name = "KIND", value_parser = parse_kind)]
    from: Option<Kind>,
    /// Whether the routes enforce the policy, or only report what it would reject
    #[arg(long, value_enum, default_value_t)]
    mode: ImportMode,
    /// A public host name of the API; can be repeated
    #[arg(long = "host", value_name = "NAME", value_parser = parse_host)]
    hosts: Vec<String>,
    /// The URL of the API behind the gateway
    #[arg(long, value_name = "URL", value_parser = parse_upstream)]
    upstream: Option<String>,
    /// The folder to write the two files to
    #[arg(long, value_name = "DIR", default_value = ".", conflicts_with = "merge")]
    out: PathBuf,
    /// A policy to add the routes to, instead of writing a new one
    #[arg(long, value_name = "POLICY")]
    merge: Option<String>,
    /// Replace files that exist
    #[arg(long)]
    force: bool,
    /// The output format of the report
    #[arg(long, value_enum, default_value_t)]
    format: ImportFormat,
}

const EXAMPLE: &str = "\
Exit codes:
  0   everything was carried over
  1   a file could not be read or written
  2   wrong usage
  10  something is stricter, was left out or could not be read: the report names it

Example:
  corsgate import server.js --host api.example.com --upstream https://origin.example.net
  corsgate import src --out policies
  corsgate import --from hono - --merge policy.toml";

/// What the routes do.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(super) enum ImportMode {
    /// The program still decides; the gateway records what the policy would have done
    #[default]
    Report,
    /// The gateway decides
    Enforce,
}

impl From<ImportMode> for Mode {
    fn from(mode: ImportMode) -> Self {
        match mode {
            ImportMode::Report => Self::Report,
            ImportMode::Enforce => Self::Enforce,
        }
    }
}

pub(super) fn parse_kind(name: &str) -> Result<Kind, UsageError> {
    Kind::named(name).ok_or_else(|| {
        let names: Vec<_> = Kind::all().map(|(_, name, _)| name).collect();
        UsageError::new(format!("the kinds are {}", names.join(", ")))
    })
}

fn parse_host(name: &str) -> Result<String, UsageError> {
    match HostPattern::parse(name) {
        Ok(_) => Ok(name.to_owned()),
        Err(error) => Err(UsageError::new(error.to_string())),
    }
}

fn parse_upstream(url: &str) -> Result<String, UsageError> {
    match Upstream::parse(url) {
        Ok(_) => Ok(url.to_owned()),
        Err(error) => Err(UsageError::new(error.to_string())),
    }
}

/// Runs the verb.
pub(crate) fn run(arguments: &Arguments) -> Result<Exit, Failure> {
    let (reading, names) = read_all(&arguments.files, arguments.from)?;
    let mut carried = carry(&reading.rules, &reading.holes)?;
    let target = Target {
        hosts: arguments.hosts.clone(),
        upstream: arguments.upstream.clone(),
        mode: arguments.mode.into(),
    };
    let wrote = if carried.routes.is_empty() { Vec::new() } else { write(arguments, &mut carried, &target)? };
    let report = Imported { sources: &names, carried: &carried, target: &target, wrote: &wrote };
    imported::write(arguments.format, &report)?;
    Ok(if carried.is_complete() { Exit::Fine } else { Exit::Different })
}

/// Writes the two files; both are prepared before the first is put in its place.
fn write(
    arguments: &Arguments,
    carried: &mut corsgate_import::Carried,
    target: &Target,
) -> Result<Vec<String>, Failure> {
    let text = |path: PathBuf| path.to_string_lossy().into_owned();
    let (policy, cases, mut texts) = match &arguments.merge {
        None => {
            let texts = written(carried, target)?;
            (text(arguments.out.join("policy.toml")), text(arguments.out.join("policy.test.toml")), texts)
        }
        Some(policy) if policy == "-" => {
            return Err(Failure::usage(
                "`--merge` needs the name of the policy: standard input cannot be written",
            ));
        }
        Some(policy) => {
            let texts = merged(&input::read_source(policy)?, carried, target)?;
            (policy.clone(), text(Path::new(policy).with_extension("imported.test.toml")), texts)
        }
    };
    let is_new = arguments.merge.is_none();
    for file in [Some(&policy).filter(|_| is_new), Some(&cases)].into_iter().flatten() {
        if !arguments.force && Path::new(file).symlink_metadata().is_ok() {
            return Err(Failure::Exists(file.clone()));
        }
    }
    if is_new {
        let failed = |error| Failure::Replace { file: text(arguments.out.clone()), error };
        fs::create_dir_all(&arguments.out).map_err(failed)?;
    }
    let prepared = [replace::prepare(&policy, &texts.policy)?, replace::prepare(&cases, &texts.cases)?];
    for file in prepared {
        file.replace()?;
    }
    carried.findings.append(&mut texts.findings);
    diagnostics::note(&format!("wrote `{policy}` and `{cases}`"));
    Ok(vec![policy, cases])
}
