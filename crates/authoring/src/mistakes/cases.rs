//! Mistakes in files of test cases.

use crate::lint::Lint;

pub(crate) static REQUEST: Lint = Lint::error(
    401,
    "a request that cannot be made",
    r#"A test case asks for a request that no client can send: a URL that is none, a preflight without an origin, a handshake with another method than GET, a header with a line break. Such a case would test nothing.

    request = { kind = "preflight", method = "PUT", url = "https://api.example.com/users", origin = "https://app.example.com" }"#,
);

pub(crate) static IMPOSSIBLE: Lint = Lint::error(
    402,
    "an expectation that nothing can meet",
    r#"A test case expects what no decision can be: a reason for what is allowed, a status that goes with another reason, a reason that only the running gateway can have (`rate_limited`, `upstream_timeout`), or nothing at all. It would fail under every policy, or under none.

    expect = { outcome = "reject", reason = "origin_not_listed" }"#,
);

pub(crate) static MULTIPLES: Lint = Lint::error(
    403,
    "a table of nothing, or beside a single value",
    r#"`origins`, `methods` and `urls` of a test case make one run for each of their values. An empty one would make none, so that the case always passes; beside a single `origin`, `method` or `url` it would not be known which of them counts.

    origins = ["https://evil.example", "null"]   # and no `origin` in `request`"#,
);

pub(crate) static NOT_IN_POLICY: Lint = Lint::error(
    404,
    "what the policy does not have",
    r#"A test case expects a route, or gives the content of a list or of keys in KV, that the policy does not have. Nothing would ever ask for it. The names under `[lists]` and `[keys]` are those in KV: the `NAME` of `kv = "NAME"` and `kv_keys = "NAME"`. An entry of `[keys]` names a host when the policy says `scope = "host"`, and only then.

    [lists]
    partners = ["https://partner.example"]"#,
);

pub(crate) static LIST_FILE: Lint = Lint::error(
    405,
    "a list that cannot be read",
    r#"Test cases name a file that holds a list, and it cannot be read. Its path is relative to the file of the cases.

    [lists]
    partners = { file = "partners.txt" }"#,
);

pub(crate) static CASE_NAME: Lint = Lint::error(
    406,
    "a case without a name of its own",
    r#"The name of a test case is how a failure is told and what `--filter` looks for. It is a line of text, and no other case of the file has it.

    name = "nobody else may""#,
);

pub(crate) static TOO_MANY_RUNS: Lint = Lint::error(
    407,
    "too many runs",
    r#"`origins`, `methods` and `urls` of a test case multiply: ten of each are a thousand runs. A file makes at most 100000. Leave a table out where its values change nothing about what is expected."#,
);
