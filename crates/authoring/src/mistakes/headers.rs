//! Mistakes in methods, request headers and response headers.

use crate::lint::Lint;

pub(crate) static MAX_AGE: Lint = Lint::error(
    31,
    "a max-age of more than a day",
    r#"Firefox caches a preflight response for at most 86400 seconds, and no browser caches it longer. A greater number only hides how long browsers keep using a method or header that you have removed.

    max_age = 600"#,
);

pub(crate) static TOKEN: Lint = Lint::error(
    32,
    "not a method or header name",
    r#"Methods and header names are tokens (RFC 9110, 5.6.2): letters, digits and a few punctuation characters, but no space, colon or comma. Write each name in a string of its own.

    request_headers = ["authorization", "content-type"]"#,
);

pub(crate) static FORBIDDEN_METHOD: Lint = Lint::error(
    33,
    "a method that browsers forbid",
    r#"Browsers never let a page send CONNECT, TRACE or TRACK. Listing one of them allows nothing, and wrongly suggests that the upstream may receive it."#,
);

pub(crate) static OWNED_HEADER: Lint = Lint::error(
    34,
    "a header that a policy cannot change",
    r#"The gateway or the protocol sets CORS headers, `Vary`, framing and connection headers, cookies, WebSocket and rate-limit fields. A value set by hand would contradict the decision: a wrong `Vary`, for example, makes a cache send the response for one origin to another.

In a request to the upstream, the gateway alone says who the client is and which host, scheme and URL it asked for (`X-Forwarded-*`, `Forwarded`, `X-Real-IP` and the like); Cloudflare and the browser answer for `CF-*` and `Sec-*`; and the connection for framing. `Origin` can be removed, but not set: an upstream must be able to trust it."#,
);

pub(crate) static SECRET: Lint = Lint::error(
    260,
    "not a secret that a header can hold",
    r#"A value of `[routes.request]` with `secret:` names a secret or variable of the Worker: `secret:NAME` alone, or after one word and a space. No other text can stand beside it. Otherwise a typo would send the reference itself to the upstream. The name is that of a binding: letters, digits and `_`. The gateway's own secrets and bindings (`ADMIN_TOKEN`, `ANALYTICS_TOKEN`, `POLICY` and the like) cannot be sent. The value never stands in the policy: `npx wrangler secret put PARTNER_KEY` stores it.

    [routes.request]
    set = { authorization = "Bearer secret:PARTNER_KEY" }"#,
);

pub(crate) static FIELD_VALUE: Lint = Lint::error(
    35,
    "not a header value",
    r#"A header value is one line of printable ASCII. A line break in it would start another header."#,
);

pub(crate) static SECURITY_VALUE: Lint = Lint::error(
    41,
    "not a valid value for the header",
    r#"The header allows only a few values, and browsers ignore any other. So a typo silently turns the protection off.

    referrer_policy = "strict-origin-when-cross-origin""#,
);

pub(crate) static HEADER_TWICE: Lint = Lint::error(
    42,
    "a header that is set twice",
    r#"Header names are case-insensitive, but TOML keys are not, so the same header can be written twice. Only one of the two values could be sent."#,
);

pub(crate) static STRAY_WILDCARD: Lint = Lint::error(
    70,
    "a `*` in the middle of a header name",
    r#"In `request_headers` and `exposed_headers` a `*` means every name when it stands alone, and every name with the same beginning when it is the last character (a family). There are no other patterns, and no regular expressions.

    request_headers = ["x-amz-meta-*", "x-amz-acl"]   # and not "x-*-meta""#,
);

pub(crate) static RESERVED_FAMILY: Lint = Lint::error(
    71,
    "a family of headers with reserved names",
    r#"A family (`x-amz-meta-*`) may not have names that browsers, gateways and proxies use between themselves (`Access-Control-*`, `Corsgate-*`, `Proxy-*`, `Sec-*`), nor `Authorization`, `Cookie` or `Set-Cookie`. So a beginning as short as `a*` or `se*` is refused too. Write a longer beginning, or list the names. If pages may send a token, list `authorization`.

    request_headers = ["authorization", "x-amz-*"]"#,
);

pub(crate) static UNKNOWN_PRESET: Lint = Lint::error(
    72,
    "an unknown preset",
    r#"A preset has the methods and headers that a protocol asks of CORS under one name. `corsgate presets` lists them, and `corsgate presets mcp` shows what one adds to a route.

    presets = ["mcp"]"#,
);
