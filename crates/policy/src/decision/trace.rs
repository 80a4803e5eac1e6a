//! The checks that led to a decision, in the order in which they were made.
//!
//! The trace decides nothing: [`decide`](mod@crate::decision::decide) itself tells an `Observer` what each of
//! its steps has found. Where nobody asks, the observer is `Unobserved`, and compiles to nothing.

mod request;
mod route;

use serde::{Serialize, Serializer};

use crate::decision::facts::Kind;
use crate::grammar::day::Day;
use crate::path::PathPattern;
use crate::policy::document::{Mode, OnDisallowed};

pub use route::{Difference, MOST_NEAR, Near, PassedOver};

/// Is told of each check when it is made.
pub(crate) trait Observer<'a> {
    /// Takes a check. What it found is put together only for who wants to know.
    fn note(&mut self, check: impl FnOnce() -> Check<'a>);
}

/// Nobody.
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

/// One check, what it found, and on what that rests.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "check", rename_all = "snake_case")]
pub enum Check<'a> {
    /// Whether the URL can be read as a browser would write it. Nothing else is asked where it cannot.
    Url {
        /// What was found.
        result: UrlResult,
        /// The host, by which routes are chosen.
        host: Option<&'a str>,
        /// The path, likewise.
        path: Option<&'a str>,
    },
    /// Which policy is asked.
    Policy {
        /// What was found.
        result: PolicyResult,
        /// Its id.
        id: Option<&'a str>,
    },
    /// Whether servers agree on what the path means.
    Path {
        /// What was found.
        result: PathResult,
    },
    /// The first route that takes the request.
    Route {
        /// What was found.
        result: RouteResult,
        /// Its name.
        route: Option<&'a str>,
        /// Its path.
        #[serde(serialize_with = "displayed")]
        path: Option<&'a PathPattern>,
        /// How many routes before it did not.
        passed_over: PassedOver,
        /// Those of them that came nearest.
        nearest: Vec<Near<'a>>,
    },
    /// What the request is to CORS.
    Kind {
        /// What was found.
        #[serde(serialize_with = "kind_name")]
        result: Kind,
    },
    /// The CORS rules that stand for the request.
    Rules {
        /// Whose rules they are.
        result: RulesResult,
        /// They allow any origin.
        any_origin: bool,
        /// They allow credentials.
        credentials: bool,
    },
    /// Whom the request says it comes from.
    Origin {
        /// What was found.
        result: OriginResult,
        /// `Origin`.
        origin: Option<&'a str>,
        /// What is wrong with it.
        error: Option<String>,
    },
    /// Whether a list has the origin.
    List {
        /// What was found.
        result: ListResult,
        /// Where the list is.
        source: ListSource,
        /// The name of the allowlist; none for the route's own entries.
        allowlist: Option<&'a str>,
        /// The key in KV.
        key: Option<String>,
        /// The number of its entries.
        entries: Option<usize>,
        /// The entry that lists the origin, or did until it expired.
        entry: Option<&'a str>,
        /// The last day of that.
        expires: Option<LastDay>,
    },
    /// Whether a handshake needs a listed origin.
    Websocket {
        /// What was found.
        result: WebsocketResult,
    },
    /// Whether the method of a preflight is allowed.
    Method {
        /// What was found.
        result: RequestedResult,
        /// `Access-Control-Request-Method`.
        method: Option<&'a str>,
        /// The allowed ones, beside those that always are.
        allowed: &'a str,
    },
    /// Whether the headers of a preflight are allowed.
    Headers {
        /// What was found.
        result: RequestedResult,
        /// `Access-Control-Request-Headers`.
        requested: Option<&'a str>,
        /// The first that is not.
        header: Option<&'a str>,
        /// The allowed ones.
        allowed: &'a str,
    },
    /// What the route does with an actual request of a refused origin.
    OnDisallowed {
        /// What was found.
        result: OnDisallowed,
    },
    /// Whether the route carries its refusals out.
    Mode {
        /// What was found.
        result: Mode,
    },
    /// Whether what would be forwarded has been here before.
    Loop {
        /// What was found.
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
    /// Of a URL.
    UrlResult {
        /// It is.
        Readable,
        /// It is not: [`RequestUrl::parse`](crate::RequestUrl::parse) says what that takes.
        Unreadable
    }
    /// Of the policy.
    PolicyResult {
        /// There is one.
        InForce,
        /// There is none.
        PolicyMissing,
        /// None can be read.
        PolicyInvalid
    }
    /// Of a path.
    PathResult {
        /// It has one reading, as far as routes go.
        Unambiguous,
        /// Servers decode it differently, whatever the routes are.
        Unreadable,
        /// Read loosely it belongs to another route.
        Ambiguous
    }
    /// Of the search for a route.
    RouteResult {
        /// This one takes the request.
        Found,
        /// None does.
        NotFound
    }
    /// Of the search for rules.
    RulesResult {
        /// The route's.
        Route,
        /// Those of `[defaults.cors]`, which decorate what has no route.
        Defaults,
        /// There are none: no origin but the gateway's own is allowed.
        None
    }
    /// Of an `Origin`.
    OriginResult {
        /// There is none.
        Absent,
        /// It is the gateway's own.
        SameOrigin,
        /// It is `null`.
        Null,
        /// No browser sends it.
        Malformed,
        /// It is another's, so that lists are asked.
        CrossOrigin
    }
    /// Of a list.
    ListResult {
        /// It has the origin.
        Listed,
        /// It has the origin until a day that has passed.
        Expired,
        /// It has not.
        NotListed,
        /// It has, by an entry that does not count on this route.
        NotCounted,
        /// It could not be read.
        Unavailable,
        /// It cannot hold such an origin on this route.
        NotAsked
    }
    /// Where a list is.
    ListSource {
        /// In the policy.
        Policy,
        /// A text in KV.
        KvList,
        /// A key in KV for each origin.
        KvKey
    }
    /// Of a handshake.
    WebsocketResult {
        /// It has no `Origin`, which the route requires.
        OriginRequired,
        /// It has no `Origin`, and the route requires none.
        OriginNotRequired,
        /// The route admits any origin.
        AnyOrigin
    }
    /// Of what a preflight asks for.
    RequestedResult {
        /// It is allowed.
        Allowed,
        /// It is not.
        NotAllowed,
        /// No browser asks so.
        Malformed
    }
    /// Of the gateways that a request has passed.
    LoopResult {
        /// This one is not among them.
        FirstPass,
        /// This one is.
        Loop
    }
}

impl RequestedResult {
    /// Whether it is allowed; nothing for what is malformed.
    pub(crate) fn of(allowed: Option<bool>) -> Self {
        match allowed {
            Some(true) => Self::Allowed,
            Some(false) => Self::NotAllowed,
            None => Self::Malformed,
        }
    }
}

/// The last day on which an entry is good.
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
