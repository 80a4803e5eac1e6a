//! No request that a source refuses is allowed by what is imported, unless the report says so.
//!
//! Configurations of Express and nginx are generated as text and imported. Another reading of the same options, written after the
//! code of `cors` and the Fetch Standard and sharing nothing with the importer, says what a browser gets from the
//! program. `npm run conformance -- import` asks the real program.
#![expect(clippy::expect_used, reason = "tests may fail loudly")]

use corsgate_authoring::{Source, compile};
use corsgate_import::{Carried, Class, Target, carry, read, written};
use corsgate_policy::decision::decide::decide;
use corsgate_policy::grammar::day::Day;
use corsgate_policy::policy::document::Mode;
use corsgate_policy::{Answers, Facts, Outcome, Policy, RequestUrl};
use proptest::prelude::*;

/// What a configuration says about origins.
#[derive(Clone, Debug)]
enum Origins {
    Absent,
    True,
    Text(&'static str),
    List(Vec<Element>),
    LookUp(Vec<&'static str>),
}

#[derive(Clone, Debug)]
enum Element {
    Text(&'static str),
    /// An expression of JavaScript, and whether it matches an origin, written by hand.
    Expression(&'static str, fn(&str) -> bool),
}

#[derive(Clone, Debug)]
struct Configuration {
    origins: Origins,
    methods: Option<&'static str>,
    headers: Option<&'static str>,
    credentials: bool,
    program: Program,
}

/// What the configuration is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Program {
    Express,
    /// `add_header` and `map`; preflights are answered with `return 204`.
    Nginx,
}

const TEXTS: [&str; 8] = [
    "https://app.example.com",
    "https://admin.example.com:8443",
    "http://localhost:3000",
    "http://old.example.com",
    "https://www.example.com/",
    "https://*.example.com",
    "null",
    "*",
];

fn expressions() -> Vec<Element> {
    fn host(origin: &str) -> Option<&str> {
        origin.strip_prefix("https://")
    }
    fn below(origin: &str) -> bool {
        host(origin).is_some_and(|host| host.ends_with(".example.com") && !host.contains(':'))
    }
    fn one_label(origin: &str) -> bool {
        let label = host(origin).and_then(|host| host.strip_suffix(".example.com"));
        label.is_some_and(|label| {
            !label.is_empty() && label.bytes().all(|it| it.is_ascii_alphanumeric() || it == b'_')
        })
    }
    fn local(origin: &str) -> bool {
        let port = origin.strip_prefix("http://localhost");
        port.is_some_and(|port| {
            port.is_empty() || port.strip_prefix(':').is_some_and(|port| !port.is_empty())
        })
    }
    vec![
        Element::Expression(r"/^https:\/\/(.+\.)?example\.com$/", |it| {
            below(it) || it == "https://example.com"
        }),
        Element::Expression(r"/^https:\/\/.+\.example\.com$/", below),
        Element::Expression(r"/\.example\.com$/", |it| it.ends_with(".example.com")),
        Element::Expression(r"/example\.com$/", |it| it.ends_with("example.com")),
        Element::Expression(r"/^https:\/\/app\.example\.com/", |it| {
            it.starts_with("https://app.example.com")
        }),
        Element::Expression(r"/^https:\/\/app.example.com$/", |it| {
            it.len() == 23
                && it.starts_with("https://app")
                && it.get(12..19) == Some("example")
                && it.ends_with("com")
        }),
        Element::Expression(r"/^https:\/\/\w+\.example\.com$/", one_label),
        Element::Expression(r"/^http:\/\/localhost(:\d+)?$/", local),
        Element::Expression(r"/.*/", |_| true),
    ]
}

pub(crate) const ASKING: [&str; 18] = [
    "https://app.example.com",
    "https://admin.example.com:8443",
    "https://admin.example.com",
    "https://example.com",
    "https://a.b.example.com",
    "https://a_b.example.com",
    "https://evilexample.com",
    "https://appxexample.com",
    "https://app.example.com.evil.example",
    "http://app.example.com",
    "http://old.example.com",
    "http://localhost:3000",
    "http://localhost:8080",
    "http://localhost",
    "https://www.example.com",
    "https://evil.example",
    "evil://app.example.com",
    "null",
];

impl Origins {
    fn script(&self) -> Option<String> {
        let quoted = |text: &&str| format!("'{text}'");
        Some(match self {
            Self::Absent => return None,
            Self::True => "true".to_owned(),
            Self::Text(text) => quoted(text),
            Self::List(list) => {
                let element = |element: &Element| match element {
                    Element::Text(text) => quoted(text),
                    Element::Expression(text, _) => (*text).to_owned(),
                };
                format!("[{}]", list.iter().map(element).collect::<Vec<_>>().join(", "))
            }
            Self::LookUp(list) => format!(
                "(origin, callback) => {{ if (!origin || [{}].includes(origin)) {{ callback(null, true); }} else {{ callback(new Error('no')); }} }}",
                list.iter().map(quoted).collect::<Vec<_>>().join(", ")
            ),
        })
    }

    /// `Access-Control-Allow-Origin`.
    fn header<'o>(&self, origin: &'o str) -> Option<&'o str> {
        let reflected = |allowed: bool| allowed.then_some(origin);
        match self {
            Self::Absent => Some("*"),
            Self::True => Some(origin),
            Self::Text("*") => Some("*"),
            // A fixed header; another origin than that is refused by the browser.
            Self::Text(text) => reflected(*text == origin),
            Self::List(list) => reflected(list.iter().any(|element| match element {
                Element::Text(text) => *text == origin,
                Element::Expression(_, matches) => matches(origin),
            })),
            Self::LookUp(list) => reflected(list.contains(&origin)),
        }
    }
}

impl Configuration {
    /// The name of its file, and its text.
    fn source(&self) -> (&'static str, String) {
        match self.program {
            Program::Express => ("server.js", self.script()),
            Program::Nginx => ("nginx.conf", self.server()),
        }
    }

    fn server(&self) -> String {
        let entry = |text: &str| format!("    \"{text}\" $http_origin;\n");
        let (map, origin) = match &self.origins {
            Origins::Absent => (String::new(), "*"),
            Origins::True => (String::new(), "$http_origin"),
            Origins::Text(text) => (String::new(), *text),
            Origins::LookUp(list) => (list.iter().map(|text| entry(text)).collect(), "$allowed"),
            Origins::List(list) => {
                let element = |element: &Element| match element {
                    Element::Text(text) => entry(text),
                    Element::Expression(text, _) => {
                        entry(&format!("~{}", text.trim_start_matches('/').trim_end_matches('/')))
                    }
                };
                (list.iter().map(element).collect(), "$allowed")
            }
        };
        let add = |name: &str, value: &str| format!("add_header Access-Control-{name} \"{value}\" always; ");
        let mut headers = add("Allow-Origin", origin);
        headers.extend(self.methods.map(|methods| add("Allow-Methods", methods)));
        headers.extend(self.headers.map(|names| add("Allow-Headers", names)));
        if self.credentials {
            headers.push_str(&add("Allow-Credentials", "true"));
        }
        format!(
            "map $http_origin $allowed {{\n{map}}}\nserver {{ location / {{ {headers} if ($request_method = OPTIONS) \
             {{ {headers} return 204; }} proxy_pass http://behind; }} }}\n"
        )
    }

    fn script(&self) -> String {
        let mut options: Vec<_> =
            self.origins.script().map(|origin| format!("origin: {origin}")).into_iter().collect();
        options.extend(self.methods.map(|methods| format!("methods: '{methods}'")));
        options.extend(self.headers.map(|headers| format!("allowedHeaders: '{headers}'")));
        if self.credentials {
            options.push("credentials: true".to_owned());
        }
        format!("const cors = require('cors');\napp.use(cors({{ {} }}));\n", options.join(", "))
    }

    /// The CORS check (Fetch, 4.9).
    fn passes_check(&self, origin: &str, with_credentials: bool) -> bool {
        match self.origins.header(origin) {
            Some("*") if !with_credentials => true,
            Some(header) => header == origin && (!with_credentials || self.credentials),
            None => false,
        }
    }

    /// CORS-preflight fetch (Fetch, 4.8), steps 7.1 to 7.12.
    fn passes_preflight(&self, request: &Request) -> bool {
        let (methods, headers) = match self.program {
            Program::Express => (self.methods.unwrap_or("GET,HEAD,PUT,PATCH,POST,DELETE"), self.headers),
            Program::Nginx => (self.methods.unwrap_or_default(), self.headers.or(Some(""))),
        };
        let method = ["GET", "HEAD", "POST"].contains(&request.method)
            || methods.split(',').any(|it| it == request.method || it == "*" && !request.with_credentials);
        let star =
            headers == Some("*") && !request.with_credentials && request.header != Some("authorization");
        let header = request.header.is_none_or(|header| {
            headers.is_none_or(|headers| {
                star || headers.split(',').any(|it| it.trim().eq_ignore_ascii_case(header))
            })
        });
        self.passes_check(request.origin, request.with_credentials) && method && header
    }
}

#[derive(Clone, Debug)]
pub(crate) struct Request {
    pub(crate) origin: &'static str,
    pub(crate) method: &'static str,
    pub(crate) header: Option<&'static str>,
    pub(crate) with_credentials: bool,
}

fn configuration() -> impl Strategy<Value = Configuration> {
    let text = || prop::sample::select(TEXTS.to_vec());
    let element = prop_oneof![text().prop_map(Element::Text), prop::sample::select(expressions()),];
    let origins = prop_oneof![
        Just(Origins::Absent),
        Just(Origins::True),
        text().prop_map(Origins::Text),
        prop::collection::vec(element, 1..4).prop_map(Origins::List),
        prop::collection::vec(text(), 1..4).prop_map(Origins::LookUp),
    ];
    let methods =
        prop::option::of(prop::sample::select(vec!["GET", "GET,PUT", "put,PATCH", "*", "PUT,DELETE,QUERY"]));
    let headers = prop::option::of(prop::sample::select(vec![
        "content-type",
        "Content-Type, Authorization",
        "*",
        "x-a,cookie",
    ]));
    let program = prop::sample::select(vec![Program::Express, Program::Nginx]);
    (origins, methods, headers, any::<bool>(), program).prop_map(
        |(origins, methods, headers, credentials, program)| Configuration {
            origins,
            methods,
            headers,
            credentials,
            program,
        },
    )
}

pub(crate) fn requests() -> Vec<Request> {
    let mut requests = Vec::new();
    for origin in ASKING {
        for method in ["GET", "PUT", "PATCH", "DELETE", "QUERY"] {
            for header in [None, Some("content-type"), Some("authorization"), Some("x-a")] {
                for with_credentials in [false, true] {
                    requests.push(Request { origin, method, header, with_credentials });
                }
            }
        }
    }
    requests
}

/// Whether a browser gets through: the decision of the policy, and whether the answer allows credentials.
pub(crate) fn gets_through((policy, credentialed): &(Policy, bool), request: &Request) -> bool {
    let url = RequestUrl::parse("https://api.invalid/any").expect("a URL");
    let asks = |facts: &Facts<'_>| {
        let decision = decide(policy, facts, &Answers::default(), Day::from_unix_milliseconds(0.0));
        matches!(decision.outcome, Outcome::Allow) && (*credentialed || !request.with_credentials)
    };
    let needs_preflight = !["GET", "HEAD", "POST"].contains(&request.method) || request.header.is_some();
    let actual = Facts { method: request.method, url, origin: Some(request.origin), ..Facts::default() };
    let preflight = Facts {
        method: "OPTIONS",
        requested_method: Some(request.method),
        requested_headers: request.header,
        ..actual
    };
    asks(&actual) && (!needs_preflight || asks(&preflight))
}

/// What was carried over, the policy, and whether it allows credentials; `None` if the file allows nothing: nginx compares
/// `*` as it is written, and no page sends it. The tool then says that it has found nothing.
fn import(configuration: &Configuration) -> Option<(Carried, (Policy, bool))> {
    let (name, text) = configuration.source();
    let source = Source::from_bytes(name, text.as_bytes().to_vec()).expect("text");
    let is_empty = read(&source, None).rules.is_empty();
    assert!(!is_empty || configuration.program == Program::Nginx, "{text}");
    (!is_empty).then(|| imported(name, &text))
}

/// What becomes of a file that has one rule.
pub(crate) fn imported(name: &str, text: &str) -> (Carried, (Policy, bool)) {
    let source = Source::from_bytes(name, text.as_bytes().to_vec()).expect("text");
    let reading = read(&source, None);
    assert_eq!(reading.rules.len(), 1, "{text}");
    let carried = carry(&reading.rules, &reading.holes).expect("few rules");
    let target = Target { hosts: Vec::new(), upstream: None, mode: Mode::Enforce };
    let policy = written(&carried, &target).expect("it compiles").policy;
    let compiled = compile(&Source::from_bytes("policy.toml", policy.into_bytes()).expect("text"), None)
        .expect("it compiles");
    let credentialed =
        compiled.document.routes.iter().filter_map(|route| route.cors.as_ref()).any(|cors| cors.credentials);
    (carried, (Policy::read(&compiled.json).expect("a policy"), credentialed))
}

/// The lines of the report that say what the policy adds.
pub(crate) fn is_said(carried: &Carried, request: &Request) -> bool {
    let says = |part: &str| carried.findings.iter().any(|it| it.message.contains(part));
    request.origin.contains('_') && says("names with `_`")
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 160, ..ProptestConfig::default() })]

    #[test]
    fn nothing_that_the_source_refuses_is_allowed(configuration in configuration()) {
        let Some((carried, policy)) = import(&configuration) else { return Ok(()) };
        for request in requests() {
            let needs_preflight = !["GET", "HEAD", "POST"].contains(&request.method) || request.header.is_some();
            let source = configuration.passes_check(request.origin, request.with_credentials)
                && (!needs_preflight || configuration.passes_preflight(&request));
            let ours = gets_through(&policy, &request);
            prop_assert!(source || !ours || is_said(&carried, &request), "wider: {:?}\n{}\n{:#?}", request, configuration.source().1, carried.findings);
            // What is lost is said as well.
            let has_holes = carried.findings.iter().any(|it| it.class != Class::Same);
            prop_assert!(ours || !source || has_holes, "lost in silence: {:?}\n{}\n{:#?}", request, configuration.source().1, carried.findings);
        }
    }
}
