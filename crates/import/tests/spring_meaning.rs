//! What calls of `CorsConfiguration` mean, written after the sources of Spring Framework 6 (`CorsConfiguration`,
//! `DefaultCorsProcessor`) and sharing nothing with the importer.

use crate::soundness::{ASKING, Request};

/// A text, and whether Spring takes an origin of a browser for it, written by hand.
pub(crate) type Origin = (&'static str, fn(&str) -> bool);

fn app(origin: &str) -> bool {
    origin == "https://app.example.com"
}

fn never(_: &str) -> bool {
    false
}

/// Of `allowedOrigins`. `*` is looked at before any of them.
pub(crate) const ORIGINS: [Origin; 9] = [
    ("https://app.example.com", app),
    ("HTTPS://APP.example.com/", app),
    ("https://admin.example.com:8443", |it| it == "https://admin.example.com:8443"),
    ("http://old.example.com", |it| it == "http://old.example.com"),
    ("http://localhost:3000", |it| it == "http://localhost:3000"),
    ("https://*.example.com", never),
    ("https://app.example.com//", never),
    ("null", |it| it == "null"),
    ("*", |_| true),
];

/// Of `allowedOriginPatterns`.
pub(crate) const PATTERNS: [Origin; 12] = [
    ("https://*.example.com", |it| it.starts_with("https://") && it.ends_with(".example.com")),
    ("https://*example.com", |it| it.starts_with("https://") && it.ends_with("example.com")),
    ("https://app.example.com", app),
    ("HTTPS://APP.example.com", never),
    ("https://app.example.com:[*]", |it| app(it) || it.starts_with("https://app.example.com:")),
    ("https://*.example.com:[8443,9443]", |it| {
        it.starts_with("https://") && (it.ends_with(".example.com:8443") || it.ends_with(".example.com:9443"))
    }),
    ("http://localhost:[*]", |it| it.starts_with("http://localhost")),
    ("http://localhost:*", |it| it.starts_with("http://localhost:")),
    ("*://app.example.com", |it| it.ends_with("://app.example.com")),
    ("*.example.com", |it| it.ends_with(".example.com")),
    ("https://app.example.*", |it| it.starts_with("https://app.example.")),
    ("*", |_| true),
];

pub(crate) const METHODS: [&str; 8] = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "put", "*"];
pub(crate) const HEADERS: [&str; 5] = ["Content-Type", "authorization", "X-A", "x-b", "*"];

/// A call of a method of `CorsConfiguration`.
#[derive(Clone, Debug)]
pub(crate) enum Call {
    SetOrigins(Vec<Origin>),
    AddOrigin(Origin),
    SetPatterns(Vec<Origin>),
    AddPattern(Origin),
    SetMethods(Vec<&'static str>),
    AddMethod(&'static str),
    SetHeaders(Vec<&'static str>),
    AddHeader(&'static str),
    Credentials(bool),
    PermitDefaults,
}

/// The fields of `CorsConfiguration`.
#[derive(Clone, Debug, Default)]
pub(crate) struct Spring {
    origins: Option<Vec<Origin>>,
    /// `allowedOrigins == DEFAULT_PERMIT_ALL`
    has_default_origins: bool,
    patterns: Option<Vec<Origin>>,
    methods: Option<Vec<&'static str>>,
    headers: Option<Vec<&'static str>>,
    credentials: bool,
}

impl Spring {
    pub(crate) fn take(&mut self, call: &Call) {
        match call {
            Call::SetOrigins(all) => (self.origins, self.has_default_origins) = (Some(all.clone()), false),
            Call::AddOrigin(origin) => {
                self.origins.get_or_insert_default().push(*origin);
                self.has_default_origins = false;
            }
            Call::SetPatterns(all) => {
                self.patterns = Some(Vec::new());
                all.iter().for_each(|it| self.take(&Call::AddPattern(*it)));
            }
            Call::AddPattern(pattern) => {
                self.patterns.get_or_insert_default().push(*pattern);
                if core::mem::take(&mut self.has_default_origins) {
                    self.origins = None;
                }
            }
            Call::SetMethods(all) => self.methods = Some(all.clone()),
            Call::AddMethod(method) => self.methods.get_or_insert_default().push(method),
            Call::SetHeaders(all) => self.headers = Some(all.clone()),
            Call::AddHeader(header) => self.headers.get_or_insert_default().push(header),
            Call::Credentials(is) => self.credentials = *is,
            Call::PermitDefaults => {
                if self.origins.is_none() && self.patterns.is_none() {
                    self.origins = Some(vec![("*", |_| true)]);
                    self.has_default_origins = true;
                }
                self.methods.get_or_insert_with(|| vec!["GET", "HEAD", "POST"]);
                self.headers.get_or_insert_with(|| vec!["*"]);
            }
        }
    }

    /// `checkOrigin`, and what a browser makes of the answer.
    fn lets_in(&self, origin: &str, with_credentials: bool) -> bool {
        let origins = self.origins.as_deref().unwrap_or_default();
        if origins.iter().any(|(text, _)| *text == "*") {
            // `validateAllowCredentials` throws.
            return !self.credentials && !with_credentials;
        }
        let patterns = self.patterns.as_deref().unwrap_or_default();
        let is_allowed = origins.iter().chain(patterns).any(|(_, takes)| takes(origin));
        is_allowed && (self.credentials || !with_credentials)
    }

    /// `checkHttpMethod`, which a request is held to as well as its preflight.
    fn allows_method(&self, method: &str) -> bool {
        match self.methods.as_deref() {
            None | Some([]) => ["GET", "HEAD"].contains(&method),
            Some(methods) => methods.iter().any(|it| *it == "*" || *it == method),
        }
    }

    /// `checkHeaders`.
    fn allows_header(&self, header: &str) -> bool {
        let headers = self.headers.as_deref().unwrap_or_default();
        headers.iter().any(|it| *it == "*" || it.eq_ignore_ascii_case(header))
    }

    pub(crate) fn lets_through(&self, request: &Request) -> bool {
        self.lets_in(request.origin, request.with_credentials)
            && self.allows_method(request.method)
            && request.header.is_none_or(|header| self.allows_header(header))
    }
}

/// The oracle itself: each pattern lets some origin in, or none, as its name says.
#[test]
fn the_oracle_tells_the_patterns_of_spring_apart() {
    for (text, takes) in PATTERNS {
        let count = ASKING.iter().filter(|origin| takes(origin)).count();
        assert_eq!(count == 0, text.starts_with("HTTPS"), "{text}");
        assert_eq!(count == ASKING.len(), text == "*", "{text}");
    }
}
