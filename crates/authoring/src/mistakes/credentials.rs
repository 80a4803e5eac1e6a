//! Mistakes in rules with credentials.

use crate::lint::Lint;

pub(crate) static CREDENTIALS_ANY_ORIGIN: Lint = Lint::error(
    24,
    "credentials for any origin",
    r#"With credentials and any origin, every site on the web could act as its visitors and read the answers. Browsers refuse the combination; gateways that work around that by reflecting the origin are the classic hole. No policy can say it.

    origins     = ["https://app.example.com"]
    credentials = true"#,
);

pub(crate) static CREDENTIALS_ANY_NAME: Lint = Lint::error(
    25,
    "credentials with `*` as a name",
    r#"With credentials, browsers take `*` among methods and headers as a name like any other, so it allows nothing. List the names.

    methods         = ["PUT", "DELETE"]
    request_headers = ["authorization", "content-type"]
    credentials     = true"#,
);

pub(crate) static CREDENTIALS_INSECURE_ORIGIN: Lint = Lint::error(
    27,
    "credentials for an `http` origin",
    r#"Whoever is on the way between a browser and an `http` page can change the page; with credentials they would act as the visitor. Use `https`, or drop the credentials. Loopback hosts (`http://localhost:5173`) are not concerned."#,
);

pub(crate) static CREDENTIALS_ANY_PORT: Lint = Lint::error(
    28,
    "credentials for any port",
    r#"Any program on a host can listen on some port, not only the one that the operator trusts with sessions. With credentials the port must be named. Loopback hosts are not concerned.

    origins = ["https://kiosk.example.com:8443"]"#,
);

pub(crate) static CREDENTIALS_SHARED_KEYS: Lint = Lint::error(
    29,
    "credentials with keys that hosts share",
    r#"A KV key `origin/<name>/<origin>` opens every host of the route. Where tenants write their own keys, one tenant could open the sessions of another's host. With `scope = "host"` the host is part of the key.

    tenants = { kv_keys = "tenants", scope = "host" }"#,
);
