//! Mistakes in methods, request headers and response headers.

use crate::lint::Lint;

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
