//! Mistakes in the file itself: its syntax, its keys, its size.

use crate::lint::Lint;

pub(crate) static SYNTAX: Lint = Lint::error(
    1,
    "not TOML",
    r#"The file cannot be read as TOML 1.0, so nothing else in it is checked. Only the first of several mistakes on a line is shown, because it usually causes the others.

    origins = ["https://app.example.com"]   # a string has quotes, a list has brackets"#,
);

pub(crate) static UNKNOWN_KEY: Lint = Lint::error(
    2,
    "unknown key",
    r#"The table has no key with this name. An unknown key is an error, because ignoring it could leave something open that it was meant to close (`credential = false`).

Write the suggested name, or one of the listed keys."#,
);

pub(crate) static MISSING_KEY: Lint = Lint::error(
    3,
    "missing key",
    r#"A table lacks a required key. Routes need `name`, `path` and `upstream`; the first two cannot be inherited from `[defaults]`. Test cases need `name` and `expect`.

    [[routes]]
    name     = "api"
    path     = "/*"
    upstream = "api""#,
);

pub(crate) static WRONG_TYPE: Lint = Lint::error(
    4,
    "wrong type of value",
    r#"For example a string where a list is expected, a number in quotes, or a word that is not one of the allowed ones. Values are never converted silently: `credentials = "false"` must not be read as `true`.

    credentials = false
    origins     = ["https://app.example.com"]"#,
);

pub(crate) static KV_AND_KV_KEYS: Lint = Lint::error(
    5,
    "an allowlist with both `kv` and `kv_keys`",
    r#"An allowlist in KV is either one value (`kv`) or one key for each origin (`kv_keys`). With both, it would be unclear which of them allows an origin.

    partners = { kv = "partners" }
    tenants  = { kv_keys = "tenants", scope = "host" }"#,
);

pub(crate) static ENVIRONMENT: Lint = Lint::error(
    6,
    "an environment that replaces nothing",
    r#"An environment can only replace allowlists, upstreams and host names of the base policy. With a name that the base policy does not have, the environment would replace nothing, and the base entry would stay in force. An environment that does not exist would compile to the unchanged base policy.

    [environments.development.allowlists]
    spa = ["http://localhost:5173"]   # `spa` is in [allowlists]"#,
);

pub(crate) static VERSION: Lint = Lint::error(
    8,
    "unsupported version of the policy file",
    r#"`version` selects the rules by which the file is read. This tool reads version 1.

    version = 1"#,
);

pub(crate) static TOO_LONG: Lint = Lint::error(
    9,
    "too long for KV",
    r#"A value in KV can be at most 25 MiB long, and the compiled policy is one value. Keep long lists in KV by themselves. They can then change without publishing the policy:

    [allowlists]
    partners = { kv = "partners" }"#,
);

pub(crate) static TOO_MANY_ROUTES: Lint = Lint::error(
    45,
    "too many routes",
    r#"A request is compared with one route after another until one matches, so every route costs time for each request that it does not match. A policy has at most 10000 routes. Write routes that differ only in their host as one route with several hosts, or with a wildcard:

    hosts = ["*.example.com"]"#,
);
