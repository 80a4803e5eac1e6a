//! What a page gets to read: the gateway's answers, given to a model of a browser.
//!
//! [`fetch`] is the browser, by the Fetch Standard; [`rules`] a policy and the slow obvious reading of
//! it; [`pages`] holds that the two agree for any policy and any page; [`hostile`] sends what no
//! browser does. [`report`] and [`upstream`] hold the mode that only reports to the one that enforces,
//! and to the browser. [`model`] holds the browser of `corsgate_policy::fetch` to this one. [`traced`] holds what is told of a decision to it.
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

/// The gateway in front of an upstream that answers everything, and claims to allow it.
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

/// Enough to find what there is to find, in a second.
fn bounded(cases: u32) -> Config {
    Config { cases, failure_persistence: None, ..Config::default() }
}
