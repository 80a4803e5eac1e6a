//! Mistakes in limits and records.

use crate::lint::Lint;

pub(crate) static ZERO_LIMIT: Lint = Lint::error(
    37,
    "a quota or window of 0",
    r#"A quota of 0 would reject every request, and a window of 0 has no meaning. Both must be at least 1.

    quota  = 120
    window = 60"#,
);

pub(crate) static LIMIT_KEY: Lint = Lint::error(
    38,
    "not the key of a limit",
    r#"A limit counts requests by `client_ip`, `origin`, `route` or `header:<name>`. Several of these together form one key. Without any, nothing would be counted.

    by = ["client_ip"]"#,
);

pub(crate) static INVENTED_LIMIT_KEY: Lint = Lint::error(
    39,
    "a limit that the client can escape",
    r#"A client that is not a browser can send any `Origin` and any headers. With a new value in each request, it never reaches the limit. Add a second limit by `client_ip` alone. Adding `client_ip` to the same `by` does not help: the parts of `by` form one key, and a new value in any part makes a new key.

    [[routes.limits]]
    name   = "per-client"
    quota  = 600
    window = 60
    by     = ["client_ip"]   # beside by = ["header:authorization"]"#,
);

pub(crate) static SHARE: Lint = Lint::error(
    40,
    "not a share",
    r#"A share is a number from 0 (nothing) to 1 (everything).

    [records]
    sample_allowed = 0.01"#,
);
