//! The checks that led to a decision, in order.
//!
//! The trace decides nothing: [`decide`](mod@crate::decision::decide) itself reports the result of each step
//! to an `Observer`. Without an explanation the observer is `Unobserved`, which compiles to nothing.

mod request;
mod route;

use serde::{Serialize, Serializer};

use crate::decision::facts::Kind;
use crate::grammar::day::Day;
use crate::path::PathPattern;
use crate::policy::document::{Mode, OnDisallowed};

pub use route::{Difference, MOST_NEAR, Near, PassedOver};

/// Receives each check as it is made.
pub(crate) trait Observer<'a> {
    /// Receives a check. The closure runs only if the observer keeps checks.
    fn note(&mut self, check: impl FnOnce() -> Check<'a>);
}

/// Ignores every check.
pub(crate) struct Unobserved;

impl<'a> Observer<'a> for Unobserved {
    #[inline(always)]
    fn note(&mut self, _check: impl FnOnce() -> Check<'a>) {}
}

impl<'a> Observer<'a> for Vec<Check<'a>> {
    fn note(&mut self, check: impl FnOnce() -> Check<'a>) {
        self.push(check());
    }
}

/// One check: its result and the facts behind it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "check", rename_all = "snake_case")]
pub enum Check<'a> {
    /// Whether the URL can be read as a browser would write it. If not, no further check is made.
    Url {
        /// Whether it can be read.
        result: UrlResult,
        /// The host, by which routes are chosen.
        host: Option<&'a str>,
        /// The path, by which routes are chosen.
        path: Option<&'a str>,
    },
    /// Whether a policy is in force.
    Policy {
        /// The state of the policy.
        result: PolicyResult,
        /// Its id.
        id: Option<&'a str>,
    },
    /// Whether servers agree on what the path means.
    Path {
        /// How servers read the path.
        result: PathResult,
        /// The route whose path it is without the slash at its end.
        #[serde(skip_serializing_if = "Option::is_none")]
        route: Option<&'a str>,
    },
    /// The first route that matches the request.
    Route {
        /// Whether a route matches.
        result: RouteResult,
        /// Its name.
        route: Option<&'a str>,
        /// Its path.
        #[serde(serialize_with = "displayed")]
        path: Option<&'a PathPattern>,
        /// How many earlier routes did not match.
        passed_over: PassedOver,
        /// The earlier routes that came closest.
        nearest: Vec<Near<'a>>,
    },
    /// How CORS classifies the request.
    Kind {
        /// The kind of request.
        #[serde(serialize_with = "kind_name")]
        result: Kind,
    },
    /// The CORS rules that apply to the request.
    Rules {
        /// The source of the rules.
        result: RulesResult,
        /// The rules allow any origin.
        any_origin: bool,
        /// The rules allow credentials.
        credentials: bool,
    },
    /// The origin that the request claims.
    Origin {
        /// The class of the origin.
        result: OriginResult,
        /// `Origin`.
        origin: Option<&'a str>,
        /// What is wrong with the origin.
        error: Option<String>,
    },
    /// Whether a list contains the origin.
    List {
        /// The result of the lookup.
        result: ListResult,
        /// Where the list is.
        source: ListSource,
        /// The name of the allowlist; `None` for the route's own entries.
        allowlist: Option<&'a str>,
        /// The key in KV.
        key: Option<String>,
        /// The number of its entries.
        entries: Option<usize>,
        /// The entry that lists the origin, even if it has expired.
        entry: Option<&'a str>,
        /// The last day on which the entry is valid.
        expires: Option<LastDay>,
    },
    /// Whether a handshake needs a listed origin.
    Websocket {
        /// Whether the route requires `Origin`.
        result: WebsocketResult,
    },
    /// Whether the method of a preflight is allowed, or that of a request itself where the route enforces its list.
    Method {
        /// Whether the method is allowed.
        result: RequestedResult,
        /// `Access-Control-Request-Method`, or the method of the request.
        method: Option<&'a str>,
        /// The allowed methods beyond the safelisted ones, or with `enforced` all.
        allowed: &'a str,
        /// Whether safelisted methods are allowed only if they are listed.
        #[serde(skip_serializing_if = "core::ops::Not::not")]
        enforced: bool,
    },
    /// Whether the headers of a preflight are allowed.
    Headers {
        /// Whether the headers are allowed.
        result: RequestedResult,
        /// `Access-Control-Request-Headers`.
        requested: Option<&'a str>,
        /// The first header that is not allowed.
        header: Option<&'a str>,
        /// The allowed headers.
        allowed: &'a str,
    },
    /// How the route treats an actual request from a rejected origin.
    OnDisallowed {
        /// The setting of the route.
        result: OnDisallowed,
    },
    /// Whether the route enforces its rejections.
    Mode {
        /// The mode of the route.
        result: Mode,
    },
    /// Whether a request to be forwarded has passed this gateway before.
    Loop {
        /// Whether it has.
        result: LoopResult,
        /// The gateways it has passed.
        hops: Option<&'a str>,
    },
}

macro_rules! results {
    ($($(#[doc = $of:literal])+ $name:ident { $($(#[doc = $doc:literal])+ $variant:ident),+ })+) => {
        $(
            $(#[doc = $of])+
            #[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
            #[serde(rename_all = "snake_case")]
            pub enum $name { $($(#[doc = $doc])+ $variant),+ }
        )+
    };
}

results! {
    /// The result for a URL.
    UrlResult {
        /// The URL can be read.
        Readable,
        /// The URL cannot be read; [`RequestUrl::parse`](crate::RequestUrl::parse) has the rules.
        Unreadable
    }
    /// The state of the policy.
    PolicyResult {
        /// A policy is in force.
        InForce,
        /// No policy is stored.
        PolicyMissing,
        /// No stored policy can be read.
        PolicyInvalid
    }
    /// The result for a path.
    PathResult {
        /// All servers choose the same route for it.
        Unambiguous,
        /// Servers decode it differently, whatever the routes are.
        Unreadable,
        /// It has encoded slashes that its route does not keep, or that make it match another route.
        EncodedSlashes,
        /// Read loosely, it matches another route.
        Ambiguous,
        /// Without the slash at its end, it is the path of another route.
        TrailingSlash
    }
    /// The result of the search for a route.
    RouteResult {
        /// The route matches the request.
        Found,
        /// No route matches.
        NotFound
    }
    /// The source of the CORS rules.
    RulesResult {
        /// The rules of the route.
        Route,
        /// `[defaults.cors]`, which applies where no route matches.
        Defaults,
        /// There are no rules: only the gateway's own origin is allowed.
        None
    }
    /// The class of an `Origin`.
    OriginResult {
        /// The request has no `Origin`.
        Absent,
        /// The origin is the gateway's own.
        SameOrigin,
        /// The origin is `null`.
        Null,
        /// No browser sends this value.
        Malformed,
        /// The origin is another one, so the lists are asked.
        CrossOrigin
    }
    /// The result of a lookup in a list.
    ListResult {
        /// The list contains the origin.
        Listed,
        /// The list contains the origin, but the entry has expired.
        Expired,
        /// The list does not contain the origin.
        NotListed,
        /// The list contains the origin in an entry that this route ignores.
        NotCounted,
        /// The list could not be read.
        Unavailable,
        /// The list cannot contain such an origin on this route.
        NotAsked
    }
    /// Where a list is stored.
    ListSource {
        /// In the policy.
        Policy,
        /// A text in KV.
        KvList,
        /// A key in KV for each origin.
        KvKey
    }
    /// The result for a handshake.
    WebsocketResult {
        /// The handshake has no `Origin`, which the route requires.
        OriginRequired,
        /// The handshake has no `Origin`, and the route requires none.
        OriginNotRequired,
        /// The route allows any origin.
        AnyOrigin
    }
    /// The result for what a preflight requests.
    RequestedResult {
        /// The route allows it.
        Allowed,
        /// The route does not allow it.
        NotAllowed,
        /// No browser sends this value.
        Malformed
    }
    /// The result of the loop check.
    LoopResult {
        /// The request has not passed this gateway.
        FirstPass,
        /// The request has passed this gateway.
        Loop
    }
}

impl RequestedResult {
    /// The result for `allowed`; `None` means malformed.
    pub(crate) fn of(allowed: Option<bool>) -> Self {
        match allowed {
            Some(true) => Self::Allowed,
            Some(false) => Self::NotAllowed,
            None => Self::Malformed,
        }
    }
}

/// The last day on which an entry is valid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LastDay(Day);

impl LastDay {
    /// The day, unless the entry never expires.
    pub(crate) fn of(day: Day) -> Option<Self> {
        Some(Self(day)).filter(|_| day != Day::NEVER)
    }
}

impl Serialize for LastDay {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

fn displayed<S: Serializer>(value: &Option<impl ToString>, serializer: S) -> Result<S::Ok, S::Error> {
    value.as_ref().map(ToString::to_string).serialize(serializer)
}

pub(crate) fn kind_name<S: Serializer>(kind: &Kind, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(crate::record::columns::kind(*kind))
}
