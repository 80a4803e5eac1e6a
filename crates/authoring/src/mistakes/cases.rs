//! Mistakes in files of test cases.

use crate::lint::Lint;

pub(crate) static REQUEST: Lint = Lint::error(
    401,
    "a request that cannot be made",
    r#"A test case describes a request that no client can send: with an invalid URL, a preflight without an origin, a handshake with a method other than GET, or a header with a line break. Such a case would test nothing.

    request = { kind = "preflight", method = "PUT", url = "https://api.example.com/users", origin = "https://app.example.com" }"#,
);

pub(crate) static IMPOSSIBLE: Lint = Lint::error(
    402,
    "an impossible expectation",
    r#"A test case expects something that no decision can be: a reason for an allowed request, a status that belongs to another reason, a reason that only the running gateway can have (`rate_limited`, `upstream_timeout`), a header whose name no header has (`access-control-*`: names are compared whole), or nothing at all. The case would fail with every policy, or with none.

    expect = { outcome = "reject", reason = "origin_not_listed" }"#,
);

pub(crate) static MULTIPLES: Lint = Lint::error(
    403,
    "an empty list of values, or a list and a single value",
    r#"A test case runs once for each value of `origins`, `methods` and `urls`. With an empty list it would never run, and so always pass. With a single `origin`, `method` or `url` as well, it would be unclear which of the two applies.

    origins = ["https://evil.example", "null"]   # and no `origin` in `request`"#,
);

pub(crate) static NOT_IN_POLICY: Lint = Lint::error(
    404,
    "a name that the policy does not have",
    r#"A test case expects a route, or gives the content of a list or of keys in KV, that the policy does not have. It would never be used. The names under `[lists]` and `[keys]` are the names in KV: the `NAME` of `kv = "NAME"` and `kv_keys = "NAME"`. An entry of `[keys]` has a `host` if and only if the policy has `scope = "host"` for the keys, and it is a host of a route that asks for them.

    [lists]
    partners = ["https://partner.example"]"#,
);

pub(crate) static LIST_FILE: Lint = Lint::error(
    405,
    "a list that cannot be read",
    r#"The file of a list, which the test cases name, cannot be read. Its path is relative to the file with the test cases.

    [lists]
    partners = { file = "partners.txt" }"#,
);

pub(crate) static CASE_NAME: Lint = Lint::error(
    406,
    "a case without a name of its own",
    r#"A failure is reported by the name of its test case, and `--filter` selects cases by name. A name is one line of text, and each case in a file has a different one.

    name = "nobody else may""#,
);

pub(crate) static TOO_MANY_RUNS: Lint = Lint::error(
    407,
    "too many runs",
    r#"A test case runs with every combination of its `origins`, `methods` and `urls`: ten of each make a thousand runs. A file can make at most 100000 runs. Leave a list out if its values do not change what is expected."#,
);
