//! No request that django-cors-headers refuses is allowed by what is imported, unless the report says so.
//!
//! Settings are generated as text and imported. Another reading of them, written after the library's middleware and
//! sharing nothing with the importer, says what a browser gets.

use corsgate_import::Class;
use proptest::prelude::*;

use crate::soundness::{Request, gets_through, imported, is_said, requests};

/// An expression of Python, and whether it takes an origin or a path, written by hand.
type Matcher = (&'static str, fn(&str) -> bool);

fn app(origin: &str) -> bool {
    origin == "https://app.example.com"
}

fn below(origin: &str) -> bool {
    origin.strip_prefix("https://").is_some_and(|it| it.ends_with(".example.com") && !it.contains(':'))
}

/// Of `CORS_ALLOWED_ORIGINS`: scheme and host are compared, the scheme without its case.
const ORIGINS: [Matcher; 8] = [
    (r#""https://app.example.com""#, app),
    (r#""HTTPS://app.example.com""#, app),
    (r#""https://App.Example.com""#, |_| false),
    (r#""https://admin.example.com:8443""#, |it| it == "https://admin.example.com:8443"),
    (r#""http://localhost:3000""#, |it| it == "http://localhost:3000"),
    (r#"f"https://{'app'}.example.com""#, app),
    (r#""https://" + "app.example.com""#, app),
    (r#""null""#, |it| it == "null"),
];

/// Of `CORS_ALLOWED_ORIGIN_REGEXES`: what follows a match does not matter.
const EXPRESSIONS: [Matcher; 9] = [
    (r#"r"^https://.+\.example\.com$""#, below),
    (r#"r"https://\w+\.example\.com\Z""#, |it| {
        below(it)
            && it
                .get(8..it.len() - 12)
                .is_some_and(|it| it.bytes().all(|it| it.is_ascii_alphanumeric() || it == b'_'))
    }),
    (r#"r"^https://app\.example\.com""#, |it| it.starts_with("https://app.example.com")),
    (r#"r"app\.example\.com$""#, |_| false),
    (r#"r".*example\.com$""#, |it| it.ends_with("example.com")),
    (r#"re.compile(r"^https://APP\.example\.com$")"#, |_| false),
    (r#"re.compile(r"^https://APP\.example\.com$", re.IGNORECASE)"#, app),
    (r#"r"^http://localhost(:\d+)?$""#, |it| it.starts_with("http://localhost")),
    (r#"r".*""#, |_| true),
];

/// Of `CORS_URLS_REGEX`, which is asked about `/any`.
const PATHS: [Matcher; 4] = [
    (r#"r"^.*$""#, |_| true),
    (r#"r"^/any$""#, |it| it == "/any"),
    (r#"r"^/an.*""#, |it| it.starts_with("/an")),
    (r#"r"^/api/.*$""#, |it| it.starts_with("/api/")),
];

const METHODS: [(&str, &[&str]); 5] = [
    (r#"["GET", "PUT"]"#, &["GET", "PUT"]),
    (r#"("DELETE", "OPTIONS")"#, &["DELETE", "OPTIONS"]),
    (r#"["put", "*"]"#, &["put", "*"]),
    ("[]", &[]),
    (r#"(*default_methods, "QUERY")"#, &["DELETE", "GET", "OPTIONS", "PATCH", "POST", "PUT", "QUERY"]),
];

const HEADERS: [(&str, &[&str]); 5] = [
    (r#"["Content-Type"]"#, &["content-type"]),
    (r#"list(default_headers) + ["X-A"]"#, &["authorization", "content-type", "x-a"]),
    (r#"("*",)"#, &["*"]),
    ("[]", &[]),
    (r#"["X-A, Authorization"]"#, &["x-a", "authorization"]),
];

#[derive(Clone, Debug)]
struct Settings {
    /// The old names of the settings, which still count.
    is_old: bool,
    all: Option<bool>,
    origins: Option<Vec<Matcher>>,
    expressions: Option<Vec<Matcher>>,
    path: Option<Matcher>,
    methods: Option<(&'static str, &'static [&'static str])>,
    headers: Option<(&'static str, &'static [&'static str])>,
    credentials: Option<bool>,
}

impl Settings {
    fn text(&self) -> String {
        let named = |new: &str, old: &str| if self.is_old { old.to_owned() } else { new.to_owned() };
        let list = |all: &[Matcher]| {
            let texts: Vec<_> = all.iter().map(|(text, _)| *text).collect();
            format!("[{}]", texts.join(", "))
        };
        let truth = |is: bool| if is { "True" } else { "False" };
        let mut lines = vec![
            "import re\nfrom corsheaders.defaults import default_headers, default_methods".to_owned(),
            // One that is always there.
            "CORS_PREFLIGHT_MAX_AGE = 600".to_owned(),
        ];
        let mut set =
            |name: String, value: Option<String>| lines.extend(value.map(|it| format!("{name} = {it}")));
        set(
            named("CORS_ALLOW_ALL_ORIGINS", "CORS_ORIGIN_ALLOW_ALL"),
            self.all.map(|it| truth(it).to_owned()),
        );
        set(named("CORS_ALLOWED_ORIGINS", "CORS_ORIGIN_WHITELIST"), self.origins.as_deref().map(list));
        set(
            named("CORS_ALLOWED_ORIGIN_REGEXES", "CORS_ORIGIN_REGEX_WHITELIST"),
            self.expressions.as_deref().map(list),
        );
        set("CORS_URLS_REGEX".to_owned(), self.path.map(|(text, _)| text.to_owned()));
        set("CORS_ALLOW_METHODS".to_owned(), self.methods.map(|(text, _)| text.to_owned()));
        set("CORS_ALLOW_HEADERS".to_owned(), self.headers.map(|(text, _)| text.to_owned()));
        set("CORS_ALLOW_CREDENTIALS".to_owned(), self.credentials.map(|it| truth(it).to_owned()));
        lines.join("\n") + "\n"
    }

    /// The headers of `add_response_headers`, as a browser checks them (Fetch, 4.8 and 4.9).
    fn lets_through(&self, request: &Request) -> bool {
        let takes = |all: &Option<Vec<Matcher>>| all.iter().flatten().any(|(_, takes)| takes(request.origin));
        let is_all = self.all == Some(true);
        let is_enabled = self.path.is_none_or(|(_, takes)| takes("/any"));
        let credentials = self.credentials == Some(true);
        let passes = is_enabled
            && (is_all || takes(&self.origins) || takes(&self.expressions))
            && (credentials || !request.with_credentials);
        let star = |names: &[&str]| names.contains(&"*") && !request.with_credentials;
        let methods = self.methods.map_or(&["DELETE", "PATCH", "PUT"][..], |(_, methods)| methods);
        let method = ["GET", "HEAD", "POST"].contains(&request.method)
            || methods.contains(&request.method)
            || star(methods);
        let headers = self.headers.map_or(&["authorization", "content-type"][..], |(_, headers)| headers);
        let header = request
            .header
            .is_none_or(|header| headers.contains(&header) || star(headers) && header != "authorization");
        passes && method && header
    }
}

fn settings() -> impl Strategy<Value = Settings> {
    use prop::collection::vec;
    use prop::option::of;
    use prop::sample::select;
    let origins = of(vec(select(ORIGINS.to_vec()), 0..4));
    let expressions = of(vec(select(EXPRESSIONS.to_vec()), 0..3));
    let lists = (of(select(METHODS.to_vec())), of(select(HEADERS.to_vec())));
    let truths = (any::<bool>(), of(prop::bool::weighted(0.3)), of(any::<bool>()));
    (truths, origins, expressions, of(select(PATHS.to_vec())), lists).prop_map(
        |((is_old, all, credentials), origins, expressions, path, (methods, headers))| Settings {
            is_old,
            all,
            origins,
            expressions,
            path,
            methods,
            headers,
            credentials,
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, ..ProptestConfig::default() })]

    #[test]
    fn nothing_that_django_refuses_is_allowed(settings in settings()) {
        let text = settings.text();
        let (carried, policy) = imported("settings.py", &text);
        let has_holes = carried.findings.iter().any(|it| it.class != Class::Same);
        for request in requests() {
            let (source, ours) = (settings.lets_through(&request), gets_through(&policy, &request));
            prop_assert!(source || !ours || is_said(&carried, &request), "wider: {:?}\n{}\n{:#?}", request, text, carried.findings);
            prop_assert!(ours || !source || has_holes, "lost in silence: {:?}\n{}\n{:#?}", request, text, carried.findings);
        }
    }
}
