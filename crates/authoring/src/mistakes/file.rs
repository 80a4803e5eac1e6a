//! Mistakes in the file itself: its syntax, its keys, its size.

use crate::lint::Lint;

pub(crate) static SYNTAX: Lint = Lint::error(
    1,
    "not TOML",
    r#"The file cannot be read as TOML 1.0, so nothing else is said about it. Of several mistakes on a line only the first is shown: it is mostly the cause of the others.

    origins = ["https://app.example.com"]   # a string has quotes, a list has brackets"#,
);

pub(crate) static UNKNOWN_KEY: Lint = Lint::error(
    2,
    "unknown key",
    r#"The table has no key of this name. A key that was passed over in silence could be the one that was meant to close something (`credential = false`), so it is refused.

Write the name that is offered, or one of those listed."#,
);

pub(crate) static MISSING_KEY: Lint = Lint::error(
    3,
    "missing key",
    r#"A table lacks a key without which it says nothing. Routes need `name`, `path` and `upstream`; the first two cannot be inherited from `[defaults]`. Test cases need `name` and `expect`.

    [[routes]]
    name     = "api"
    path     = "/*"
    upstream = "api""#,
);

pub(crate) static WRONG_TYPE: Lint = Lint::error(
    4,
    "a value of another kind",
    r#"A string stands where a list is expected, a number in quotes, a word that is not one of the few. Nothing is converted silently: `credentials = "false"` must not come to mean something.

    credentials = false
    origins     = ["https://app.example.com"]"#,
);

pub(crate) static KV_AND_KV_KEYS: Lint = Lint::error(
    5,
    "an allowlist of two kinds",
    r#"A list in KV is either one text (`kv`) or one key for each origin (`kv_keys`). With both, it would not be known which of them opens the route.

    partners = { kv = "partners" }
    tenants  = { kv_keys = "tenants", scope = "host" }"#,
);

pub(crate) static ENVIRONMENT: Lint = Lint::error(
    6,
    "an environment that replaces nothing",
    r#"An environment replaces entries of the base: allowlists, upstreams and names of hosts, and nothing else. A name that the base does not have would leave the base in force where the author thinks it replaced; an environment that does not exist would compile the base policy under its name.

    [environments.development.allowlists]
    spa = ["http://localhost:5173"]   # `spa` stands in [allowlists]"#,
);

pub(crate) static VERSION: Lint = Lint::error(
    8,
    "another version of the policy file",
    r#"The version says by which rules the file is read. This tool reads version 1.

    version = 1"#,
);

pub(crate) static TOO_LONG: Lint = Lint::error(
    9,
    "too long for KV",
    r#"KV holds values of up to 25 MiB, and the compiled policy is one value. Long lists belong into KV themselves, where they change without a deploy:

    [allowlists]
    partners = { kv = "partners" }"#,
);

pub(crate) static TOO_MANY_ROUTES: Lint = Lint::error(
    45,
    "too many routes",
    r#"A request is compared with one route after the other until one fits, so every route costs time on every request behind it. A policy has at most 10000 of them. Routes that differ in nothing but their host are one route with several hosts, or with a wildcard:

    hosts = ["*.example.com"]"#,
);
