//! The table of what Chromium prints for the gateway's own answers, in docs/from-the-console.md, has the sentences of this
//! crate.
#![expect(clippy::expect_used, reason = "tests may fail loudly")]

use std::path::Path;

use corsgate_explain::{Browser, Kv, PageRequest, Parts, browser, explain, sentences};
use corsgate_policy::Policy;
use corsgate_policy::fetch::CorsResponse;
use corsgate_policy::grammar::day::Day;
use serde_json::json;

const APP: &str = "https://app.example.com";
const EVIL: &str = "https://evil.example";

fn policy() -> Policy {
    let route = |name: &str, more: serde_json::Value| {
        let mut route = json!({
            "name": name, "path": format!("/{name}"), "hosts": ["api.example.com"], "upstream": "api",
            "cors": { "origins": [APP], "methods": ["PUT"], "request_headers": ["authorization"] },
        });
        let all = route.as_object_mut().expect("an object");
        all.extend(more.as_object().expect("an object").clone());
        route
    };
    let document = json!({
        "version": 1, "upstreams": { "api": "zone" }, "default_cors": { "origins": [APP] },
        "routes": [
            route("headers", json!({})),
            route("console", json!({ "explain": "console" })),
            route("forward", json!({ "on_disallowed": "forward" })),
            route("close", json!({ "websocket": { "on_reject": "close" } })),
        ],
    });
    Policy::read(document.to_string().as_bytes()).expect("a policy")
}

/// The console's message about a request.
fn printed(
    scheme: &str,
    route: &str,
    method: &str,
    origin: &str,
    header: Option<&str>,
    cookies: bool,
) -> Option<String> {
    let parts = Parts {
        url: format!("{scheme}://api.example.com/{route}"),
        method: method.to_owned(),
        origin: origin.to_owned(),
        headers: header.map(|name| (name.to_owned(), None)).into_iter().collect(),
        credentials: cookies,
        ..Parts::default()
    };
    let (request, _) = PageRequest::new(parts).expect("a request");
    let day = Day::from_unix_milliseconds(0.0);
    explain(&policy(), &request, &Kv::default(), day, |told| {
        told.steps.last().and_then(|step| step.console(Browser::Chrome, &request))
    })
}

#[test]
fn chromiums_messages_are_those_of_the_page() {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/from-the-console.md");
    let page = std::fs::read_to_string(page).expect("the page");
    let (_, section) = page.split_once("\n## What the gateway's own answers print\n").expect("the section");
    assert!(!section.contains("\n## "), "the last section of the page");
    let rows: Vec<Vec<_>> = section
        .lines()
        .filter(|line| line.starts_with("| ") && !line.starts_with("| request") && !line.starts_with("| ---"))
        .map(|line| line.trim_matches('|').split(" | ").map(str::trim).collect())
        .collect();
    let mut tried = 0;
    for (request, printed) in [
        ("origin not listed, `explain = \"headers\"`", printed("https", "headers", "GET", EVIL, None, false)),
        ("the same, preflight", printed("https", "headers", "PUT", EVIL, None, false)),
        ("origin not listed, `explain = \"console\"`", printed("https", "console", "GET", EVIL, None, false)),
        (
            "origin not listed, `on_disallowed = \"forward\"`",
            printed("https", "forward", "GET", EVIL, None, false),
        ),
        ("method not listed", printed("https", "headers", "PATCH", APP, None, false)),
        ("header not listed", printed("https", "headers", "GET", APP, Some("x-trace"), false)),
        (
            "cookies sent on a route without `credentials`",
            printed("https", "headers", "GET", APP, None, true),
        ),
        ("preflight where no route fits", printed("https", "nowhere", "PUT", APP, None, false)),
        ("WebSocket, `on_reject = \"handshake\"`", printed("ws", "headers", "GET", EVIL, None, false)),
        ("WebSocket, `on_reject = \"close\"`", printed("ws", "close", "GET", EVIL, None, false)),
    ] {
        let row = rows
            .iter()
            .find(|row| row.first() == Some(&request))
            .unwrap_or_else(|| panic!("no row: {request}"));
        let said = *row.last().expect("a cell");
        tried += 1;
        match printed {
            None => assert!(said.starts_with("nothing:"), "{request}: {said}"),
            Some(printed) => {
                let own =
                    printed.split_once("blocked by CORS policy: ").map_or(printed.as_str(), |(_, own)| own);
                let own = own.replace("ws://api.example.com/headers", "ws://…");
                let said = said.split(" (the page's code").next().unwrap_or(said);
                assert_eq!(own, said, "{request}");
            }
        }
    }
    for (request, answered) in [
        ("preflight that another server answers with 401, 404 or 405, without CORS headers", None),
        ("the same with `Access-Control-Allow-Origin`", Some(APP)),
    ] {
        let row = rows
            .iter()
            .find(|row| row.first() == Some(&request))
            .unwrap_or_else(|| panic!("no row: {request}"));
        let parts = Parts {
            url: "https://api.example.com/x".to_owned(),
            method: "PUT".to_owned(),
            origin: APP.to_owned(),
            ..Parts::default()
        };
        let (page, _) = PageRequest::new(parts).expect("a request");
        for status in [401, 404, 405] {
            let response = CorsResponse { status, allow_origin: answered, ..CorsResponse::default() };
            let blocked = browser::check_preflight(&page, "PUT", &response).expect_err("a failure");
            let printed = sentences::complaint(Browser::Chrome, &page, true, status, &[blocked]);
            assert_eq!(printed.as_deref(), row.last().copied(), "{request}: {status}");
        }
        tried += 1;
    }
    // The other rows are about responses of upstreams, and about forms.
    assert_eq!(rows.len(), tried + 2);
}
