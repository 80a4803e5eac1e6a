//! What a case expects.

use corsgate_policy::record::RecordedOutcome;
use corsgate_policy::{Kind, Reason};
use toml::de::DeValue;

use crate::cases::file::{Named, named};
use crate::cases::request::Parts;
use crate::cases::words::{self, VOCABULARY};
use crate::cursor::Cursor;
use crate::finding::{Finding, Span};
use crate::mistakes;
use crate::table::Table;

/// `expect`: what is not said is not looked at.
#[derive(Clone, Debug, Default)]
pub(crate) struct Expectation {
    pub(crate) outcome: Option<RecordedOutcome>,
    pub(crate) reason: Option<Reason>,
    pub(crate) route: Option<Named>,
    pub(crate) entry: Option<String>,
    pub(crate) offending_header: Option<String>,
    pub(crate) status: Option<u16>,
    /// Names in lower case.
    pub(crate) headers: Vec<(String, String)>,
    /// There is no other header than these.
    pub(crate) exact: bool,
    pub(crate) absent: Vec<String>,
    places: Places,
}

#[derive(Clone, Debug, Default)]
struct Places {
    all: Span,
    outcome: Option<Span>,
    reason: Option<Span>,
    entry: Option<Span>,
    offending_header: Option<Span>,
    status: Option<Span>,
    absent: Vec<Span>,
    /// Something was said, if perhaps not readably.
    any: bool,
}

/// Headers that no exact comparison looks at unless they are named: `Corsgate-Decision` holds the id
/// of the policy, which changes with every edit, and both say again what `outcome` and `reason` say.
pub(crate) const NOT_COMPARED: [&str; 2] = ["corsgate-decision", "proxy-status"];

/// Reads `expect`.
pub(crate) fn read(table: &mut Table<'_, '_>, all: Span) -> Expectation {
    table.speak(&VOCABULARY);
    const KEYS: [&str; 6] = ["outcome", "reason", "route", "entry", "offending_header", "status"];
    let any = KEYS.iter().any(|key| table.has(key));
    let mut places = Places { all, any, ..Places::default() };
    let outcomes: Vec<_> = RecordedOutcome::ALL.iter().map(|outcome| (outcome.name(), *outcome)).collect();
    let reasons: Vec<_> = Reason::ALL.iter().map(|reason| (reason.name(), *reason)).collect();
    let outcome = table.field("outcome").and_then(|word| {
        places.outcome = Some(word.span());
        word.word(&outcomes)
    });
    let reason = table.field("reason").and_then(|word| {
        places.reason = Some(word.span());
        word.word(&reasons)
    });
    let route = table.field("route").and_then(named);
    let entry = table.field("entry").and_then(|entry| {
        places.entry = Some(entry.span());
        entry.string()
    });
    let offending_header = table.field("offending_header").and_then(|name| {
        places.offending_header = Some(name.span());
        name.string()
    });
    let status = table.field("status").and_then(|status| {
        places.status = Some(status.span());
        read_status(status)
    });
    let headers = table.field("headers").and_then(|headers| headers.table(read_headers)).unwrap_or_default();
    let exact = table.field("exact").and_then(Cursor::flag).unwrap_or_default();
    let absent =
        table.field("absent").and_then(|names| names.list("a list of names", named)).unwrap_or_default();
    places.absent = absent.iter().map(|name| name.span.clone()).collect();
    let absent = absent.into_iter().map(|name| name.text.to_ascii_lowercase()).collect();
    Expectation { outcome, reason, route, entry, offending_header, status, headers, exact, absent, places }
}

fn read_status(status: Cursor<'_, '_>) -> Option<u16> {
    let is_status = |status: &u32| (100..=599).contains(status);
    match status.value() {
        DeValue::Integer(number) => {
            let read = u32::from_str_radix(number.as_str(), number.radix()).ok().filter(is_status);
            match read.and_then(|read| u16::try_from(read).ok()) {
                Some(read) => Some(read),
                None => {
                    let message = format!("expected a status from 100 to 599, found `{number}`");
                    status.reject(Finding::new(&mistakes::WRONG_TYPE, message))
                }
            }
        }
        _ => status.whole().and(None),
    }
}

fn read_headers(table: &mut Table<'_, '_>) -> Vec<(String, String)> {
    let headers = table.entries(|_name, value| match value.value() {
        DeValue::Boolean(false) => {
            let finding = Finding::new(&mistakes::WRONG_TYPE, "expected a string, found `false`");
            value.reject(finding.help("a header that must not be there stands in `absent = [\"…\"]`"))
        }
        _ => value.string(),
    });
    headers.into_iter().filter_map(|(name, value)| Some((name.to_ascii_lowercase(), value?))).collect()
}

impl Expectation {
    /// What no decision about such a request can be.
    pub(crate) fn contradictions(&self, request: &Parts, has_origins: bool) -> Vec<Finding> {
        let places = &self.places;
        let mut findings = Vec::new();
        let mut say = |message: String, place: &Option<Span>, other: Option<(&Option<Span>, &str)>| {
            let place = place.clone().or_else(|| Some(places.all.clone()));
            let finding = Finding::new(&mistakes::IMPOSSIBLE, message).at(place, "");
            findings.push(match other {
                Some((other, label)) => finding.at(other.clone(), label),
                None => finding,
            });
        };
        if !places.any && self.headers.is_empty() && !self.exact && self.absent.is_empty() {
            say("the case expects nothing".to_owned(), &None, None);
        }
        if let Some(RecordedOutcome::WouldAllow) = self.outcome {
            let message =
                "`would_allow` is known only when an upstream has answered; the decision is `allow`";
            say(message.to_owned(), &places.outcome, None);
        }
        if let Some(reason) = self.reason {
            if let Some(message) = self.reason_contradiction(reason, request, has_origins) {
                let other =
                    (self.outcome == Some(RecordedOutcome::Allow)).then_some((&places.outcome, "allowed"));
                say(message, &places.reason, other);
            }
        }
        if self.outcome == Some(RecordedOutcome::Strip) && request.kind() != Kind::Actual {
            let what = words::of_kind(request.kind());
            say(format!("`strip` is for actual requests, and this is a {what}"), &places.outcome, None);
        }
        if self.entry.is_some()
            && let Some(reason) =
                self.reason.filter(|it| it.is_about_origin() || *it == Reason::ListUnavailable)
        {
            let message = format!("no entry lists an origin that is refused as `{reason}`");
            say(message, &places.entry, Some((&places.reason, "refused")));
        }
        if self.route.is_some()
            && let Some(reason @ (Reason::RouteNotFound | Reason::PathAmbiguous)) = self.reason
        {
            let route = self.route.as_ref().map(|route| route.span.clone());
            say(format!("where no route is found (`{reason}`), there is none to expect"), &route, None);
        }
        let names_header = |reason| reason == Reason::HeaderNotAllowed;
        if self.offending_header.is_some()
            && (self.outcome == Some(RecordedOutcome::Allow)
                || self.reason.is_some_and(|it| !names_header(it)))
        {
            let message = "only `header_not_allowed` has an offending header".to_owned();
            say(message, &places.offending_header, None);
        }
        if let Some(message) =
            self.status.and_then(|status| self.status_contradiction(status, request.kind()))
        {
            say(message, &places.status, None);
        }
        for (name, place) in self.absent.iter().zip(&places.absent) {
            if self.headers.iter().any(|(known, _)| known == name) {
                say(format!("`{name}` is expected, and expected to be absent"), &Some(place.clone()), None);
            }
        }
        findings
    }

    fn reason_contradiction(&self, reason: Reason, request: &Parts, has_origins: bool) -> Option<String> {
        let (kind, what) = (request.kind(), words::of_kind(request.kind()));
        let nameless = request.origin.is_none() && !has_origins;
        let only_preflight = matches!(
            reason,
            Reason::MethodMalformed
                | Reason::HeadersMalformed
                | Reason::MethodNotAllowed
                | Reason::HeaderNotAllowed
        );
        Some(match self.outcome {
            _ if !words::is_decided_by_policy(reason) => {
                format!("`{reason}` is for the running gateway to say: no decision of the policy has it")
            }
            Some(RecordedOutcome::Allow) => format!("what is allowed has no reason such as `{reason}`"),
            _ if only_preflight && kind != Kind::Preflight => {
                format!("only a preflight is refused as `{reason}`, and this is an {what} request")
            }
            _ if reason == Reason::WebsocketOriginMissing && kind != Kind::Handshake => {
                format!("only a handshake is refused as `{reason}`: write `kind = \"websocket\"`")
            }
            _ if reason == Reason::WebsocketOriginMissing && !nameless => {
                format!("`{reason}` is said of a request without `origin`, and this has one")
            }
            Some(RecordedOutcome::Strip) if !reason.is_about_origin() => {
                format!("what is refused as `{reason}` is never forwarded")
            }
            _ if reason.is_about_origin() && reason != Reason::WebsocketOriginMissing && nameless => {
                format!("a request without `origin` is never refused as `{reason}`")
            }
            _ => return None,
        })
    }

    fn status_contradiction(&self, status: u16, kind: Kind) -> Option<String> {
        let upstream =
            || Some("the status of what is forwarded is the upstream's: leave `status` out".to_owned());
        match (self.outcome, self.reason) {
            (Some(RecordedOutcome::Allow), _) if kind == Kind::Preflight => {
                (status != 204).then(|| "a preflight that is allowed has the status 204".to_owned())
            }
            (Some(RecordedOutcome::Allow | RecordedOutcome::Strip | RecordedOutcome::WouldReject), _) => {
                upstream()
            }
            // With `on_reject = "close"` the handshake is accepted first.
            (_, Some(reason)) if kind == Kind::Handshake && reason.is_about_origin() && status == 101 => None,
            (_, Some(reason)) if reason.status() != status => {
                Some(format!("the status of `{reason}` is {}", reason.status()))
            }
            _ => None,
        }
    }
}
