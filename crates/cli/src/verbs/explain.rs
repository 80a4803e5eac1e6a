//! `corsgate explain`.

use core::error::Error;

use clap::{ArgGroup, Args};
use corsgate_authoring::EnvironmentPolicy;
use corsgate_explain::copied::Kind;
use corsgate_explain::{Browser, Kv};
use corsgate_policy::Policy;
use corsgate_policy::grammar::day::Day;
use corsgate_policy::kv::list_key;

use crate::exit::Exit;
use crate::explaining::{Facts, Named, Source, ask, of_words, question};
use crate::failure::{Failure, InvalidValue};
use crate::gateway::Gateway;
use crate::input;
use crate::output;
use crate::output::explained::{self, ExplainFormat, Ground, Manner, Question};
use crate::output::trace::{ListFile, Texts};
use crate::system::today;
use crate::verbs::browser_name::BrowserName;

/// Explain what happens to a page's request, and why
///
/// Shows whether the browser sends a preflight, what the gateway decides about the preflight and the request, check by
/// check, which headers it sends, and what the browser does with them and prints. Nothing is sent.
///
/// The request comes from options, or from whatever can be copied out of a browser: a line of the console, a request (as
/// cURL, fetch or PowerShell), or an archive (HAR). `explain POLICY -` reads it from standard input and finds out what it
/// is. Without a policy, the answer is what follows from the line or the response headers alone.
///
/// If the decision depends on a list in KV that is not given with `--list`, the answer is that it cannot be told. A key that
/// is not given with `--key` is treated as absent, and the output says so.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLE)]
#[command(group(ArgGroup::new("request").args(["url", "curl", "fetch", "powershell", "console", "har", "command"]).multiple(true)))]
pub(crate) struct Arguments {
    /// The policy, or `-` for standard input. It can be left out
    policy: Option<String>,
    /// What was copied: a file, `-` for standard input, or a line of the console
    #[arg(value_name = "COPIED", conflicts_with_all = ["curl", "fetch", "powershell", "har", "command"])]
    copied: Option<String>,
    /// The URL that the page requests; `ws` and `wss` mean a handshake
    #[arg(long, value_name = "URL", conflicts_with_all = ["har", "command"])]
    url: Option<String>,
    /// The origin of the page, instead of the one that was copied
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
    /// A line of the console as one argument, or `-` for standard input
    #[arg(long, value_name = "TEXT", conflicts_with_all = ["curl", "fetch", "powershell", "har", "command", "copied"])]
    console: Option<String>,
    /// A `curl` command as one argument, or `-` for standard input. It is not run
    #[arg(long, value_name = "COMMAND", conflicts_with_all = ["fetch", "powershell", "har", "command"])]
    curl: Option<String>,
    /// A call of `fetch` (*Copy as fetch*) as one argument, or `-` for standard input. It is not run
    #[arg(long, value_name = "SCRIPT", conflicts_with_all = ["powershell", "har", "command"])]
    fetch: Option<String>,
    /// A command of PowerShell (*Copy as PowerShell*) as one argument, or `-` for standard input. It is not run
    #[arg(long, value_name = "SCRIPT", conflicts_with_all = ["har", "command"])]
    powershell: Option<String>,
    /// An HTTP archive, whose failed cross-origin requests are explained; `-` for standard input
    #[arg(long, value_name = "FILE", conflicts_with = "command")]
    har: Option<String>,
    /// The browser whose console is shown [default: chrome, or the one of the line or the archive]
    #[arg(long, value_enum)]
    browser: Option<BrowserName>,
    /// Ask the gateway with this admin API instead of a policy file; its token is in the variable CORSGATE_ADMIN_TOKEN
    #[arg(long, value_name = "URL", conflicts_with_all = ["env", "lists", "keys"])]
    live: Option<String>,
    /// One line for each request
    #[arg(long)]
    brief: bool,
    /// The headers of the response, as `curl -i` or the network panel show them, for `--url`; `-` for standard input.
    /// Those to the preflight come first
    #[arg(long, value_name = "FILE", requires_all = ["url", "origin"], conflicts_with_all = ["curl", "fetch", "powershell", "console", "har", "command", "copied"])]
    response: Option<String>,
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
  10  refused by the gateway, by the browser for what the response says, or by the browser itself; or a list is missing
      on which the decision depends
  11  the policy has errors

Example:
  corsgate explain policy.toml --url https://api.example.com/users --origin https://app.example.com --method PUT
  corsgate explain policy.toml -- curl 'https://api.example.com/users' -H 'Origin: https://app.example.com'
  corsgate explain policy.toml app.example.com.har --brief
  corsgate explain policy.toml copied.txt
  corsgate explain --live https://corsgate.example.com copied.txt";

fn parse_pair(text: &str) -> Result<(String, String), InvalidValue> {
    match text.split_once('=') {
        Some((name, file)) if !name.is_empty() && !file.is_empty() => Ok((name.to_owned(), file.to_owned())),
        _ => Err(InvalidValue("write `NAME=FILE`")),
    }
}

/// Runs the verb.
pub(crate) fn run(arguments: &Arguments) -> Result<Exit, Failure> {
    let (policy, named) = arguments.inputs()?;
    let from_stdin = [policy, named.and_then(Named::file)];
    let lists = arguments.lists.iter().map(|(_, file)| file.as_str());
    if from_stdin.into_iter().flatten().chain(lists).filter(|file| *file == "-").count() > 1 {
        return Err(Failure::usage("only one thing can come from standard input"));
    }
    if policy.is_some() && arguments.live.is_some() {
        return Err(Failure::usage(
            "`--live` asks the gateway, whose own policy decides: leave the policy file out, and write what was copied alone",
        ));
    }
    let Some(policy) = policy else {
        return without_policy(arguments, named);
    };
    let source = input::read_source(policy)?;
    let compiled = match EnvironmentPolicy::new(&source, arguments.env.as_deref()) {
        Ok(compiled) => compiled,
        Err(report) => {
            let format = arguments.format.of_findings();
            return Err(output::refused(format, &report, &source, "does not compile:"));
        }
    };
    let (kv, lists, notes) = read_kv(arguments, &compiled)?;
    let (question, printed_by) = arguments.question(named, Some(compiled.policy()), notes)?;
    // If the clock is before 1970, there is no current day; use the first one.
    let today = arguments.today.or_else(today).unwrap_or(Day::from_unix_milliseconds(0.0));
    let texts = Texts { policy: &source, compiled: &compiled, lists: &lists };
    let ground = Ground { texts, environment: arguments.env.as_deref(), kv: &kv, today };
    arguments.write(Some(&ground), &question, printed_by)
}

fn without_policy(arguments: &Arguments, named: Option<Named<'_>>) -> Result<Exit, Failure> {
    if arguments.env.is_some() || !arguments.lists.is_empty() || !arguments.keys.is_empty() {
        return Err(Failure::usage("`--env`, `--list` and `--key` need a policy"));
    }
    let (mut question, printed_by) = arguments.question(named, None, Vec::new())?;
    if let Some(url) = &arguments.live {
        ask(&mut question, &Gateway::at(url, "--live")?, arguments.today)?;
    }
    arguments.write(None, &question, printed_by)
}

impl Arguments {
    /// The policy, and what was copied. Where nothing else is to be explained, the only file is what was copied.
    fn inputs(&self) -> Result<(Option<&str>, Option<Named<'_>>), Failure> {
        let texts = [
            (Kind::Console, &self.console),
            (Kind::Curl, &self.curl),
            (Kind::Fetch, &self.fetch),
            (Kind::PowerShell, &self.powershell),
        ];
        let text = texts.into_iter().find_map(|(kind, text)| Some(Named::Text(kind, text.as_deref()?)));
        let har = self.har.as_deref().map(Named::Har);
        let response = self.response.as_deref().map(Named::Response);
        let named = text.or(har).or(response).or(self.copied.as_deref().map(Named::copied));
        match (self.policy.as_deref(), named) {
            (policy, Some(named)) => Ok((policy, Some(named))),
            (policy, None) if self.url.is_some() || !self.command.is_empty() => Ok((policy, None)),
            (Some(copied), None) => Ok((None, Some(Named::copied(copied)))),
            (None, None) => Err(Failure::usage(
                "nothing is to be explained: write `-` for what you copied, a file with it, or `--url` and `--origin`",
            )),
        }
    }

    /// The question, and the browser whose line it is.
    fn question(
        &self,
        named: Option<Named<'_>>,
        policy: Option<&Policy>,
        notes: Vec<String>,
    ) -> Result<(Question, Option<Browser>), Failure> {
        let facts = Facts {
            url: self.url.as_deref(),
            origin: self.origin.as_deref(),
            method: self.method.as_deref(),
            headers: &self.headers,
            credentials: self.credentials,
            websocket: self.websocket,
            browser: self.browser.map(Browser::from),
        };
        match named {
            Some(named) => question(Source::open(named)?, &facts, policy, notes),
            None if self.url.is_some() && self.origin.is_none() => {
                Err(Failure::usage("`--url` needs the page that requests it: add `--origin https://…`"))
            }
            None => of_words(&facts, &self.command, notes).map(|question| (question, None)),
        }
    }

    fn write(
        &self,
        ground: Option<&Ground<'_>>,
        question: &Question,
        printed_by: Option<Browser>,
    ) -> Result<Exit, Failure> {
        let browser = self.browser.map(Browser::from).or(printed_by).unwrap_or_default();
        let manner = Manner { format: self.format, browser, brief: self.brief };
        let allowed = explained::write(manner, ground, question)?;
        Ok(if allowed { Exit::Fine } else { Exit::Different })
    }
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
