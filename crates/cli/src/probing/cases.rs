//! The requests for a file of test cases, and the cases that cannot be sent to a live server.

use std::collections::HashSet;

use corsgate_authoring::cases::{CaseRequest, Decided, MissingKv, Run, Suite, Verdict};
use corsgate_policy::grammar::day::Day;
use corsgate_policy::record::RecordedOutcome;
use corsgate_policy::{Kind, RequestUrl};
use corsgate_probe::{Ask, Derived, Probe, Purpose, Technique, derive};
use thiserror::Error;

use super::target::Target;
use super::{Item, Predicted};

/// The requests to send, and the cases that are skipped.
#[derive(Default)]
pub(crate) struct Planned<'s> {
    pub(crate) items: Vec<Item<'s>>,
    /// The names of skipped runs, by the reason.
    pub(crate) skipped: Vec<(String, Vec<String>)>,
}

/// Which cases are sent.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Choice<'a> {
    pub(crate) filter: &'a str,
    /// Whether methods that change something are sent.
    pub(crate) unsafe_methods: bool,
    /// Whether GET requests ask for Server-Sent Events.
    pub(crate) events: bool,
    pub(crate) hostile: bool,
    pub(crate) today: Day,
}

/// Plans a request for each run of the cases, and the requests from hostile origins.
pub(crate) fn plan<'s>(suite: &'s Suite<'s>, target: &Target, choice: &Choice<'_>) -> Planned<'s> {
    let mut planned = Planned::default();
    let mut seen = HashSet::new();
    let mut strangers = Vec::new();
    for run in suite.runs().filter(|run| run.name.contains(choice.filter)) {
        match predict(suite, &run, target, choice) {
            Ok((predicted, live)) => {
                if choice.hostile {
                    strangers.extend(hostile(suite, &run, &live, &predicted, choice, &mut seen));
                }
                planned.items.push(Item::Case(Box::new(predicted)));
            }
            Err(not_sent) => {
                skip(&mut planned.skipped, not_sent.to_string(), run.name);
            }
        }
    }
    planned.items.extend(strangers.into_iter().map(|probe| Item::Judged(Box::new(probe))));
    planned
}

/// Adds a run to those that are skipped for the same reason.
pub(crate) fn skip(skipped: &mut Vec<(String, Vec<String>)>, reason: String, name: String) {
    match skipped.iter_mut().find(|(known, _)| *known == reason) {
        Some((_, names)) => names.push(name),
        None => skipped.push((reason, vec![name])),
    }
}

/// Why a run is not sent to the live server.
#[derive(Debug, Error)]
pub(crate) enum NotSent {
    #[error("for {}: select it with `--env`", .0.as_ref().map_or("no environment".to_owned(), |name| format!("the environment `{name}`")))]
    OtherEnvironment(Option<String>),
    #[error("about `{0}` being unavailable in KV")]
    KvDown(String),
    #[error("for the host `{host}`, but `{probed}` is probed")]
    OtherHost { host: String, probed: String },
    #[error("`{0}` may change data: send it with `--unsafe-methods`")]
    UnsafeMethod(String),
    #[error("the policy has no such environment")]
    NoEnvironment,
    #[error(transparent)]
    Undecided(#[from] MissingKv),
    #[error("for the day {0}")]
    OtherDay(Day),
}

/// The request of a run for the live server, and its predicted result. The error says why it cannot be sent.
fn predict<'s>(
    suite: &'s Suite<'s>,
    run: &Run<'s>,
    target: &Target,
    choice: &Choice<'_>,
) -> Result<(Predicted<'s>, CaseRequest), NotSent> {
    require_live(suite, run)?;
    let url = RequestUrl::parse(run.request.url()).unwrap_or_default();
    let authority = match target.is_loopback {
        true => url.authority,
        false if url.host.eq_ignore_ascii_case(&target.host) => target.authority.as_str(),
        false => {
            return Err(NotSent::OtherHost { host: url.host.to_owned(), probed: target.host.clone() });
        }
    };
    let live = run.request.sent_to(&format!("{}://{authority}{}{}", target.scheme(), url.path, url.query));
    let ask = ask(&live, choice.events);
    if !ask.is_safe() && !choice.unsafe_methods {
        return Err(NotSent::UnsafeMethod(ask.method));
    }
    let (decided, asked) = decide_live(suite, run, &live, choice.today)?;
    let predicted = Predicted { ask, name: run.name.clone(), span: run.case.span(), decided, asked };
    Ok((predicted, live))
}

/// Checks that a gateway can be in the state that the case is about.
///
/// # Errors
/// When the case is about another environment, or about a KV that does not answer.
pub(crate) fn require_live(suite: &Suite<'_>, run: &Run<'_>) -> Result<(), NotSent> {
    if run.environment != suite.environment() {
        return Err(NotSent::OtherEnvironment(run.environment.map(str::to_owned)));
    }
    if let Some(name) = run.case.unavailable().next() {
        return Err(NotSent::KvDown(name.to_owned()));
    }
    Ok(())
}

/// What a gateway that is asked on this day decides about the request of a run, and the keys of KV that it reads.
///
/// # Errors
/// When it cannot be told, or would differ on the day of the case.
pub(crate) fn decide_live(
    suite: &Suite<'_>,
    run: &Run<'_>,
    live: &CaseRequest,
    today: Day,
) -> Result<(Decided, Vec<String>), NotSent> {
    let live_run =
        Run { name: run.name.clone(), case: run.case, request: live, environment: run.environment };
    let ran = suite.run_on(&live_run, today).ok_or(NotSent::NoEnvironment)?;
    let decided = match (ran.decided, ran.verdict) {
        (Some(decided), _) => decided,
        (None, Verdict::Undecided(missing)) => return Err(missing.into()),
        (None, _) => return Err(NotSent::NoEnvironment),
    };
    let own_day = suite.run(&live_run, today);
    if let Some(day) = own_day.filter(|own| own.decided.as_ref().is_some_and(|own| !is_same(own, &decided))) {
        return Err(NotSent::OtherDay(day.today));
    }
    Ok((decided, ran.asked))
}

fn is_same(one: &Decided, other: &Decided) -> bool {
    (one.outcome, one.reason, &one.headers) == (other.outcome, other.reason, &other.headers)
}

/// The request as it is sent.
pub(crate) fn ask(request: &CaseRequest, events: bool) -> Ask {
    let url = RequestUrl::parse(request.url()).unwrap_or_default();
    let method = if request.kind() == Kind::Preflight { "OPTIONS" } else { request.method() };
    let mut ask = Ask::new(request.kind(), method, url.authority, &format!("{}{}", url.path, url.query));
    if let Some(origin) = request.origin() {
        ask = ask.with("Origin", origin);
    }
    if request.kind() == Kind::Preflight {
        ask = ask.with("Access-Control-Request-Method", request.method());
        if let Some(names) = request.requested_headers() {
            ask = ask.with("Access-Control-Request-Headers", names);
        }
    }
    if let Some(site) = request.sec_fetch_site() {
        ask = ask.with("Sec-Fetch-Site", site);
    }
    if let Some(state) = request.sec_fetch_storage_access() {
        ask = ask.with("Sec-Fetch-Storage-Access", state);
    }
    if events && request.kind() == Kind::Actual && ask.method == "GET" {
        ask = ask.with("Accept", "text/event-stream");
    }
    ask
}

/// The route, whether it was a handshake, and the `Origin` lines.
type Tried = (Option<String>, bool, Vec<Vec<u8>>);

/// Requests from origins that resemble the origin of an allowed run, if the policy rejects them. Each is planned once for
/// each route.
fn hostile(
    suite: &Suite<'_>,
    run: &Run<'_>,
    live: &CaseRequest,
    allowed: &Predicted<'_>,
    choice: &Choice<'_>,
    seen: &mut HashSet<Tried>,
) -> Vec<Probe> {
    let decided = &allowed.decided;
    let is_handshake = live.kind() == Kind::Handshake;
    let is_listed = is_handshake || decided.header("access-control-allow-origin") == live.origin();
    let Some(origin) = live.origin() else { return Vec::new() };
    if decided.outcome != RecordedOutcome::Allow || decided.reports || !is_listed {
        return Vec::new();
    }
    let request = if is_handshake { live.clone() } else { live.reading() };
    let is_refused = |derived: &Derived| {
        let value: Vec<_> = derived.lines.iter().map(|line| String::from_utf8_lossy(line)).collect();
        let stranger = request.sent_from(&value.join(", "));
        let run =
            Run { name: String::new(), case: run.case, request: &stranger, environment: run.environment };
        let decided = suite.run_on(&run, choice.today).and_then(|ran| ran.decided);
        decided.is_some_and(|decided| {
            matches!(decided.outcome, RecordedOutcome::Reject | RecordedOutcome::Strip)
        })
    };
    let base = ask(&request, choice.events);
    let mut probes = Vec::new();
    for derived in derive(&[origin.to_owned()], |_| false) {
        let key = (decided.route.clone(), is_handshake, derived.lines.clone());
        if seen.contains(&key) || !is_refused(&derived) {
            continue;
        }
        seen.insert(key);
        let mut ask = base.clone();
        ask.headers.retain(|(name, _)| !matches!(name.as_str(), "Origin" | "Sec-Fetch-Site"));
        let ask = derived.lines.iter().fold(ask, |ask, line| ask.with("Origin", line));
        probes.push(Probe { ask, purpose: Purpose::Hostile(derived) });
    }
    // First the probes that do not depend on the origin, then those derived from it.
    probes.sort_by_key(|probe| match &probe.purpose {
        Purpose::Hostile(derived) => derived.technique,
        _ => Technique::Reflection,
    });
    probes
}
