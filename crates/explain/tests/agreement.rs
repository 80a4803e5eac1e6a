//! The gateway's decision agrees with what the browser concludes from the headers: each rejection is one for the
//! browser too, and an allowed request passes the browser, unless the page sends cookies on a route without
//! credentials.
#![expect(clippy::expect_used, reason = "tests may fail loudly")]

use corsgate_explain::{Blocked, Browser, End, Kv, PageRequest, Parts, explain};
use corsgate_policy::grammar::day::Day;
use corsgate_policy::{Policy, Reason};
use proptest::prelude::*;
use serde_json::json;

fn policy() -> Policy {
    let route = |path: &str, cors: serde_json::Value| {
        let name = path.trim_matches(['/', '*']);
        json!({ "name": name, "path": path, "hosts": ["api.example.com"], "upstream": "api", "cors": cors })
    };
    let document = json!({
        "version": 1, "upstreams": { "api": "zone" }, "default_cors": { "origins": ["https://a.example"] },
        "routes": [
            route("/plain", json!({ "origins": ["https://a.example"] })),
            route("/full", json!({
                "origins": ["https://*.a.example", "https://a.example"], "methods": ["PUT", "patch"],
                "request_headers": ["x-a", "authorization"], "credentials": true, "exposed_headers": ["x-b"],
            })),
            route("/any", json!({ "origins": ["*"], "methods": ["*"], "request_headers": ["*"] })),
            route("/some", json!({ "origins": ["*"], "methods": ["PUT"], "request_headers": ["*", "authorization"] })),
        ],
    });
    Policy::read(document.to_string().as_bytes()).expect("a policy")
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_browser_agrees_with_the_decision(
        path in "/(plain|full|any|some|nowhere|PLAIN)",
        origin in "https://(b\\.)?a\\.example(:8443)?|null|https://a\\.example/",
        method in "GET|POST|put|PUT|patch|PATCH|DELETE",
        headers in prop::collection::vec("x-a|x-b|authorization|accept", 0..3),
        credentials: bool,
    ) {
        let parts = Parts {
            url: format!("https://api.example.com{path}"),
            method, origin, credentials,
            headers: headers.into_iter().map(|name| (name, Some("1".to_owned()))).collect(),
            ..Parts::default()
        };
        let (request, _) = PageRequest::new(parts).expect("a request");
        let policy = policy();
        explain(&policy, &request, &Kv::default(), Day::from_unix_milliseconds(0.0), |told| {
            let last = told.steps.last().expect("a step");
            let blocked = last.blocked();
            match told.end {
                End::Allowed => prop_assert_eq!(blocked, None),
                End::Blocked => {
                    prop_assert!(credentials);
                    prop_assert!(matches!(blocked, Some(Blocked::Credentials(_) | Blocked::AnyOriginWithCredentials)));
                }
                End::Refused(reason) => {
                    // Browsers let `*` cover `Authorization`, against the Fetch Standard and the gateway.
                    let passes_today = reason == Reason::HeaderNotAllowed
                        && last.decision.offending_header == Some("authorization")
                        && path == "/any";
                    if passes_today && !credentials {
                        prop_assert_eq!(blocked, None);
                        return Ok(());
                    }
                    prop_assert!(last.console(Browser::Chrome, &request).is_some());
                    match (reason, blocked) {
                        (_, Some(Blocked::Credentials(_) | Blocked::AnyOriginWithCredentials)) => prop_assert!(credentials),
                        (Reason::MethodNotAllowed, blocked) => prop_assert!(matches!(blocked, Some(Blocked::Method(_)))),
                        (Reason::HeaderNotAllowed, blocked) => {
                            let named = last.decision.offending_header.map(|name| Blocked::Header(name.to_owned()));
                            prop_assert_eq!(blocked, named.as_ref());
                        }
                        // Pages of `[defaults.cors]` can read the response to a request without a route.
                        (Reason::RouteNotFound | Reason::PathAmbiguous, None | Some(Blocked::Status(_))) => {}
                        (_, blocked) => prop_assert_eq!(blocked, Some(&Blocked::NoAllowOrigin)),
                    }
                }
                other => prop_assert!(false, "{:?}", other),
            }
            // Nothing is sent after a failed preflight.
            prop_assert!(told.steps.iter().rev().skip(1).all(|step| step.blocked().is_none()));
            Ok(())
        })?;
    }
}
