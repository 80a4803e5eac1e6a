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
    r#"Names of routes, limits, allowlists and upstreams appear in headers, KV keys and logs, so they are short and plain: a lower-case letter, then up to 47 of `a-z`, `0-9`, `_` and `-`.

    name = "token-refresh""#,
);

pub(crate) static DUPLICATE_NAME: Lint = Lint::error(
    12,
    "a name that is used twice",
    r#"Decisions, logs and reports name the responsible route or limit. Two with the same name could not be told apart."#,
);

pub(crate) static HOST: Lint = Lint::error(
    17,
    "not a host",
    r#"A host is written as in a URL: lower case, ASCII (`xn--…` for other scripts), without a scheme, port or path. `*.example.com` matches every name under `example.com`. A host in any other form would never match a request.

    hosts = ["api.example.com"]"#,
);

pub(crate) static NO_HOSTS: Lint = Lint::error(
    18,
    "an empty list of hosts",
    r#"A route with an empty list of hosts matches no request. Leave `hosts` out to match every host."#,
);

pub(crate) static PATH: Lint = Lint::error(
    19,
    "not a path",
    r#"A path is exact, or a prefix that ends with `/*`. It is written in the form that URL parsing produces: absolute, percent-encoded, without empty or dot segments. A path in any other form would never match, and its requests would match another route with perhaps weaker rules.

    path = "/api/*""#,
);

pub(crate) static UNREACHABLE: Lint = Lint::error(
    20,
    "a route that is never reached",
    r#"The first route that matches host and path decides. An earlier route matches every request that this route could match, so the rules of this route, which may be stricter, never apply. Put the narrower route first.

    path = "/auth/refresh"   # before the route with path "/*""#,
);

pub(crate) static UPSTREAM: Lint = Lint::error(
    21,
    "not an upstream",
    r#"An upstream is an absolute `https` URL, `service:NAME` for a service binding, or `zone`. `http` is accepted only for loopback hosts: on any other network, an attacker could read and change the traffic. The gateway's own bindings (`ASSETS`, `STORE`, `POLICY` and the like) are no upstreams: `service:ASSETS` would serve the console's files on a public host.

    api = "https://origin.example.net/base""#,
);

pub(crate) static UNKNOWN_NAME: Lint = Lint::error(
    22,
    "an unknown upstream or allowlist",
    r#"A route names an upstream that is not in `[upstreams]`, or an allowlist (`"@name"`) that is not in `[allowlists]`."#,
);

pub(crate) static ZERO_SECONDS: Lint = Lint::error(
    30,
    "a timeout of 0",
    r#"With a timeout of 0 seconds every request would fail. The smallest timeout is 1. For no timeout of uploads, leave `upload_timeout` out."#,
);
