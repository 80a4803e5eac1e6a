//! The one decision function: may this request pass, and what may its page read?

use crate::admission::Count;
use crate::allowed::HeadersRefused;
use crate::cors::Cors;
use crate::day::Day;
use crate::document::{Explain, Mode, OnDisallowed};
use crate::facts::{Facts, Initiator, Kind};
use crate::lookup::{Answers, KeyLookup, ListLookup, Search};
use crate::path::RequestPath;
use crate::policy::Policy;
use crate::reason::Reason;
use crate::route::Route;
use crate::token::is_token;

/// What becomes of a request, and why.
#[derive(Clone, Copy, Debug)]
pub struct Decision<'a> {
    /// The id of the policy that decided; none without a policy.
    pub policy_id: Option<&'a str>,
    /// The route that took the request.
    pub route: Option<&'a Route>,
    /// What the request is to CORS.
    pub kind: Kind,
    /// What becomes of it.
    pub outcome: Outcome,
    /// The entry that lists the origin.
    pub entry: Option<&'a str>,
    /// The requested header that is not allowed.
    pub offending_header: Option<&'a str>,
    pub(crate) grant: Grant<'a>,
    pub(crate) policy: Option<&'a Policy>,
    pub(crate) cors: Option<&'a Cors>,
    /// The answer depends on `Origin`.
    pub(crate) varies: bool,
    /// What the route's limits said; nothing unless they were asked.
    pub(crate) counts: &'a [Count],
}

/// What becomes of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It passes: a preflight is answered, anything else forwarded.
    Allow,
    /// It is forwarded, and its response comes back without CORS headers.
    Strip(Reason),
    /// The gateway answers it.
    Reject(Reason),
    /// It goes to the upstream and back untouched, preflights included; enforcement would refuse it
    /// for this reason, or allow it.
    Report(Option<Reason>),
}

/// What `Access-Control-Allow-Origin` says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Grant<'a> {
    /// Nothing.
    Nobody,
    /// `*`.
    Anyone,
    /// The `Origin` of the request, byte for byte, which an entry lists.
    Origin(&'a str),
    /// An origin that cannot exist and names the reason, for browsers to print.
    Explanation(Reason),
}

/// A request for which the route is known, and the KV lookups that its decision needs.
#[derive(Clone, Copy, Debug)]
pub struct Examined<'a> {
    policy: &'a Policy,
    facts: &'a Facts<'a>,
    route: Result<&'a Route, Reason>,
    kind: Kind,
    initiator: Initiator<'a>,
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
        let candidates = policy
            .routes
            .iter()
            .enumerate()
            .filter(|(_, route)| route.answers_for(facts.url.host))
            .map(|(at, route)| (at, route.path()));
        let found = RequestPath::new(facts.url.path)
            .and_then(|path| path.first_match(candidates, policy.plain_paths));
        let route = match found {
            Ok(at) => at.and_then(|at| policy.routes.get(at)).ok_or(Reason::RouteNotFound),
            Err(_) => Err(Reason::PathAmbiguous),
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
        self.search(today).map(Search::lists).unwrap_or_default()
    }

    /// The per-origin keys that must be read before the decision, once the lists are known.
    #[must_use]
    pub fn keys(&self, answers: &Answers<'a>, today: Day) -> Vec<KeyLookup> {
        self.search(today).map(|search| search.keys(answers)).unwrap_or_default()
    }

    /// Decides.
    #[must_use]
    pub fn decide(&self, answers: &Answers<'a>, today: Day) -> Decision<'a> {
        let route = match self.route {
            Ok(route) => route,
            Err(reason) => return self.unrouted(reason, answers, today),
        };
        let enforced = match self.kind {
            Kind::Preflight => self.preflight(route, answers, today),
            Kind::Handshake => self.handshake(route, answers, today),
            Kind::Actual => self.actual(route, answers, today),
        };
        self.unless_loop(match route.mode() {
            Mode::Enforce => enforced,
            Mode::Report => enforced.reported(),
        })
    }

    /// The rules that stand for this request: the route's, or without a route those of
    /// `[defaults.cors]` on the hosts of the policy.
    fn cors(&self) -> Option<&'a Cors> {
        match self.route {
            Ok(route) => route.cors.as_ref(),
            Err(_) => {
                let host = self.facts.url.host;
                let known = self.policy.routes.iter().any(|route| route.answers_for(host));
                self.policy.default_cors.as_ref().filter(|_| known)
            }
        }
    }

    fn search(&self, today: Day) -> Option<Search<'a, '_>> {
        let Initiator::Origin(origin) = &self.initiator else {
            return None;
        };
        Search::new(self.policy, self.cors()?, origin, self.facts.url.host, today)
    }

    /// Fetch, "CORS check": is the response for this origin?
    fn check_origin(&self, answers: &Answers<'a>, today: Day) -> OriginCheck<'a> {
        match &self.initiator {
            Initiator::Unnamed | Initiator::SameOrigin => OriginCheck::NotCrossOrigin,
            Initiator::Opaque => OriginCheck::Refused(Reason::OriginNull),
            Initiator::Malformed => OriginCheck::Refused(Reason::OriginMalformed),
            Initiator::Origin(origin) => match self.search(today) {
                // Without CORS rules a route allows no cross-origin access.
                None => OriginCheck::Refused(Reason::OriginNotListed),
                Some(search) => match search.entry(answers) {
                    Ok(entry) => OriginCheck::Listed { origin: origin.as_str(), entry },
                    Err(reason) => OriginCheck::Refused(reason),
                },
            },
        }
    }

    /// A decision in which nothing is granted yet.
    fn base(&self, route: Option<&'a Route>, outcome: Outcome) -> Decision<'a> {
        let cors = self.cors();
        let any_origin = cors.is_some_and(Cors::is_any_origin) && self.kind != Kind::Handshake;
        Decision {
            policy_id: Some(self.policy.id()).filter(|id| !id.is_empty()),
            route,
            kind: self.kind,
            outcome,
            entry: None,
            offending_header: None,
            policy: Some(self.policy),
            grant: if any_origin { Grant::Anyone } else { Grant::Nobody },
            cors,
            varies: (cors.is_some() || route.is_some()) && !any_origin,
            counts: &[],
        }
    }

    /// No route: refused, and decorated as `[defaults.cors]` says so that pages can read why.
    fn unrouted(&self, reason: Reason, answers: &Answers<'a>, today: Day) -> Decision<'a> {
        let mut decision = self.base(None, Outcome::Reject(reason));
        if decision.cors.is_some()
            && let OriginCheck::Listed { origin, entry } = self.check_origin(answers, today)
            && decision.grant == Grant::Nobody
        {
            decision.grant = Grant::Origin(origin);
            decision.entry = Some(entry);
        }
        decision
    }

    /// Fetch, "CORS-preflight fetch", from the server's side.
    fn preflight(&self, route: &'a Route, answers: &Answers<'a>, today: Day) -> Decision<'a> {
        let mut decision = self.base(Some(route), Outcome::Allow);
        // Step 7: the CORS check comes first. On a route for any origin there is nothing to check.
        if decision.grant == Grant::Nobody {
            match self.check_origin(answers, today) {
                OriginCheck::NotCrossOrigin => return decision,
                OriginCheck::Refused(reason) => return decision.refuse(route, Outcome::Reject(reason)),
                OriginCheck::Listed { origin, entry } => {
                    decision.grant = Grant::Origin(origin);
                    decision.entry = Some(entry);
                }
            }
        }
        let Some(cors) = decision.cors else {
            return decision;
        };
        // A preflight that browsers do not send cannot be answered truthfully.
        let method = self.facts.requested_method.unwrap_or_default();
        if !is_token(method.as_bytes()) {
            return decision.refuse(route, Outcome::Reject(Reason::MethodMalformed));
        }
        let headers = cors.request_headers.check(self.facts.requested_headers.unwrap_or_default());
        if headers == Err(HeadersRefused::Malformed) {
            return decision.refuse(route, Outcome::Reject(Reason::HeadersMalformed));
        }
        // Steps 7.5 to 7.7 happen in the browser, which compares with the lists it is sent; what it
        // will find is known here. It looks at the method first.
        if !cors.methods.allow(method) {
            decision.outcome = Outcome::Reject(Reason::MethodNotAllowed);
        } else if let Err(HeadersRefused::NotAllowed(name)) = headers {
            decision.outcome = Outcome::Reject(Reason::HeaderNotAllowed);
            decision.offending_header = Some(name);
        }
        decision
    }

    /// WebSockets (RFC 6455, 10.2) are outside CORS: browsers connect anywhere, and only the server
    /// can refuse. So a handshake is refused wherever a page's request would not be readable.
    fn handshake(&self, route: &'a Route, answers: &Answers<'a>, today: Day) -> Decision<'a> {
        let mut decision = self.base(Some(route), Outcome::Allow);
        if self.initiator == Initiator::Unnamed {
            if route.websocket.require_origin {
                return decision.refuse(route, Outcome::Reject(Reason::WebsocketOriginMissing));
            }
            return decision;
        }
        let admit_any = route.cors.as_ref().is_some_and(Cors::is_any_origin)
            && route.websocket.dangerously_allow_any_origin
            && self.initiator != Initiator::Malformed;
        match self.check_origin(answers, today) {
            OriginCheck::NotCrossOrigin => {}
            _ if admit_any => decision.grant = Grant::Anyone,
            OriginCheck::Refused(reason) => return decision.refuse(route, Outcome::Reject(reason)),
            OriginCheck::Listed { origin, entry } => {
                decision.grant = Grant::Origin(origin);
                decision.entry = Some(entry);
            }
        }
        decision
    }

    /// Any other request: the CORS check of Fetch, made before the upstream is troubled.
    fn actual(&self, route: &'a Route, answers: &Answers<'a>, today: Day) -> Decision<'a> {
        let mut decision = self.base(Some(route), Outcome::Allow);
        if decision.grant == Grant::Anyone {
            return decision;
        }
        match self.check_origin(answers, today) {
            OriginCheck::NotCrossOrigin => {}
            OriginCheck::Listed { origin, entry } => {
                decision.grant = Grant::Origin(origin);
                decision.entry = Some(entry);
            }
            OriginCheck::Refused(reason) => {
                let forward = route.on_disallowed == OnDisallowed::Forward && reason.is_about_origin();
                let outcome = if forward { Outcome::Strip(reason) } else { Outcome::Reject(reason) };
                return decision.refuse(route, outcome);
            }
        }
        decision
    }

    /// Refuses what would be forwarded but has been here before.
    fn unless_loop(&self, mut decision: Decision<'a>) -> Decision<'a> {
        if decision.is_sent_on() && self.facts.is_loop() {
            decision.outcome = Outcome::Reject(Reason::UpstreamLoop);
        }
        decision
    }
}

/// What the CORS check found.
enum OriginCheck<'a> {
    /// Nothing to check: no `Origin`, or the gateway's own.
    NotCrossOrigin,
    Listed {
        origin: &'a str,
        entry: &'a str,
    },
    Refused(Reason),
}

impl<'a> Decision<'a> {
    /// The decision about a request that no policy is asked about: there is none, or the request
    /// has no URL to ask by.
    #[must_use]
    pub fn without_policy(reason: Reason, kind: Kind, policy_id: Option<&'a str>) -> Self {
        Self {
            policy_id: policy_id.filter(|id| !id.is_empty()),
            route: None,
            kind,
            outcome: Outcome::Reject(reason),
            entry: None,
            offending_header: None,
            policy: None,
            grant: Grant::Nobody,
            cors: None,
            varies: false,
            counts: &[],
        }
    }

    /// Whether the request goes to the upstream.
    #[must_use]
    pub fn is_sent_on(&self) -> bool {
        match self.outcome {
            Outcome::Allow => self.kind != Kind::Preflight,
            Outcome::Strip(_) | Outcome::Report(_) => true,
            Outcome::Reject(_) => false,
        }
    }

    /// The reason, unless the request simply passes. Under [`Outcome::Report`] it is enforcement's, and
    /// nothing is refused for it.
    #[must_use]
    pub fn reason(&self) -> Option<Reason> {
        match self.outcome {
            Outcome::Allow => None,
            Outcome::Strip(reason) | Outcome::Reject(reason) => Some(reason),
            Outcome::Report(reason) => reason,
        }
    }

    /// The decision of a route that only reports. The grant stays: what the gateway itself must answer
    /// there, to a request over its rate limit say, is as readable as under enforcement.
    fn reported(mut self) -> Self {
        self.outcome = Outcome::Report(self.reason());
        // Nothing is refused, so there is no refusal to explain.
        if matches!(self.grant, Grant::Explanation(_)) {
            self.grant = Grant::Nobody;
        }
        self
    }

    /// Takes back what was granted, and says why where the route wants browsers to print it.
    fn refuse(mut self, route: &Route, outcome: Outcome) -> Self {
        self.outcome = outcome;
        self.entry = None;
        self.grant = match (self.reason(), route.explain) {
            (Some(reason), Explain::Console) if reason != Reason::ListUnavailable => {
                Grant::Explanation(reason)
            }
            _ => Grant::Nobody,
        };
        self
    }
}
