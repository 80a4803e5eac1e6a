//! The rules that a policy can break, and the places where it breaks them.

use core::fmt;

use crate::grammar::day::InvalidDay;
use crate::grammar::host::HostError;
use crate::grammar::token::TokenError;
use crate::origin::pattern::PatternError;
use crate::path::PathError;
use crate::policy::upstream::UpstreamError;

/// A place in a compiled policy that breaks a rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Where the rule is broken.
    pub place: DocumentPath,
    /// The rule.
    pub violation: Violation,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.place, self.violation)
    }
}

/// A path into the document: keys and indices from the top.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DocumentPath(Vec<Step>);

/// One step of a [`DocumentPath`].
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Step {
    /// A key of an object.
    Key(String),
    /// A position in an array.
    Index(usize),
}

impl DocumentPath {
    /// The value under a key of this place.
    #[must_use]
    pub fn key(&self, key: &str) -> Self {
        self.step(Step::Key(key.to_owned()))
    }

    /// The element at a position of this place.
    #[must_use]
    pub fn index(&self, index: usize) -> Self {
        self.step(Step::Index(index))
    }

    fn step(&self, step: Step) -> Self {
        Self(self.0.iter().cloned().chain([step]).collect())
    }

    /// The enclosing place; the top encloses itself.
    #[must_use]
    pub fn parent(&self) -> Self {
        let mut steps = self.0.clone();
        steps.pop();
        Self(steps)
    }

    /// The steps from the top of the document.
    #[must_use]
    pub fn steps(&self) -> &[Step] {
        &self.0
    }

    /// Whether this is the whole document.
    #[must_use]
    pub fn is_top(&self) -> bool {
        self.0.is_empty()
    }
}

impl fmt::Display for DocumentPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_top() {
            return f.write_str("policy");
        }
        for (at, step) in self.0.iter().enumerate() {
            match step {
                Step::Key(key) if at == 0 => f.write_str(key)?,
                Step::Key(key) => write!(f, ".{key}")?,
                Step::Index(index) => write!(f, "[{index}]")?,
            }
        }
        Ok(())
    }
}

/// A rule that a policy breaks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Violation {
    /// This gateway cannot read the version.
    Version(u32),
    /// An id that is not 16 hex digits.
    Id,
    /// A policy without routes.
    NoRoutes,
    /// A name outside `[a-z][a-z0-9_-]{0,47}`.
    Name,
    /// Two routes, or two limits of a route, have the same name.
    DuplicateName,
    /// Not an origin pattern.
    Pattern(PatternError),
    /// Not a day.
    Expires(InvalidDay),
    /// Not a host pattern.
    Host(HostError),
    /// An empty list of hosts: the route would match nothing.
    NoHosts,
    /// Not a path pattern.
    Path(PathError),
    /// This earlier route matches every request of the route, or makes it ambiguous.
    Unreachable(String),
    /// Not an upstream.
    Upstream(UpstreamError),
    /// No upstream has the name.
    UnknownUpstream(String),
    /// No allowlist has the name.
    UnknownAllowlist(String),
    /// CORS rules without origins.
    NoOrigins,
    /// `*` beside other origins.
    AnyOriginNotAlone,
    /// `*` among the entries of an allowlist.
    AnyOriginInAllowlist,
    /// Credentials for any origin.
    CredentialsWithAnyOrigin,
    /// Credentials with `*` among methods or headers, which browsers treat as a literal name.
    CredentialsWithWildcard,
    /// An `http` origin of another machine without the switch that admits it.
    InsecureOrigin,
    /// `moz-extension://*` without `dangerously_allow_any_extension`.
    AnyExtension,
    /// `moz-extension://*` with credentials.
    CredentialsWithAnyExtension,
    /// An `http` origin of another machine with credentials.
    CredentialsWithInsecureOrigin,
    /// Any port of another machine with credentials.
    CredentialsWithAnyPort,
    /// Credentials with keys that all hosts share.
    CredentialsWithSharedKeys,
    /// A timeout of 0 seconds.
    ZeroSeconds,
    /// A max-age of more than a day.
    MaxAge,
    /// Not a method or a header name.
    Token(TokenError),
    /// A header that the gateway, the protocol or the connection controls.
    OwnedHeader,
    /// A header of the request that the gateway, the browser or the connection controls.
    OwnedRequestHeader,
    /// A value that a header field cannot have.
    FieldValue,
    /// A value with `secret:` that is not `secret:NAME`, alone or after one word.
    Secret,
    /// A secret or variable that the gateway itself reads.
    OwnSecret,
    /// WebSockets from any origin on a route that does not allow any origin.
    AnyOriginHandshakesOnListedRoute,
    /// A quota or window of 0.
    ZeroLimit,
    /// Not `client_ip`, `origin`, `route` or `header:<name>`.
    LimitKey,
    /// A limit without a key.
    NoLimitKey,
    /// A limit whose key the client chooses, without a limit by `client_ip` on the route.
    InventedLimitKey,
    /// Not a share from 0 to 1.
    Share,
    /// A value that the header does not allow.
    SecurityValue(&'static [&'static str]),
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = match self {
            Self::Version(version) => {
                return write!(f, "this gateway cannot read version {version} of the policy");
            }
            Self::Pattern(error) => return error.fmt(f),
            Self::Expires(error) => return error.fmt(f),
            Self::Host(error) => return error.fmt(f),
            Self::Path(error) => return error.fmt(f),
            Self::Upstream(error) => return error.fmt(f),
            Self::Token(error) => return error.fmt(f),
            Self::Unreachable(route) => {
                return write!(f, "route `{route}` matches every request before this route can");
            }
            Self::UnknownUpstream(name) => return write!(f, "no upstream has the name `{name}`"),
            Self::UnknownAllowlist(name) => return write!(f, "no allowlist has the name `{name}`"),
            Self::SecurityValue(values) => {
                return write!(f, "the value must be one of: {}", values.join(", "));
            }
            Self::Id => "the id must be 16 hex digits",
            Self::NoRoutes => "a policy needs at least one route",
            Self::Name => "a name is a lower-case letter, then up to 47 of `a-z`, `0-9`, `_` and `-`",
            Self::DuplicateName => "the name is used twice",
            Self::NoHosts => "an empty list of hosts matches no request; leave it out to match every host",
            Self::NoOrigins => "CORS rules without origins allow nobody; write `cors = false` for that",
            Self::AnyOriginNotAlone => "`*` already matches every origin; write it alone",
            Self::AnyOriginInAllowlist => {
                "an allowlist cannot contain `*`; only a route can, as its only origin"
            }
            Self::CredentialsWithAnyOrigin => {
                "credentials need named origins; `*` would open them to every site"
            }
            Self::CredentialsWithWildcard => {
                "with credentials, browsers treat `*` as a literal name; list the names"
            }
            Self::AnyExtension => {
                "`moz-extension://*` is every extension of Firefox; set `dangerously_allow_any_extension` \
                 if all of them may read the responses"
            }
            Self::CredentialsWithAnyExtension => {
                "any extension could read responses with credentials; list exact origins"
            }
            Self::InsecureOrigin => {
                "anyone on the network path can impersonate an `http` origin; use `https`, \
                 or set `dangerously_allow_insecure_origins`"
            }
            Self::CredentialsWithInsecureOrigin => {
                "an `http` origin cannot have credentials: anyone on the network path can impersonate it"
            }
            Self::CredentialsWithAnyPort => {
                "credentials need a fixed port: any program on that host can listen on another port"
            }
            Self::CredentialsWithSharedKeys => {
                "with credentials, the keys need `scope = \"host\"`, so that a key allows its origin on one host only; \
                 or set `dangerously_share_keys`"
            }
            Self::ZeroSeconds => "a timeout must be at least 1 second",
            Self::MaxAge => "a max-age is at most 86400 seconds; no browser keeps a preflight longer",
            Self::OwnedHeader => {
                "the gateway or the protocol controls this header; a policy cannot set or remove it"
            }
            Self::OwnedRequestHeader => {
                "the gateway, the browser or the connection controls this header; a policy cannot set or remove it"
            }
            Self::Secret => {
                "a secret is `secret:NAME`, alone or after one word and a space, as in `Bearer secret:PARTNER_KEY`; \
                 the name has letters, digits and `_`"
            }
            Self::OwnSecret => "the gateway itself uses this name; no upstream may get its value",
            Self::FieldValue => "a header value is one line of printable ASCII",
            Self::AnyOriginHandshakesOnListedRoute => {
                "only a route that allows any origin, or any extension, can accept handshakes from any"
            }
            Self::ZeroLimit => "quota and window must be at least 1",
            Self::LimitKey => "a limit key must be `client_ip`, `origin`, `route` or `header:<name>`",
            Self::NoLimitKey => "a limit needs at least one key in `by`",
            Self::InventedLimitKey => {
                "the client can choose any value for this key; add a limit by `client_ip` to the route"
            }
            Self::Share => "a share is a number from 0 to 1",
        };
        f.write_str(text)
    }
}

impl core::error::Error for Violation {}
