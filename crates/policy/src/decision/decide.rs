//! The only decision function: may this request pass, and what may its page read?

pub use crate::decision::{Decision, Outcome};

use crate::decision::Grant;
use crate::decision::facts::{Facts, Initiator, Kind};
use crate::decision::lookup::{Answers, KeyLookup, ListLookup, Search};
use crate::decision::reason::Reason;
use crate::decision::trace::{
    Check, LoopResult, Observer, RequestedResult, RulesResult, Unobserved, WebsocketResult,
};
use crate::grammar::day::Day;
use crate::grammar::token::is_token;
use crate::path::{AmbiguousPath, RequestPath};
use crate::policy::Policy;
use crate::policy::cors::Cors;
use crate::policy::document::{Explain, Mode, OnDisallowed};
use crate::policy::methods_and_headers::HeadersRefused;
use crate::policy::route::Route;

/// A request with its route, and the KV lookups that its decision needs.
#[derive(Clone, Copy, Debug)]
pub struct Examined<'a> {
    pub(crate) policy: &'a Policy,
    pub(crate) facts: &'a Facts<'a>,
    pub(crate) route: Result<&'a Route, Reason>,
    pub(crate) kind: Kind,
    pub(crate) initiator: Initiator<'a>,
}

/// Decides about a request by a policy.
///
/// `answers` holds what [`Examined::lists`] and [`Examined::keys`] ask for; `today` is the day by
/// which entries expire. Pure: the same arguments give the same decision.
#[must_use]
pub fn decide<'a>(
    policy: &'a Policy,
    facts: &'a Facts<'a>,
    answers: &Answers<'a>,
    today: Day,
) -> Decision<'a> {
    Examined::new(policy, facts).decide(answers, today)
}

impl<'a> Examined<'a> {
    /// Finds the route of a request.
    #[must_use]
    pub fn new(policy: &'a Policy, facts: &'a Facts<'a>) -> Self {
        let found = RequestPath::new(facts.url.path)
            .and_then(|path| policy.routing.find(&policy.routes, facts.url.host, path));
        let route = match found {
            Ok(found) => found.ok_or(Reason::RouteNotFound),
            Err(AmbiguousPath) => Err(Reason::PathAmbiguous),
        };
        Self { policy, facts, route, kind: facts.kind(), initiator: facts.initiator() }
    }

    /// The request.
    #[must_use]
    pub fn facts(&self) -> &'a Facts<'a> {
        self.facts
    }

    /// The text lists that must be read before the decision.
    #[must_use]
    pub fn lists(&self, today: Day) -> Vec<ListLookup<'a>> {
        self.search(today).map(|search| search.lists()).unwrap_or_default()
    }

    /// The per-origin keys that must be read before the decision, once the lists are known.
    #[must_use]
    pub fn keys(&self, answers: &Answers<'a>, today: Day) -> Vec<KeyLookup> {
        self.search(today).map(|search| search.keys(answers)).unwrap_or_default()
    }

    /// Decides with the answers from KV.
    #[must_use]
    pub fn decide(&self, answers: &Answers<'a>, today: Day) -> Decision<'a> {
        self.decide_observed(answers, today, &mut Unobserved)
    }

    /// Decides, and reports each check to an observer.
    pub(crate) fn decide_observed(
        &self,
        answers: &Answers<'a>,
        today: Day,
        observer: &mut impl Observer<'a>,
    ) -> Decision<'a> {
        let route = match self.route {
            Ok(route) => route,
            Err(reason) => return self.unrouted(reason, answers, today, observer),
        };
        // Changed in place: it is too large to be handed from step to step.
        let mut decision = self.base(Some(route), Outcome::Allow, observer);
        match self.kind {
            Kind::Preflight => self.preflight(route, answers, today, &mut decision, observer),
            Kind::Handshake => self.handshake(route, answers, today, &mut decision, observer),
            Kind::Actual => self.actual(route, answers, today, &mut decision, observer),
        }
        observer.note(|| Check::Mode { result: route.mode() });
        if route.mode() == Mode::Report {
            decision.report();
        }
        self.unless_loop(&mut decision, observer);
        self.unless_trace(&mut decision, observer);
        decision
    }

    /// The CORS rules for this request: those of its route, or without a route those of `[defaults.cors]` on
    /// the hosts of the policy.
    pub(super) fn cors(&self) -> Option<&'a Cors> {
        match self.route {
            Ok(route) => route.cors.as_ref(),
            Err(_) => {
                let known = |_: &&Cors| self.policy.routing.knows(self.facts.url.host);
                self.policy.default_cors.as_ref().filter(known)
            }
        }
    }

    fn search(&self, today: Day) -> Option<Search<'a, '_>> {
        let Initiator::Origin(origin) = &self.initiator else {
            return None;
        };
        // As with `*`, a handshake needs a switch of its own: it can carry cookies that no page may use otherwise.
        let extensions = self.kind != Kind::Handshake
            || self.route.is_ok_and(|route| route.websocket.dangerously_allow_any_origin);
        Search::new(self.policy, self.cors()?, origin, self.facts.url.host, extensions, today)
    }

    /// Fetch, "CORS check": may the response be shared with this origin?
    fn check_origin(
        &self,
        answers: &Answers<'a>,
        today: Day,
        observer: &mut impl Observer<'a>,
    ) -> OriginCheck<'a> {
        self.note_origin(observer);
        match &self.initiator {
            Initiator::Unnamed | Initiator::SameOrigin => OriginCheck::NotCrossOrigin,
            Initiator::Opaque => OriginCheck::Refused(Reason::OriginNull),
            Initiator::Malformed => OriginCheck::Refused(Reason::OriginMalformed),
            Initiator::Origin(origin) => match self.search(today) {
                // Without CORS rules a route allows no cross-origin access.
                None => OriginCheck::Refused(Reason::OriginNotListed),
                Some(search) => match search.entry(answers, observer) {
                    Ok(entry) => OriginCheck::Listed { origin: origin.as_str(), entry },
                    Err(reason) => OriginCheck::Refused(reason),
                },
            },
        }
    }

    /// A decision in which nothing is granted yet.
    fn base(
        &self,
        route: Option<&'a Route>,
        outcome: Outcome,
        observer: &mut impl Observer<'a>,
    ) -> Decision<'a> {
        let cors = self.cors();
        observer.note(|| Check::Rules {
            result: match (cors, route) {
                (None, _) => RulesResult::None,
                (Some(_), Some(_)) => RulesResult::Route,
                (Some(_), None) => RulesResult::Defaults,
            },
            any_origin: cors.is_some_and(Cors::is_any_origin),
            credentials: cors.is_some_and(Cors::allows_credentials),
        });
        let any_origin = cors.is_some_and(Cors::is_any_origin) && self.kind != Kind::Handshake;
        // Where pages may not GET, only the origin tells their requests from others, and a cache must not mix them.
        let depends_on_origin =
            !any_origin || cors.is_some_and(|cors| cors.methods.are_enforced() && !cors.methods.allow("GET"));
        Decision {
            policy_id: self.policy.named_id(),
            route,
            kind: self.kind,
            outcome,
            entry: None,
            offending_header: None,
            requested_headers: self.facts.requested_headers,
            policy: Some(self.policy),
            grant: if any_origin { Grant::Anyone } else { Grant::Nobody },
            cors,
            varies: (cors.is_some() || route.is_some()) && depends_on_origin,
            may_activate: self.kind == Kind::Actual
                && self.facts.storage_access_inactive
                && route.is_some_and(|route| route.storage_access),
            unrouted: None,
            counts: &[],
            fails_preflight: false,
        }
    }

    /// No route: rejected, with the headers of `[defaults.cors]` so that pages can read why.
    #[inline(never)]
    fn unrouted(
        &self,
        reason: Reason,
        answers: &Answers<'a>,
        today: Day,
        observer: &mut impl Observer<'a>,
    ) -> Decision<'a> {
        let mut decision = self.base(None, Outcome::Reject(reason), observer);
        decision.unrouted = self.why_unrouted();
        if decision.cors.is_some()
            && let OriginCheck::Listed { origin, entry } = self.check_origin(answers, today, observer)
            && decision.grant == Grant::Nobody
        {
            decision.grant = Grant::Origin(origin);
            decision.entry = Some(entry);
        }
        decision
    }

    /// Fetch, "CORS-preflight fetch", from the server's side.
    #[inline(never)]
    fn preflight(
        &self,
        route: &'a Route,
        answers: &Answers<'a>,
        today: Day,
        decision: &mut Decision<'a>,
        observer: &mut impl Observer<'a>,
    ) {
        // Step 7: the CORS check comes first. A route that allows any origin needs none.
        if decision.grant == Grant::Nobody {
            match self.check_origin(answers, today, observer) {
                OriginCheck::NotCrossOrigin => return,
                OriginCheck::Refused(reason) => return decision.refuse(route, Outcome::Reject(reason)),
                OriginCheck::Listed { origin, entry } => {
                    decision.grant = Grant::Origin(origin);
                    decision.entry = Some(entry);
                }
            }
        }
        let Some(cors) = decision.cors else { return };
        // Browsers do not send such a preflight, so there is no correct answer to it.
        let method = self.facts.requested_method.unwrap_or_default();
        let well_formed = is_token(method.as_bytes());
        let allowed = cors.methods.allow(method);
        observer.note(|| Check::Method {
            result: RequestedResult::of(well_formed.then_some(allowed)),
            method: self.facts.requested_method,
            allowed: cors.methods.header_value(),
            enforced: cors.methods.are_enforced(),
        });
        if !well_formed {
            return decision.refuse(route, Outcome::Reject(Reason::MethodMalformed));
        }
        let headers = cors.request_headers.check(self.facts.requested_headers.unwrap_or_default());
        observer.note(|| Check::Headers {
            result: RequestedResult::of(
                (headers != Err(HeadersRefused::Malformed)).then_some(headers.is_ok()),
            ),
            requested: self.facts.requested_headers,
            header: match headers {
                Err(HeadersRefused::NotAllowed(name)) => Some(name),
                _ => None,
            },
            allowed: cors.request_headers.listed(),
        });
        if headers == Err(HeadersRefused::Malformed) {
            return decision.refuse(route, Outcome::Reject(Reason::HeadersMalformed));
        }
        // In steps 7.5 to 7.7 the browser compares the request with the lists that it receives. The gateway
        // predicts the result here. The method comes first, as in the browser.
        if !allowed {
            decision.outcome = Outcome::Reject(Reason::MethodNotAllowed);
            decision.fails_preflight = cors.methods.only_status_refuses(method);
            if decision.fails_preflight && route.explain == Explain::Console {
                decision.grant = Grant::Explanation(Reason::MethodNotAllowed);
            }
        } else if let Err(HeadersRefused::NotAllowed(name)) = headers {
            decision.outcome = Outcome::Reject(Reason::HeaderNotAllowed);
            decision.offending_header = Some(name);
        }
    }

    /// WebSockets (RFC 6455, 10.2) are outside CORS: a browser connects to any server, and only the server
    /// can reject. So reject a handshake wherever a page could not read the response to a request.
    #[inline(never)]
    fn handshake(
        &self,
        route: &'a Route,
        answers: &Answers<'a>,
        today: Day,
        decision: &mut Decision<'a>,
        observer: &mut impl Observer<'a>,
    ) {
        if self.initiator == Initiator::Unnamed {
            let required = route.websocket.require_origin;
            self.note_origin(observer);
            observer.note(|| Check::Websocket {
                result: match required {
                    true => WebsocketResult::OriginRequired,
                    false => WebsocketResult::OriginNotRequired,
                },
            });
            if required {
                decision.refuse(route, Outcome::Reject(Reason::WebsocketOriginMissing));
            }
            return;
        }
        let admit_any = route.cors.as_ref().is_some_and(Cors::is_any_origin)
            && route.websocket.dangerously_allow_any_origin
            && self.initiator != Initiator::Malformed;
        match self.check_origin(answers, today, observer) {
            OriginCheck::NotCrossOrigin => {}
            _ if admit_any => {
                observer.note(|| Check::Websocket { result: WebsocketResult::AnyOrigin });
                decision.grant = Grant::Anyone;
            }
            OriginCheck::Refused(reason) => return decision.refuse(route, Outcome::Reject(reason)),
            OriginCheck::Listed { origin, entry } => {
                decision.grant = Grant::Origin(origin);
                decision.entry = Some(entry);
            }
        }
        self.unless_other_method(decision, observer);
    }

    /// Any other request: make the CORS check of Fetch before forwarding.
    #[inline(never)]
    fn actual(
        &self,
        route: &'a Route,
        answers: &Answers<'a>,
        today: Day,
        decision: &mut Decision<'a>,
        observer: &mut impl Observer<'a>,
    ) {
        if decision.grant == Grant::Anyone {
            return self.unless_other_method(decision, observer);
        }
        match self.check_origin(answers, today, observer) {
            OriginCheck::NotCrossOrigin => {}
            OriginCheck::Listed { origin, entry } => {
                decision.grant = Grant::Origin(origin);
                decision.entry = Some(entry);
            }
            OriginCheck::Refused(reason) => {
                if reason.is_about_origin() {
                    observer.note(|| Check::OnDisallowed { result: route.on_disallowed });
                }
                let forward = route.on_disallowed == OnDisallowed::Forward && reason.is_about_origin();
                let outcome = match forward {
                    true if self.uses_other_method(observer) => Outcome::Reject(Reason::MethodNotAllowed),
                    true => Outcome::Strip(reason),
                    false => Outcome::Reject(reason),
                };
                return decision.refuse(route, outcome);
            }
        }
        self.unless_other_method(decision, observer);
    }

    /// Rejects a request that would be forwarded but has passed this gateway before.
    fn unless_loop(&self, decision: &mut Decision<'a>, observer: &mut impl Observer<'a>) {
        if decision.is_sent_on() {
            let is_loop = self.facts.is_loop();
            observer.note(|| Check::Loop {
                result: if is_loop { LoopResult::Loop } else { LoopResult::FirstPass },
                hops: self.facts.hops,
            });
            if is_loop {
                decision.outcome = Outcome::Reject(Reason::UpstreamLoop);
            }
        }
    }
}

/// The result of the CORS check.
enum OriginCheck<'a> {
    /// Nothing to check: the request has no `Origin`, or the gateway's own.
    NotCrossOrigin,
    Listed {
        origin: &'a str,
        entry: &'a str,
    },
    Refused(Reason),
}
