//! Requests, and what a policy lets each do.

use std::collections::BTreeMap;

use corsgate_compare::Kind;
use corsgate_policy::grammar::day::Day;
use corsgate_policy::origin::list::TextList;
use corsgate_policy::response::exposed::with_families;
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
const ORIGINS: [&str; 14] = [
    "https://x.com",
    "https://y.x.com",
    "https://z.y.x.com",
    "https://z.y.x.com:8443",
    "https://x.com:8443",
    "https://x.com:9",
    "http://localhost:3000",
    "http://plain.test",
    "app://localhost",
    "null",
    "https://X.com",
    "https://kv.test",
    "https://w.wild.test",
    "https://key.test",
];
/// What stands in KV for every policy.
const LISTS_IN_KV: [(&str, &str); 3] = [
    ("allowlist/kv", "https://kv.test\nhttp://plain.test expires=2027-01-02\n"),
    ("allowlist/wild", "https://*.wild.test\nhttps://kv.test\n"),
    ("allowlist/other", "https://x.com\n"),
];
const KEYS_IN_KV: [&str; 4] = [
    "origin/keys/https://key.test",
    "origin/keys/http://plain.test",
    "origin/keys/a.example/https://key.test",
    "origin/hostkeys/a.example/https://key.test",
];

/// What can let an origin in.
const WHO: [Kind; 4] = [Kind::Origin, Kind::AnyOrigin, Kind::KvList, Kind::KvKeys];
const TIMINGS: [Kind; 5] = [Kind::Timing, Kind::Origin, Kind::AnyOrigin, Kind::KvList, Kind::KvKeys];
/// What can let a request get further.
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
        select(&["GET", "PUT", "PATCH", "FOO", "put"]).prop_map(|method| ("OPTIONS", false, Some(method))),
    ];
    let headers = of(select(&["authorization", "x-a", "x-a,x-b", "", "x-m-a", "x-m-a,x-m-b", "x-m-b,x-a"]));
    let day = select(&["2027-01-01", "2027-01-02", "2027-01-04"]);
    let request = (kind, select(&HOSTS), select(&REQUEST_PATHS), of(select(&ORIGINS)), headers, day)
        .prop_map(|((method, upgrade, requested_method), host, path, origin, requested_headers, today)| {
            Request { method, host, path, origin, upgrade, requested_method, requested_headers, today }
        });
    vec(request, 400)
}

/// What a request may do.
#[derive(Debug, Default)]
pub struct Permission {
    /// 0: refused, 1: forwarded and unreadable, 2: allowed, 3: left to the upstream.
    reach: u8,
    headers: BTreeMap<String, String>,
    limited: bool,
}

impl Permission {
    /// What a policy lets a request do, and the route that took it.
    pub fn of(policy: &Policy, request: &Request) -> (Self, Option<String>) {
        let today = Day::parse(request.today).expect("a day");
        let url = RequestUrl {
            origin: "https://own.test",
            host: request.host,
            path: request.path,
            ..RequestUrl::default()
        };
        let facts = Facts {
            method: request.method,
            url,
            origin: request.origin,
            requested_method: request.requested_method,
            requested_headers: request.requested_headers,
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
        // The upstream's response has these headers.
        let exposed = sink.0.get(EXPOSED).cloned().unwrap_or_default();
        let with_families = with_families(&exposed, &sink.1, "x-id x-if x-other retry-after retry-soon");
        sink.0.extend(with_families.map(|names| (EXPOSED.to_owned(), names)));
        let reach = match decision.outcome {
            Outcome::Reject(_) => 0,
            Outcome::Strip(_) => 1,
            Outcome::Allow => 2,
            Outcome::Report(_) => 3,
        };
        let limited = !decision.limits().is_empty();
        (Self { reach, headers: sink.0, limited }, decision.route.map(|route| route.name().to_owned()))
    }

    /// What this lets a request do that the other does not, with the kinds of changes that can be the reason.
    pub fn beyond(&self, other: &Self) -> Vec<(&'static str, &'static [Kind])> {
        if self.reach > other.reach {
            return vec![("it gets further", &FURTHER)];
        }
        if self.reach != 2 || other.reach != 2 {
            return Vec::new();
        }
        let value = |of: &Self, name: &str| of.headers.get(name).cloned();
        let more = |name: &str| value(self, name).is_some() && value(other, name).is_none();
        // Whatever else comes with what was not readable at all, comes with who may ask.
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
        // Named by the route whose limits send them.
        let exposed_freely = if self.limited { &limit_fields[..] } else { &[] };
        let opened = value(self, "access-control-allow-origin").as_deref() == Some("*")
            && value(other, "access-control-allow-origin").as_deref() != Some("*");
        let all: [(bool, &str, &'static [Kind]); 7] = [
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
            (longer("access-control-allow-headers", &[]), "more headers", &[Kind::RequestHeaders]),
            (
                value(self, "access-control-allow-methods").is_some() && seconds(self) > seconds(other),
                "for longer",
                &[Kind::MaxAge],
            ),
            (more("timing-allow-origin"), "timings", &TIMINGS),
        ];
        all.into_iter().filter_map(|(more, what, kinds)| more.then_some((what, kinds))).collect()
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
