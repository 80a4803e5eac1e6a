//! Which route matches a request: the index against an obvious scan, paths against servers that read them loosely, and
//! the cost of both.
#![cfg(not(target_arch = "wasm32"))]
#![expect(clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests may fail loudly")]

mod index;
mod scale;
mod servers;

use corsgate_policy::grammar::day::Day;
use corsgate_policy::policy::document::Document;
use corsgate_policy::{Answers, Examined, Facts, Outcome, Policy, Reason, RequestUrl};
use serde_json::{Value, json};

/// The result for a request: the position of its route, none, or a rejected path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Found {
    Route(usize),
    None,
    Ambiguous,
}

/// A document with these routes; each has a path and hosts.
fn document<'r>(routes: impl IntoIterator<Item = (&'r str, &'r [&'r str])>) -> Document {
    let routes: Vec<_> = routes
        .into_iter()
        .enumerate()
        .map(|(at, (path, hosts))| {
            let mut route = json!({ "name": format!("r{at}"), "path": path, "upstream": "api" });
            if !hosts.is_empty() {
                route["hosts"] = json!(hosts);
            }
            route
        })
        .collect();
    let document: Value = json!({ "version": 1, "upstreams": { "api": "zone" }, "routes": routes });
    serde_json::from_value(document).expect("a document")
}

fn find(policy: &Policy, host: &str, path: &str) -> Found {
    let url = RequestUrl { host, path, ..RequestUrl::default() };
    let facts = Facts { method: "GET", url, ..Facts::default() };
    let decision = Examined::new(policy, &facts).decide(&Answers::default(), Day::NEVER);
    match (decision.route, decision.outcome) {
        (Some(route), _) => {
            let at = policy.routes().iter().position(|it| std::ptr::eq(it, route));
            Found::Route(at.expect("a route of the policy"))
        }
        (None, Outcome::Reject(Reason::RouteNotFound)) => Found::None,
        (None, Outcome::Reject(Reason::PathAmbiguous)) => Found::Ambiguous,
        (None, outcome) => panic!("{path}: {outcome:?}"),
    }
}
