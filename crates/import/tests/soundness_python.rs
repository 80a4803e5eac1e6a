//! No request that a program in Python refuses is allowed by what is imported, unless the report says so.
//!
//! Configurations of Flask-CORS and Starlette are generated as text and imported. Another reading of the same options,
//! written after the code of the libraries and sharing nothing with the importer, says what a browser gets.

use corsgate_import::Class;
use proptest::prelude::*;

use crate::soundness::{Request, gets_through, imported, requests};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Library {
    Flask,
    Starlette,
}

/// A text of Python, and whether it matches an origin, written by hand.
type Origin = (&'static str, fn(&str) -> bool);

fn origins(library: Library) -> Vec<Origin> {
    fn app(origin: &str) -> bool {
        origin == "https://app.example.com"
    }
    fn below(origin: &str) -> bool {
        let host = origin.strip_prefix("https://");
        host.is_some_and(|host| host.ends_with(".example.com") && !host.contains(':'))
    }
    let mut all: Vec<Origin> = vec![
        (r#""https://app.example.com""#, app),
        (r#""https://admin.example.com:8443""#, |it| it == "https://admin.example.com:8443"),
        (r#""http://old.example.com""#, |it| it == "http://old.example.com"),
        (r#""null""#, |it| it == "null"),
        (r#""https://www.example.com/""#, |_| false),
        (r#""*""#, |_| true),
    ];
    if library == Library::Flask {
        all.extend([
            (r#""HTTPS://App.Example.com""#, app as fn(&str) -> bool),
            (r#"r"^https://.+\.example\.com$""#, below),
            (r#"r"https://app\.example\.com""#, |it| it.starts_with("https://app.example.com")),
            (r#""https://*.example.com""#, |it| it == "https://example.com" || it == "https://xexample.com"),
            (r#"re.compile(r"^https://.+\.EXAMPLE\.com$")"#, |_| false),
            (r#"re.compile(r"^https://.+\.EXAMPLE\.com$", re.I)"#, below),
        ]);
    }
    all
}

#[derive(Clone, Debug)]
struct Configuration {
    library: Library,
    origins: Vec<Origin>,
    methods: Option<Vec<&'static str>>,
    headers: Option<Vec<&'static str>>,
    credentials: bool,
}

impl Configuration {
    fn script(&self) -> String {
        let list = |names: &[&str]| {
            let quoted: Vec<_> = names.iter().map(|name| format!("\"{name}\"")).collect();
            format!("[{}]", quoted.join(", "))
        };
        let is_flask = self.library == Library::Flask;
        let key =
            |flask: &str, starlette: &str| if is_flask { flask.to_owned() } else { starlette.to_owned() };
        let texts: Vec<_> = self.origins.iter().map(|(text, _)| *text).collect();
        let mut options = vec![format!("{}=[{}]", key("origins", "allow_origins"), texts.join(", "))];
        options.extend(
            self.methods.as_ref().map(|it| format!("{}={}", key("methods", "allow_methods"), list(it))),
        );
        options.extend(self.headers.as_ref().map(|it| format!("allow_headers={}", list(it))));
        let credentials = key("supports_credentials", "allow_credentials");
        options.extend(self.credentials.then(|| format!("{credentials}=True")));
        let options = options.join(", ");
        match self.library {
            Library::Flask => format!("import re\nfrom flask_cors import CORS\nCORS(app, {options})\n"),
            Library::Starlette => format!(
                "from starlette.middleware.cors import CORSMiddleware\napp.add_middleware(CORSMiddleware, {options})\n"
            ),
        }
    }

    /// Whether a page gets through to the program: the CORS check and the preflight of Fetch.
    fn lets_through(&self, request: &Request) -> bool {
        let is_allowed = self.origins.iter().any(|(_, matches)| matches(request.origin));
        let passes = is_allowed && (!request.with_credentials || self.credentials);
        let is_safe = ["GET", "HEAD", "POST"].contains(&request.method);
        if is_safe && request.header.is_none() {
            return passes;
        }
        let defaults: &[&str] = match self.library {
            Library::Flask => &["GET", "HEAD", "POST", "OPTIONS", "PUT", "PATCH", "DELETE"],
            Library::Starlette => &["GET"],
        };
        let methods = self.methods.as_deref().unwrap_or(defaults);
        let is_star = self.library == Library::Starlette && methods.contains(&"*");
        // QUERY is left out, and said to be.
        let lists_method = methods.contains(&request.method) || is_star && request.method != "QUERY";
        let allows_all = match (&self.headers, self.library) {
            (None, library) => library == Library::Flask,
            (Some(headers), _) => headers.contains(&"*"),
        };
        let lists_header = request.header.is_none_or(|header| {
            let listed = self.headers.iter().flatten().any(|it| it.eq_ignore_ascii_case(header));
            allows_all || listed || self.library == Library::Starlette && header == "content-type"
        });
        // Both answer with the headers only if the method is listed.
        let passes_method =
            lists_method || is_safe && self.library == Library::Flask && request.header.is_none();
        passes && passes_method && lists_header
    }
}

fn configuration() -> impl Strategy<Value = Configuration> {
    let methods = prop::option::of(prop::sample::select(vec![
        vec!["GET"],
        vec!["GET", "POST", "PUT"],
        vec!["PUT", "DELETE"],
        vec!["GET", "HEAD", "POST", "PATCH", "QUERY"],
        vec!["*"],
    ]));
    let headers = prop::option::of(prop::sample::select(vec![
        vec!["Content-Type"],
        vec!["X-A", "Authorization"],
        vec!["*"],
        vec![],
        vec!["X-A, Content-Type"],
    ]));
    let library = prop::sample::select(vec![Library::Flask, Library::Starlette]);
    (library, methods, headers, any::<bool>()).prop_flat_map(|(library, methods, headers, credentials)| {
        prop::collection::vec(prop::sample::select(origins(library)), 0..4).prop_map(move |origins| {
            Configuration {
                library,
                origins,
                methods: methods.clone(),
                headers: headers.clone(),
                credentials,
            }
        })
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, ..ProptestConfig::default() })]

    #[test]
    fn nothing_that_a_program_in_python_refuses_is_allowed(configuration in configuration()) {
        let (carried, policy) = imported("app.py", &configuration.script());
        let says = |part: &str| carried.findings.iter().any(|it| it.message.contains(part));
        let has_holes = carried.findings.iter().any(|it| it.class != Class::Same);
        for request in requests() {
            let source = configuration.lets_through(&request);
            let ours = gets_through(&policy, &request);
            let is_said = request.origin.contains('_') && says("names with `_`")
                || request.method == "HEAD" && says("HEAD is not listed");
            prop_assert!(source || !ours || is_said, "wider: {:?}\n{}\n{:#?}", request, configuration.script(), carried.findings);
            prop_assert!(ours || !source || has_holes, "lost in silence: {:?}\n{}\n{:#?}", request, configuration.script(), carried.findings);
        }
    }
}
