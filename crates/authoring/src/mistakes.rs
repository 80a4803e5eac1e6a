//! What the reading of the file and the rules of the policy refuse: a code for each kind of mistake,
//! in the terms of the person who makes it. What only the lints know is with them.

use corsgate_policy::host::HostError;
use corsgate_policy::list::LineError;
use corsgate_policy::origin::OriginError;
use corsgate_policy::pattern::PatternError;
use corsgate_policy::token::TokenError;
use corsgate_policy::violation::Violation;

use crate::lint::Lint;

/// The kind of a broken rule.
pub(crate) fn of(violation: &Violation) -> &'static Lint {
    match violation {
        Violation::Version(_) => &VERSION,
        // The id is never the author's: it cannot be wrong in a file.
        Violation::Name | Violation::Id => &NAME,
        Violation::NoRoutes => &NO_ROUTES,
        Violation::DuplicateName => &DUPLICATE_NAME,
        Violation::Pattern(error) => of_pattern(error),
        Violation::Expires(_) => &EXPIRES,
        Violation::Host(_) => &HOST,
        Violation::NoHosts => &NO_HOSTS,
        Violation::Path(_) => &PATH,
        Violation::Unreachable(_) => &UNREACHABLE,
        Violation::Upstream(_) => &UPSTREAM,
        Violation::UnknownUpstream(_) | Violation::UnknownAllowlist(_) => &UNKNOWN_NAME,
        Violation::NoOrigins => &NO_ORIGINS,
        Violation::AnyOriginNotAlone | Violation::AnyOriginInAllowlist => &WILDCARD,
        Violation::CredentialsWithAnyOrigin => &CREDENTIALS_ANY_ORIGIN,
        Violation::CredentialsWithWildcard => &CREDENTIALS_ANY_NAME,
        Violation::InsecureOrigin => &INSECURE_ORIGIN,
        Violation::CredentialsWithInsecureOrigin => &CREDENTIALS_INSECURE_ORIGIN,
        Violation::CredentialsWithAnyPort => &CREDENTIALS_ANY_PORT,
        Violation::CredentialsWithSharedKeys => &CREDENTIALS_SHARED_KEYS,
        Violation::ZeroSeconds => &ZERO_SECONDS,
        Violation::MaxAge => &MAX_AGE,
        Violation::Token(TokenError::NotToken) => &TOKEN,
        Violation::Token(TokenError::ForbiddenMethod) => &FORBIDDEN_METHOD,
        Violation::OwnedHeader => &OWNED_HEADER,
        Violation::FieldValue => &FIELD_VALUE,
        Violation::AnyOriginHandshakesOnListedRoute => &ANY_ORIGIN_HANDSHAKES,
        Violation::ZeroLimit => &ZERO_LIMIT,
        Violation::LimitKey | Violation::NoLimitKey => &LIMIT_KEY,
        Violation::InventedLimitKey => &INVENTED_LIMIT_KEY,
        Violation::Share => &SHARE,
        Violation::SecurityValue(_) => &SECURITY_VALUE,
    }
}

/// The kind of what is no origin pattern.
fn of_pattern(error: &PatternError) -> &'static Lint {
    match error {
        PatternError::Null => &NULL_ORIGIN,
        PatternError::AnyOrigin
        | PatternError::WildcardOnAddress
        | PatternError::WildcardOnCustomScheme
        | PatternError::Origin(OriginError::Host(HostError::Wildcard)) => &WILDCARD,
        PatternError::Origin(_) => &ORIGIN,
    }
}

/// The kind of a bad line in a list.
pub(crate) fn of_line(error: &LineError) -> &'static Lint {
    match error {
        LineError::Pattern(error) => of_pattern(error),
        LineError::WildcardInExactList => &LIST_WILDCARD,
        LineError::Expires(_) => &EXPIRES,
        LineError::UnknownWord => &LIST_WORD,
    }
}

/// All of them, in the order of their codes.
pub(crate) const ALL: [&Lint; 44] = [
    &SYNTAX,
    &UNKNOWN_KEY,
    &MISSING_KEY,
    &WRONG_TYPE,
    &KV_AND_KV_KEYS,
    &ENVIRONMENT,
    &NOT_AVAILABLE,
    &VERSION,
    &TOO_LONG,
    &NO_ROUTES,
    &NAME,
    &DUPLICATE_NAME,
    &ORIGIN,
    &NULL_ORIGIN,
    &WILDCARD,
    &EXPIRES,
    &HOST,
    &NO_HOSTS,
    &PATH,
    &UNREACHABLE,
    &UPSTREAM,
    &UNKNOWN_NAME,
    &NO_ORIGINS,
    &CREDENTIALS_ANY_ORIGIN,
    &CREDENTIALS_ANY_NAME,
    &INSECURE_ORIGIN,
    &CREDENTIALS_INSECURE_ORIGIN,
    &CREDENTIALS_ANY_PORT,
    &CREDENTIALS_SHARED_KEYS,
    &ZERO_SECONDS,
    &MAX_AGE,
    &TOKEN,
    &FORBIDDEN_METHOD,
    &OWNED_HEADER,
    &FIELD_VALUE,
    &ANY_ORIGIN_HANDSHAKES,
    &ZERO_LIMIT,
    &LIMIT_KEY,
    &INVENTED_LIMIT_KEY,
    &SHARE,
    &SECURITY_VALUE,
    &HEADER_TWICE,
    &LIST_WILDCARD,
    &LIST_WORD,
];

pub(crate) static SYNTAX: Lint = Lint::error(
    1,
    "not TOML",
    r#"The file cannot be read as TOML 1.0, so nothing else is said about it. Of several mistakes on a line only the first is shown: it is mostly the cause of the others.

    origins = ["https://app.example.com"]   # a string has quotes, a list has brackets"#,
);

pub(crate) static UNKNOWN_KEY: Lint = Lint::error(
    2,
    "unknown key",
    r#"No table of the policy has a key of this name here. A key that was passed over in silence could be the one that was meant to close something (`credential = false`), so it is refused.

Write the name that is offered, or one of those listed."#,
);

pub(crate) static MISSING_KEY: Lint = Lint::error(
    3,
    "missing key",
    r#"A table lacks a key without which it says nothing. Routes need `name`, `path` and `upstream`; the first two cannot be inherited from `[defaults]`.

    [[routes]]
    name     = "api"
    path     = "/*"
    upstream = "api""#,
);

pub(crate) static WRONG_TYPE: Lint = Lint::error(
    4,
    "a value of another kind",
    r#"A string stands where a list is expected, a number in quotes, a word that is not one of the few. Nothing is converted silently: `credentials = "false"` must not come to mean something.

    credentials = false
    origins     = ["https://app.example.com"]"#,
);

pub(crate) static KV_AND_KV_KEYS: Lint = Lint::error(
    5,
    "an allowlist of two kinds",
    r#"A list in KV is either one text (`kv`) or one key for each origin (`kv_keys`). With both, it would not be known which of them opens the route.

    partners = { kv = "partners" }
    tenants  = { kv_keys = "tenants", scope = "host" }"#,
);

pub(crate) static ENVIRONMENT: Lint = Lint::error(
    6,
    "an environment that replaces nothing",
    r#"An environment replaces entries of the base: allowlists, upstreams and names of hosts, and nothing else. A name that the base does not have would leave the base in force where the author thinks it replaced; an environment that does not exist would compile the base policy under its name.

    [environments.development.allowlists]
    spa = ["http://localhost:5173"]   # `spa` stands in [allowlists]"#,
);

pub(crate) static NOT_AVAILABLE: Lint = Lint::error(
    7,
    "not available in this version",
    r#"The policy asks for something that the gateway of this version does not do. It is refused, because a gateway that cannot record must not pretend to.

Leave `mode` out: the gateway then enforces the policy."#,
);

pub(crate) static VERSION: Lint = Lint::error(
    8,
    "another version of the policy file",
    r#"The version says by which rules the file is read. This tool reads version 1.

    version = 1"#,
);

pub(crate) static TOO_LONG: Lint = Lint::error(
    9,
    "too long for KV",
    r#"KV holds values of up to 25 MiB, and the compiled policy is one value. Long lists belong into KV themselves, where they change without a deploy:

    [allowlists]
    partners = { kv = "partners" }"#,
);

pub(crate) static NO_ROUTES: Lint = Lint::error(
    10,
    "a policy without routes",
    r#"A policy without routes answers every request with 404.

    [[routes]]
    name     = "api"
    path     = "/*"
    upstream = "api""#,
);

pub(crate) static NAME: Lint = Lint::error(
    11,
    "not a name",
    r#"Names of routes, limits, lists and upstreams stand in headers, keys and logs, so they are short and plain: a lower-case letter, then up to 47 of `a-z`, `0-9`, `_` and `-`.

    name = "token-refresh""#,
);

pub(crate) static DUPLICATE_NAME: Lint = Lint::error(
    12,
    "a name that stands twice",
    r#"Decisions, logs and reports name the route or limit that was responsible. Two of one name could not be told apart."#,
);

pub(crate) static ORIGIN: Lint = Lint::error(
    13,
    "not an origin",
    r#"An origin is what browsers send in the `Origin` header, byte for byte: `scheme://host[:port]` in lower case, without a path, a trailing slash, a default port or a user name. Whatever has another form would never match, or, made to match by a lenient comparison, would match too much.

    origins = ["https://app.example.com", "https://app.example.com:8443"]"#,
);

pub(crate) static NULL_ORIGIN: Lint = Lint::error(
    14,
    "`null` as an origin",
    r#"`Origin: null` is sent by every sandboxed frame, and any page can make one of those. Allowing `null` is allowing every site, with credentials if the route has them. No policy can say it.

Serve the page from an origin of its own, and name that."#,
);

pub(crate) static WILDCARD: Lint = Lint::error(
    15,
    "a `*` in the wrong place",
    r#"The grammar has three wildcards: `scheme://*.host` for one or more labels before a host, `:*` for any port, and a lone `"*"` for every origin, which stands in a route and alone. A `*` within a label (`https://*app.example.com`) would match hosts that anybody can register; addresses have no subdomains; schemes of web views and extensions have no owner above them.

    origins = ["https://*.preview.example.com"]"#,
);

pub(crate) static EXPIRES: Lint = Lint::error(
    16,
    "not a day",
    r#"`expires` is the last day on which the entry holds, UTC, that day included. It is a date of the calendar from 1970 on. In a list in KV a line with an unreadable day is left out, so that a slip never makes an entry last for ever.

    staff = [{ origin = "https://admin.example.com", expires = 2031-01-31 }]"#,
);

pub(crate) static HOST: Lint = Lint::error(
    17,
    "not a host",
    r#"Hosts are written as URLs have them: lower case, ASCII (`xn--…` for other scripts), no scheme, no port, no path; `*.example.com` stands for every name under `example.com`. Another form would never match a request.

    hosts = ["api.example.com"]"#,
);

pub(crate) static NO_HOSTS: Lint = Lint::error(
    18,
    "an empty list of hosts",
    r#"A route with an empty list of hosts takes no request. Leave `hosts` out for every host."#,
);

pub(crate) static PATH: Lint = Lint::error(
    19,
    "not a path",
    r#"A path is exact, or a prefix with `/*` at its end. It is written as URL parsing leaves it: absolute, percent-encoded, without empty or dot segments. Another form would never match, and the request would fall to another, perhaps laxer, route.

    path = "/api/*""#,
);

pub(crate) static UNREACHABLE: Lint = Lint::error(
    20,
    "a route that is never reached",
    r#"The first route that fits host and path decides. Another route stands before this one and takes everything, so the rules here, which may be the stricter ones, never apply. Put the narrower route first.

    path = "/auth/refresh"   # before the route with path "/*""#,
);

pub(crate) static UPSTREAM: Lint = Lint::error(
    21,
    "not an upstream",
    r#"An upstream is an absolute `https` URL, `service:NAME` of a service binding, or `zone`. `http` is accepted on loopback only: on any other way, everyone on it could read and change what passes.

    api = "https://origin.example.net/base""#,
);

pub(crate) static UNKNOWN_NAME: Lint = Lint::error(
    22,
    "a name that nothing has",
    r#"A route names an upstream that is not in `[upstreams]`, or an allowlist (`"@name"`) that is not in `[allowlists]`."#,
);

pub(crate) static NO_ORIGINS: Lint = Lint::error(
    23,
    "CORS rules without origins",
    r#"CORS rules that name nobody allow nobody. If that is meant, `cors = false` says so; otherwise name the origins.

    cors = false"#,
);

pub(crate) static CREDENTIALS_ANY_ORIGIN: Lint = Lint::error(
    24,
    "credentials for any origin",
    r#"With credentials and any origin, every site on the web could act as its visitors and read the answers. Browsers refuse the combination; gateways that work around that by reflecting the origin are the classic hole. No policy can say it.

    origins     = ["https://app.example.com"]
    credentials = true"#,
);

pub(crate) static CREDENTIALS_ANY_NAME: Lint = Lint::error(
    25,
    "credentials with `*` as a name",
    r#"With credentials, browsers take `*` among methods and headers as a name like any other, so it allows nothing. List the names.

    methods         = ["PUT", "DELETE"]
    request_headers = ["authorization", "content-type"]
    credentials     = true"#,
);

pub(crate) static INSECURE_ORIGIN: Lint = Lint::error(
    26,
    "an `http` origin",
    r#"Whoever is on the way between a browser and an `http` page can change the page, and so speak for its origin. Use `https`. Where the network is trusted and nothing secret is read, `dangerously_allow_insecure_origins = true` admits such origins, without credentials."#,
);

pub(crate) static CREDENTIALS_INSECURE_ORIGIN: Lint = Lint::error(
    27,
    "credentials for an `http` origin",
    r#"Whoever is on the way between a browser and an `http` page can change the page; with credentials they would act as the visitor. Use `https`, or drop the credentials. Loopback hosts (`http://localhost:5173`) are not concerned."#,
);

pub(crate) static CREDENTIALS_ANY_PORT: Lint = Lint::error(
    28,
    "credentials for any port",
    r#"Any program on a host can listen on some port, not only the one that the operator trusts with sessions. With credentials the port must be named. Loopback hosts are not concerned.

    origins = ["https://kiosk.example.com:8443"]"#,
);

pub(crate) static CREDENTIALS_SHARED_KEYS: Lint = Lint::error(
    29,
    "credentials with keys that hosts share",
    r#"A KV key `origin/<name>/<origin>` opens every host of the route. Where tenants write their own keys, one tenant could open the sessions of another's host. With `scope = "host"` the host is part of the key.

    tenants = { kv_keys = "tenants", scope = "host" }"#,
);

pub(crate) static ZERO_SECONDS: Lint = Lint::error(
    30,
    "a timeout of nothing",
    r#"A timeout of 0 seconds would fail every request. It is at least 1; leave `upload_timeout` out for none."#,
);

pub(crate) static MAX_AGE: Lint = Lint::error(
    31,
    "a max-age over a day",
    r#"Firefox keeps the answer to a preflight for at most 86400 seconds, and no browser keeps it longer. A number above that only hides how long a withdrawn method or header lives on.

    max_age = 600"#,
);

pub(crate) static TOKEN: Lint = Lint::error(
    32,
    "not a method or header name",
    r#"Methods and names of headers are tokens (RFC 9110, 5.6.2): letters, digits and a few marks, without space, colon or comma. One name stands in one string.

    request_headers = ["authorization", "content-type"]"#,
);

pub(crate) static FORBIDDEN_METHOD: Lint = Lint::error(
    33,
    "a method that browsers forbid",
    r#"Browsers never let a page send CONNECT, TRACE or TRACK. To list them allows nothing, and suggests that the upstream may be asked."#,
);

pub(crate) static OWNED_HEADER: Lint = Lint::error(
    34,
    "a header that is not the policy's",
    r#"CORS headers, `Vary`, framing and connection headers, cookies, WebSocket and rate-limit fields belong to the gateway or the protocol. Changed by hand they would contradict the decision, which is how a cache comes to hand one origin's answer to another."#,
);

pub(crate) static FIELD_VALUE: Lint = Lint::error(
    35,
    "not a header value",
    r#"The value of a header is one line of printable ASCII. A line break in it would begin another header."#,
);

pub(crate) static ANY_ORIGIN_HANDSHAKES: Lint = Lint::error(
    36,
    "handshakes more open than the route",
    r#"`dangerously_allow_any_origin` is for routes whose origins are `"*"`. Here the route names its origins, so its handshakes are decided by them. Leave the switch out."#,
);

pub(crate) static ZERO_LIMIT: Lint = Lint::error(
    37,
    "a limit of nothing",
    r#"A quota or window of 0 would refuse everything or mean nothing. Both are at least 1.

    quota  = 120
    window = 60"#,
);

pub(crate) static LIMIT_KEY: Lint = Lint::error(
    38,
    "not the key of a limit",
    r#"A limit counts by `client_ip`, `origin`, `route` or `header:<name>`; several make one key; none would count nothing.

    by = ["client_ip"]"#,
);

pub(crate) static INVENTED_LIMIT_KEY: Lint = Lint::error(
    39,
    "a limit that the client can escape",
    r#"`origin` and headers are whatever a client outside a browser cares to send: with a new value in each request it never meets the limit. Put a limit by `client_ip` beside it.

    by = ["client_ip"]"#,
);

pub(crate) static SHARE: Lint = Lint::error(
    40,
    "not a share",
    r#"A share is a number from 0, nothing, to 1, everything.

    [records]
    sample_allowed = 0.01"#,
);

pub(crate) static SECURITY_VALUE: Lint = Lint::error(
    41,
    "not a value of the header",
    r#"The header has few values, and browsers ignore any other, so a slip turns the protection off without a sign.

    referrer_policy = "strict-origin-when-cross-origin""#,
);

pub(crate) static HEADER_TWICE: Lint = Lint::error(
    42,
    "a header that is set twice",
    r#"Case does not count in the names of headers, but it does in the keys of TOML. Only one of the two values could be sent."#,
);

pub(crate) static LIST_WILDCARD: Lint = Lint::error(
    43,
    "a wildcard in a list of exact origins",
    r#"A list in KV holds exact origins: it changes without a check at the edge, where nobody knows which suffixes are public. With `dangerously_unchecked_wildcards = true` on the list it may hold wildcards, on routes without credentials; `check --list FILE --wildcards` checks such a list."#,
);

pub(crate) static LIST_WORD: Lint = Lint::error(
    44,
    "more than an origin on a line",
    r#"A line of a list in KV holds one origin, then perhaps ` expires=YYYY-MM-DD`, then perhaps a comment. A line with anything else is left out by the gateway.

    https://partner.example expires=2031-06-30  # contract 118"#,
);
