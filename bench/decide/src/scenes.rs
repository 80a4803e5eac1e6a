//! What callgrind counts the instructions of: decisions, answers and the reading of a policy.
//!
//! Each scene runs in a call of `corsgate_scene`, the only code that is counted, and prints a line of JSON: its name, and
//! how many times it does the same. The calls and the lines have the same order.

mod origins;

use std::hint::black_box;

use corsgate_policy::grammar::day::Day;
use corsgate_policy::response::headers::ResponseHeaderSink;
use corsgate_policy::{Answers, Decision, Facts, Outcome, Policy, RequestUrl, decision::decide::decide};
use serde_json::json;

const ORIGINS: usize = 1_000;
const ROUTES: usize = 100;
const REQUESTS: usize = 100;

/// What is done with a decision.
type Use = fn(&Decision<'_>);

fn main() {
    let listed = origins::listed(ORIGINS);
    let (clients, strangers) = (origins::clients(&listed), origins::strangers());
    let of_origins = document(&listed, 1);
    let of_routes = document(&listed[..1], ROUTES);
    let policy = read(&of_origins);
    let get = |origin| request("GET", "https://api.example.com/api/users/42", origin);
    let ask = |origin| Facts {
        requested_method: Some("PUT"),
        requested_headers: Some("authorization,content-type"),
        ..request("OPTIONS", "https://api.example.com/api/users/42", origin)
    };
    let elsewhere = |origin| request("GET", "https://api.example.com/api/Users/J%C3%BCrgen/", origin);
    let nothing: Use = |_| {};
    let stamp: Use = |decision| decision.write_headers(&mut Headers);
    let answer: Use = |decision| {
        black_box(decision.write_answer(&mut Headers));
        black_box(decision.problem());
    };
    // Strangers are not listed, so their requests are rejected.
    run("decide, allowed", &policy, &clients, get, nothing);
    run("decide, rejected", &policy, &strangers, get, nothing);
    run("decide, preflight", &policy, &clients, ask, nothing);
    run("decide, a path that servers read in two ways", &policy, &clients, elsewhere, nothing);
    run("decide and stamp, allowed", &policy, &clients, get, stamp);
    run("decide and stamp, rejected", &policy, &strangers, get, stamp);
    run("decide and stamp, preflight", &policy, &clients, ask, stamp);
    run("decide and answer with a problem, rejected", &policy, &strangers, get, answer);
    count("read a policy, for each of 1,000 origins", ORIGINS, || drop(black_box(read(&of_origins))));
    count("read a policy, for each of 100 routes", ROUTES, || drop(black_box(read(&of_routes))));
}

/// Counts the decisions on requests of these origins.
fn run<'a>(
    name: &str,
    policy: &'a Policy,
    origins: &'a [String],
    request: impl Fn(&'a str) -> Facts<'a>,
    using: Use,
) {
    let today = Day::from_unix_milliseconds(1.8e12);
    let requests: Vec<_> = origins.iter().take(REQUESTS).map(|origin| request(origin)).collect();
    let decide_all = || {
        for facts in &requests {
            let decision = decide(black_box(policy), black_box(facts), &Answers::default(), today);
            black_box(using)(&decision);
            black_box(&decision);
        }
    };
    // A scene that decides something else than its name says would count something else.
    for facts in &requests {
        let allows = decide(policy, facts, &Answers::default(), today).outcome == Outcome::Allow;
        assert_eq!(allows, !name.ends_with("rejected"), "{name}");
    }
    count(name, REQUESTS, decide_all);
}

fn count(name: &str, times: usize, mut scene: impl FnMut()) {
    // The first time initializes what is kept for later, such as memory of the allocator.
    scene();
    corsgate_scene(&mut scene);
    println!("{}", json!({ "scene": name, "times": times }));
}

/// Callgrind starts counting when this function is called, and writes its counts when it returns.
#[unsafe(no_mangle)]
#[inline(never)]
fn corsgate_scene(scene: &mut dyn FnMut()) {
    black_box(&mut *scene)();
    // Without this, the call could become a jump, which callgrind would not see return.
    black_box(scene);
}

/// A policy of the usual kind: an API with its origins in an allowlist.
fn document(origins: &[String], routes: usize) -> String {
    let route = |at: usize| {
        json!({
            "name": format!("api-{at}"),
            "path": if at == 0 { "/api/*".to_owned() } else { format!("/api-{at}/*") },
            "upstream": "api",
            "cors": {
                "origins": ["@tenants"],
                "methods": ["PUT"],
                "request_headers": ["authorization", "content-type"],
                "credentials": true,
                "max_age": 600,
            },
        })
    };
    let document = json!({
        "version": 1,
        "id": "0123456789abcdef",
        "upstreams": { "api": "https://origin.example.net" },
        "allowlists": { "tenants": origins },
        "routes": (0..routes).map(route).collect::<Vec<_>>(),
    });
    document.to_string()
}

fn read(document: &str) -> Policy {
    Policy::read(document.as_bytes()).unwrap_or_else(|error| panic!("{error}"))
}

fn request<'a>(method: &'a str, url: &'a str, origin: &'a str) -> Facts<'a> {
    Facts {
        method,
        url: RequestUrl::parse(url).unwrap_or_default(),
        origin: Some(origin),
        ..Facts::default()
    }
}

/// Takes headers and keeps none, so that only the work of writing them is counted.
struct Headers;

impl ResponseHeaderSink for Headers {
    fn remove(&mut self, name: &str) {
        black_box(name);
    }

    fn set(&mut self, name: &str, value: &str) {
        black_box((name, value));
    }

    fn append(&mut self, name: &str, value: &str) {
        black_box((name, value));
    }

    fn vary(&mut self, names: &'static str) {
        black_box(names);
    }
}
