//! Mistakes in limits and records.

use crate::lint::Lint;

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
    r#"`origin` and headers are whatever a client outside a browser cares to send: with a new value in each request it never meets the limit. Put a limit by `client_ip` alone beside it. In the same `by` it would be no help: several keys make one, which a new value in any of them makes anew.

    [[routes.limits]]
    name   = "per-client"
    quota  = 600
    window = 60
    by     = ["client_ip"]   # beside by = ["header:authorization"]"#,
);

pub(crate) static SHARE: Lint = Lint::error(
    40,
    "not a share",
    r#"A share is a number from 0, nothing, to 1, everything.

    [records]
    sample_allowed = 0.01"#,
);
