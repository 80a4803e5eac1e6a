//! Test cases in the forms of other tools: their requests, and what each response must have.

pub(crate) mod curl;
pub(crate) mod http_file;
pub(crate) mod postman;

use corsgate_authoring::cases::{CaseRequest, Decided, Run, Suite, Verdict};
use corsgate_policy::grammar::day::Day;
use corsgate_policy::grammar::token::members;
use corsgate_policy::{Kind, RequestUrl};
use corsgate_probe::Ask;

use crate::probing::cases::{ask, decide_live, require_live, skip};
use crate::probing::target::Target;

/// The requests of a file of cases.
#[derive(Debug, Default)]
pub(crate) struct Exported {
    /// The values of the variables for base URLs, in the order of their numbers: `scheme://host[:port]`.
    pub(crate) bases: Vec<String>,
    /// The requests, in the order of the cases.
    pub(crate) requests: Vec<Request>,
    /// The names of runs that are left out, by the reason.
    pub(crate) left_out: Vec<(String, Vec<String>)>,
    /// The names of the runs that fail on the policy.
    pub(crate) failing: Vec<String>,
}

/// One request, and what its response must have.
#[derive(Debug)]
pub(crate) struct Request {
    /// The name of the run.
    pub(crate) name: String,
    /// The position of its base URL.
    pub(crate) base: usize,
    /// Whether `Host` is sent as the case has it, because the base URL is another server's.
    pub(crate) names_host: bool,
    /// The request on the wire.
    pub(crate) ask: Ask,
    /// What its response must have.
    pub(crate) expected: Expected,
}

/// What a response must have.
#[derive(Debug)]
pub(crate) struct Expected {
    /// The verdict and the reason in `Corsgate-Decision`; `None` if there must be no such header.
    pub(crate) decision: Option<(String, String)>,
    /// The status; `None` if the API sets it.
    pub(crate) status: Option<u16>,
    /// The headers, with names in lower case.
    pub(crate) headers: Vec<(String, Value)>,
    /// Headers that must be absent.
    pub(crate) absent: Vec<String>,
    /// Whether there must be no other `Access-Control-*`.
    pub(crate) is_complete: bool,
}

/// How a header is compared.
#[derive(Debug)]
pub(crate) enum Value {
    /// It has this value.
    Is(String),
    /// It lists these members and no others, in any order.
    Lists(Vec<String>),
    /// It lists these members, and maybe others.
    Includes(Vec<String>),
}

/// The requests of the cases. With a server, every request goes there, with the `Host` of its case.
pub(crate) fn export(suite: &Suite<'_>, server: Option<&Target>, filter: &str, today: Day) -> Exported {
    let mut exported = Exported::default();
    if let Some(server) = server {
        exported.bases.push(format!("{}://{}", server.scheme(), server.authority));
    }
    for run in suite.runs().filter(|run| run.name.contains(filter)) {
        let url = RequestUrl::parse(run.request.url()).unwrap_or_default();
        let scheme = server.map_or(url.scheme, |server| server.scheme());
        let live = run.request.sent_to(&format!("{scheme}://{}{}{}", url.authority, url.path, url.query));
        let decided = require_live(suite, &run).and_then(|()| decide_live(suite, &run, &live, today));
        let decided = match decided {
            Ok((decided, _)) => decided,
            Err(why) => {
                skip(&mut exported.left_out, why.to_string(), run.name);
                continue;
            }
        };
        if suite.run(&run, today).is_none_or(|ran| ran.verdict != Verdict::Passed) {
            exported.failing.push(run.name);
            continue;
        }
        let base = match server {
            Some(_) => 0,
            None => exported.base(&format!("{}://{}", url.scheme, url.authority)),
        };
        exported.requests.push(Request {
            expected: Expected::new(&run, &live, &decided),
            name: run.name,
            base,
            names_host: server.is_some(),
            ask: ask(&live, false),
        });
    }
    exported
}

impl Exported {
    /// The position of a base URL, which is added if it is new.
    fn base(&mut self, url: &str) -> usize {
        let known = self.bases.iter().position(|known| known == url);
        known.unwrap_or_else(|| {
            self.bases.push(url.to_owned());
            self.bases.len() - 1
        })
    }

    /// Leaves out the requests that a form cannot say; `why` says why not.
    pub(crate) fn leave_out(&mut self, why: impl Fn(&Request) -> Option<String>) {
        let requests = core::mem::take(&mut self.requests);
        for request in requests {
            match why(&request) {
                Some(reason) => skip(&mut self.left_out, reason, request.name),
                None => self.requests.push(request),
            }
        }
    }
}

impl Request {
    /// The headers to send, `Host` among them if the base URL does not say it.
    pub(crate) fn headers(&self) -> impl Iterator<Item = (&str, &[u8])> {
        let host = self.names_host.then_some(("Host", self.ask.host.as_bytes()));
        let others = self.ask.headers.iter().map(|(name, value)| (name.as_str(), value.as_slice()));
        host.into_iter().chain(others)
    }

    /// Whether a text is in what is sent.
    pub(crate) fn contains(&self, is_it: impl Fn(&str) -> bool) -> bool {
        is_it(&self.ask.target)
            || self.headers().any(|(_, value)| core::str::from_utf8(value).is_ok_and(&is_it))
    }
}

/// Headers that repeat the decision.
const SAID_ASIDE: [&str; 2] = ["corsgate-decision", "proxy-status"];

impl Expected {
    fn new(run: &Run<'_>, live: &CaseRequest, decided: &Decided) -> Self {
        let said = decided.header("corsgate-decision").and_then(|said| {
            let (verdict, rest) = said.split_once(";reason=")?;
            Some((verdict.to_owned(), rest.split(';').next().unwrap_or_default().to_owned()))
        });
        let headers = decided.headers.iter().filter(|(name, _)| {
            // Which names a family adds, only the response of the API says.
            let depends = name == "access-control-expose-headers" && !decided.families.is_empty();
            !SAID_ASIDE.contains(&name.as_str()) && !depends
        });
        let headers = headers.map(|(name, value)| (name.clone(), Value::of(name, value))).collect();
        Self {
            decision: said,
            status: decided.status,
            headers,
            absent: run.case.absent().map(str::to_owned).collect(),
            is_complete: !decided.reports && live.kind() != Kind::Handshake && decided.families.is_empty(),
        }
    }

    /// What the response must be, as one line of text.
    pub(crate) fn line(&self) -> String {
        let outcome = match &self.decision {
            None => "allowed".to_owned(),
            Some((verdict, reason)) => format!("{verdict}, {reason}"),
        };
        let status = self.status.map(|status| format!(", status {status}")).unwrap_or_default();
        let allowed = self.headers.iter().find(|(name, _)| name == "access-control-allow-origin");
        let allowed = match allowed {
            Some((name, Value::Is(value))) => format!(", {name}: {value}"),
            _ => String::new(),
        };
        format!("{outcome}{status}{allowed}")
    }
}

impl Value {
    fn of(name: &str, value: &str) -> Self {
        let listed = || members(value).map(str::to_owned).collect();
        match name {
            "vary" => Self::Includes(listed()),
            "access-control-allow-methods"
            | "access-control-allow-headers"
            | "access-control-expose-headers" => Self::Lists(listed()),
            _ => Self::Is(value.to_owned()),
        }
    }
}

/// Whether every byte is a visible character of ASCII or a space.
pub(crate) fn is_printable(value: &[u8]) -> bool {
    value.iter().all(|byte| matches!(byte, b' '..=b'~'))
}
