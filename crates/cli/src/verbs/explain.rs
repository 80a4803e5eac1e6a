//! `corsgate explain`.

use core::error::Error;

use clap::{ArgGroup, Args};
use corsgate_authoring::EnvironmentPolicy;
use corsgate_explain::{Kv, Parts, curl, har};
use corsgate_policy::grammar::day::Day;
use corsgate_policy::kv::list_key;

use crate::exit::Exit;
use crate::failure::{Failure, InvalidValue};
use crate::input::{self, InputError};
use crate::output;
use crate::output::explained::{self, ExplainFormat, Ground, Question};
use crate::output::trace::{ListFile, Texts};
use crate::system::today;

/// Explain what happens to a page's request, and why
///
/// Shows whether the browser sends a preflight, what the gateway decides about the preflight and the request, check by
/// check, which headers it sends, and what the browser does with them and prints. The request comes from options, from
/// a `curl` command, or from an HTTP archive. Nothing is sent.
///
/// A list in KV that is not given with `--list` is treated as empty, and a key that is not given with `--key` as absent.
/// The output says so.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLE)]
#[command(group(ArgGroup::new("request").required(true).args(["url", "curl", "har", "command"])))]
pub(crate) struct Arguments {
    /// The policy, or `-` for standard input
    policy: String,
    /// The URL that the page requests; `ws` and `wss` mean a handshake
    #[arg(long, value_name = "URL", requires = "origin")]
    url: Option<String>,
    /// The origin of the page, instead of the one in the command or archive
    #[arg(long, value_name = "ORIGIN")]
    origin: Option<String>,
    /// The method that the page uses [default: GET]
    #[arg(long, value_name = "METHOD", conflicts_with_all = ["curl", "har", "command"])]
    method: Option<String>,
    /// A header that the page sets; can be repeated. Without a value, `content-type` is not a type that forms send
    #[arg(long = "header", value_name = "NAME[=VALUE]", conflicts_with = "har")]
    headers: Vec<String>,
    /// The page sends cookies (`credentials: "include"`)
    #[arg(long)]
    credentials: bool,
    /// The page opens a WebSocket
    #[arg(long, conflicts_with_all = ["har", "method"])]
    websocket: bool,
    /// A `curl` command as one argument, or `-` for standard input. It is not run
    #[arg(long, value_name = "COMMAND")]
    curl: Option<String>,
    /// An HTTP archive, whose failed cross-origin requests are explained; `-` for standard input
    #[arg(long, value_name = "FILE")]
    har: Option<String>,
    /// The environment to apply to the base policy
    #[arg(long, value_name = "NAME")]
    env: Option<String>,
    /// The content of the KV list `allowlist/NAME`; can be repeated
    #[arg(long = "list", value_name = "NAME=FILE", value_parser = parse_pair)]
    lists: Vec<(String, String)>,
    /// A key `origin/NAME/ORIGIN` that is in KV, with its value; can be repeated
    #[arg(long = "key", value_name = "KEY[=VALUE]")]
    keys: Vec<String>,
    /// The day of the decision, instead of today
    #[arg(long, value_name = "YYYY-MM-DD", value_parser = Day::parse)]
    today: Option<Day>,
    /// The output format
    #[arg(long, value_enum, default_value_t)]
    format: ExplainFormat,
    /// A `curl` command as separate arguments: `-- curl …`
    #[arg(last = true, value_name = "CURL")]
    command: Vec<String>,
}

const EXAMPLE: &str = "\
Exit codes:
  0   allowed, as far as the policy tells
  1   a file could not be read
  2   wrong usage
  10  refused by the gateway, or by the browser for what the gateway says
  11  the policy has errors

Example:
  corsgate explain policy.toml --url https://api.example.com/users --origin https://app.example.com --method PUT
  corsgate explain policy.toml -- curl 'https://api.example.com/users' -H 'Origin: https://app.example.com'
  corsgate explain policy.toml --har app.example.com.har";

fn parse_pair(text: &str) -> Result<(String, String), InvalidValue> {
    match text.split_once('=') {
        Some((name, file)) if !name.is_empty() && !file.is_empty() => Ok((name.to_owned(), file.to_owned())),
        _ => Err(InvalidValue("write `NAME=FILE`")),
    }
}

/// Runs the verb.
pub(crate) fn run(arguments: &Arguments) -> Result<Exit, Failure> {
    let from_stdin = [Some(&arguments.policy), arguments.curl.as_ref(), arguments.har.as_ref()];
    let lists = arguments.lists.iter().map(|(_, file)| file);
    if from_stdin.into_iter().flatten().chain(lists).filter(|file| *file == "-").count() > 1 {
        return Err(Failure::usage("only one thing can come from standard input"));
    }
    let source = input::read_source(&arguments.policy)?;
    let compiled = match EnvironmentPolicy::new(&source, arguments.env.as_deref()) {
        Ok(compiled) => compiled,
        Err(report) => {
            let format = arguments.format.of_findings();
            return Err(output::refused(format, &report, &source, "does not compile:"));
        }
    };
    let (kv, lists, notes) = read_kv(arguments, &compiled)?;
    let question = question(arguments, &compiled, notes)?;
    // If the clock is before 1970, there is no current day; use the first one.
    let today = arguments.today.or_else(today).unwrap_or(Day::from_unix_milliseconds(0.0));
    let texts = Texts { policy: &source, compiled: &compiled, lists: &lists };
    let ground = Ground { texts, environment: arguments.env.as_deref(), kv: &kv, today };
    let allowed = explained::write(arguments.format, &ground, &question)?;
    Ok(if allowed { Exit::Fine } else { Exit::Different })
}

/// The content of KV from the command line, and notes about mistakes in it.
fn read_kv(
    arguments: &Arguments,
    compiled: &EnvironmentPolicy,
) -> Result<(Kv, Vec<ListFile>, Vec<String>), Failure> {
    let (mut kv, mut files, mut notes) = (Kv::default(), Vec::new(), Vec::new());
    for (name, file) in &arguments.lists {
        let source = input::read_list(file)?;
        let sentences = kv.add_list(compiled.policy(), name, source.text()).map_err(of_usage)?;
        notes.extend(sentences.into_iter().map(|sentence| format!("`{}`: {sentence}", source.name())));
        files.push(ListFile { key: list_key(name), source });
    }
    for key in &arguments.keys {
        let (key, value) = key.split_once('=').unwrap_or((key, ""));
        kv.add_key(key, value).map_err(of_usage)?;
    }
    Ok((kv, files, notes))
}

fn of_usage(error: impl Error) -> Failure {
    Failure::usage(error.to_string())
}

/// The request to explain, or those of an archive.
fn question(
    arguments: &Arguments,
    compiled: &EnvironmentPolicy,
    mut notes: Vec<String>,
) -> Result<Question, Failure> {
    let origin = arguments.origin.as_deref();
    if let Some(file) = &arguments.har {
        let bytes = input::read_bytes(file, har::MAX_HAR)?;
        let unusable = |why: String| InputError::unusable(input::name(file), why);
        if bytes.len() > har::MAX_HAR {
            let mebibytes = har::MAX_HAR / (1024 * 1024);
            return Err(unusable(format!("the archive is longer than {mebibytes} MiB")).into());
        }
        let read = har::read(&bytes, compiled.policy(), origin, arguments.credentials)
            .map_err(|error| unusable(error.to_string()))?;
        return Ok(Question::of_archive(read, input::name(file), notes));
    }
    let mut parts = match &arguments.url {
        Some(url) => Parts {
            url: url.clone(),
            method: arguments.method.clone().unwrap_or_default(),
            ..Parts::default()
        },
        None => {
            let read = match arguments.curl.as_deref() {
                Some("-") => curl::read(input::read_command("-")?.text()),
                Some(command) => curl::read(command),
                None => curl::read_words(arguments.command.clone()),
            };
            let read = read.map_err(of_usage)?;
            notes.extend(read.notes);
            read.parts
        }
    };
    if let Some(origin) = origin {
        origin.clone_into(&mut parts.origin);
    }
    if parts.origin.is_empty() && arguments.url.is_none() {
        let sentence = "the command does not say which page sends the request: add its origin, such as `--origin https://app.example.com`";
        return Err(Failure::usage(sentence));
    }
    parts.credentials |= arguments.credentials;
    parts.websocket |= arguments.websocket;
    for header in &arguments.headers {
        let (name, value) = match header.split_once('=') {
            Some((name, value)) => (name, Some(value.trim().to_owned())),
            None => (header.as_str(), None),
        };
        parts.headers.push((name.trim().to_owned(), value));
    }
    let (request, left_out) = corsgate_explain::PageRequest::new(parts).map_err(of_usage)?;
    notes.extend(left_out);
    Ok(Question::of_request(request, notes))
}
