//! Reading a stored policy: nothing panics, and nothing unsafe is accepted.
// Neither proptest nor the plain test harness runs in Wasm.
#![cfg(not(target_arch = "wasm32"))]
#![expect(clippy::expect_used, clippy::panic, reason = "tests may fail loudly")]

mod structure;
mod violations;

use corsgate_policy::policy::violation::Problem;
use corsgate_policy::{Policy, ReadError};
use serde_json::{Value, json};

/// A document that breaks no rule and uses every feature.
fn good() -> Value {
    json!({
        "version": 1,
        "id": "0123456789abcdef",
        "upstreams": { "api": "https://origin.example.net/base" },
        "allowlists": {
            "team": [{ "origin": "https://team.example.com", "expires": "2026-06-15" }],
            "partners": { "kv": "partners" },
            "tenants": { "kv_keys": "tenants", "scope": "host" },
        },
        "routes": [
            {
                "name": "private",
                "path": "/private/*",
                "upstream": "api",
                "hosts": ["api.example.com"],
                "cors": {
                    "origins": ["https://app.example.com", "https://*.example.com", "@team", "@partners", "@tenants"],
                    "methods": ["PUT"],
                    "request_headers": ["authorization"],
                    "exposed_headers": ["x-id"],
                    "credentials": true,
                    "max_age": 86400,
                },
                "timeout": 1,
                "upload_timeout": 1,
                "websocket": { "require_origin": true, "on_reject": "close" },
                "limits": [
                    { "name": "a", "quota": 1, "window": 1, "by": ["client_ip"] },
                    { "name": "b", "quota": 1, "window": 1, "by": ["header:x-key", "origin", "route"] },
                ],
                "response": { "set": { "x-api-version": "3" }, "remove": ["server"] },
                "security": { "csp": "default-src 'none'", "referrer_policy": "no-referrer" },
            },
            {
                "name": "open",
                "path": "/open",
                "upstream": "api",
                "cors": { "origins": ["*"], "methods": ["*"], "request_headers": ["*", "authorization"] },
                "websocket": { "dangerously_allow_any_origin": true },
            },
        ],
        "default_cors": { "origins": ["@team"] },
        "records": { "sample_allowed": 1 },
    })
}

/// The document with the value at a JSON pointer (RFC 6901) replaced or added.
fn with(mut document: Value, pointer: &str, value: Value) -> Value {
    let (parent, key) = pointer.rsplit_once('/').expect(pointer);
    match document.pointer_mut(parent).expect(pointer) {
        Value::Object(fields) => drop(fields.insert(key.to_owned(), value)),
        Value::Array(items) => {
            let at: usize = key.parse().expect(pointer);
            items.splice(at..items.len().min(at + 1), [value]);
        }
        other => panic!("{pointer}: {other} holds nothing"),
    }
    document
}

fn read(document: &Value) -> Result<Policy, ReadError> {
    Policy::read(document.to_string().as_bytes())
}

fn problems(document: &Value) -> Vec<Problem> {
    match read(document) {
        Err(ReadError::Unsafe(problems)) => problems,
        other => panic!("{document:#}\nis read as {other:?}"),
    }
}

#[test]
fn the_good_document_is_good() {
    let policy = read(&good()).expect("a policy");
    assert_eq!((policy.id(), policy.routes().len()), ("0123456789abcdef", 2));
}
