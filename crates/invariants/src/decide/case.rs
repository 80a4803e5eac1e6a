//! A case as text: the switches of the route on the first line, its values below, and after an empty line the request.
//! Anything that is not understood is ignored, so that almost every text is a case:
//!
//! ```text
//! credentials console forward
//! origins: https://app.example.com https://old.example.com=2026-01-31 @list @kv @keys
//! list: https://*.example.org
//! line: https://partner.example expires=2026-01-31
//! key: 2026-01-31
//! methods: PUT
//! set: x-api-key=secret:PARTNER_KEY
//! remove: cookie
//!
//! OPTIONS https://api.example.com/x
//! Origin: https://app.example.com
//! Access-Control-Request-Method: PUT
//! ```

use std::collections::BTreeMap;

use corsgate_policy::grammar::day::Day;
use corsgate_policy::policy::document::{
    AllowlistDocument, CorsDocument, Document, EncodedSlashes, EntryDocument, Explain, LimitDocument, Mode,
    OnDisallowed, RecordsDocument, RequestDocument, RouteDocument, Scope, SecurityDocument, TimingDocument,
    VERSION, WebSocketDocument,
};
use corsgate_policy::{KeyAnswer, RequestUrl};

use crate::decision::Kv;
use crate::support::Request;

/// A policy, the content of KV, a day and a request.
pub struct Case {
    /// The policy.
    pub document: Document,
    /// The content of KV.
    pub kv: Kv,
    /// The day.
    pub today: Day,
    /// The request.
    pub request: Request,
}

impl Case {
    /// Reads a case; `None` if it has no request.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (policy, request) = text.split_once("\n\n")?;
        let mut lines = policy.lines();
        let switches = lines.next().unwrap_or_default();
        let lines = lines.filter_map(|line| line.split_once(": ")).collect();
        let policy = PolicyText { switches, lines };
        let today = policy.values("today").find_map(|day| Day::parse(day).ok());
        Some(Self {
            document: policy.document(),
            kv: policy.kv(),
            today: today.unwrap_or(Day::from_unix_milliseconds(1.8e12)),
            request: request_of(request)?,
        })
    }
}

/// A document without routes, with the upstream that [`route`] names.
#[must_use]
pub fn document() -> Document {
    Document {
        version: VERSION,
        id: String::new(),
        upstreams: [("api".to_owned(), "https://origin.example.net/base".to_owned())].into(),
        allowlists: BTreeMap::new(),
        routes: Vec::new(),
        default_cors: None,
        fold_suffixes: false,
        records: RecordsDocument::default(),
    }
}

/// A route for any host.
#[must_use]
pub fn route(name: &str, path: &str, cors: Option<CorsDocument>) -> RouteDocument {
    RouteDocument {
        name: name.to_owned(),
        path: path.to_owned(),
        upstream: "api".to_owned(),
        hosts: None,
        mode: Mode::default(),
        cors,
        on_disallowed: OnDisallowed::default(),
        explain: Explain::default(),
        forward_origin: false,
        forward_cookies: false,
        storage_access: false,
        encoded_slashes: Default::default(),
        record_path: true,
        timeout: 30,
        upload_timeout: None,
        websocket: WebSocketDocument::default(),
        limits: Vec::new(),
        on_limiter_error: Default::default(),
        request: Default::default(),
        response: Default::default(),
        security: SecurityDocument::default(),
    }
}

struct PolicyText<'a> {
    switches: &'a str,
    lines: Vec<(&'a str, &'a str)>,
}

impl<'a> PolicyText<'a> {
    fn has(&self, switch: &str) -> bool {
        self.switches.split(' ').any(|word| word == switch)
    }

    fn lines(&self, key: &str) -> impl Iterator<Item = &'a str> {
        self.lines.iter().filter(move |(known, _)| *known == key).map(|(_, value)| *value)
    }

    fn values(&self, key: &str) -> impl Iterator<Item = &'a str> {
        self.lines(key).flat_map(str::split_ascii_whitespace)
    }

    fn entries(&self, key: &str) -> Vec<EntryDocument> {
        let entry = |word: &str| match word.split_once('=') {
            Some((origin, day)) => {
                EntryDocument::Expiring { origin: origin.to_owned(), expires: day.to_owned() }
            }
            None => EntryDocument::Lasting(word.to_owned()),
        };
        self.values(key).map(entry).collect()
    }

    fn cors(&self, origins: &str) -> Option<CorsDocument> {
        let owned = |key: &str| self.values(key).map(str::to_owned).collect();
        let cors = CorsDocument {
            origins: self.entries(origins),
            methods: owned("methods"),
            request_headers: owned("headers"),
            exposed_headers: owned("expose"),
            credentials: self.has("credentials"),
            enforce_methods: self.has("enforce-methods"),
            max_age: self.values("max_age").find_map(|seconds| seconds.parse().ok()),
            dangerously_allow_insecure_origins: self.has("insecure"),
            dangerously_allow_any_extension: self.has("extensions"),
        };
        (!cors.origins.is_empty()).then_some(cors)
    }

    fn document(&self) -> Document {
        let limit =
            || LimitDocument { name: "l".to_owned(), quota: 1, window: 1, by: vec!["client_ip".to_owned()] };
        let hosts: Vec<_> = self.values("hosts").map(str::to_owned).collect();
        let route = RouteDocument {
            hosts: (!hosts.is_empty()).then_some(hosts),
            mode: if self.has("report") { Mode::Report } else { Mode::Enforce },
            on_disallowed: if self.has("forward") { OnDisallowed::Forward } else { OnDisallowed::Reject },
            explain: if self.has("console") { Explain::Console } else { Explain::Headers },
            forward_origin: self.has("forward-origin"),
            encoded_slashes: match self.has("keep") {
                true => EncodedSlashes::Keep,
                false => EncodedSlashes::default(),
            },
            websocket: WebSocketDocument {
                require_origin: !self.has("origin-optional"),
                dangerously_allow_any_origin: self.has("any-handshake"),
                ..WebSocketDocument::default()
            },
            request: RequestDocument {
                set: self.lines("set").filter_map(|line| line.split_once('=')).map(owned_pair).collect(),
                remove: self.values("remove").map(str::to_owned).collect(),
            },
            limits: if self.has("limited") { vec![limit()] } else { Vec::new() },
            security: SecurityDocument {
                timing_allow_origin: TimingDocument::Follows(self.has("timing")),
                nosniff: self.has("nosniff"),
                ..SecurityDocument::default()
            },
            ..route("api", self.values("path").next().unwrap_or("/*"), self.cors("origins"))
        };
        let default_cors = self.cors("default");
        let keys = AllowlistDocument::KvKeys {
            kv_keys: "keys".to_owned(),
            scope: if self.has("shared") { Scope::Shared } else { Scope::Host },
            dangerously_share_keys: self.has("shared"),
        };
        let list = AllowlistDocument::Kv {
            kv: "partners".to_owned(),
            dangerously_unchecked_wildcards: self.has("wildcards"),
        };
        let allowlists = [
            ("list".to_owned(), AllowlistDocument::Entries(self.entries("list"))),
            ("kv".to_owned(), list),
            ("keys".to_owned(), keys),
        ];
        Document { allowlists: allowlists.into(), routes: vec![route], default_cors, ..document() }
    }

    fn kv(&self) -> Kv {
        let text = self.lines("line").map(|line| format!("{line}\n")).collect();
        let key = match self.values("key").next() {
            None | Some("absent") => KeyAnswer::Absent,
            Some("unavailable") => KeyAnswer::Unavailable,
            Some(day) => KeyAnswer::Present(Day::parse(day).unwrap_or(Day::NEVER)),
        };
        Kv { list: (!self.has("kv-down")).then_some(text), key }
    }
}

fn owned_pair((name, value): (&str, &str)) -> (String, String) {
    (name.to_owned(), value.to_owned())
}

fn request_of(text: &str) -> Option<Request> {
    let mut lines = text.split('\n');
    let (method, url) = lines.next()?.split_once(' ')?;
    RequestUrl::parse(url)?;
    let headers = lines.filter_map(|line| line.split_once(": "));
    Some(headers.fold(Request::new(method, url), |request, (name, value)| request.with(name, value)))
}
