//! Lines of a list in KV that not every route accepts.

use crate::lint::Lint;

pub(crate) static NOT_COUNTED: Lint = Lint::error(
    120,
    "a line that does not count on a route",
    r#"A list in KV is held to the rules of each route that uses it, line by line. With credentials neither `http` of another machine nor a wildcard ever counts, and without them `http` counts only with `dangerously_allow_insecure_origins = true`. On such a route the gateway answers as if the line were not there; it is named in the log (`list_lines_ignored`), in `/api/status` and by `corsgate explain`.

Write the origin with `https`, or keep it in a list of its own for the routes that take it:

    https://partner.example"#,
);

pub(crate) static COUNTED_IN_PART: Lint = Lint::info(
    331,
    "a line that counts on some routes only",
    r#"Whether `http` of another machine or a wildcard counts is for the route to say that uses the list: never with credentials. Which routes take the line, a check says that knows the policy:

    corsgate check policy.toml --list partners=partners.txt"#,
);
