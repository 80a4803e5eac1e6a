//! Any request with any policy, in enforcement and in report mode.

use std::collections::BTreeSet;

use corsgate_policy::decision::decide::decide;
use corsgate_policy::response::forward::RequestHeaderSink;
use corsgate_policy::response::headers::ResponseHeaderSink;
use corsgate_policy::{Answers, Decision, Facts, Kind, Outcome, Policy, Reason};
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::json;

use crate::browser::pages::{METHODS, PAGES};
use crate::browser::rules::{Rules, policy_of};
use crate::browser::upstream::refuses;
use crate::browser::{GATEWAY, bounded, today};
use crate::support::{Request, Response, answer};

/// The policy of the rules, and the same policy with its route in report mode. It sets headers of its own, and
/// `Timing-Allow-Origin`.
fn policies(rules: &Rules) -> [Policy; 2] {
    ["enforce", "report"].map(|mode| {
        let mut document = rules.document();
        let route = &mut document["routes"][0];
        route["mode"] = json!(mode);
        route["response"] = json!({ "set": { "x-api-version": "3" }, "remove": ["server"] });
        route["security"] = json!({ "nosniff": true, "timing_allow_origin": true });
        policy_of(&document)
    })
}

/// Requests of every kind, including those that browsers never send.
pub fn request() -> impl Strategy<Value = Request> {
    let origin = prop_oneof![4 => select(PAGES.to_vec()), 1 => select(vec!["*", "https://a/", "NULL"])];
    let requested_headers = select(vec!["x-trace", "authorization,x-id", "Range , ,x", "a b", "*"]);
    let requested_method = prop_oneof![4 => select(METHODS.to_vec()), 1 => select(vec!["", "PU T"])];
    let headers = (
        option::weighted(0.9, origin),
        option::of(requested_method),
        option::of(requested_headers),
        option::weighted(0.2, Just("websocket")),
        option::of(Just("a=1")),
        option::of(Just("Bearer x")),
        option::weighted(0.1, Just("api.example.com")),
    );
    (select(vec!["GET", "HEAD", "OPTIONS", "OPTIONS", "POST", "PUT"]), headers).prop_map(
        |(method, (origin, requested_method, requested_headers, upgrade, cookie, authorization, hops))| {
            let lines = [
                ("origin", origin),
                ("access-control-request-method", requested_method),
                ("access-control-request-headers", requested_headers),
                ("upgrade", upgrade),
                ("cookie", cookie),
                ("authorization", authorization),
                ("corsgate-hop", hops),
            ];
            let request = Request::new(method, &format!("{GATEWAY}/x"));
            lines.into_iter().fold(request, |request, (name, value)| match value {
                Some(value) => request.with(name, value),
                None => request,
            })
        },
    )
}

fn decided<'a>(policy: &'a Policy, facts: &'a Facts<'a>) -> Decision<'a> {
    decide(policy, facts, &Answers::default(), today())
}

/// The names of all headers that would be changed.
#[derive(Default)]
struct Touched(Vec<String>);

impl ResponseHeaderSink for Touched {
    fn remove(&mut self, name: &str) {
        self.0.push(name.to_owned());
    }

    fn set(&mut self, name: &str, _value: &str) {
        self.0.push(name.to_owned());
    }

    fn append(&mut self, name: &str, _value: &str) {
        self.0.push(name.to_owned());
    }

    fn vary(&mut self, _names: &'static str) {
        self.0.push("vary".to_owned());
    }
}

impl RequestHeaderSink for Touched {
    fn remove(&mut self, name: &str) {
        self.0.push(name.to_owned());
    }

    fn set(&mut self, name: &str, _value: &str) {
        self.0.push(name.to_owned());
    }

    fn set_secret(&mut self, name: &str, _scheme: &str, _secret: &str) {
        self.0.push(name.to_owned());
    }
}

proptest! {
    #![proptest_config(bounded(4_000))]

    #[test]
    fn reported_is_exactly_what_enforcement_refuses(rules in Rules::any(), request in request()) {
        let [enforcing, reporting] = policies(&rules);
        let facts = request.facts();
        let (enforced, reported) = (decided(&enforcing, &facts), decided(&reporting, &facts));
        // A loop is rejected before anything is reported. Enforcement may reject the request before it could loop.
        let expected = match enforced.outcome {
            _ if facts.hops.is_some() => Outcome::Reject(Reason::UpstreamLoop),
            Outcome::Allow => Outcome::Report(None),
            Outcome::Strip(reason) | Outcome::Reject(reason) => Outcome::Report(Some(reason)),
            Outcome::Report(_) => panic!("{enforced:?}"),
        };
        prop_assert_eq!(reported.outcome, expected);
        prop_assert_eq!((reported.entry, reported.kind), (enforced.entry, enforced.kind));
        prop_assert_eq!(reported.offending_header, enforced.offending_header);
        prop_assert_eq!(reported.refusal().is_some(), facts.hops.is_some());
    }

    #[test]
    fn report_mode_changes_no_cors_header(rules in Rules::any(), request in request()) {
        let [_, reporting] = policies(&rules);
        let facts = request.facts();
        let decision = decided(&reporting, &facts);
        if !matches!(decision.outcome, Outcome::Report(_)) {
            return Ok(());
        }
        let mut touched = Touched::default();
        decision.write_headers(&mut touched);
        touched.0.sort_unstable();
        prop_assert_eq!(touched.0, ["server", "x-api-version", "x-content-type-options"]);
        let mut touched = Touched::default();
        decision.write_request_headers(&facts, &mut touched);
        let kept = |name: &String| {
            name.starts_with("access-control-") || ["origin", "cookie", "authorization"].contains(&name.as_str())
        };
        prop_assert!(!touched.0.iter().any(kept), "{:?}", touched.0);
        prop_assert!(touched.0.contains(&"x-forwarded-host".to_owned()));
    }

    #[test]
    fn the_gateways_own_response_equals_that_of_enforcement_except_for_explanations(
        rules in Rules::any(), request in request(),
    ) {
        let facts = request.facts();
        let [enforced, reported] = policies(&rules).map(|policy| {
            let mut decision = decided(&policy, &facts);
            decision.outcome = Outcome::Reject(Reason::RateLimited);
            let headers = answer(&decision, &Response::new(200, [])).headers;
            let lines = headers.lines().map(|(name, value)| format!("{name}: {value}"));
            lines.collect::<BTreeSet<_>>()
        });
        let explains = |line: &&String| line.ends_with(".corsgate.invalid");
        let enforced: Vec<_> = enforced.iter().filter(|line| !explains(line)).collect();
        prop_assert_eq!(enforced, reported.iter().collect::<Vec<_>>());
    }

    #[test]
    fn a_reported_rejection_has_the_response_of_enforcement(
        rules in Rules::any(), request in request(),
    ) {
        let [enforcing, reporting] = policies(&rules);
        let facts = request.facts();
        let (enforced, reported) = (decided(&enforcing, &facts), decided(&reporting, &facts));
        let cross_origin = facts.origin.is_some_and(|origin| origin != GATEWAY);
        if facts.hops.is_some() || !cross_origin {
            return Ok(());
        }
        let status = if enforced.kind == Kind::Handshake { 101 } else { 200 };
        let response = answer(&enforced, &Response::new(status, []));
        let carries_cookies = request.headers.get("cookie").is_some();
        let refused = refuses(&response, &request, carries_cookies);
        prop_assert_eq!(refused, !reported.would_pass(carries_cookies), "{:#?}", response);
    }
}
