//! What a page can read: the gateway's responses, given to a model of a browser.
//!
//! [`fetch`] is the browser, after the Fetch Standard. [`rules`] has a policy and a slow, obvious evaluation of it.
//! [`pages`] checks that both agree for any policy and any page. [`hostile`] sends what no browser sends. [`report`]
//! and [`upstream`] compare report mode with enforcement and with the browser. [`model`] compares the browser of
//! `corsgate_policy::fetch` with this one. [`traced`] compares the trace of a decision with the decision.
// Neither proptest nor the plain test harness runs in Wasm.
#![cfg(not(target_arch = "wasm32"))]
#![expect(clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests may fail loudly")]

mod fetch;
mod hostile;
mod model;
mod pages;
mod report;
mod rules;
mod traced;
mod upstream;

use crate::support::{Request, Response, answer};
use corsgate_policy::decision::decide::decide;
use corsgate_policy::grammar::day::Day;
use corsgate_policy::{Answers, Policy};
use proptest::test_runner::Config;

const GATEWAY: &str = "https://api.example.com";

/// The gateway in front of an upstream that answers every request, and claims to allow it.
fn gateway(policy: &Policy, request: &Request) -> Response {
    let upstream = Response::new(
        200,
        [
            ("access-control-allow-origin", "*"),
            ("access-control-allow-credentials", "true"),
            ("content-type", "text/plain"),
            ("x-id", "7"),
            ("x-secret", "8"),
        ],
    );
    let facts = request.facts();
    answer(&decide(policy, &facts, &Answers::default(), today()), &upstream)
}

fn today() -> Day {
    Day::from_unix_milliseconds(0.0)
}

/// The number of cases: enough to find faults, within a second.
fn bounded(cases: u32) -> Config {
    Config { cases, failure_persistence: None, ..Config::default() }
}
