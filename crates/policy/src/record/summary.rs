//! The part of a decision that its record needs, in a form that outlives the policy.
//!
//! A forwarded request is recorded when its response arrives. By then the policy that decided may have been replaced, so
//! the summary is kept as one line of text beside the request.

use core::fmt::Write;

use super::{Observed, Record, RecordedOutcome, text};
use crate::decision::decide::{Decision, Outcome};
use crate::decision::facts::{Facts, Kind};
use crate::decision::reason::Reason;
use crate::fetch::CorsResponse;
use crate::policy::route::Route;

/// The recorded reason of a request that passed because its limiter could not be reached. It is not a
/// rejection, so it is not a [`Reason`].
pub const LIMITER_UNAVAILABLE: &str = "limiter_unavailable";

/// The recorded reason of a request with cookies on a route in report mode, if the upstream lets the page read the
/// response. Under enforcement the page could not read it, since the route has no `credentials`. It is not a [`Reason`]
/// either: under enforcement the browser would block the page, and the gateway would reject nothing.
pub const CREDENTIALS_NOT_ALLOWED: &str = "credentials_not_allowed";

/// The separator between the parts of a line: no origin, name or method contains it.
const SEPARATOR: char = '\t';

/// The part of a decision that its record needs.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Summary<'a> {
    outcome: RecordedOutcome,
    reason: &'a str,
    /// The number of decisions that the record stands for; 0 for a plain allow outside the sample.
    weight: f64,
    /// The time that the gateway itself took.
    milliseconds: f64,
    route: &'a str,
    policy_id: &'a str,
    entry: &'a str,
    offending_header: &'a str,
    /// Whether the record may contain the path.
    names_path: bool,
    judgement: Judgement,
}

/// The finding about the upstream's response that is recorded in report mode.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Judgement {
    /// Nothing.
    None,
    /// The upstream rejects what the policy allows.
    Refusal,
    /// The upstream grants credentials that the policy does not.
    Credentials,
}

impl<'a> Summary<'a> {
    /// Summarizes a decision.
    ///
    /// `chance` is a random number from 0 to 1, which selects the sample of plain allows. `carries_cookies` returns
    /// whether the request has a `Cookie`; it is called only on a route in report mode.
    #[must_use]
    pub fn new(
        decision: &Decision<'a>,
        host: &str,
        milliseconds: f64,
        chance: f64,
        carries_cookies: impl FnOnce() -> bool,
    ) -> Self {
        let (outcome, reason) = match decision.outcome {
            Outcome::Reject(reason) => (RecordedOutcome::Reject, reason.name()),
            Outcome::Strip(reason) => (RecordedOutcome::Strip, reason.name()),
            Outcome::Report(Some(reason)) => (RecordedOutcome::WouldReject, reason.name()),
            Outcome::Allow | Outcome::Report(None) if decision.passes_unlimited() => {
                (RecordedOutcome::Allow, LIMITER_UNAVAILABLE)
            }
            Outcome::Allow | Outcome::Report(None) => (RecordedOutcome::Allow, ""),
        };
        let share = if reason.is_empty() { decision.sample_allowed() } else { 1.0 };
        Self {
            outcome,
            reason,
            weight: if chance < share { 1.0 / share } else { 0.0 },
            milliseconds,
            route: decision.route.map(Route::name).unwrap_or_default(),
            policy_id: decision.policy_id.unwrap_or_default(),
            entry: decision.entry.unwrap_or_default(),
            offending_header: decision.offending_header.unwrap_or_default(),
            names_path: decision.may_name_path(host),
            judgement: match decision.outcome {
                Outcome::Report(None) if decision.would_pass(carries_cookies()) => Judgement::Refusal,
                Outcome::Report(None) => Judgement::Credentials,
                _ => Judgement::None,
            },
        }
    }

    /// Whether there is something to record at this point.
    #[must_use]
    pub fn is_recorded(&self) -> bool {
        self.weight > 0.0
    }

    /// Whether there may be something to record once the upstream has answered.
    #[must_use]
    pub fn awaits_response(&self) -> bool {
        self.is_recorded() || self.judgement != Judgement::None
    }

    /// The name of the route.
    #[must_use]
    pub fn route(&self) -> &'a str {
        self.route
    }

    /// The id of the policy.
    #[must_use]
    pub fn policy_id(&self) -> &'a str {
        self.policy_id
    }

    /// The summary after the upstream has failed; it replaces the earlier outcome.
    #[must_use]
    pub fn failed(self, reason: Reason) -> Self {
        Self { outcome: RecordedOutcome::Reject, reason: reason.name(), weight: 1.0, ..self }
    }

    /// The summary when the upstream has answered.
    #[must_use]
    pub fn answered(
        self,
        facts: &Facts<'_>,
        answer: &CorsResponse<'_>,
        carries_cookies: impl FnOnce() -> bool,
    ) -> Self {
        let (outcome, reason) = match self.judgement {
            Judgement::Refusal if answer.refuses(facts, carries_cookies()) => {
                (RecordedOutcome::WouldAllow, self.reason)
            }
            Judgement::Credentials if answer.grants_credentials(facts) => {
                (RecordedOutcome::WouldReject, CREDENTIALS_NOT_ALLOWED)
            }
            _ => return self,
        };
        Self { outcome, reason, weight: 1.0, ..self }
    }

    /// The record; `None` for a plain allow outside the sample. `facts` is `None` for a request whose URL
    /// cannot be parsed.
    #[must_use]
    pub fn record(&self, facts: Option<&Facts<'a>>, observed: Observed<'a>) -> Option<Record<'a>> {
        let kind = facts.map_or(Kind::Actual, Facts::kind);
        let facts = facts.copied().unwrap_or_default();
        self.is_recorded().then_some(Record {
            outcome: self.outcome,
            reason: self.reason,
            origin: text::without_secrets(facts.origin.unwrap_or_default()),
            route: self.route,
            host: facts.url.host,
            method: facts.method,
            requested_method: facts.requested_method.unwrap_or_default(),
            offending_header: self.offending_header,
            path: if self.names_path { facts.url.path } else { "" },
            country: observed.country,
            colo: observed.colo,
            policy_id: self.policy_id,
            kind,
            entry: self.entry,
            ray: observed.ray,
            weight: self.weight,
            status: observed.status,
            milliseconds: self.milliseconds,
        })
    }

    /// Appends the summary as one line.
    pub fn write_line(&self, line: &mut String) {
        line.push_str(self.outcome.name());
        let texts = [self.reason, self.route, self.policy_id, self.entry, self.offending_header];
        for text in texts {
            line.push(SEPARATOR);
            line.push_str(text);
        }
        // Numbers are written as their bits: formatting and parsing fractions would add ten kilobytes of Wasm. Writing
        // to a String does not fail.
        let (weight, milliseconds) = (self.weight.to_bits(), self.milliseconds.to_bits());
        let names_path = u8::from(self.names_path);
        let judgement = match self.judgement {
            Judgement::None => "",
            Judgement::Refusal => "refusal",
            Judgement::Credentials => "credentials",
        };
        let _written = write!(line, "{SEPARATOR}{weight}{SEPARATOR}{milliseconds}");
        let _written = write!(line, "{SEPARATOR}{names_path}{SEPARATOR}{judgement}");
    }

    /// Reads the output of [`write_line`](Self::write_line); `None` for any other line.
    #[must_use]
    pub fn read(line: &'a str) -> Option<Self> {
        let mut parts = line.split(SEPARATOR);
        let mut next = || parts.next();
        Some(Self {
            outcome: RecordedOutcome::from_name(next()?)?,
            reason: next()?,
            route: next()?,
            policy_id: next()?,
            entry: next()?,
            offending_header: next()?,
            weight: f64::from_bits(next()?.parse().ok()?),
            milliseconds: f64::from_bits(next()?.parse().ok()?),
            names_path: next()? == "1",
            judgement: match next()? {
                "refusal" => Judgement::Refusal,
                "credentials" => Judgement::Credentials,
                _ => Judgement::None,
            },
        })
    }
}

impl Decision<'_> {
    /// The share of plain allows that is recorded, from 0 to 1.
    fn sample_allowed(&self) -> f64 {
        self.policy.map_or(0.0, crate::Policy::sample_allowed)
    }

    /// Whether the record of a request to this host may contain its path.
    ///
    /// A request that matches no route may be meant for a route whose paths must not be recorded, but differ from it in
    /// case or by a slash. So if the host has any such route, the path is left out. It is also left out without a
    /// policy, since the routes are then unknown.
    fn may_name_path(&self, host: &str) -> bool {
        match (self.route, self.policy) {
            (Some(route), _) => route.records_paths(),
            (None, Some(policy)) => {
                policy.routes.iter().all(|route| route.records_paths() || !route.answers_for(host))
            }
            (None, None) => false,
        }
    }
}
