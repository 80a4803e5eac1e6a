//! A decision with its checks and its effects, for people: the answer of `explain`.

mod sent;

use serde::Serialize;

use crate::decision::decide::{Decision, Examined, Outcome};
use crate::decision::facts::{Facts, Kind};
use crate::decision::lookup::Answers;
use crate::decision::reason::Reason;
use crate::decision::trace::{Check, PolicyResult, UrlResult, kind_name};
use crate::grammar::day::Day;
use crate::policy::limit::{Counter, Limit};
use crate::policy::route::Route;
use crate::record::RecordedOutcome;
use crate::response::headers::{CLOSE_REFUSED, SWITCHING_PROTOCOLS};
use sent::{ResponseHeaders, UpstreamRequest};

/// The decision about a request, its reasons, and what the gateway sends. Neither limits nor the upstream
/// are asked.
#[derive(Debug, Serialize)]
pub struct Explanation<'a> {
    version: u32,
    decision: Verdict<'a>,
    trace: Vec<Check<'a>>,
    limits: Vec<CountingLimit<'a>>,
    headers: ResponseHeaders,
    upstream: Option<UpstreamRequest>,
}

/// The version of the JSON form.
const VERSION: u32 = 1;

#[derive(Debug, Serialize)]
struct Verdict<'a> {
    outcome: &'static str,
    reason: Option<&'static str>,
    /// The status of the gateway's own answer; `None` if the upstream answers.
    status: Option<u16>,
    close_code: Option<u16>,
    #[serde(serialize_with = "kind_name")]
    kind: Kind,
    route: Option<&'a str>,
    policy: Option<&'a str>,
    entry: Option<&'a str>,
    offending_header: Option<&'a str>,
}

/// A limit that would count the request.
#[derive(Debug, Serialize)]
struct CountingLimit<'a> {
    name: &'a str,
    quota: u32,
    window: u32,
    by: Vec<String>,
}

impl<'a> Explanation<'a> {
    /// Decides about a request and explains the decision.
    #[must_use]
    pub fn new(examined: &Examined<'a>, answers: &Answers<'a>, today: Day) -> Self {
        let (decision, trace) = examined.trace(answers, today);
        Self::of(&decision, Some(examined.facts()), trace)
    }

    /// Explains a [decision without a policy](Decision::without_policy). `facts` is `None` if the URL could
    /// not be read.
    #[must_use]
    pub fn without_policy(decision: &Decision<'a>, facts: Option<&Facts<'a>>) -> Self {
        let mut trace = vec![Check::Url {
            result: if facts.is_some() { UrlResult::Readable } else { UrlResult::Unreadable },
            host: facts.map(|facts| facts.url.host),
            path: facts.map(|facts| facts.url.path),
        }];
        if facts.is_some() {
            let result = match decision.reason() {
                Some(Reason::PolicyMissing) => PolicyResult::PolicyMissing,
                _ => PolicyResult::PolicyInvalid,
            };
            trace.push(Check::Policy { result, id: decision.policy_id });
        }
        Self::of(decision, facts, trace)
    }

    /// The checks that were made, in order.
    #[must_use]
    pub fn trace(&self) -> &[Check<'a>] {
        &self.trace
    }

    /// The status of the gateway's own answer; `None` if the upstream answers.
    #[must_use]
    pub fn status(&self) -> Option<u16> {
        self.decision.status
    }

    /// The headers that the gateway writes, on its own answer or on the upstream's response. Names are
    /// lower-case.
    pub fn written(&self) -> impl Iterator<Item = (&str, &str)> {
        self.headers.written()
    }

    /// The names of the headers removed from the upstream's response, besides every `Access-Control-*`.
    #[must_use]
    pub fn removed(&self) -> &[String] {
        self.headers.removed()
    }

    /// The URL requested from the upstream; `None` if the gateway answers.
    #[must_use]
    pub fn upstream_url(&self) -> Option<&str> {
        self.upstream.as_ref().map(UpstreamRequest::url)
    }

    /// The names of the headers removed from the forwarded request; empty if the gateway answers.
    #[must_use]
    pub fn removed_from_request(&self) -> &[String] {
        self.upstream.as_ref().map_or(&[], UpstreamRequest::removed)
    }

    /// The headers of the forwarded request that are set to secrets, with what is shown in place of their values.
    #[must_use]
    pub fn secrets_of_request(&self) -> &[(String, String)] {
        self.upstream.as_ref().map_or(&[], UpstreamRequest::secrets)
    }

    fn of(decision: &Decision<'a>, facts: Option<&Facts<'a>>, trace: Vec<Check<'a>>) -> Self {
        let closing = facts.and_then(|facts| decision.closes_socket(facts));
        let sent_on = facts.filter(|_| decision.is_sent_on());
        let headers = ResponseHeaders::of(decision, closing.is_some());
        let status = match closing {
            Some(_) => Some(SWITCHING_PROTOCOLS),
            None => headers.status,
        };
        let outcome = match decision.outcome {
            Outcome::Allow | Outcome::Report(None) => RecordedOutcome::Allow,
            Outcome::Strip(_) => RecordedOutcome::Strip,
            Outcome::Reject(_) => RecordedOutcome::Reject,
            Outcome::Report(Some(_)) => RecordedOutcome::WouldReject,
        };
        let verdict = Verdict {
            outcome: outcome.name(),
            reason: decision.reason().map(Reason::name),
            status,
            close_code: closing.map(|_| CLOSE_REFUSED),
            kind: decision.kind,
            route: decision.route.map(Route::name),
            policy: decision.policy_id,
            entry: decision.entry,
            offending_header: decision.offending_header,
        };
        let upstream =
            sent_on.zip(decision.route).map(|(facts, route)| UpstreamRequest::of(decision, facts, route));
        let limits = counting(decision.limits(), decision.counters());
        Self { version: VERSION, decision: verdict, trace, limits, headers, upstream }
    }
}

fn counting<'a>(limits: &'a [Limit], counters: &'a [Counter]) -> Vec<CountingLimit<'a>> {
    let by = |at| {
        let counter = counters.iter().find(|counter| counter.limits().contains(&at));
        counter.map(Counter::by).unwrap_or_default()
    };
    let counting = |(at, limit): (usize, &'a Limit)| {
        let rate = limit.rate();
        CountingLimit { name: limit.name(), quota: rate.quota(), window: rate.window(), by: by(at) }
    };
    limits.iter().enumerate().map(counting).collect()
}
