//! What holds for every decision of every policy, by a slow, obvious evaluation of its document.
//!
//! - `Access-Control-Allow-Origin` is `*` if the route says so, the `Origin` of the request if it is listed today,
//!   an origin under `.invalid` if the route explains, and otherwise absent.
//! - Credentials are never allowed with `*`, nor on a route without credentials.
//! - A rejection grants nothing. A listed origin is never rejected because of its origin.
//! - `Vary` has `Origin` whenever the response depends on it.
//! - A response contains no word that only the client sent.
//! - The upstream gets what the gateway knows about the client, not what the client claims.
//! - The trace of a decision agrees with it.
//! - In report mode, CORS headers pass unchanged, and the rules apply to the gateway's own responses.

mod listing;
mod vocabulary;

use corsgate_policy::decision::decide::{Decision, Examined};
use corsgate_policy::decision::facts::HOP_HEADER;
use corsgate_policy::grammar::day::Day;
use corsgate_policy::grammar::host::HostPattern;
use corsgate_policy::origin::entry::ListPatterns;
use corsgate_policy::origin::list::TextList;
use corsgate_policy::policy::document::{
    CorsDocument, Document, EntryDocument, Explain, Mode, OnDisallowed, RequestDocument, RouteDocument,
};
use corsgate_policy::{Answers, Facts, KeyAnswer, Kind, Outcome, Policy, Reason};

use crate::support::{Request, Response, answer};
use crate::{implied, reference};
use vocabulary::Vocabulary;

/// The content of KV: one text for every list, one result for every key.
pub struct Kv {
    /// `None` if it cannot be read.
    pub list: Option<String>,
    /// The result for every key.
    pub key: KeyAnswer,
}

/// A policy with everything that its decisions depend on.
pub struct Gateway<'a> {
    document: &'a Document,
    policy: &'a Policy,
    kv: &'a Kv,
    today: Day,
    /// The list in KV, as read for exact origins and for patterns.
    lists: Option<[TextList; 2]>,
    vocabulary: Vocabulary,
}

/// The expected result of the CORS check (Fetch, "CORS check").
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Expected {
    /// There is no other origin.
    NotCrossOrigin,
    Anyone,
    Listed,
    Refused(Reason),
}

impl<'a> Gateway<'a> {
    /// A gateway on a day, with the policy of the document.
    #[must_use]
    pub fn new(document: &'a Document, policy: &'a Policy, kv: &'a Kv, today: Day) -> Self {
        let read = |text: &String| {
            [ListPatterns::Exact, ListPatterns::Wildcards].map(|patterns| TextList::parse(text, patterns))
        };
        let vocabulary = Vocabulary::of(document, &upstream_response());
        Self { document, policy, kv, today, lists: kv.list.as_ref().map(read), vocabulary }
    }

    /// Decides about a request, and checks the decision against the rules.
    pub fn check(&self, request: &Request) {
        let facts = request.facts();
        let examined = Examined::new(self.policy, &facts);
        let mut answers = Answers::default();
        for lookup in examined.lists(self.today) {
            let wildcards = usize::from(lookup.list.patterns == ListPatterns::Wildcards);
            answers.add_list(&lookup, self.lists.as_ref().map(|lists| &lists[wildcards].origins));
        }
        for lookup in examined.keys(&answers, self.today) {
            assert!(lookup.key.len() <= 512 && lookup.key.starts_with("origin/"), "{lookup:?}");
            answers.add_key(&lookup, self.kv.key);
        }
        implied::hold(&examined, &answers, self.today);
        let decision = examined.decide(&answers, self.today);
        let response = answer(&decision, &upstream_response());
        let response = match decision.outcome {
            Outcome::Report(_) => {
                check_untouched(&decision, &response);
                let mut own = Response::new(502, []);
                decision.write_own_headers(&mut own.headers);
                own
            }
            Outcome::Allow | Outcome::Strip(_) | Outcome::Reject(_) => response,
        };
        let route = decision.route.map(|found| self.document_of(found.name()));
        let checked = Checked { gateway: self, request, facts: &facts, decision, route, response };
        checked.check_grant();
        checked.check_vary();
        checked.check_words();
        checked.check_forwarding();
    }

    fn document_of(&self, name: &str) -> &RouteDocument {
        let mut routes = self.document.routes.iter();
        routes.find(|route| route.name == name).unwrap_or_else(|| panic!("the policy has a route {name}"))
    }
}

struct Checked<'a> {
    gateway: &'a Gateway<'a>,
    request: &'a Request,
    facts: &'a Facts<'a>,
    decision: Decision<'a>,
    route: Option<&'a RouteDocument>,
    response: Response,
}

impl Checked<'_> {
    /// The rules for the request; without a route, those of the defaults on known hosts.
    fn cors(&self) -> Option<&CorsDocument> {
        if let Some(route) = self.route {
            return route.cors.as_ref();
        }
        let host = self.facts.url.host;
        let known = self.gateway.document.routes.iter().any(|route| match &route.hosts {
            Some(hosts) => {
                hosts.iter().any(|pattern| HostPattern::parse(pattern).is_ok_and(|p| p.matches(host)))
            }
            None => true,
        });
        self.gateway.document.default_cors.as_ref().filter(|_| known)
    }

    fn is_open(&self) -> bool {
        self.cors().is_some_and(|cors| cors.origins == [EntryDocument::Lasting("*".to_owned())])
    }

    fn expected(&self) -> Expected {
        let is_handshake = self.decision.kind == Kind::Handshake;
        if self.is_open() && !is_handshake {
            return Expected::Anyone;
        }
        let origin = match self.facts.origin {
            None => return Expected::NotCrossOrigin,
            Some("null") if self.facts.sec_fetch_site == Some("same-origin") => {
                return Expected::NotCrossOrigin;
            }
            Some(origin) if origin == self.facts.url.origin => return Expected::NotCrossOrigin,
            Some(origin) => origin,
        };
        let admit_any =
            self.is_open() && self.route.is_some_and(|route| route.websocket.dangerously_allow_any_origin);
        match (origin, self.cors()) {
            ("null", _) if admit_any => Expected::Anyone,
            ("null", _) => Expected::Refused(Reason::OriginNull),
            _ if !reference::is_origin(origin) => Expected::Refused(Reason::OriginMalformed),
            (_, _) if admit_any => Expected::Anyone,
            (_, None) => Expected::Refused(Reason::OriginNotListed),
            (_, Some(_)) if self.is_open() => Expected::Refused(Reason::OriginNotListed),
            (origin, Some(cors)) => {
                let any = self.route.is_some_and(|route| route.websocket.dangerously_allow_any_origin);
                let extensions = any || !is_handshake;
                match listing::find(self.gateway, cors, origin, self.facts.url.host, extensions) {
                    Ok(()) => Expected::Listed,
                    Err(reason) => Expected::Refused(reason),
                }
            }
        }
    }

    fn check_grant(&self) {
        let expected = self.expected();
        let all = |name| self.response.headers.all(name).collect::<Vec<_>>();
        let granted = all("access-control-allow-origin");
        let reason = self.decision.reason();
        let malformed = matches!(reason, Some(Reason::MethodMalformed | Reason::HeadersMalformed));
        // A request that loops on a route in report mode may be malformed as well.
        let looped = self.decision.kind == Kind::Preflight && reason == Some(Reason::UpstreamLoop);
        let preflight_malformed = malformed || (looped && granted.is_empty());
        let wanted = match expected {
            _ if preflight_malformed => self.explanation(reason),
            Expected::Anyone | Expected::Listed if self.is_withdrawn() => self.explanation(reason),
            Expected::Anyone => Some("*".to_owned()),
            Expected::Listed => self.facts.origin.map(str::to_owned),
            Expected::Refused(refused) => {
                self.check_refusal(refused);
                self.explanation(if self.is_of_method(refused) { reason } else { Some(refused) })
            }
            Expected::NotCrossOrigin => {
                self.explanation(reason.filter(|reason| *reason == Reason::WebsocketOriginMissing))
            }
        };
        assert_eq!(granted, wanted.as_deref().into_iter().collect::<Vec<_>>(), "{self}");
        let is_granted = matches!(expected, Expected::Anyone | Expected::Listed)
            && !preflight_malformed
            && !self.is_withdrawn();
        assert!(!is_granted || !reason.is_some_and(Reason::is_about_origin), "{self}");
        let credentials = is_granted && self.cors().is_some_and(|cors| cors.credentials);
        assert!(!credentials || granted != ["*"], "{self}");
        let credentials: &[&str] = if credentials { &["true"] } else { &[] };
        assert_eq!(all("access-control-allow-credentials"), credentials, "{self}");
        if !is_granted {
            let mut names = self.response.headers.lines().map(|(name, _)| name);
            let alone =
                |name: &str| name == "access-control-allow-origin" || !name.starts_with("access-control-");
            assert!(names.all(alone), "{self}");
        }
    }

    /// Whether a rejected request that the route forwards ends because of its method.
    fn is_of_method(&self, reason: Reason) -> bool {
        let enforced = self.cors().filter(|cors| cors.enforce_methods);
        let lacks = enforced.is_some_and(|cors| !lists(&cors.methods, self.facts.method));
        let forwards = self.route.is_some_and(|route| route.on_disallowed == OnDisallowed::Forward);
        lacks && forwards && self.decision.kind == Kind::Actual && reason.is_about_origin()
    }

    /// Whether the answer to a preflight names its refused method in place of the origin.
    fn is_withdrawn(&self) -> bool {
        let console =
            self.route.is_some_and(|route| route.explain == Explain::Console && route.mode == Mode::Enforce);
        let asked = self.facts.requested_method.unwrap_or_default();
        let enforced = self.cors().filter(|cors| cors.enforce_methods);
        let blind = enforced.is_some_and(|cors| {
            let safelisted = ["GET", "HEAD", "POST"].iter().any(|name| name.eq_ignore_ascii_case(asked));
            cors.methods.is_empty() || safelisted
        });
        let refused = self.decision.outcome == Outcome::Reject(Reason::MethodNotAllowed);
        self.decision.kind == Kind::Preflight && console && blind && refused
    }

    /// An origin that does not exist, with which a route explains its rejections.
    fn explanation(&self, reason: Option<Reason>) -> Option<String> {
        let console =
            self.route.is_some_and(|route| route.explain == Explain::Console && route.mode == Mode::Enforce);
        let reason = reason.filter(|reason| console && *reason != Reason::ListUnavailable)?;
        Some(format!("https://{}.corsgate.invalid", reason.name().replace('_', "-")))
    }

    /// A rejected origin gets the reason at the edge, unless the route forwards.
    fn check_refusal(&self, reason: Reason) {
        let Some(route) = self.route else {
            assert!(matches!(self.decision.outcome, Outcome::Reject(_)), "{self}");
            return;
        };
        let forward = route.on_disallowed == OnDisallowed::Forward
            && self.decision.kind == Kind::Actual
            && reason.is_about_origin();
        let wanted = match route.mode {
            Mode::Report if self.is_of_method(reason) => Outcome::Report(Some(Reason::MethodNotAllowed)),
            Mode::Report => Outcome::Report(Some(reason)),
            Mode::Enforce if self.is_of_method(reason) => Outcome::Reject(Reason::MethodNotAllowed),
            Mode::Enforce if forward => Outcome::Strip(reason),
            Mode::Enforce => Outcome::Reject(reason),
        };
        let looped = !matches!(wanted, Outcome::Reject(_))
            && self.decision.outcome == Outcome::Reject(Reason::UpstreamLoop);
        assert!(self.decision.outcome == wanted || looped, "expected {wanted:?}: {self}");
        assert!(self.decision.entry.is_none(), "{self}");
    }

    fn check_vary(&self) {
        let vary: Vec<_> = self.response.headers.all("vary").flat_map(|value| value.split(", ")).collect();
        let depends = (self.route.is_some() || self.cors().is_some())
            && (!self.is_open() || self.decision.kind == Kind::Handshake);
        let names: &[&str] = match (depends, self.decision.kind) {
            (false, _) => &[],
            (true, Kind::Preflight) => {
                &["Origin", "Access-Control-Request-Method", "Access-Control-Request-Headers"]
            }
            (true, _) => &["Origin"],
        };
        for name in names {
            assert_eq!(vary.iter().filter(|listed| *listed == name).count(), 1, "{self}");
        }
    }

    /// Each word of the response comes from the policy, the upstream, the gateway, or a listed origin.
    fn check_words(&self) {
        let listed = self.facts.origin.filter(|_| self.expected() == Expected::Listed);
        for (name, value) in self.response.headers.lines() {
            let unknown = self.gateway.vocabulary.unknown(value, listed);
            assert_eq!(unknown, None, "{name} of {self}");
            assert!(value.bytes().all(|byte| (b' '..=b'~').contains(&byte)), "{name} of {self}");
        }
    }

    fn check_forwarding(&self) {
        let preflight = self.decision.kind == Kind::Preflight;
        assert!(!preflight || !matches!(self.decision.outcome, Outcome::Strip(_)), "{self}");
        if !self.decision.is_sent_on() {
            return;
        }
        let Some(route) = self.route else {
            panic!("only a route forwards: {self}");
        };
        let mut headers = self.request.headers.clone();
        self.decision.write_request_headers(self.facts, &mut headers);
        let value = |name| headers.get(name);
        for name in ["forwarded", "x-original-url", "x-rewrite-url"] {
            assert_eq!(value(name), None, "{self}");
        }
        for name in ["x-real-ip", "x-forwarded-for"] {
            assert_eq!(value(name), self.facts.client_ip, "{self}");
        }
        assert_eq!(value("x-forwarded-host"), Some(self.facts.url.authority), "{self}");
        assert_eq!(value("x-forwarded-proto"), Some(self.facts.url.scheme), "{self}");
        let again = Facts { hops: value(HOP_HEADER), ..*self.facts };
        let returned =
            Examined::new(self.gateway.policy, &again).decide(&Answers::default(), self.gateway.today);
        assert!(matches!(returned.outcome, Outcome::Reject(_)), "a request that comes back ends: {self}");
        let own = |name: &str| {
            let RequestDocument { set, remove } = &route.request;
            set.keys().chain(remove).any(|own| own.eq_ignore_ascii_case(name))
        };
        for (name, written) in &route.request.set {
            let sent = match written.rsplit_once("secret:") {
                Some((scheme, secret)) => format!("{scheme}<{secret}>"),
                None => written.clone(),
            };
            assert_eq!(headers.all(name).collect::<Vec<_>>(), [sent.as_str()], "{name} of {self}");
        }
        for name in route.request.remove.iter().filter(|name| !name.eq_ignore_ascii_case("origin")) {
            let is_set = route.request.set.keys().any(|set| set.eq_ignore_ascii_case(name));
            assert!(is_set || value(name).is_none(), "{name} of {self}");
        }
        if route.mode == Mode::Report {
            for name in ASKED.into_iter().filter(|name| *name == "origin" || !own(name)) {
                assert_eq!(value(name), self.request.headers.get(name), "{name} of {self}");
            }
        } else if self.decision.kind == Kind::Handshake {
            assert!(own("origin") || value("origin") == self.facts.origin, "{self}");
            let credentials = route.cors.as_ref().is_some_and(|cors| cors.credentials);
            let kept =
                |name| own(name) || value(name) == self.request.headers.get(name).filter(|_| credentials);
            assert!(kept("cookie") && kept("authorization"), "{self}");
        }
        if route.forward_origin {
            assert!(own("origin") || value("origin") == self.facts.origin, "{self}");
        }
    }
}

/// Whether an enforced list has a method. `GET` stands for `HEAD` too.
fn lists(methods: &[String], method: &str) -> bool {
    let usual = ["DELETE", "GET", "HEAD", "OPTIONS", "POST", "PUT"];
    let method = usual.into_iter().find(|name| name.eq_ignore_ascii_case(method)).unwrap_or(method);
    methods.iter().any(|listed| listed == "*" || listed == method || (listed == "GET" && method == "HEAD"))
}

impl std::fmt::Display for Checked<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { request, decision, response, .. } = self;
        let document = serde_json::to_string_pretty(self.gateway.document).unwrap_or_default();
        write!(f, "{request:#?}\n{decision:#?}\n{response:#?}\n{document}\n{:?}", self.gateway.kv.list)
    }
}

/// The headers by which a page asks the upstream.
const ASKED: [&str; 5] =
    ["origin", "access-control-request-method", "access-control-request-headers", "cookie", "authorization"];

/// Every line of the upstream is a CORS header, and stays a separate line.
fn check_untouched(decision: &Decision<'_>, response: &Response) {
    let upstream = upstream_response();
    for (name, _) in upstream.headers.lines() {
        let (sent, came) = (upstream.headers.all(name), response.headers.all(name));
        assert!(sent.eq(came), "{name} of {response:?}: {decision:?}");
    }
    let is_cors = |name: &str| name.starts_with("access-control-") || name.starts_with("corsgate-");
    let added =
        response.headers.lines().find(|(name, _)| is_cors(name) && upstream.headers.get(name).is_none());
    assert_eq!(added, None, "{response:?}: {decision:?}");
}

/// An upstream that claims to allow everything.
fn upstream_response() -> Response {
    Response::new(
        200,
        [
            ("access-control-allow-origin", "*"),
            ("access-control-allow-credentials", "true"),
            ("access-control-expose-headers", "x-secret"),
            ("corsgate-decision", "allow"),
            ("vary", "Accept-Encoding"),
            ("timing-allow-origin", "*"),
        ],
    )
}
