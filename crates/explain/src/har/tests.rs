use serde_json::{Value, json};

use super::*;

/// The number of requests that are explained for an archive with this entry.
fn explained(entry: &Value) -> usize {
    let policy = json!({
        "version": 1,
        "upstreams": { "api": "https://origin.example.net" },
        "routes": [{ "name": "r", "path": "/*", "upstream": "api" }],
    });
    let policy = Policy::read(policy.to_string().as_bytes()).expect("a policy");
    let archive = json!({ "log": { "pages": null, "entries": [entry] } });
    let har = read(archive.to_string().as_bytes(), &policy, None, false).expect("an archive");
    assert_eq!(har.entries, 1);
    har.failed.len()
}

fn entry(url: &str, headers: Value, response: Value) -> Value {
    json!({ "request": { "method": "GET", "url": url, "headers": headers }, "response": response })
}

fn origin() -> Value {
    json!([{ "name": "Origin", "value": "https://app.example.com" }])
}

#[test]
fn null_values_count_as_absent() {
    let headers = json!([
        { "name": "origin", "value": "https://app.example.com" },
        { "name": "x-empty", "value": null },
    ]);
    let mut entry = entry("https://h/x", headers, json!({ "status": null, "headers": null, "_error": null }));
    entry["request"]["cookies"] = Value::Null;
    entry["pageref"] = Value::Null;
    assert_eq!(explained(&entry), 1);
}

#[test]
fn a_socket_that_was_not_opened_has_failed() {
    for (url, status, failed) in
        [("wss://h/x", 403, 1), ("wss://h/x", 101, 0), ("https://h/x", 403, 0), ("https://h/x", 0, 1)]
    {
        let entry = entry(url, origin(), json!({ "status": status }));
        assert_eq!(explained(&entry), failed, "{url} {status}");
    }
}

#[test]
fn images_and_navigations_are_not_cors_requests() {
    for (mode, failed) in [("no-cors", 0), ("navigate", 0), ("cors", 1)] {
        let mut headers = json!([
            { "name": "Referer", "value": "https://app.example.com/" },
            { "name": "Sec-Fetch-Mode", "value": mode },
        ]);
        assert_eq!(
            explained(&entry("https://h/x", headers.clone(), json!({ "status": 0 }))),
            failed,
            "{mode}"
        );
        // A form post sends `Origin`, and can be refused because of it.
        headers.as_array_mut().expect("a list").extend(origin().as_array().expect("a list").clone());
        assert_eq!(explained(&entry("https://h/x", headers, json!({ "status": 0 }))), 1, "{mode}");
    }
}
