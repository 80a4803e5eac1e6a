//! Finds expectations that no decision can meet.

use corsgate_policy::decision::facts::asks_for_repetition;
use corsgate_policy::grammar::token::is_token;
use corsgate_policy::record::RecordedOutcome;
use corsgate_policy::{Kind, Reason};

use crate::cases::expectation::Expectation;
use crate::cases::request::Parts;
use crate::cases::words;
use crate::finding::{Finding, Span};
use crate::mistakes;

impl Expectation {
    /// The findings about expectations that contradict the request or each other.
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
        if let Some(reason) = self.reason
            && let Some(message) = self.reason_contradiction(reason, request, has_origins)
        {
            let allowed = self.outcome == Some(RecordedOutcome::Allow);
            say(message, &places.reason, allowed.then_some((&places.outcome, "allowed")));
        }
        if self.outcome == Some(RecordedOutcome::Strip) && request.kind() != Kind::Actual {
            let what = words::of_kind(request.kind());
            say(format!("`strip` is for actual requests, but this is {what}"), &places.outcome, None);
        }
        if self.entry.is_some()
            && let Some(reason) =
                self.reason.filter(|it| it.is_about_origin() || *it == Reason::ListUnavailable)
        {
            let message = format!("no entry matches an origin that is rejected as `{reason}`");
            say(message, &places.entry, Some((&places.reason, "refused")));
        }
        if self.route.is_some()
            && let Some(reason @ (Reason::RouteNotFound | Reason::PathAmbiguous)) = self.reason
        {
            let route = self.route.as_ref().map(|route| route.span.clone());
            say(
                format!("with the reason `{reason}` no route is found, so none can be expected"),
                &route,
                None,
            );
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
            // No response has such a header, so the case would pass on any policy.
            if let Some(message) = not_a_name(name) {
                say(message, &Some(place.clone()), None);
            }
            if self.headers.iter().any(|(known, _)| known == name) {
                say(
                    format!("`{name}` is expected to be both present and absent"),
                    &Some(place.clone()),
                    None,
                );
            }
        }
        findings
    }

    fn reason_contradiction(&self, reason: Reason, request: &Parts, has_origins: bool) -> Option<String> {
        let (kind, what) = (request.kind(), words::of_kind(request.kind()));
        let nameless = request.origin.is_none() && !has_origins;
        let only_preflight =
            matches!(reason, Reason::MethodMalformed | Reason::HeadersMalformed | Reason::HeaderNotAllowed);
        Some(match self.outcome {
            Some(RecordedOutcome::Allow) => format!("an allowed request never has the reason `{reason}`"),
            _ if only_preflight && kind != Kind::Preflight => {
                format!("only a preflight is rejected as `{reason}`, but this is {what}")
            }
            // A route that enforces its methods does so for other origins; TRACE is nobody's.
            _ if reason == Reason::MethodNotAllowed
                && kind != Kind::Preflight
                && nameless
                && !request.method().is_some_and(asks_for_repetition) =>
            {
                format!("a request without `origin` is rejected as `{reason}` only if it is TRACE")
            }
            _ if reason == Reason::WebsocketOriginMissing && kind != Kind::Handshake => {
                format!("only a handshake is rejected as `{reason}`: write `kind = \"websocket\"`")
            }
            _ if reason == Reason::WebsocketOriginMissing && !nameless => {
                format!("`{reason}` is only for a request without `origin`, but this one has one")
            }
            Some(RecordedOutcome::Strip) if !reason.is_about_origin() => {
                format!("a request that is rejected as `{reason}` is never forwarded")
            }
            _ if reason.is_about_origin() && reason != Reason::WebsocketOriginMissing && nameless => {
                format!("a request without `origin` is never rejected as `{reason}`")
            }
            _ => return None,
        })
    }

    fn status_contradiction(&self, status: u16, kind: Kind) -> Option<String> {
        let upstream =
            || Some("the upstream sets the status of a forwarded request: leave `status` out".to_owned());
        match (self.outcome, self.reason) {
            (Some(RecordedOutcome::Allow), _) if kind == Kind::Preflight => {
                (status != 204).then(|| "an allowed preflight has the status 204".to_owned())
            }
            (Some(RecordedOutcome::Allow | RecordedOutcome::Strip | RecordedOutcome::WouldReject), _) => {
                upstream()
            }
            // With `on_reject = "close"` the handshake is accepted first.
            (_, Some(reason)) if kind == Kind::Handshake && reason.is_about_origin() && status == 101 => None,
            // A route that enforces its methods answers a preflight for a safelisted one with 403.
            (_, Some(Reason::MethodNotAllowed)) if status == 403 => None,
            (_, Some(reason)) if reason.status_for(kind) != status => Some(format!(
                "a request that is rejected as `{reason}` has the status {}",
                reason.status_for(kind)
            )),
            _ => None,
        }
    }
}

/// Why no header has this name. Names of headers are compared whole: a `*` would stand for itself.
pub(super) fn not_a_name(name: &str) -> Option<String> {
    if name.contains('*') {
        return Some(format!("`{name}` matches no header: names are compared whole, so write each of them"));
    }
    (!is_token(name.as_bytes())).then(|| format!("`{name}` is not the name of a header"))
}
