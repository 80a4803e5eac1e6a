//! No request that a gateway refuses is allowed by what is imported, unless the report says so.
//!
//! Configurations of several gateways are generated as text and imported. Another reading of the same configuration,
//! written after the code and the documentation of each gateway and sharing nothing with the importer, says what a
//! browser gets from it.

use proptest::prelude::*;

use crate::soundness::{ASKING, Request, gets_through, imported, is_said, requests};
use corsgate_import::Class;

/// What a gateway answers to an origin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Answer {
    Nothing,
    Star,
    /// The origin itself.
    Origin,
}

/// An entry of a list of origins: its text, and how the gateway compares it, written by hand.
type Entry = (&'static str, fn(&str) -> Answer);

/// What a gateway answers to the methods or headers that a preflight asks for.
#[derive(Clone, Debug)]
enum Names {
    Asked,
    Listed(&'static str),
}

#[derive(Clone, Copy, Debug)]
enum Gateway {
    Envoy,
    Istio,
    Traefik,
    Kong,
    Apisix,
    Ingress,
    HttpRoute,
}

const GATEWAYS: [Gateway; 7] = [
    Gateway::Envoy,
    Gateway::Istio,
    Gateway::Traefik,
    Gateway::Kong,
    Gateway::Apisix,
    Gateway::Ingress,
    Gateway::HttpRoute,
];

#[derive(Clone, Debug)]
struct Configuration {
    gateway: Gateway,
    entries: Vec<Entry>,
    credentials: bool,
    methods: Option<&'static str>,
    headers: Option<&'static str>,
}

fn when(is: bool) -> Answer {
    if is { Answer::Origin } else { Answer::Nothing }
}

fn host(origin: &str) -> &str {
    let rest = origin.split_once("://").map_or("", |(_, rest)| rest);
    rest.split(':').next().unwrap_or_default()
}

fn below(origin: &str) -> bool {
    origin.strip_prefix("https://").is_some_and(|it| it.ends_with(".example.com") && !it.contains(':'))
}

fn same(origin: &str) -> Answer {
    when(origin == "https://app.example.com")
}

fn one_label(origin: &str) -> bool {
    let label = origin.strip_prefix("https://").and_then(|it| it.strip_suffix(".example.com"));
    label.is_some_and(|it| !it.is_empty() && it.bytes().all(|it| it.is_ascii_alphanumeric() || it == b'-'))
}

fn dotless(origin: &str) -> bool {
    origin.len() == 23
        && origin.starts_with("https://app")
        && origin.get(12..19) == Some("example")
        && origin.ends_with("com")
}

impl Gateway {
    fn entries(self) -> &'static [Entry] {
        match self {
            Self::Envoy => &[
                ("exact: 'https://app.example.com'", same),
                ("exact: 'HTTPS://APP.example.com', ignore_case: true", same),
                ("exact: 'HTTPS://APP.example.com'", |_| Answer::Nothing),
                ("exact: '*'", |_| Answer::Origin),
                ("exact: 'https://*.example.com'", |_| Answer::Nothing),
                ("exact: 'null'", |it| when(it == "null")),
                ("prefix: 'https://app.example.com'", |it| when(it.starts_with("https://app.example.com"))),
                ("suffix: '.example.com'", |it| when(it.ends_with(".example.com"))),
                ("contains: 'example'", |it| when(it.contains("example"))),
                ("safe_regex: { regex: 'https://.+\\.example\\.com' }", |it| when(below(it))),
                ("safe_regex: { regex: 'example\\.com' }", |_| Answer::Nothing),
                ("safe_regex: { regex: '.*example\\.com' }", |it| when(it.ends_with("example.com"))),
                ("safe_regex: { regex: 'https://app.example.com' }", |it| when(dotless(it))),
                ("safe_regex: { regex: '.*' }", |_| Answer::Origin),
            ],
            Self::Istio => &[
                ("exact: 'https://app.example.com'", same),
                ("exact: '*'", |_| Answer::Origin),
                ("prefix: 'https://app'", |it| when(it.starts_with("https://app"))),
                ("regex: 'https://.+\\.example\\.com'", |it| when(below(it))),
                ("regex: '.*\\.example\\.com'", |it| when(it.ends_with(".example.com"))),
            ],
            Self::Traefik => &[
                ("^https://app\\.example\\.com$", same),
                ("^https://.+\\.example\\.com$", |it| when(below(it))),
                ("https://app\\.example\\.com", |it| when(it.contains("https://app.example.com"))),
                ("^https://[a-zA-Z0-9-]+\\.example\\.com$", |it| when(one_label(it))),
                ("example", |it| when(it.contains("example"))),
            ],
            Self::Kong => &[
                ("https://app.example.com", same),
                ("https://app\\.example\\.com", same),
                ("^https://.+\\.example\\.com", |it| when(below(it))),
                ("https://.*example\\.com", |it| {
                    when(it.starts_with("https://") && it.ends_with("example.com"))
                }),
                (".*\\.example\\.com", |it| when(host(it).ends_with(".example.com"))),
                ("example\\.com", |it| when(host(it) == "example.com")),
                ("https://app\\.example\\.com|https://x", |it| {
                    when(it.starts_with("https://app.example.com") || it == "https://x")
                }),
                ("app.example.com", |_| Answer::Nothing),
            ],
            Self::Apisix => &[
                ("*", |_| Answer::Star),
                ("https://app.example.com", same),
                ("https://admin.example.com:8443", |it| when(it == "https://admin.example.com:8443")),
                ("https://*.example.com", |_| Answer::Nothing),
                ("http://old.example.com", |it| when(it == "http://old.example.com")),
            ],
            Self::Ingress => &[
                ("https://app.example.com", same),
                ("https://*.example.com", |it| when(one_label(it))),
                ("http://localhost:3000", |it| when(it == "http://localhost:3000")),
            ],
            Self::HttpRoute => &[
                ("https://app.example.com", same),
                ("https://*.example.com", |it| when(below(it))),
                ("http://localhost:3000", |it| when(it == "http://localhost:3000")),
            ],
        }
    }

    /// What it answers if no methods or headers are configured.
    fn defaults(self) -> (Names, Names) {
        match self {
            Self::Kong => (Names::Listed("GET,HEAD,PUT,PATCH,POST,DELETE"), Names::Asked),
            Self::Apisix => (Names::Listed("*"), Names::Listed("*")),
            Self::Ingress => {
                (Names::Listed("GET,PUT,POST,DELETE,PATCH"), Names::Listed("content-type,authorization"))
            }
            _ => (Names::Listed(""), Names::Listed("")),
        }
    }

    /// What a configured list becomes; `*` stands alone in it.
    fn listed(self, list: &'static str, default: Names, credentials: bool) -> Names {
        match (self, list) {
            (Self::Envoy | Self::Istio, "*") => Names::Asked,
            (Self::HttpRoute, "*") if credentials => Names::Asked,
            (Self::Ingress, "*") => default,
            _ => Names::Listed(list),
        }
    }
}

impl Configuration {
    fn text(&self) -> String {
        let Self { credentials, methods, headers, .. } = self;
        let quoted = |separator: &str| {
            let texts: Vec<_> = self.entries.iter().map(|(text, _)| format!("'{text}'")).collect();
            texts.join(separator)
        };
        let braced: Vec<_> = self.entries.iter().map(|(text, _)| format!("{{ {text} }}")).collect();
        let matchers = braced.join(", ");
        let list = |key: &str, value: &Option<&str>| {
            let items =
                value.map(|it| it.split(',').map(|it| format!("'{it}'")).collect::<Vec<_>>().join(", "));
            items.map_or_else(String::new, |items| format!(", {key}: [{items}]"))
        };
        let text =
            |key: &str, value: &Option<&str>| value.map_or_else(String::new, |it| format!(", {key}: '{it}'"));
        match self.gateway {
            Gateway::Envoy => format!(
                "virtual_hosts:\n- domains: ['*']\n  routes:\n  - match: {{ prefix: / }}\n    route: {{}}\n    typed_per_filter_config:\n      envoy.filters.http.cors: {{ allow_origin_string_match: [{matchers}], allow_credentials: {credentials}{}{} }}\n",
                text("allow_methods", methods),
                text("allow_headers", headers)
            ),
            Gateway::Istio => format!(
                "kind: VirtualService\nspec:\n  http:\n  - corsPolicy: {{ allowOrigins: [{matchers}], allowCredentials: {credentials}{}{} }}\n",
                list("allowMethods", methods),
                list("allowHeaders", headers)
            ),
            Gateway::Traefik => format!(
                "spec:\n  headers: {{ accessControlAllowOriginListRegex: [{}], accessControlAllowCredentials: {credentials}{}{} }}\n",
                quoted(", "),
                list("accessControlAllowMethods", methods),
                list("accessControlAllowHeaders", headers)
            ),
            Gateway::Kong => format!(
                "_format_version: '3.0'\nplugins:\n- name: cors\n  config: {{ origins: [{}], credentials: {credentials}{}{} }}\n",
                quoted(", "),
                list("methods", methods),
                list("headers", headers)
            ),
            Gateway::Apisix => format!(
                "routes:\n- uri: /*\n  plugins:\n    cors: {{ allow_origins: '{}', allow_credential: {credentials}{}{} }}\n",
                self.entries.iter().map(|(text, _)| *text).collect::<Vec<_>>().join(","),
                text("allow_methods", methods),
                text("allow_headers", headers)
            ),
            Gateway::Ingress => {
                let annotation = |key: &str, value: Option<&str>| {
                    value.map_or_else(String::new, |it| {
                        format!("    nginx.ingress.kubernetes.io/{key}: \"{it}\"\n")
                    })
                };
                let origins = self.entries.iter().map(|(text, _)| *text).collect::<Vec<_>>().join(", ");
                format!(
                    "kind: Ingress\nmetadata:\n  annotations:\n{}{}{}{}{}spec: {{}}\n",
                    annotation("enable-cors", Some("true")),
                    annotation("cors-allow-origin", Some(&origins)),
                    annotation("cors-allow-credentials", (!credentials).then_some("false")),
                    annotation("cors-allow-methods", *methods),
                    annotation("cors-allow-headers", *headers)
                )
            }
            Gateway::HttpRoute => format!(
                "kind: HTTPRoute\nspec:\n  rules:\n  - filters:\n    - type: CORS\n      cors: {{ allowOrigins: [{}], allowCredentials: {credentials}{}{} }}\n",
                quoted(", "),
                list("allowMethods", methods),
                list("allowHeaders", headers)
            ),
        }
    }

    /// The CORS check (Fetch, 4.9).
    fn passes_check(&self, request: &Request) -> bool {
        // Beside others, the `*` of APISIX is a text like any other.
        let is_listed = self.entries.len() == 1;
        let answers = self.entries.iter().map(|(_, of)| of(request.origin));
        let answers = answers.filter(|answer| is_listed || *answer != Answer::Star);
        match answers.into_iter().find(|it| *it != Answer::Nothing) {
            Some(Answer::Star) => !request.with_credentials,
            Some(Answer::Origin) => !request.with_credentials || self.credentials,
            _ => false,
        }
    }

    /// CORS-preflight fetch (Fetch, 4.8), steps 7.1 to 7.12.
    fn passes_preflight(&self, request: &Request) -> bool {
        let (methods, headers) = self.gateway.defaults();
        let of = |list: Option<&'static str>, default: Names| match list {
            Some(list) => self.gateway.listed(list, default, self.credentials),
            None => default,
        };
        let has = |names: &Names, name: &str, is_method: bool| match names {
            Names::Asked => true,
            Names::Listed(list) => list.split(',').map(str::trim).any(|it| {
                let is_same = if is_method { it == name } else { it.eq_ignore_ascii_case(name) };
                is_same || it == "*" && !request.with_credentials && (is_method || name != "authorization")
            }),
        };
        let (methods, headers) = (of(self.methods, methods), of(self.headers, headers));
        (["GET", "HEAD", "POST"].contains(&request.method) || has(&methods, request.method, true))
            && request.header.is_none_or(|header| has(&headers, header, false))
    }
}

fn configuration() -> impl Strategy<Value = Configuration> {
    let gateway = prop::sample::select(GATEWAYS.to_vec());
    let with_entries = gateway.prop_flat_map(|gateway| {
        let entry = prop::sample::select(gateway.entries().to_vec());
        (Just(gateway), prop::collection::vec(entry, 1..4))
    });
    let methods =
        prop::option::of(prop::sample::select(vec!["GET", "GET,PUT", "put,PATCH", "*", "PUT,DELETE"]));
    let headers = prop::option::of(prop::sample::select(vec![
        "content-type",
        "Content-Type,Authorization",
        "*",
        "x-a",
    ]));
    (with_entries, any::<bool>(), methods, headers).prop_map(
        |((gateway, entries), credentials, methods, headers)| Configuration {
            gateway,
            entries,
            credentials,
            methods,
            headers,
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, ..ProptestConfig::default() })]

    #[test]
    fn nothing_that_a_gateway_refuses_is_allowed(configuration in configuration()) {
        let text = configuration.text();
        let (carried, policy) = imported("gateway.yaml", &text);
        for request in requests() {
            let needs_preflight = !["GET", "HEAD", "POST"].contains(&request.method) || request.header.is_some();
            let source = configuration.passes_check(&request)
                && (!needs_preflight || configuration.passes_preflight(&request));
            let ours = gets_through(&policy, &request);
            prop_assert!(source || !ours || is_said(&carried, &request), "wider: {:?}\n{}\n{:#?}", request, text, carried.findings);
            // What is lost is said as well.
            let has_holes = carried.findings.iter().any(|it| it.class != Class::Same);
            prop_assert!(ours || !source || has_holes, "lost in silence: {:?}\n{}\n{:#?}", request, text, carried.findings);
        }
    }
}

/// The oracle itself: each entry lets some origin in, or none, as its name says.
#[test]
fn the_oracle_tells_origins_apart() {
    for gateway in GATEWAYS {
        let lets_in =
            gateway.entries().iter().filter(|(_, of)| ASKING.iter().any(|it| of(it) != Answer::Nothing));
        assert!(lets_in.count() >= 3, "{gateway:?}");
    }
}
