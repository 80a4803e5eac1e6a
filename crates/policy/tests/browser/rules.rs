//! A policy in plain words, its document, and a slow, obvious evaluation of what it allows.

use corsgate_policy::Policy;
use proptest::prelude::*;
use proptest::sample::subsequence;
use serde_json::{Value, json};

use crate::browser::GATEWAY;
use crate::browser::fetch::{
    Credentials, PageRequest, is_safelisted_method, normalize, unsafe_request_header_names,
};

/// The rules of a policy's only route.
#[derive(Clone, Debug)]
pub struct Rules {
    /// The allowed origins.
    pub origins: Origins,
    /// Whether the entries are in an allowlist.
    named: bool,
    methods: Names,
    request_headers: Names,
    pub exposed_headers: Names,
    pub credentials: bool,
    max_age: Option<u32>,
    console: bool,
    forward: bool,
    limited: bool,
}

/// The origins of a route.
#[derive(Clone, Debug)]
pub enum Origins {
    /// There are no CORS rules.
    Nobody,
    /// `*`.
    Anyone,
    /// These patterns.
    Listed(Vec<&'static str>),
}

/// Names, or `*` and names.
#[derive(Clone, Debug)]
pub struct Names {
    pub any: bool,
    pub listed: Vec<&'static str>,
}

/// Patterns in every form of the grammar.
pub const PATTERNS: [&str; 9] = [
    "https://app.example.com",
    "https://*.example.com",
    "https://shop.example.org:8443",
    "https://a_b.example.net",
    "http://localhost:*",
    "http://[::1]:5173",
    "capacitor://localhost",
    "http://intranet.example",
    "https://*.ports.example:*",
];
/// The last two patterns cannot be combined with credentials.
const PATTERNS_FOR_CREDENTIALS: usize = 7;

impl Rules {
    /// Any rules that a policy can express.
    pub fn any() -> impl Strategy<Value = Self> {
        let origins = prop_oneof![
            1 => Just(Origins::Nobody),
            2 => Just(Origins::Anyone),
            6 => subsequence(PATTERNS.to_vec(), 1..PATTERNS.len()).prop_map(Origins::Listed),
        ];
        let methods = Names::among(&["PUT", "DELETE", "PATCH", "patch", "OPTIONS", "QUERY"]);
        let request_headers = Names::among(&[
            "authorization",
            "Content-Type",
            "x-trace",
            "X-Id",
            "range",
            "accept",
            "X-Meta-*",
        ]);
        let exposed_headers = Names::among(&["X-Id", "retry-after", "x-S*"]);
        let max_age = prop_oneof![Just(None), Just(Some(0)), Just(Some(600))];
        let switches = any::<[bool; 5]>();
        (origins, methods, request_headers, exposed_headers, max_age, switches).prop_map(
            |(origins, methods, request_headers, exposed_headers, max_age, switches)| {
                let [named, credentials, console, forward, limited] = switches;
                Self {
                    origins,
                    named,
                    methods,
                    request_headers,
                    exposed_headers,
                    credentials,
                    max_age,
                    console,
                    forward,
                    limited,
                }
                .made_safe()
            },
        )
    }

    /// Plain rules for these patterns.
    pub fn listing(patterns: Vec<&'static str>) -> Self {
        let none = || Names { any: false, listed: Vec::new() };
        Self {
            origins: Origins::Listed(patterns),
            named: false,
            methods: none(),
            request_headers: none(),
            exposed_headers: none(),
            credentials: false,
            max_age: None,
            console: false,
            forward: false,
            limited: false,
        }
    }

    /// Removes what cannot be combined with credentials.
    fn made_safe(mut self) -> Self {
        match &mut self.origins {
            Origins::Anyone => self.credentials = false,
            Origins::Listed(patterns) if self.credentials => {
                patterns.retain(|pattern| PATTERNS[..PATTERNS_FOR_CREDENTIALS].contains(pattern));
                self.credentials = !patterns.is_empty();
                if patterns.is_empty() {
                    patterns.extend(PATTERNS);
                }
            }
            _ => {}
        }
        if self.credentials {
            for names in [&mut self.methods, &mut self.request_headers, &mut self.exposed_headers] {
                names.any = false;
            }
        }
        self
    }

    /// The policy.
    pub fn policy(&self) -> Policy {
        policy_of(&self.document())
    }

    /// The document of the policy.
    pub fn document(&self) -> Value {
        let limits = json!([{ "name": "l", "quota": 1, "window": 1, "by": ["client_ip"] }]);
        let mut route = json!({
            "name": "api",
            "path": "/*",
            "upstream": "api",
            "explain": if self.console { "console" } else { "headers" },
            "on_disallowed": if self.forward { "forward" } else { "reject" },
            "limits": if self.limited { limits } else { json!([]) },
        });
        let origins = match &self.origins {
            Origins::Nobody => None,
            Origins::Anyone => Some(json!(["*"])),
            Origins::Listed(_) if self.named => Some(json!(["@named"])),
            Origins::Listed(patterns) => Some(json!(patterns)),
        };
        if let Some(origins) = origins {
            route["cors"] = json!({
                "origins": origins,
                "methods": self.methods.document(),
                "request_headers": self.request_headers.document(),
                "exposed_headers": self.exposed_headers.document(),
                "credentials": self.credentials,
                "max_age": self.max_age,
                "dangerously_allow_insecure_origins": !self.credentials,
            });
        }
        let named = match &self.origins {
            Origins::Listed(patterns) => json!(patterns),
            _ => json!([]),
        };
        json!({
            "version": 1,
            "upstreams": { "api": "https://origin.example.net" },
            "allowlists": { "named": named },
            "routes": [route],
        })
    }

    /// Whether a page of the origin may be granted anything.
    pub fn lists(&self, origin: &str) -> bool {
        match &self.origins {
            Origins::Nobody => false,
            Origins::Anyone => true,
            Origins::Listed(patterns) => patterns.iter().any(|pattern| stands_for(pattern, origin)),
        }
    }

    /// Whether the script may read the response.
    pub fn allow(&self, request: &PageRequest) -> bool {
        let method = normalize(request.method);
        let header = |name: &String| {
            self.request_headers.lists(&name.to_ascii_lowercase(), |listed| listed.to_ascii_lowercase())
                || (self.request_headers.any && name != "authorization")
        };
        request.page == GATEWAY
            || self.lists(request.page)
                && (self.credentials || request.credentials != Credentials::Include)
                && (is_safelisted_method(method)
                    || self.methods.any
                    || self.methods.lists(method, str::to_owned))
                && unsafe_request_header_names(&request.headers).iter().all(header)
    }

    /// Whether answers differ between origins.
    pub fn varies(&self) -> bool {
        !matches!(self.origins, Origins::Anyone)
    }

    /// Whether pages may read the response header.
    pub fn exposes(&self, name: &str) -> bool {
        let limits = self.limited && ["ratelimit", "ratelimit-policy", "retry-after"].contains(&name);
        limits || self.exposed_headers.any || self.exposed_headers.lists(name, str::to_ascii_lowercase)
    }
}

/// The policy of a document without violations.
pub fn policy_of(document: &Value) -> Policy {
    Policy::read(document.to_string().as_bytes()).unwrap_or_else(|error| panic!("{error}\n{document:#}"))
}

impl Names {
    fn among(names: &'static [&'static str]) -> impl Strategy<Value = Self> {
        (prop::bool::weighted(0.2), subsequence(names.to_vec(), 0..=names.len()))
            .prop_map(|(any, listed)| Self { any, listed })
    }

    fn document(&self) -> Vec<&'static str> {
        self.any.then_some("*").into_iter().chain(self.listed.iter().copied()).collect()
    }

    fn lists(&self, name: &str, form: impl Fn(&str) -> String) -> bool {
        self.listed.iter().any(|listed| match form(listed).strip_suffix('*') {
            Some(beginning) => name.starts_with(beginning) && name != beginning,
            None => form(listed) == name,
        })
    }
}

/// Whether a pattern of [`PATTERNS`] matches an origin, computed the slow way: the pattern's `*` must equal labels or
/// a port of the origin, and every other byte must be the same.
pub fn stands_for(pattern: &str, origin: &str) -> bool {
    let (pattern, any_port) = match pattern.strip_suffix(":*") {
        Some(pattern) => (pattern, true),
        None => (pattern, false),
    };
    let origin = match origin.rsplit_once(':') {
        Some((host, port)) if any_port && is_port(port, origin) => host,
        _ => origin,
    };
    match pattern.split_once("*.") {
        None => origin == pattern,
        Some((scheme, parent)) => origin
            .strip_prefix(scheme)
            .and_then(|host| host.strip_suffix(parent))
            .and_then(|labels| labels.strip_suffix('.'))
            .is_some_and(are_labels),
    }
}

fn are_labels(labels: &str) -> bool {
    let label = |label: &str| {
        let bytes = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-' || b == b'_';
        (1..=63).contains(&label.len()) && label.bytes().all(bytes)
    };
    labels.split('.').all(label)
}

fn is_port(port: &str, origin: &str) -> bool {
    let implied = if origin.starts_with("https:") { "443" } else { "80" };
    port.parse::<u16>().is_ok_and(|number| number > 0 && number.to_string() == port) && port != implied
}
