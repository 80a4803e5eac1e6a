//! The checks that led to a decision, for people: the result of each, and the position of the rule behind it.

use core::fmt;

use corsgate_authoring::{EnvironmentPolicy, Source, Span, served_elsewhere};
use corsgate_policy::Kind;
use corsgate_policy::decision::trace::{
    Check, Difference, ListResult, ListSource, LoopResult, OriginResult, PathResult, PolicyResult,
    RequestedResult, RouteResult, RulesResult, UrlResult, WebsocketResult,
};
use corsgate_policy::origin::entry::LineError;
use corsgate_policy::origin::pattern::ANY_EXTENSION;
use corsgate_policy::policy::document::{Mode, OnDisallowed};
use serde::Serialize;

use crate::plural::plural;
use crate::region::Region;

/// The result of a check.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mark {
    /// The check passed.
    Passed,
    /// The check failed.
    Failed,
    /// The check states a fact and cannot fail.
    Noted,
}

impl Mark {
    /// The mark as the tool prints it; nothing for a fact.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Passed => "ok",
            Self::Failed => "no",
            Self::Noted => "",
        }
    }
}

/// A check as one line.
#[derive(Debug)]
pub struct Line {
    /// How the check ended.
    pub mark: Mark,
    /// The name of the check.
    pub name: &'static str,
    /// What the check found.
    pub text: String,
    /// The position of the rule behind the check.
    pub place: Option<At>,
}

impl Line {
    /// The line with colours.
    #[must_use]
    pub fn shown(&self) -> String {
        self.with_mark(match self.mark {
            Mark::Passed => "\u{1b}[32mok\u{1b}[0m",
            Mark::Failed => "\u{1b}[1;31mno\u{1b}[0m",
            Mark::Noted => "  ",
        })
    }

    /// The line without colours.
    #[must_use]
    pub fn plain(&self) -> String {
        self.with_mark(match self.mark {
            Mark::Passed => "ok",
            Mark::Failed => "no",
            Mark::Noted => "  ",
        })
    }

    fn with_mark(&self, mark: &str) -> String {
        let place = self.place.as_ref().map(|place| format!(" ({place})"));
        format!("{mark} {:<12} {}{}", self.name, self.text, place.unwrap_or_default())
    }
}

/// A position in a file, as people and editors write it: `policy.toml:12:3`.
#[derive(Clone, Debug, Serialize)]
pub struct At {
    /// The name of the file.
    pub file: String,
    /// The place in it.
    pub region: Region,
}

impl At {
    /// The position of a span.
    #[must_use]
    pub fn of(span: &Span, source: &Source) -> Self {
        Self { file: source.name().to_owned(), region: Region::of(span, source) }
    }
}

impl fmt::Display for At {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { file, region } = self;
        write!(f, "{file}:{}:{}", region.start_line, region.start_column)
    }
}

/// The files that a decision rests on.
pub struct Texts<'s> {
    /// The text of the policy.
    pub policy: &'s Source,
    /// The policy in its environment.
    pub compiled: &'s EnvironmentPolicy,
    /// The lists in KV for which a file was given.
    pub lists: &'s [ListFile],
}

/// The file of a list in KV.
#[derive(Debug)]
pub struct ListFile {
    /// The key of the list.
    pub key: String,
    /// The text of the list.
    pub source: Source,
}

impl ListFile {
    /// The position of an entry in the file.
    #[must_use]
    pub fn place_of(&self, entry: &str) -> Option<At> {
        let text = self.source.text();
        let line = text.lines().find(|line| line.split_whitespace().next() == Some(entry))?;
        // The line is a slice of the text, so its address gives its offset.
        let start = (line.as_ptr() as usize).checked_sub(text.as_ptr() as usize)? + line.find(entry)?;
        Some(At::of(&(start..start + entry.len()), &self.source))
    }
}

/// The checks of a decision by a policy.
#[must_use]
pub fn lines(checks: &[Check<'_>], texts: &Texts<'_>) -> Vec<Line> {
    let mut route = None;
    let mut lines = Vec::new();
    for check in checks {
        if let Check::Route { route: found, .. } = check {
            route = *found;
        }
        let (name, mark, text) = described(check);
        lines.push(Line { mark, name, text, place: place_of(check, route, texts) });
    }
    lines
}

/// The environment that has the host of a request, if no route of this one has it.
#[must_use]
pub fn environment(checks: &[Check<'_>], policy: &Source, compiled: &EnvironmentPolicy) -> Option<Line> {
    let is_unrouted = |check: &Check<'_>| matches!(check, Check::Route { result: RouteResult::NotFound, .. });
    let Some(Check::Url { host: Some(host), .. }) = checks.first().filter(|_| checks.iter().any(is_unrouted))
    else {
        return None;
    };
    let text = served_elsewhere(policy, compiled, host)?.to_string();
    Some(Line { mark: Mark::Noted, name: "environment", text, place: None })
}

fn place_of(check: &Check<'_>, route: Option<&str>, texts: &Texts<'_>) -> Option<At> {
    if let Check::List { source: ListSource::KvList, key: Some(key), entry: Some(entry), .. } = check {
        let file = texts.lists.iter().find(|file| file.key == *key);
        return file.and_then(|file| file.place_of(entry));
    }
    span_of(check, route, texts.compiled).map(|span| At::of(span, texts.policy))
}

fn span_of<'s>(check: &Check<'_>, route: Option<&str>, compiled: &'s EnvironmentPolicy) -> Option<&'s Span> {
    match check {
        Check::Route { route: Some(name), .. } | Check::Path { route: Some(name), .. } => {
            compiled.place_of_route(name)
        }
        Check::Rules { result: RulesResult::Route | RulesResult::Defaults, .. } => {
            let keys: &[&str] = if route.is_some() { &["cors"] } else { &[] };
            compiled.place_of_setting(route, keys)
        }
        Check::List { source: ListSource::Policy, allowlist, entry: Some(entry), .. } => {
            compiled.place_of_entry(route, *allowlist, entry)
        }
        Check::List { allowlist: Some(name), .. } => compiled.place_of_allowlist(name),
        Check::List { .. } => {
            let keys: &[&str] = if route.is_some() { &["cors", "origins"] } else { &["origins"] };
            compiled.place_of_setting(route, keys)
        }
        Check::Websocket { .. } => compiled.place_of_setting(route, &["websocket"]),
        Check::Method { .. } => compiled.place_of_setting(route, &["cors", "methods"]),
        Check::Headers { .. } => compiled.place_of_setting(route, &["cors", "request_headers"]),
        Check::OnDisallowed { .. } => compiled.place_of_setting(route, &["on_disallowed"]),
        Check::Mode { result: Mode::Report } => compiled.place_of_setting(route, &["mode"]),
        _ => None,
    }
}

fn described(check: &Check<'_>) -> (&'static str, Mark, String) {
    let or_none = |text: &Option<&str>| text.map_or("none".to_owned(), |text| format!("`{text}`"));
    match check {
        Check::Url { result, host, path } => match result {
            UrlResult::Readable => (
                "url",
                Mark::Passed,
                format!("host `{}`, path `{}`", host.unwrap_or_default(), path.unwrap_or_default()),
            ),
            UrlResult::Unreadable => ("url", Mark::Failed, "no browser sends a URL in this form".to_owned()),
        },
        Check::Policy { result, id } => match result {
            PolicyResult::InForce => ("policy", Mark::Passed, format!("its id is {}", or_none(id))),
            PolicyResult::PolicyMissing => ("policy", Mark::Failed, "there is no policy".to_owned()),
            PolicyResult::PolicyInvalid => ("policy", Mark::Failed, "the policy cannot be read".to_owned()),
        },
        Check::Path { result, route } => match result {
            PathResult::Unambiguous => ("path", Mark::Passed, "it is unambiguous".to_owned()),
            PathResult::Unreadable => {
                ("path", Mark::Failed, "servers decode it differently, or it is over 8192 bytes".to_owned())
            }
            PathResult::EncodedSlashes => (
                "path",
                Mark::Failed,
                "no route with `encoded_slashes = \"keep\"` has it, or it is another route's when decoded"
                    .to_owned(),
            ),
            PathResult::TrailingSlash => (
                "path",
                Mark::Failed,
                format!("without the slash at its end it is the path of route {}", or_none(route)),
            ),
            PathResult::Ambiguous => {
                ("path", Mark::Failed, "a server that parses it less strictly finds another route".to_owned())
            }
        },
        Check::Route { .. } => route(check),
        Check::Kind { result } => ("kind", Mark::Noted, kind(*result).to_owned()),
        Check::Rules { result, any_origin, credentials } => {
            let whose = match result {
                RulesResult::Route => "those of the route",
                RulesResult::Defaults => "those of `[defaults.cors]`",
                RulesResult::None => "none: pages from other origins are not allowed",
            };
            let any = if *any_origin { ", for any origin" } else { "" };
            let with = match (result, credentials) {
                (RulesResult::None, _) => "",
                (_, true) => ", with credentials",
                (_, false) => ", without credentials",
            };
            ("rules", Mark::Noted, format!("{whose}{any}{with}"))
        }
        Check::Origin { result, origin, error } => {
            let origin = origin.unwrap_or_default();
            let (mark, text) = match result {
                OriginResult::Absent => (Mark::Noted, "there is no origin".to_owned()),
                OriginResult::SameOrigin => (Mark::Passed, format!("`{origin}` is the gateway's own")),
                OriginResult::Null => (Mark::Failed, "`null` identifies no site".to_owned()),
                OriginResult::Malformed => {
                    let error = error.as_deref().unwrap_or("it is not an origin");
                    (Mark::Failed, format!("no browser sends `{origin}`: {error}"))
                }
                OriginResult::CrossOrigin => {
                    (Mark::Noted, format!("`{origin}` is another origin, so the lists decide"))
                }
            };
            ("origin", mark, text)
        }
        Check::List { .. } => list(check),
        Check::Websocket { result } => match result {
            WebsocketResult::OriginRequired => {
                ("websocket", Mark::Failed, "a handshake without an origin is refused here".to_owned())
            }
            WebsocketResult::OriginNotRequired => {
                ("websocket", Mark::Passed, "a handshake needs no origin here".to_owned())
            }
            WebsocketResult::AnyOrigin => {
                ("websocket", Mark::Passed, "handshakes of any origin are accepted here".to_owned())
            }
        },
        Check::Method { result, method, allowed, enforced: true } => {
            let allowed = if allowed.is_empty() {
                "none is".to_owned()
            } else {
                format!("allowed are {allowed} alone")
            };
            let (mark, verb) = requested(*result);
            ("method", mark, format!("{} {verb}; {allowed}", or_none(method)))
        }
        Check::Method { result, method, allowed, enforced: false } => {
            let also = if allowed.is_empty() { String::new() } else { format!(" {allowed}, and") };
            let always = format!("allowed are{also} always GET, HEAD, POST");
            let (mark, verb) = requested(*result);
            ("method", mark, format!("{} {verb}; {always}", or_none(method)))
        }
        Check::Headers { result, requested: asked, header, allowed } => {
            let allowed =
                if allowed.is_empty() { "none is".to_owned() } else { format!("allowed are {allowed}") };
            let (mark, verb) = match result {
                RequestedResult::Malformed => (
                    Mark::Failed,
                    "is not a list of names, or has more than 100 names or 4,096 bytes, so the preflight is refused",
                ),
                _ => requested(*result),
            };
            let text = match (asked, header) {
                (None | Some(""), _) => "none are requested".to_owned(),
                (Some(_), Some(header)) => format!("`{header}` {verb}; {allowed}"),
                (Some(asked), None) => format!("`{asked}` {verb}; {allowed}"),
            };
            ("headers", mark, text)
        }
        Check::OnDisallowed { result } => match result {
            OnDisallowed::Reject => ("on_disallowed", Mark::Failed, "the route rejects it".to_owned()),
            OnDisallowed::Forward => (
                "on_disallowed",
                Mark::Noted,
                "the route forwards it, and the response comes back without CORS headers".to_owned(),
            ),
        },
        Check::Mode { result } => match result {
            Mode::Enforce => ("mode", Mark::Noted, "the route enforces the decision".to_owned()),
            Mode::Report => {
                ("mode", Mark::Noted, "the route only reports: CORS is left to the upstream".to_owned())
            }
        },
        Check::Loop { result, .. } => match result {
            LoopResult::FirstPass => {
                ("loop", Mark::Passed, "it has not passed through this gateway before".to_owned())
            }
            LoopResult::Loop => {
                ("loop", Mark::Failed, "it has passed through this gateway before".to_owned())
            }
        },
    }
}

fn requested(result: RequestedResult) -> (Mark, &'static str) {
    match result {
        RequestedResult::Allowed => (Mark::Passed, "is allowed"),
        RequestedResult::NotAllowed => (Mark::Failed, "is not allowed"),
        RequestedResult::Malformed => (Mark::Failed, "cannot come from a browser"),
    }
}

fn route(check: &Check<'_>) -> (&'static str, Mark, String) {
    let Check::Route { result, route, path, passed_over, nearest } = check else {
        return ("route", Mark::Noted, String::new());
    };
    let before = match (passed_over.host, passed_over.path) {
        (0, 0) => String::new(),
        (host, 0) => format!("{} for other hosts", plural(host, "route")),
        (0, path) => format!("{} for other paths", plural(path, "route")),
        (host, path) => format!("{} for other hosts, {path} for other paths", plural(host, "route")),
    };
    match result {
        RouteResult::Found => {
            let path = path.map(ToString::to_string).unwrap_or_default();
            let before = if before.is_empty() { before } else { format!("; before it: {before}") };
            (
                "route",
                Mark::Passed,
                format!("`{}` matches, with the path `{path}`{before}", route.unwrap_or_default()),
            )
        }
        RouteResult::NotFound => {
            let differs = |differs: Difference| match differs {
                Difference::Host => "the host",
                Difference::Path => "the path",
            };
            let near = nearest.first().map(|near| {
                format!(
                    "; `{}` (`{}`) is nearest, and differs in {}",
                    near.route,
                    near.path,
                    differs(near.differs)
                )
            });
            ("route", Mark::Failed, format!("none matches: {before}{}", near.unwrap_or_default()))
        }
    }
}

fn list(check: &Check<'_>) -> (&'static str, Mark, String) {
    let Check::List { result, source, allowlist, key, entries, entry, expires } = check else {
        return ("list", Mark::Noted, String::new());
    };
    let whose = match (source, allowlist) {
        (_, None) => "the route's own origins".to_owned(),
        (ListSource::Policy, Some(name)) => format!("`{name}`"),
        (ListSource::KvList | ListSource::KvKey, Some(name)) => match key {
            Some(key) => format!("`{name}`, in KV under `{key}`,"),
            None => format!("`{name}`, in KV,"),
        },
    };
    let entry = entry.map(|entry| format!("`{entry}`")).unwrap_or_default();
    let until = serde_json::to_value(expires).ok();
    let until = until.as_ref().and_then(serde_json::Value::as_str).unwrap_or("a day");
    let size = match entries {
        Some(1) => " (1 entry)".to_owned(),
        Some(entries) => format!(" ({entries} entries)"),
        None => String::new(),
    };
    let (mark, text) = match result {
        ListResult::Listed => (Mark::Passed, format!("{whose} has it: {entry}")),
        ListResult::Expired => {
            (Mark::Failed, format!("{whose} had it as {entry} until {until}, which has passed"))
        }
        ListResult::NotCounted => {
            let why = match check_entry(check) {
                ANY_EXTENSION => LineError::ExtensionsOnRoute,
                entry if entry.starts_with("http://") => LineError::InsecureOnRoute,
                _ => LineError::WildcardOnRoute,
            };
            (Mark::Failed, format!("{whose} has it as {entry}, but this route ignores the entry: {why}"))
        }
        ListResult::NotListed => (Mark::Failed, format!("{whose}{size} does not have it")),
        ListResult::Unavailable => (Mark::Failed, format!("{whose} cannot be read")),
        ListResult::NotAsked => (Mark::Noted, format!("{whose} cannot contain it, and is not read")),
    };
    ("list", mark, text)
}

fn check_entry<'a>(check: &Check<'a>) -> &'a str {
    match check {
        Check::List { entry, .. } => entry.unwrap_or_default(),
        _ => "",
    }
}

/// The kind of a request, as words in a sentence.
#[must_use]
pub fn kind(kind: Kind) -> &'static str {
    match kind {
        Kind::Preflight => "a preflight",
        Kind::Handshake => "a WebSocket handshake",
        Kind::Actual => "an actual request",
    }
}
