//! `corsgate import`.

use std::fs;
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use corsgate_authoring::{MAX_SOURCE, Source};
use corsgate_import::{
    About, Class, Kind, Place, Reading, Remark, Said, Target, carry, merged, read, written,
};
use corsgate_policy::grammar::host::HostPattern;
use corsgate_policy::policy::document::Mode;
use corsgate_policy::policy::upstream::Upstream;

use crate::exit::Exit;
use crate::failure::{Failure, UsageError};
use crate::input::{self, InputError};
use crate::output::diagnostics;
use crate::output::imported::{self, ImportFormat, Imported};
use crate::replace;

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

/// Reads all files, and the names of those that are about CORS.
///
/// # Errors
/// When a file or a folder cannot be read.
pub(super) fn read_all(files: &[String], from: Option<Kind>) -> Result<(Reading, Vec<String>), Failure> {
    let mut reading = Reading::default();
    let mut names = Vec::new();
    for file in found(files)? {
        let one = read_file(&file, from)?;
        let is_about_cors = !one.rules.is_empty() || !one.holes.is_empty();
        if is_about_cors {
            names.push(input::name(&file.name).to_owned());
        }
        reading.rules.extend(one.rules);
        reading.holes.extend(one.holes);
    }
    if reading.rules.is_empty() && reading.holes.is_empty() {
        let place = Place::whole(input::name(files.first().map_or("", String::as_str)));
        reading.holes.push(hole("no CORS configuration was found", &place));
    }
    Ok((reading, names))
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

/// A file to read.
struct File {
    name: String,
    /// It was found in a folder, so that nobody says that it has CORS.
    is_found: bool,
}

/// The most files that a search reads.
const MOST_FILES: usize = 20_000;

fn found(names: &[String]) -> Result<Vec<File>, Failure> {
    if names.iter().filter(|file| *file == "-").count() > 1 {
        return Err(Failure::usage("only one of the files can be `-` (standard input)"));
    }
    let mut files = Vec::new();
    for name in names {
        match Path::new(name).is_dir() {
            true => search(Path::new(name), &mut files)?,
            false => files.push(File { name: name.clone(), is_found: false }),
        }
    }
    Ok(files)
}

/// Folders of what others wrote, or of what is built.
const SKIPPED: [&str; 6] = ["node_modules", "target", "dist", "build", "vendor", "__pycache__"];

/// Finds the files of a folder, in the order of their names. Links are not followed.
fn search(folder: &Path, files: &mut Vec<File>) -> Result<(), Failure> {
    let mut open = vec![folder.to_owned()];
    let mut found = Vec::new();
    while let Some(folder) = open.pop() {
        let unreadable = |error: std::io::Error| {
            InputError::unusable(&folder.to_string_lossy(), format!("the folder cannot be read: {error}"))
        };
        for entry in fs::read_dir(&folder).map_err(unreadable)? {
            let entry = entry.map_err(unreadable)?;
            let (name, kind) = (entry.file_name(), entry.file_type().map_err(unreadable)?);
            let name = name.to_string_lossy();
            if kind.is_dir() && !name.starts_with('.') && !SKIPPED.contains(&&*name) {
                open.push(entry.path());
            } else if kind.is_file() && Kind::may_be_in(&name) {
                found.push(entry.path().to_string_lossy().into_owned());
            }
            if found.len() > MOST_FILES {
                let sentence = format!("more than {MOST_FILES} files: name the ones with CORS");
                return Err(InputError::unusable(&folder.to_string_lossy(), sentence).into());
            }
        }
    }
    found.sort();
    files.extend(found.into_iter().map(|name| File { name, is_found: true }));
    Ok(())
}

/// Reads a file. What is no text, or too long, is a hole like any other.
fn read_file(file: &File, from: Option<Kind>) -> Result<Reading, Failure> {
    let name = input::name(&file.name);
    let unusable = |sentence: String| {
        let holes = vec![hole(&sentence, &Place::whole(name))];
        Reading { rules: Vec::new(), holes: if file.is_found { Vec::new() } else { holes } }
    };
    let bytes = match input::read_bytes(&file.name, MAX_SOURCE) {
        Ok(bytes) => bytes,
        Err(error) if file.is_found => return Ok(unusable(error.to_string())),
        Err(error) => return Err(error.into()),
    };
    if bytes.len() > MAX_SOURCE {
        return Ok(unusable(format!(
            "the file is longer than {} MiB, and is not read",
            MAX_SOURCE / (1024 * 1024)
        )));
    }
    let source = match Source::from_bytes(name, bytes) {
        Ok(source) => source,
        Err(error) => return Ok(unusable(error.to_string())),
    };
    let mut reading = read(&source, from);
    if !file.is_found && reading.rules.is_empty() && reading.holes.is_empty() {
        reading.holes.push(hole("no CORS configuration was found here", &Place::whole(name)));
    }
    // A script that has nothing to do with CORS may be of a dialect that is not read.
    if file.is_found && reading.rules.is_empty() && !source.text().to_ascii_lowercase().contains("cors") {
        reading.holes.clear();
    }
    Ok(reading)
}

fn hole(message: &str, place: &Place) -> Said<Remark> {
    let remark = Remark {
        class: Class::Unreadable,
        about: About::File,
        message: message.to_owned(),
        advice: None,
        closes: None,
    };
    Said::new(remark, place)
}
