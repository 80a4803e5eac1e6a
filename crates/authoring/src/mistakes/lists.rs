//! Lines of a list in KV that not every route accepts.

use crate::lint::Lint;

pub(crate) static NOT_COUNTED: Lint = Lint::error(
    120,
    "a line that a route ignores",
    r#"Each route applies its own rules to each line of a list in KV. A route with credentials ignores wildcards and `http` origins other than loopback. A route without credentials accepts `http` origins only with `dangerously_allow_insecure_origins = true`. For such a route the gateway behaves as if the line were not in the list. The log (`list_lines_ignored`), `/api/status` and `corsgate explain` name the ignored lines.

Write the origin with `https`, or keep it in a separate list for the routes that accept it:

    https://partner.example"#,
);

pub(crate) static COUNTED_IN_PART: Lint = Lint::info(
    331,
    "a line that only some routes accept",
    r#"The route that uses the list decides whether it accepts a wildcard or an `http` origin other than loopback. With credentials, it never does. Check the list together with the policy to see which routes accept the line:

    corsgate check policy.toml --list partners=partners.txt"#,
);
