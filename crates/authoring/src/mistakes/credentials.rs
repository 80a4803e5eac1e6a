//! Mistakes in rules with credentials.

use crate::lint::Lint;

pub(crate) static CREDENTIALS_ANY_ORIGIN: Lint = Lint::error(
    24,
    "credentials for any origin",
    r#"If any origin were allowed with credentials, every site on the web could act as its visitors and read the responses. Browsers refuse the combination. Gateways that work around this by reflecting the origin have the best-known CORS vulnerability. So a policy cannot allow it.

    origins     = ["https://app.example.com"]
    credentials = true"#,
);

pub(crate) static CREDENTIALS_ANY_NAME: Lint = Lint::error(
    25,
    "credentials with `*` as a name",
    r#"With credentials, browsers treat `*` among methods and headers as a literal name, so it allows nothing. List the names.

    methods         = ["PUT", "DELETE"]
    request_headers = ["authorization", "content-type"]
    credentials     = true"#,
);

pub(crate) static CREDENTIALS_INSECURE_ORIGIN: Lint = Lint::error(
    27,
    "credentials for an `http` origin",
    r#"An attacker on the network between a browser and an `http` page can change the page, and with credentials act as the visitor. Use `https`, or remove `credentials`. This does not apply to loopback hosts (`http://localhost:5173`)."#,
);

pub(crate) static CREDENTIALS_ANY_PORT: Lint = Lint::error(
    28,
    "credentials for any port",
    r#"Any program on the host can listen on some port, not only the one that you trust with sessions. With credentials, the port must be given. This does not apply to loopback hosts.

    origins = ["https://kiosk.example.com:8443"]"#,
);

pub(crate) static CREDENTIALS_SHARED_KEYS: Lint = Lint::error(
    29,
    "credentials with keys that all hosts share",
    r#"A KV key `origin/<name>/<origin>` allows the origin on every host of the route. If tenants write their own keys, one tenant's site could use the sessions of another tenant's host. With `scope = "host"`, the host is part of the key.

    tenants = { kv_keys = "tenants", scope = "host" }"#,
);
