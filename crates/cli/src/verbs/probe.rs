//! `corsgate probe`.

use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::Args;
use corsgate_authoring::cases::{Cases, Suite, read_cases};
use corsgate_authoring::{Report, Source};
use corsgate_explain::Browser;
use corsgate_policy::grammar::day::Day;
use corsgate_policy::grammar::token::is_field_value;
use corsgate_probe::{
    Answer, Compared, Finding, ListedOrigins, Plan, Probe, Wanted, compare, judge, page_outcomes,
};

use crate::asking;
use crate::exit::Exit;
use crate::failure::{Failure, InvalidValue};
use crate::input;
use crate::output::probed::{self, Held, ProbeFormat, Results};
use crate::output::{self, diagnostics};
use crate::probing::cases::{self, Choice};
use crate::probing::target::Target;
use crate::probing::{self, Item, Reply, SendOptions, SentRequests};
use crate::system::today;
use crate::verbs::browser_name::BrowserName;
use crate::verbs::test::read_list;

/// Probe a live server: send real requests, and check the responses
///
/// With a policy and its test cases, compares the responses of a gateway with what the policy says, header by header.
/// Without a policy, checks how browsers would treat the responses of any CORS server. Never sends a cookie or a body,
/// follows no redirect, and reads little more than the head of each response.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLE)]
pub(crate) struct Arguments {
    /// The URL to probe; with `--cases` only its scheme, host and port are used
    url: String,
    /// Try origins that look like listed ones, and report each that is granted
    #[arg(long)]
    hostile: bool,
    /// The output format
    #[arg(long, value_enum, default_value_t)]
    format: ProbeFormat,
    /// The browser whose console is shown [default: chrome]
    #[arg(long, value_enum)]
    browser: Option<BrowserName>,
    #[command(flatten)]
    predicted: FromPolicy,
    #[command(flatten)]
    page: Page,
    #[command(flatten)]
    sending: Sending,
}

#[derive(Debug, Args)]
#[command(next_help_heading = "With a policy")]
struct FromPolicy {
    /// The policy that the gateway should have
    #[arg(long, value_name = "FILE", requires = "cases")]
    policy: Option<String>,
    /// The file with its test cases, which are all sent
    #[arg(long, value_name = "FILE", requires = "policy")]
    cases: Option<String>,
    /// The environment of the gateway, instead of the one in `[defaults]` of the cases
    #[arg(long, value_name = "NAME", requires = "policy")]
    env: Option<String>,
    /// Send only cases whose name contains this text
    #[arg(long, value_name = "TEXT", requires = "policy")]
    filter: Option<String>,
    /// The day of the predictions, instead of today
    #[arg(long, value_name = "YYYY-MM-DD", value_parser = Day::parse, requires = "policy")]
    today: Option<Day>,
}

#[derive(Debug, Args)]
#[command(next_help_heading = "Without a policy")]
struct Page {
    /// An origin that should be allowed; `https://*.example.com` for all its subdomains
    #[arg(long, value_name = "ORIGIN", conflicts_with = "policy")]
    origin: Vec<String>,
    /// An origin that should be refused
    #[arg(long, value_name = "ORIGIN", conflicts_with = "policy")]
    refuse: Vec<String>,
    /// The method that pages use
    #[arg(long, value_name = "METHOD", default_value = "GET", conflicts_with = "policy")]
    method: String,
    /// A header that pages set; it is sent if it has a value
    #[arg(long, value_name = "NAME[=VALUE]", conflicts_with = "policy")]
    header: Vec<String>,
    /// Pages send cookies (the probe sends none)
    #[arg(long, conflicts_with = "policy")]
    credentials: bool,
    /// Pages open a WebSocket, as with a `wss://` URL
    #[arg(long, conflicts_with = "policy")]
    websocket: bool,
    /// Ask for Server-Sent Events; also with a policy
    #[arg(long, conflicts_with = "websocket")]
    events: bool,
}

#[derive(Debug, Args)]
#[command(next_help_heading = "How it is sent")]
struct Sending {
    /// The maximum number of requests per second
    #[arg(long, value_name = "N", default_value_t = 10.0, value_parser = parse_rate)]
    rate: f64,
    /// How long a response may take, in seconds
    #[arg(long, value_name = "SECONDS", default_value_t = 10.0, value_parser = parse_timeout)]
    timeout: f64,
    /// Send methods that may change data to other machines too
    #[arg(long)]
    unsafe_methods: bool,
    /// Do not ask for confirmation before another machine is probed
    #[arg(long)]
    yes: bool,
    /// Trust these certificates too (PEM)
    #[arg(long, value_name = "FILE")]
    cacert: Option<PathBuf>,
}

const EXAMPLE: &str = "\
Exit codes:
  0   all is as it should be
  1   a file could not be read, or the server did not answer
  2   wrong usage, or nobody agreed to probe another machine
  10  an answer differs, or something is wrong with the server
  11  the policy or the file of cases has errors
  12  nothing was learned: no case could be sent, or all were over a limit

Example:
  corsgate probe https://api.example.com --policy policy.toml --cases policy.test.toml --yes
  corsgate probe http://127.0.0.1:3000/users --origin https://app.example.com --credentials --hostile";

fn parse_rate(text: &str) -> Result<f64, InvalidValue> {
    let rate = text.parse().ok().filter(|rate: &f64| *rate > 0.0 && *rate <= 10_000.0);
    rate.ok_or(InvalidValue("write a number of requests a second, such as 10"))
}

fn parse_timeout(text: &str) -> Result<f64, InvalidValue> {
    let seconds = text.parse().ok().filter(|seconds: &f64| *seconds >= 0.1 && *seconds <= 600.0);
    seconds.ok_or(InvalidValue("write seconds from 0.1 to 600"))
}

/// Runs the verb.
pub(crate) fn run(arguments: &Arguments) -> Result<Exit, Failure> {
    let target = Target { ca: arguments.sending.cacert.clone(), ..Target::of(&arguments.url)? };
    match (&arguments.predicted.policy, &arguments.predicted.cases) {
        (Some(policy), Some(cases)) => with_policy(arguments, &target, policy, cases),
        _ => without_policy(arguments, &target),
    }
}

fn without_policy(arguments: &Arguments, target: &Target) -> Result<Exit, Failure> {
    let wanted = wanted(arguments, target)?;
    let plan = Plan::new(&wanted).map_err(|error| Failure::usage(error.to_string()))?;
    let may_change = target.is_loopback || arguments.sending.unsafe_methods;
    let (sent, left_out): (Vec<_>, Vec<_>) =
        plan.probes.into_iter().partition(|probe| may_change || probe.ask.is_safe());
    let skipped = left_out.iter().map(|probe| probe.ask.line()).collect::<Vec<_>>();
    let skipped = match skipped.is_empty() {
        true => Vec::new(),
        false => {
            let method = &wanted.method;
            vec![(format!("`{method}` may change data: send it with `--unsafe-methods`"), skipped)]
        }
    };
    let items: Vec<_> = sent.into_iter().map(|probe| Item::Judged(Box::new(probe))).collect();
    conclude(arguments, target, &items, Context { skipped, notes: plan.notes, ..Context::default() })
}

fn wanted(arguments: &Arguments, target: &Target) -> Result<Wanted, Failure> {
    let page = &arguments.page;
    if page.origin.is_empty() && page.refuse.is_empty() {
        return Err(Failure::usage(
            "say which origins should be allowed: write `--origin https://app.example.com`, or `--policy FILE --cases FILE`",
        ));
    }
    let mut headers = Vec::new();
    for header in &page.header {
        let (name, value) = match header.split_once('=') {
            Some((name, value)) => (name, Some(value.to_owned())),
            None => (header.as_str(), None),
        };
        let is_secret = ["authorization", "cookie"].iter().any(|secret| name.eq_ignore_ascii_case(secret));
        if is_secret && value.is_some() {
            return Err(Failure::usage(format!(
                "the probe sends no secrets: write `--header {name}` without a value, so that only the preflight asks for it"
            )));
        }
        // A line break would make a header of its own.
        if let Some(value) = value.as_deref().filter(|value| !is_field_value(value)) {
            return Err(Failure::usage(format!(
                "the value of `--header {}` is not one line of a header: `{}`",
                name.escape_debug(),
                value.escape_debug()
            )));
        }
        headers.push((name.to_owned(), value));
    }
    Ok(Wanted {
        url: target.url.clone(),
        method: page.method.clone(),
        headers,
        credentials: page.credentials,
        websocket: page.websocket || target.is_websocket,
        events: page.events,
        listed: ListedOrigins::new(page.origin.iter().map(String::as_str))
            .map_err(|error| Failure::usage(error.to_string()))?,
        refused: page.refuse.clone(),
        hostile: arguments.hostile,
    })
}

fn with_policy(arguments: &Arguments, target: &Target, policy: &str, file: &str) -> Result<Exit, Failure> {
    if policy == "-" && file == "-" {
        return Err(Failure::usage("only one of the two files can come from standard input"));
    }
    if target.path != "/" {
        return Err(Failure::usage(format!(
            "the cases have their own paths: write `{}://{}`",
            target.scheme(),
            target.authority
        )));
    }
    let policy = input::read_source(policy)?;
    let source = input::read_cases(file)?;
    let folder = Path::new(file).parent().unwrap_or(Path::new(""));
    let cases: Cases = match read_cases(&source, &mut |path: &str| read_list(folder, path)) {
        Ok(cases) => cases,
        Err(report) => return Err(refuse(arguments, &report, &source, "cannot be sent:")),
    };
    let suite = match Suite::new(&cases, &policy, arguments.predicted.env.as_deref()) {
        Ok(suite) => suite,
        Err(unprepared) if unprepared.policy.has_errors() => {
            return Err(refuse(arguments, &unprepared.policy, &policy, "does not compile:"));
        }
        Err(unprepared) => return Err(refuse(arguments, &unprepared.cases, &source, "cannot be sent:")),
    };
    // If the clock is before 1970, there is no current day; use the first one.
    let today = arguments.predicted.today.or_else(today).unwrap_or(Day::from_days(0));
    let choice = Choice {
        filter: arguments.predicted.filter.as_deref().unwrap_or_default(),
        unsafe_methods: target.is_loopback || arguments.sending.unsafe_methods,
        events: arguments.page.events,
        hostile: arguments.hostile,
        today,
    };
    let planned = cases::plan(&suite, target, &choice);
    let context = Context {
        cases: Some(&source),
        skipped: planned.skipped,
        policy_id: suite.policy_id(suite.environment()),
        ..Context::default()
    };
    conclude(arguments, target, &planned.items, context)
}

/// Reports the findings in one of the files.
fn refuse(arguments: &Arguments, report: &Report, source: &Source, verdict: &str) -> Failure {
    output::refused(arguments.format.of_findings(), report, source, verdict)
}

/// Notes that belong to no single request.
#[derive(Default)]
struct Context<'s> {
    cases: Option<&'s Source>,
    skipped: Vec<(String, Vec<String>)>,
    notes: Vec<String>,
    policy_id: Option<&'s str>,
}

fn conclude(
    arguments: &Arguments,
    target: &Target,
    items: &[Item<'_>],
    mut context: Context<'_>,
) -> Result<Exit, Failure> {
    if !items.is_empty()
        && let Some(refusal) = not_agreed(arguments, target, items.len())
    {
        return Err(Failure::usage(refusal));
    }
    let options = SendOptions {
        rate: arguments.sending.rate,
        timeout: Duration::try_from_secs_f64(arguments.sending.timeout).unwrap_or_default(),
    };
    let sent = if items.is_empty() {
        SentRequests { replies: Vec::new(), requests: 0, seconds: 0.0 }
    } else {
        probing::send(items, target, options)?
    };
    let held = hold(items, &sent.replies);
    let browser = arguments.browser.map(Browser::from).unwrap_or_default();
    let answered = answered(items, &sent.replies);
    if let Some(note) = other_policy(&held, context.policy_id) {
        context.notes.push(note);
    }
    let results = Results {
        url: &target.url,
        cases: context.cases,
        held,
        browser,
        pages: page_outcomes(&answered, browser),
        findings: judge(&answered, browser),
        skipped: context.skipped,
        notes: context.notes,
        requests: sent.requests,
        seconds: sent.seconds,
    };
    probed::write(arguments.format, &results)?;
    Ok(exit(&results))
}

/// The sentence that says what would be sent, if the user must agree first and does not.
fn not_agreed(arguments: &Arguments, target: &Target, count: usize) -> Option<String> {
    if target.is_loopback || arguments.sending.yes {
        return None;
    }
    let what = format!(
        "{count} requests to `{}`, at most {} a second, as `{}`",
        target.authority,
        arguments.sending.rate,
        probing::USER_AGENT
    );
    if asking::can_ask() && asking::agrees(&format!("Send {what}?")) {
        return None;
    }
    Some(format!("this would send {what}: if you are allowed to probe that server, add `--yes`"))
}

/// The result of each request.
fn hold<'i>(items: &'i [Item<'i>], replies: &'i [Reply]) -> Vec<Held<'i>> {
    let held = items.iter().zip(replies).map(|(item, reply)| match (item, reply) {
        (Item::Case(predicted), Reply::Answered(answer)) => {
            let compared = compare(&predicted.decided, predicted.ask.kind, answer);
            Held::Compared { predicted, answer, compared }
        }
        (Item::Judged(probe), Reply::Answered(answer)) => Held::Judged { probe, answer },
        (item, Reply::Failed(why)) => Held::Failed { item, why },
    });
    held.collect()
}

fn answered<'i>(items: &'i [Item<'i>], replies: &'i [Reply]) -> Vec<(&'i Probe, &'i Answer)> {
    let pairs = items.iter().zip(replies).filter_map(|(item, reply)| match (item, reply) {
        (Item::Judged(probe), Reply::Answered(answer)) => Some((&**probe, answer)),
        _ => None,
    });
    pairs.collect()
}

/// A sentence if the gateway reports that it uses another policy.
fn other_policy(held: &[Held<'_>], expected: Option<&str>) -> Option<String> {
    let expected = expected?;
    let said = held.iter().find_map(|held| match held {
        Held::Compared { compared: Compared { policy: Some(policy), .. }, .. } => Some(policy),
        _ => None,
    });
    let said = said.filter(|said| *said != expected)?;
    Some(format!("the gateway uses the policy `{said}`, but the predictions are for `{expected}`"))
}

fn exit(results: &Results<'_>) -> Exit {
    let is_mistake = |finding: &Finding| finding.severity.is_mistake();
    if results.differing() > 0 || results.findings.iter().any(is_mistake) {
        return Exit::Different;
    }
    if results.failed() > 0 {
        return Exit::Failed;
    }
    if results.held.len() == results.limited() {
        diagnostics::problem(match results.held.is_empty() {
            true => "nothing was sent: no case applies to this server",
            false => "nothing was checked: every request was over a limit",
        });
        return Exit::TestsFailed;
    }
    Exit::Fine
}
