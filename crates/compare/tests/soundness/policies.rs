//! Pairs of policies with few names, so that they overlap in many parts.

use std::collections::BTreeMap;

use corsgate_policy::Policy;
use corsgate_policy::policy::document::{
    AllowlistDocument, CorsDocument, Document, EncodedSlashes, EntryDocument, Explain, HstsDocument,
    LimitDocument, Mode, OnDisallowed, OnLimiterError, OnReject, RecordsDocument, RequestDocument,
    ResponseDocument, RouteDocument, Scope, SecurityDocument, TimingDocument, WebSocketDocument,
};
use proptest::collection::vec;
use proptest::option::of;
use proptest::prelude::*;
use proptest::sample::{select, subsequence};

const PATHS: [&str; 10] = ["/*", "/a", "/a/*", "/a/b", "/a/b/*", "/A/*", "/a/", "/b/*", "/", "/a/B/*"];
const PATTERNS: [&str; 12] = [
    "https://x.com",
    "https://*.x.com",
    "https://y.x.com",
    "https://*.y.x.com:*",
    "https://x.com:8443",
    "https://x.com:*",
    "http://localhost:3000",
    "http://plain.test",
    "app://.",
    "moz-extension://*",
    "moz-extension://4ed7f644-c3b5-4bf1-983f-2c8718f52222",
    "app://localhost",
];
const LISTS: [&str; 5] = ["@list", "@kv", "@wild", "@keys", "@hostkeys"];
/// The number of parts of a route that are chosen independently.
const PARTS: usize = 12;

fn texts(values: &[&str]) -> Vec<String> {
    values.iter().map(|value| (*value).to_owned()).collect()
}

fn entry() -> impl Strategy<Value = EntryDocument> {
    let day = of(prop_oneof![Just("2027-01-01"), Just("2027-01-03")]);
    (select(&PATTERNS), day).prop_map(|(origin, day)| match day {
        None => EntryDocument::Lasting(origin.to_owned()),
        Some(day) => EntryDocument::Expiring { origin: origin.to_owned(), expires: day.to_owned() },
    })
}

fn origins() -> impl Strategy<Value = Vec<EntryDocument>> {
    let list = select(&LISTS).prop_map(|list| EntryDocument::Lasting(list.to_owned()));
    prop_oneof![
        6 => vec(prop_oneof![entry(), list], 1..4),
        1 => Just(vec![EntryDocument::Lasting("*".to_owned())]),
    ]
}

fn cors() -> impl Strategy<Value = CorsDocument> {
    let names = |of: &'static [&'static str]| subsequence(of, 0..=of.len()).prop_map(|names| texts(&names));
    (
        origins(),
        names(&["*", "GET", "PATCH", "POST", "PUT"]),
        names(&["*", "authorization", "x-a", "x-*", "x-m-*", "x-m-a"]),
        names(&["*", "retry-after", "x-id", "x-*", "x-i*", "retry-*"]),
        any::<bool>(),
        of(select(&[0_u32, 5, 600, 86_400])),
        any::<bool>(),
        prop_oneof![3 => Just(false), 1 => Just(true)],
    )
        .prop_map(
            |(
                origins,
                methods,
                request_headers,
                exposed_headers,
                credentials,
                max_age,
                insecure,
                enforce_methods,
            )| {
                CorsDocument {
                    origins,
                    methods,
                    request_headers,
                    exposed_headers,
                    credentials,
                    max_age,
                    enforce_methods,
                    dangerously_allow_insecure_origins: insecure,
                    dangerously_allow_any_extension: insecure,
                }
            },
        )
}

fn limits() -> impl Strategy<Value = Vec<LimitDocument>> {
    let keys =
        select(vec![&["client_ip"][..], &["client_ip", "route"], &["route"], &["client_ip", "header:x-key"]]);
    let limit = (select(&["l", "m"]), select(&[5_u32, 10]), select(&[10_u32, 60]), keys);
    let limit = limit.prop_map(|(name, quota, window, by)| LimitDocument {
        name: name.to_owned(),
        quota,
        window,
        by: texts(by),
    });
    prop_oneof![2 => Just(Vec::new()), 1 => vec(limit, 1..3)]
}

fn timing() -> impl Strategy<Value = TimingDocument> {
    let listed = select(vec![&["*"][..], &["https://x.com"], &["https://key.test", "https://x.com"]]);
    prop_oneof![
        any::<bool>().prop_map(TimingDocument::Follows),
        listed.prop_map(|origins| TimingDocument::Listed(texts(origins))),
    ]
}

fn request() -> impl Strategy<Value = RequestDocument> {
    let names = select(&["authorization", "x-key", "origin"]);
    let value = of(select(&["secret:ONE", "Bearer secret:TWO", "text", "other"]));
    let removed = subsequence(&["authorization", "cookie", "origin", "x-key"], 0..=3);
    let rules = (names, value, removed).prop_map(|(name, value, removed)| RequestDocument {
        set: value
            .filter(|_| name != "origin")
            .map(|value| (name.to_owned(), value.to_owned()))
            .into_iter()
            .collect(),
        remove: texts(&removed),
    });
    prop_oneof![2 => Just(RequestDocument::default()), 1 => rules]
}

fn security() -> impl Strategy<Value = SecurityDocument> {
    let hsts = (select(&[0_u32, 60, 600]), any::<bool>());
    let hsts = hsts.prop_map(|(max_age, include_subdomains)| HstsDocument {
        max_age,
        include_subdomains,
        preload: false,
    });
    let text = |values: &'static [&'static str]| of(select(values).prop_map(str::to_owned));
    (
        of(hsts),
        text(&["default-src 'none'", "default-src *"]),
        any::<bool>(),
        text(&["no-referrer", "unsafe-url", "strict-origin-when-cross-origin"]),
        text(&["same-origin", "cross-origin"]),
        text(&["same-origin", "unsafe-none"]),
        text(&["require-corp", "unsafe-none"]),
        timing(),
    )
        .prop_map(|(hsts, csp, nosniff, referrer_policy, corp, coop, coep, timing_allow_origin)| {
            SecurityDocument {
                hsts,
                csp,
                nosniff,
                referrer_policy,
                permissions_policy: None,
                corp,
                coop,
                coep,
                timing_allow_origin,
            }
        })
}

fn websocket() -> impl Strategy<Value = WebSocketDocument> {
    (any::<bool>(), any::<bool>(), any::<bool>()).prop_map(|(require_origin, close, any)| WebSocketDocument {
        require_origin,
        on_reject: if close { OnReject::Close } else { OnReject::Handshake },
        dangerously_allow_any_origin: any,
    })
}

fn route() -> impl Strategy<Value = RouteDocument> {
    let hosts = select(vec![&[][..], &["a.example"], &["*.example"], &["a.example", "b.a.example"]]);
    let hosts = hosts.prop_map(|hosts| (!hosts.is_empty()).then(|| texts(hosts)));
    let switches = (
        any::<bool>(),
        any::<bool>(),
        any::<bool>(),
        any::<bool>(),
        prop_oneof![5 => Just(false), 1 => Just(true)],
    );
    let names = &["x-version", "x-frame-options"];
    let removed = subsequence(&["server", "x-frame-options"], 0..=2);
    let response =
        (select(names), of(select(&["1", "2"])), removed).prop_map(|(name, set, removed)| ResponseDocument {
            set: set.map(|value| (name.to_owned(), value.to_owned())).into_iter().collect(),
            remove: texts(&removed),
            rewrite: removed.is_empty(),
        });
    (
        hosts,
        select(&PATHS),
        select(&["one", "two", "same"]),
        of(cors()),
        limits(),
        security(),
        websocket(),
        switches,
        (request(), response),
    )
        .prop_map(
            |(hosts, path, upstream, cors, limits, security, websocket, switches, (request, response))| {
                let (forward, console, paths, deny, report) = switches;
                RouteDocument {
                    name: String::new(),
                    path: path.to_owned(),
                    upstream: upstream.to_owned(),
                    hosts,
                    mode: if report { Mode::Report } else { Mode::Enforce },
                    cors,
                    on_disallowed: if forward { OnDisallowed::Forward } else { OnDisallowed::Reject },
                    explain: if console { Explain::Console } else { Explain::Headers },
                    forward_origin: forward && console,
                    forward_cookies: forward && paths,
                    storage_access: console,
                    encoded_slashes: if deny { EncodedSlashes::Keep } else { EncodedSlashes::Refuse },
                    record_path: paths,
                    timeout: if deny { 30 } else { 10 },
                    upload_timeout: paths.then_some(60),
                    websocket,
                    limits,
                    on_limiter_error: if deny { OnLimiterError::Deny } else { OnLimiterError::Allow },
                    request,
                    response,
                    security,
                }
            },
        )
}

fn document() -> impl Strategy<Value = (Document, Vec<RouteDocument>)> {
    let kv = select(&["kv", "other"]);
    let lists = (vec(entry(), 0..4), kv, any::<bool>(), any::<bool>(), any::<bool>());
    let lists = lists.prop_map(|(entries, kv, wild, scoped, share)| {
        BTreeMap::from([
            ("list".to_owned(), AllowlistDocument::Entries(entries)),
            (
                "kv".to_owned(),
                AllowlistDocument::Kv { kv: kv.to_owned(), dangerously_unchecked_wildcards: false },
            ),
            (
                "wild".to_owned(),
                AllowlistDocument::Kv { kv: "wild".to_owned(), dangerously_unchecked_wildcards: wild },
            ),
            (
                "keys".to_owned(),
                AllowlistDocument::KvKeys {
                    kv_keys: "keys".to_owned(),
                    scope: if scoped { Scope::Host } else { Scope::Shared },
                    dangerously_share_keys: share,
                },
            ),
            (
                "hostkeys".to_owned(),
                AllowlistDocument::KvKeys {
                    kv_keys: "hostkeys".to_owned(),
                    scope: Scope::Host,
                    dangerously_share_keys: false,
                },
            ),
        ])
    });
    (
        lists,
        vec(route(), 1..5),
        of(cors()),
        select(&["https://one.test", "https://moved.test"]),
        select(&[0.01, 0.5]),
    )
        .prop_map(|(allowlists, routes, default_cors, one, share)| {
            let upstreams = [("one", one), ("two", "https://two.test"), ("same", "https://two.test")];
            let document = Document {
                version: 1,
                id: String::new(),
                upstreams: upstreams
                    .iter()
                    .map(|(name, url)| ((*name).to_owned(), (*url).to_owned()))
                    .collect(),
                allowlists,
                routes: Vec::new(),
                default_cors,
                fold_suffixes: false,
                records: RecordsDocument { sample_allowed: share },
            };
            (document, routes)
        })
}

/// Two policies; the second has parts of the first.
pub fn pair() -> impl Strategy<Value = (Document, Document)> {
    let names = || vec(select(&["a", "b", "c", "d", "e"]), 5).prop_shuffle();
    let keep = vec(prop_oneof![4 => Just(true), 1 => Just(false)], 4 * PARTS + 5);
    (document(), document(), names(), keep, any::<prop::sample::Index>(), any::<bool>()).prop_map(
        |((mut before, routes), (mut now, others), names, keep, turn, shuffled)| {
            let named = |routes: Vec<RouteDocument>| -> Vec<RouteDocument> {
                let mut seen: Vec<&str> = Vec::new();
                let name = |at: usize, seen: &[&str]| {
                    let wanted = names.get(at).copied().unwrap_or("a");
                    let spare = ["a", "b", "c", "d", "e", "f", "g"];
                    if seen.contains(&wanted) {
                        *spare.iter().find(|name| !seen.contains(name)).expect("spare")
                    } else {
                        wanted
                    }
                };
                let mut all = Vec::new();
                for (at, route) in routes.into_iter().enumerate() {
                    let name = name(at, &seen);
                    seen.push(name);
                    all.push(RouteDocument { name: name.to_owned(), ..route });
                }
                all
            };
            let routes = named(routes);
            let mut others = named(others);
            for (at, (other, route)) in others.iter_mut().zip(&routes).enumerate() {
                let keep = |part: usize| keep.get(at * PARTS + part).copied().unwrap_or(true);
                mix(other, route, keep);
            }
            if keep.get(4 * PARTS) == Some(&true) {
                others.extend(routes.get(others.len()..).unwrap_or_default().to_vec());
            }
            if shuffled && !others.is_empty() {
                let by = turn.index(others.len());
                others.rotate_left(by);
            }
            let kept = |part: usize| keep.get(4 * PARTS + part) == Some(&true);
            if kept(1) {
                now.allowlists = before.allowlists.clone();
            }
            if kept(2) {
                now.default_cors = before.default_cors.clone();
            }
            if kept(3) {
                now.upstreams = before.upstreams.clone();
            }
            if kept(4) {
                now.records = before.records;
            }
            fill(&mut before, routes);
            fill(&mut now, others);
            (before, now)
        },
    )
}

/// Copies parts of another route.
fn mix(route: &mut RouteDocument, from: &RouteDocument, keep: impl Fn(usize) -> bool) {
    let from = from.clone();
    if keep(0) {
        route.name = from.name;
    }
    if keep(1) {
        route.hosts = from.hosts;
    }
    if keep(2) {
        route.path = from.path;
    }
    if keep(3) {
        route.upstream = from.upstream;
    }
    if keep(4) {
        route.cors = from.cors;
    } else if let (Some(cors), Some(from)) = (&mut route.cors, from.cors) {
        if keep(5) {
            cors.origins = from.origins;
        }
        if keep(6) {
            cors.methods = from.methods;
            cors.max_age = from.max_age;
            cors.enforce_methods = from.enforce_methods;
        }
        if keep(7) {
            cors.credentials = from.credentials;
            cors.dangerously_allow_any_extension = from.dangerously_allow_any_extension;
            cors.dangerously_allow_insecure_origins = from.dangerously_allow_insecure_origins;
        }
    }
    if keep(8) {
        route.limits = from.limits;
        route.on_limiter_error = from.on_limiter_error;
    }
    if keep(9) {
        route.security = from.security;
        route.response = from.response;
        route.request = from.request;
    }
    if keep(10) {
        route.websocket = from.websocket;
        route.mode = from.mode;
    }
    if keep(11) {
        route.on_disallowed = from.on_disallowed;
        route.explain = from.explain;
        route.forward_origin = from.forward_origin;
        route.forward_cookies = from.forward_cookies;
        route.storage_access = from.storage_access;
        route.encoded_slashes = from.encoded_slashes;
        route.record_path = from.record_path;
        route.timeout = from.timeout;
        route.upload_timeout = from.upload_timeout;
    }
}

/// Adds routes to a policy if its rules allow it.
fn fill(document: &mut Document, routes: Vec<RouteDocument>) {
    let lists = document.allowlists.clone();
    document.default_cors.iter_mut().for_each(|cors| mend(cors, &lists));
    for mut route in routes {
        route.cors.iter_mut().for_each(|cors| mend(cors, &lists));
        let any =
            route.cors.as_ref().is_some_and(|cors| is_any(cors) || cors.dangerously_allow_any_extension);
        route.websocket.dangerously_allow_any_origin &= any;
        document.routes.push(route);
        if Policy::from_document(document).is_err() {
            document.routes.pop();
        }
    }
    if document.routes.is_empty() {
        document.routes.push(RouteDocument {
            name: "z".to_owned(),
            path: "/*".to_owned(),
            upstream: "one".to_owned(),
            hosts: None,
            mode: Mode::Enforce,
            cors: None,
            on_disallowed: OnDisallowed::Reject,
            explain: Explain::Headers,
            forward_origin: false,
            forward_cookies: false,
            storage_access: false,
            encoded_slashes: Default::default(),
            record_path: true,
            timeout: 30,
            upload_timeout: None,
            websocket: WebSocketDocument::default(),
            limits: Vec::new(),
            on_limiter_error: OnLimiterError::Allow,
            request: Default::default(),
            response: ResponseDocument::default(),
            security: SecurityDocument::default(),
        });
    }
}

fn is_any(cors: &CorsDocument) -> bool {
    cors.origins == [EntryDocument::Lasting("*".to_owned())]
}

fn origin_of(entry: &EntryDocument) -> &str {
    let (EntryDocument::Lasting(origin) | EntryDocument::Expiring { origin, .. }) = entry;
    origin
}

/// Removes rules that cannot be combined.
fn mend(cors: &mut CorsDocument, lists: &BTreeMap<String, AllowlistDocument>) {
    if is_any(cors) {
        cors.credentials = false;
        return;
    }
    // An entry, or a list with one.
    let holds = |entry: &EntryDocument, wanted: &str| {
        let listed = matches!(lists.get("list"), Some(AllowlistDocument::Entries(entries))
            if entries.iter().any(|entry| origin_of(entry) == wanted));
        origin_of(entry) == wanted || origin_of(entry) == "@list" && listed
    };
    let insecure = |entry: &EntryDocument| holds(entry, "http://plain.test");
    let extension = |entry: &EntryDocument| holds(entry, "moz-extension://*");
    let open_port = |entry: &EntryDocument| {
        let origin = origin_of(entry);
        origin.ends_with(":*") || origin == "@list" || origin == "@keys"
    };
    if cors.credentials {
        cors.origins.retain(|entry| !extension(entry));
        for names in [&mut cors.methods, &mut cors.request_headers, &mut cors.exposed_headers] {
            names.retain(|name| name != "*");
        }
        cors.origins.retain(|entry| !insecure(entry) && !open_port(entry));
    }
    if cors.origins.iter().any(insecure) {
        cors.dangerously_allow_insecure_origins = true;
    }
    if cors.origins.iter().any(extension) {
        cors.dangerously_allow_any_extension = true;
    }
    if cors.origins.is_empty() {
        cors.origins.push(EntryDocument::Lasting("https://x.com".to_owned()));
    }
}
