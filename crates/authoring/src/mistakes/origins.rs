//! Mistakes in origins, in the policy and in lists in KV.

use crate::lint::Lint;

pub(crate) static ORIGIN: Lint = Lint::error(
    13,
    "not an origin",
    r#"An origin is what browsers send in the `Origin` header, byte for byte: `scheme://host[:port]` in lower case, without a path, a trailing slash, a default port or a user name. An entry in any other form would never match, and a lenient comparison would match too much.

    origins = ["https://app.example.com", "https://app.example.com:8443"]"#,
);

pub(crate) static NULL_ORIGIN: Lint = Lint::error(
    14,
    "`null` as an origin",
    r#"Every sandboxed frame sends `Origin: null`, and any page can create such a frame. Allowing `null` would allow every site, with credentials if the route allows them. So a policy cannot allow it.

Serve the page from an origin of its own, and list that origin."#,
);

pub(crate) static WILDCARD: Lint = Lint::error(
    15,
    "a `*` in the wrong place",
    r#"The grammar has three wildcards: `scheme://*.host` for one or more labels before a host, `:*` for any port, and `"*"` for every origin, which must be the only origin of a route. A `*` within a label (`https://app-*.pages.dev`) would match hosts that anybody can register: whoever deploys a site with the name `app-evil` gets the origin `https://app-evil.pages.dev`, and with it your users' responses. IP addresses have no subdomains. The hosts of web views and extensions (`app://…`, `chrome-extension://…`) have no common owner.

    origins = ["https://*.preview.example.com"]

For previews on a shared domain, let CI allow each deployment by its exact origin, in a list of keys that KV forgets by itself (`previews = { kv_keys = "previews" }`; https://github.com/corsgate/corsgate/blob/main/docs/previews.md has the workflows):

    corsgate list add previews https://pr-7.app.pages.dev --expires 7d"#,
);

pub(crate) static EXPIRES: Lint = Lint::error(
    16,
    "not a day",
    r#"`expires` is the last day on which the entry is valid, in UTC and including that day. It must be a calendar date from 1970-01-01 on. In a list in KV, the gateway ignores a line whose date it cannot read, so that a typo never makes an entry valid for ever.

    staff = [{ origin = "https://admin.example.com", expires = 2031-01-31 }]"#,
);

pub(crate) static NO_ORIGINS: Lint = Lint::error(
    23,
    "CORS rules without origins",
    r#"CORS rules without origins allow no origin. If you mean that, write `cors = false`. Otherwise list the origins.

    cors = false"#,
);

pub(crate) static INSECURE_ORIGIN: Lint = Lint::error(
    26,
    "an `http` origin",
    r#"An attacker on the network between a browser and an `http` page can change the page, and so send requests from its origin. Use `https`. If the network is trusted and the responses are not secret, `dangerously_allow_insecure_origins = true` allows such origins, without credentials."#,
);

pub(crate) static ANY_EXTENSION: Lint = Lint::error(
    250,
    "every extension of Firefox",
    r#"Firefox gives each installation of an extension a random origin, so a policy cannot list the origin of one extension. `moz-extension://*` allows every extension of Firefox. If all of them may read the responses, `dangerously_allow_any_extension = true` in `[routes.cors]` allows the pattern, without credentials. For WebSocket handshakes the pattern counts only with `dangerously_allow_any_origin` in `[routes.websocket]`.

    origins = ["moz-extension://*"]
    dangerously_allow_any_extension = true"#,
);

pub(crate) static CREDENTIALS_ANY_EXTENSION: Lint = Lint::error(
    251,
    "credentials for every extension of Firefox",
    r#"With credentials, every extension that a visitor has installed could act as the visitor and read the responses. So `moz-extension://*` is never allowed with credentials, with or without `dangerously_allow_any_extension`. An extension can ask for host permissions instead, or send a token on a route without credentials."#,
);

pub(crate) static ANY_ORIGIN_HANDSHAKES: Lint = Lint::error(
    36,
    "handshakes from more origins than the route allows",
    r#"`dangerously_allow_any_origin` is for routes whose origins are `"*"`, or that have `dangerously_allow_any_extension`. This route lists its origins, and they apply to handshakes too. Leave the switch out."#,
);

pub(crate) static LIST_WILDCARD: Lint = Lint::error(
    43,
    "a wildcard in a list of exact origins",
    r#"A list in KV holds exact origins. It can change at any time, and the gateway cannot check its wildcards, because it does not know which suffixes are public. With `dangerously_unchecked_wildcards = true`, the list may hold wildcards, which apply on routes without credentials. Check such a list with `check --list FILE --wildcards`."#,
);

pub(crate) static LIST_WORD: Lint = Lint::error(
    44,
    "more than one origin on a line",
    r#"A line of a list in KV holds one origin, optionally followed by ` expires=YYYY-MM-DD` and a comment. The gateway ignores a line with anything else.

    https://partner.example expires=2031-06-30  # contract 118"#,
);
