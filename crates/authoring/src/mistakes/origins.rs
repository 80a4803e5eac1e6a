//! Mistakes in origins, in the policy and in lists in KV.

use crate::lint::Lint;

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

pub(crate) static NO_ORIGINS: Lint = Lint::error(
    23,
    "CORS rules without origins",
    r#"CORS rules that name nobody allow nobody. If that is meant, `cors = false` says so; otherwise name the origins.

    cors = false"#,
);

pub(crate) static INSECURE_ORIGIN: Lint = Lint::error(
    26,
    "an `http` origin",
    r#"Whoever is on the way between a browser and an `http` page can change the page, and so speak for its origin. Use `https`. Where the network is trusted and nothing secret is read, `dangerously_allow_insecure_origins = true` admits such origins, without credentials."#,
);

pub(crate) static ANY_ORIGIN_HANDSHAKES: Lint = Lint::error(
    36,
    "handshakes more open than the route",
    r#"`dangerously_allow_any_origin` is for routes whose origins are `"*"`. Here the route names its origins, so its handshakes are decided by them. Leave the switch out."#,
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
