//! Requests, and what a policy allows for each.

use std::collections::BTreeMap;

use corsgate_compare::Kind;
use corsgate_policy::grammar::day::Day;
use corsgate_policy::origin::list::TextList;
use corsgate_policy::response::exposed::with_families;
use corsgate_policy::response::forward::RequestHeaderSink;
use corsgate_policy::response::headers::ResponseHeaderSink;
use corsgate_policy::{Answers, Examined, Facts, KeyAnswer, Outcome, Policy, RequestUrl};
use proptest::collection::vec;
use proptest::option::of;
use proptest::prelude::*;
use proptest::sample::select;

const HOSTS: [&str; 5] = ["a.example", "b.a.example", "c.example", "example", "other.test"];
const REQUEST_PATHS: [&str; 28] = [
    "/",
    "/a",
    "/a/",
    "/a//",
    "/a/b",
    "/a/b/",
    "/a/b/c",
    "/A/b",
    "/a%2fb",
    "/a/b%2Fc",
    "/a/x%5cy",
    "/a/x%2f%2e%2e%2fb",
    "/A",
    "/A/B",
    "//a/b",
    "/a//b",
    "/b",
    "/b/x",
    "/a/B",
    "/a/B/c",
    "/A/b/c",
    "/a;x/b",
    "/%61",
    "/%61/b",
    "/B/",
    "/a/b;y/c",
    "//",
    "/other",
];
const ORIGINS: [&str; 17] = [
    "https://x.com",
    "https://y.x.com",
    "https://z.y.x.com",
    "https://z.y.x.com:8443",
    "https://x.com:8443",
    "https://x.com:9",
    "http://localhost:3000",
    "http://plain.test",
    "app://.",
    "moz-extension://4ed7f644-c3b5-4bf1-983f-2c8718f52222",
    "moz-extension://0ed7f644-c3b5-4bf1-983f-2c8718f52222",
    "app://localhost",
    "null",
    "https://X.com",
    "https://kv.test",
    "https://w.wild.test",
    "https://key.test",
];
/// The content of KV for every policy.
const LISTS_IN_KV: [(&str, &str); 3] = [
    ("allowlist/kv", "https://kv.test\nmoz-extension://*\nhttp://plain.test expires=2027-01-02\n"),
    ("allowlist/wild", "https://*.wild.test\nhttps://kv.test\n"),
    ("allowlist/other", "https://x.com\n"),
];
const KEYS_IN_KV: [&str; 4] = [
    "origin/keys/https://key.test",
    "origin/keys/http://plain.test",
    "origin/keys/a.example/https://key.test",
    "origin/hostkeys/a.example/https://key.test",
];

/// Kinds of changes that can allow an origin.
const WHO: [Kind; 4] = [Kind::Origin, Kind::AnyOrigin, Kind::KvList, Kind::KvKeys];
const TIMINGS: [Kind; 5] = [Kind::Timing, Kind::Origin, Kind::AnyOrigin, Kind::KvList, Kind::KvKeys];
/// Kinds of changes that can let a request get further.
const FURTHER: [Kind; 13] = [
    Kind::Origin,
    Kind::AnyOrigin,
    Kind::KvList,
    Kind::KvKeys,
    Kind::Methods,
    Kind::RequestHeaders,
    Kind::Mode,
    Kind::OnDisallowed,
    Kind::Handshakes,
    Kind::Route,
    Kind::Place,
    Kind::Spelling,
    Kind::EncodedSlashes,
];

#[derive(Clone, Debug)]
pub struct Request {
    method: &'static str,
    host: &'static str,
    path: &'static str,
    origin: Option<&'static str>,
    upgrade: bool,
    requested_method: Option<&'static str>,
    requested_headers: Option<&'static str>,
    today: &'static str,
}

pub fn requests() -> impl Strategy<Value = Vec<Request>> {
    let kind = prop_oneof![
        Just(("GET", false, None)),
        Just(("GET", true, None)),
        select(&["HEAD", "POST", "PUT", "DELETE"]).prop_map(|method| (method, false, None)),
        select(&["GET", "POST", "PUT", "PATCH", "FOO", "put"]).prop_map(|method| (
            "OPTIONS",
            false,
            Some(method)
        )),
    ];
    let headers = of(select(&["authorization", "x-a", "x-a,x-b", "", "x-m-a", "x-m-a,x-m-b", "x-m-b,x-a"]));
    let day = select(&["2027-01-01", "2027-01-02", "2027-01-04"]);
    let request = (kind, select(&HOSTS), select(&REQUEST_PATHS), of(select(&ORIGINS)), headers, day)
        .prop_map(|((method, upgrade, requested_method), host, path, origin, requested_headers, today)| {
            Request { method, host, path, origin, upgrade, requested_method, requested_headers, today }
        });
    vec(request, 400)
}

/// What is allowed for a request.
#[derive(Debug, Default)]
pub struct Permission {
    /// 0: refused, 1: forwarded and unreadable, 2: allowed, 3: left to the upstream.
    reach: u8,
    headers: BTreeMap<String, String>,
    /// The headers of the request that the upstream gets.
    sent: BTreeMap<String, String>,
    limited: bool,
}

/// The headers that every client sends.
const CLIENTS: [&str; 3] = ["authorization", "cookie", "x-key"];

impl Permission {
    /// Whether a policy allows a preflight that asks for this header.
    pub fn has_header(policy: &Policy, request: &Request, name: &str) -> bool {
        // A test may leak the few names for which it asks.
        let asking = Request { requested_headers: Some(name.to_owned().leak()), ..*request };
        Self::of(policy, &asking).0.reach == 2
    }

    /// What a policy allows for a request, and the route that matched.
    pub fn of(policy: &Policy, request: &Request) -> (Self, Option<String>) {
        let today = Day::parse(request.today).expect("a day");
        let url = RequestUrl {
            origin: "https://own.test",
            host: request.host,
            path: request.path,
            ..RequestUrl::default()
        };
        let header_names = CLIENTS.join(" ");
        let facts = Facts {
            header_names: &header_names,
            method: request.method,
            url,
            origin: request.origin,
            requested_method: request.requested_method,
            requested_headers: request.requested_headers,
            storage_access_inactive: true,
            upgrade: request.upgrade.then_some("websocket"),
            ..Facts::default()
        };
        let examined = Examined::new(policy, &facts);
        let lookups = examined.lists(today);
        let lists: Vec<_> = lookups
            .iter()
            .map(|lookup| {
                let text =
                    LISTS_IN_KV.iter().find(|(key, _)| *key == lookup.list.key).map_or("", |(_, text)| text);
                TextList::parse(text, lookup.list.patterns)
            })
            .collect();
        let mut answers = Answers::default();
        for (lookup, list) in lookups.iter().zip(&lists) {
            answers.add_list(lookup, Some(&list.origins));
        }
        for lookup in examined.keys(&answers, today) {
            let there = KEYS_IN_KV.contains(&lookup.key.as_str());
            answers.add_key(&lookup, if there { KeyAnswer::Present(Day::NEVER) } else { KeyAnswer::Absent });
        }
        let decision = examined.decide(&answers, today);
        let mut sink = Sink::default();
        decision.write_headers(&mut sink);
        // The headers of the upstream's response.
        let exposed = sink.0.get(EXPOSED).cloned().unwrap_or_default();
        let with_families = with_families(&exposed, &sink.1, "x-id x-if x-other retry-after retry-soon");
        sink.0.extend(with_families.map(|names| (EXPOSED.to_owned(), names)));
        let reach = match decision.outcome {
            Outcome::Reject(_) => 0,
            Outcome::Strip(_) => 1,
            Outcome::Allow => 2,
            Outcome::Report(_) => 3,
        };
        let mut sent = Sent(CLIENTS.map(|name| (name.to_owned(), "the client's".to_owned())).into());
        if reach > 0 {
            decision.write_request_headers(&facts, &mut sent);
        }
        let sent = sent.0.into_iter().filter(|(name, _)| CLIENTS.contains(&name.as_str())).collect();
        let limited = !decision.limits().is_empty();
        (Self { reach, headers: sink.0, sent, limited }, decision.route.map(|route| route.name().to_owned()))
    }

    /// What `self` allows and the other does not, with the kinds of changes that can be the reason. `on_request` says whether
    /// the other policy allows a header for which the preflight asks by name, as it does for those of a family.
    pub fn beyond(
        &self,
        other: &Self,
        on_request: impl Fn(&str) -> bool,
    ) -> Vec<(&'static str, &'static [Kind])> {
        if self.reach > other.reach {
            return vec![("it gets further", &FURTHER)];
        }
        if self.reach != 2 || other.reach != 2 {
            return Vec::new();
        }
        let value = |of: &Self, name: &str| of.headers.get(name).cloned();
        let more = |name: &str| value(self, name).is_some() && value(other, name).is_none();
        // What else appears together with a response that was unreadable before is due to the origin.
        if more("access-control-allow-origin") {
            return vec![("it is readable", &WHO)];
        }
        let names = |of: &Self, name: &str| -> Vec<String> {
            value(of, name)
                .unwrap_or_default()
                .split(", ")
                .filter(|name| !name.is_empty())
                .map(str::to_owned)
                .collect()
        };
        let longer = |name: &str, free: &[&str]| {
            let known = names(other, name);
            let star = known.iter().any(|name| name == "*");
            names(self, name).iter().any(|listed| {
                !known.contains(listed)
                    && !free.contains(&listed.as_str())
                    && (!star || listed == "authorization")
            })
        };
        let seconds =
            |of: &Self| value(of, "access-control-max-age").map_or(5, |age| age.parse().unwrap_or(5_u32));
        let limit_fields = ["ratelimit", "ratelimit-policy", "retry-after"];
        // The changes are under the route whose limits send the fields.
        let exposed_freely = if self.limited { &limit_fields[..] } else { &[] };
        let opened = value(self, "access-control-allow-origin").as_deref() == Some("*")
            && value(other, "access-control-allow-origin").as_deref() != Some("*");
        // A header that the upstream did not get before, or with another value.
        let acts = self.sent.iter().any(|(name, value)| other.sent.get(name) != Some(value));
        let headers = names(self, "access-control-allow-headers");
        let asked_for: Vec<&str> =
            headers.iter().map(String::as_str).filter(|name| *name != "*" && on_request(name)).collect();
        let more_headers = longer("access-control-allow-headers", &asked_for);
        let all: [(bool, &str, &'static [Kind]); 9] = [
            (opened, "anyone may read it", &WHO),
            (more("access-control-allow-credentials"), "it has credentials", &[Kind::Credentials]),
            (
                longer("access-control-expose-headers", exposed_freely),
                "more headers are readable",
                &[Kind::ExposedHeaders],
            ),
            (
                longer("access-control-allow-methods", &["GET", "HEAD", "POST"]),
                "more methods",
                &[Kind::Methods],
            ),
            (more_headers, "more headers", &[Kind::RequestHeaders]),
            (
                value(self, "access-control-allow-methods").is_some() && seconds(self) > seconds(other),
                "for longer",
                &[Kind::MaxAge],
            ),
            (more("timing-allow-origin"), "timings", &TIMINGS),
            (
                acts,
                "the upstream gets another header",
                &[Kind::UpstreamHeader, Kind::Credentials, Kind::ForwardCookies],
            ),
            (
                more("activate-storage-access"),
                "it is repeated with cookies",
                &[Kind::StorageAccess, Kind::Credentials],
            ),
        ];
        all.into_iter().filter_map(|(more, what, kinds)| more.then_some((what, kinds))).collect()
    }
}

struct Sent(BTreeMap<String, String>);

impl RequestHeaderSink for Sent {
    fn remove(&mut self, name: &str) {
        self.0.remove(name);
    }

    fn set(&mut self, name: &str, value: &str) {
        self.0.insert(name.to_owned(), value.to_owned());
    }

    fn set_secret(&mut self, name: &str, scheme: &str, secret: &str) {
        self.0.insert(name.to_owned(), format!("{scheme}secret {secret}"));
    }
}

#[derive(Default)]
struct Sink(BTreeMap<String, String>, String);

const EXPOSED: &str = "access-control-expose-headers";

impl ResponseHeaderSink for Sink {
    fn remove(&mut self, name: &str) {
        self.0.remove(name);
    }

    fn set(&mut self, name: &str, value: &str) {
        self.0.insert(name.to_owned(), value.to_owned());
    }

    fn append(&mut self, name: &str, value: &str) {
        self.0.insert(name.to_owned(), value.to_owned());
    }

    fn vary(&mut self, _names: &'static str) {}

    fn expose(&mut self, families: &str) {
        families.clone_into(&mut self.1);
    }
}
