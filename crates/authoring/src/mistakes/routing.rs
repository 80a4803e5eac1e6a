//! Mistakes in the requests that a route takes and in its upstream.

use crate::lint::Lint;

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

pub(crate) static ZERO_SECONDS: Lint = Lint::error(
    30,
    "a timeout of nothing",
    r#"A timeout of 0 seconds would fail every request. It is at least 1; leave `upload_timeout` out for none."#,
);
