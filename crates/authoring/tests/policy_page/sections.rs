//! The tables of a policy file, and where the page explains each.

/// A table of the file.
pub(crate) struct Section {
    /// The heading under which the page explains its keys.
    pub(crate) heading: &'static str,
    /// The path as [`parser`](crate::policy_page::parser) writes it.
    pub(crate) path: &'static str,
    /// The text around its keys; [`NAMED`] stands for what each route requires.
    around: &'static str,
    /// The keys that it must have beside the tested one.
    base: &'static [(&'static str, &'static str)],
}

const NAMED: &str = "name = \"r\", path = \"/*\", upstream = \"api\"";
const ROUTES: &str = "routes = [{ NAMED }]";
const UPSTREAMS: &str = "upstreams = { api = \"https://origin.example.net\" }";

pub(crate) const SECTIONS: &[Section] = &[
    Section {
        heading: "The file",
        path: "",
        around: "KEYS",
        base: &[
            ("version", "1"),
            ("upstreams", "{ api = \"https://origin.example.net\" }"),
            ("routes", "[{ NAMED }]"),
        ],
    },
    Section {
        heading: "An entry with its last day",
        path: "allowlists.*[]",
        around: "allowlists = { list = [{ KEYS }] }",
        base: &[("origin", "\"https://app.example.com\"")],
    },
    Section {
        heading: "A list in KV",
        path: "allowlists.*",
        around: "allowlists = { list = { KEYS } }",
        base: &[("kv", "\"list\"")],
    },
    Section {
        heading: "A key for each origin",
        path: "allowlists.*",
        around: "allowlists = { list = { KEYS } }",
        base: &[("kv_keys", "\"list\"")],
    },
    Section {
        heading: "`[environments.NAME]`",
        path: "environments.*",
        around: "environments = { development = { KEYS } }",
        base: &[],
    },
    Section { heading: "`[records]`", path: "records", around: "records = { KEYS }", base: &[] },
    Section { heading: "`[check]`", path: "check", around: "check = { KEYS }", base: &[] },
    Section { heading: "`[defaults]`", path: "defaults", around: "defaults = { KEYS }", base: &[] },
    Section {
        heading: "`[[routes]]`",
        path: "routes[]",
        around: "routes = [{ KEYS }]",
        base: &[("name", "\"r\""), ("path", "\"/*\""), ("upstream", "\"api\"")],
    },
    Section {
        heading: "`[routes.cors]`",
        path: "routes[].cors",
        around: "routes = [{ NAMED, cors = { KEYS } }]",
        base: &[("origins", "[\"https://app.example.com\"]")],
    },
    Section {
        heading: "`[routes.websocket]`",
        path: "routes[].websocket",
        around: "routes = [{ NAMED, cors = { origins = [\"*\"] }, websocket = { KEYS } }]",
        base: &[],
    },
    Section {
        heading: "`[routes.request]`",
        path: "routes[].request",
        around: "routes = [{ NAMED, request = { KEYS } }]",
        base: &[],
    },
    Section {
        heading: "`[routes.response]`",
        path: "routes[].response",
        around: "routes = [{ NAMED, response = { KEYS } }]",
        base: &[],
    },
    Section {
        heading: "`[routes.security]`",
        path: "routes[].security",
        around: "routes = [{ NAMED, security = { KEYS } }]",
        base: &[],
    },
    Section {
        heading: "The parts of `hsts`",
        path: "routes[].security.hsts",
        around: "routes = [{ NAMED, security = { hsts = { KEYS } } }]",
        base: &[("max_age", "63072000")],
    },
    Section {
        heading: "`[[routes.limits]]`",
        path: "routes[].limits[]",
        around: "routes = [{ NAMED, limits = [{ KEYS }] }]",
        base: &[("name", "\"limit\""), ("quota", "1"), ("window", "1"), ("by", "[\"client_ip\"]")],
    },
];

impl Section {
    /// The required keys, as text before another key.
    pub(crate) fn base_entries(&self) -> String {
        let separator = if self.path.is_empty() { "\n" } else { ", " };
        let entries = self.base.iter().map(|(key, value)| format!("{key} = {value}{separator}"));
        entries.collect::<String>().replace("NAMED", NAMED)
    }

    /// A policy in which the table has its required keys, with one key replaced or left out.
    pub(crate) fn policy(&self, key: &str, value: Option<&str>) -> String {
        let others = self.base.iter().copied().filter(|(other, _)| *other != key);
        let entries = others.chain(value.map(|value| (key, value)));
        let entries: Vec<_> = entries.map(|(key, value)| format!("{key} = {value}")).collect();
        // Tables are written in braces, which TOML 1.0 keeps on one line; the file itself has lines.
        let keys = entries.join(if self.path.is_empty() { "\n" } else { ", " });
        let table = self.around.replace("KEYS", &keys);
        let rest = match (self.path.is_empty(), self.path.starts_with("routes")) {
            (true, _) => String::new(),
            (_, true) => format!("version = 1\n{UPSTREAMS}\n"),
            (_, false) => format!("version = 1\n{UPSTREAMS}\n{ROUTES}\n"),
        };
        format!("{rest}{table}\n").replace("NAMED", NAMED)
    }
}
