//! Any request with any policy: the trace agrees with the decision.

use corsgate_policy::{Answers, Examined};
use proptest::prelude::*;
use serde_json::json;

use crate::browser::report::request;
use crate::browser::rules::{Rules, policy_of};
use crate::browser::{bounded, today};
use crate::implied;

proptest! {
    #![proptest_config(bounded(1_000))]

    #[test]
    fn a_trace_ends_in_the_decision(
        rules in Rules::any(),
        request in request(),
        switches in any::<[bool; 4]>(),
        path in prop::sample::select(vec!["/*", "/x", "/y/*", "/X"]),
    ) {
        let [reports, defaults, requires_origin, any_handshake] = switches;
        let mut document = rules.document();
        let cors = document["routes"][0]["cors"].clone();
        let is_open = cors["origins"] == json!(["*"]);
        if defaults && !cors.is_null() {
            document["default_cors"] = cors;
        }
        let route = &mut document["routes"][0];
        route["path"] = json!(path);
        route["mode"] = json!(if reports { "report" } else { "enforce" });
        route["websocket"] =
            json!({ "require_origin": requires_origin, "dangerously_allow_any_origin": any_handshake && is_open });
        let policy = policy_of(&document);
        let facts = request.facts();
        implied::hold(&Examined::new(&policy, &facts), &Answers::default(), today());
    }
}
