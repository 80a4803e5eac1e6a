//! WebSocket handshakes: rows 17 and 18.

use super::*;

const APP: &str = "https://app.example.com";

fn handshake(path: &str, origin: &str) -> String {
    let origin = if origin.is_empty() { String::new() } else { format!("\nOrigin: {origin}") };
    format!("GET /{path}/x\nUpgrade: websocket{origin}")
}

fn fixture() -> Policy {
    let switch = |name: &str, value: Value| json!({ "websocket": { name: value } });
    policy(&[
        p("p", json!({})),
        p("forward", json!({ "on_disallowed": "forward" })),
        p("tools", switch("require_origin", json!(false))),
        p("close", switch("on_reject", json!("close"))),
        route("closed", json!({})),
        a("a", json!({})),
        a("open", switch("dangerously_allow_any_origin", json!(true))),
    ])
}

#[test]
fn a_handshake_is_accepted_if_a_page_could_read_the_response() {
    let switched = "allow 101\naccess-control-allow-origin: *\nvary: Origin";
    check(
        &fixture(),
        [
            row("17", &handshake("p", APP), "101", as_2(101, APP)),
            row(
                "17: one protocol of several",
                &handshake("p", APP).replace("web", "h2c, Web"),
                "101",
                as_2(101, APP),
            ),
            row("19: the gateway's own page", &handshake("p", "https://api.example.com"), "101", as_1(101)),
            row(
                "19: null that the browser vouches for",
                &format!("{}\nSec-Fetch-Site: same-origin", handshake("p", "null")),
                "101",
                as_1(101),
            ),
            row("18: no Origin where none is required", &handshake("tools", ""), "101", as_1(101)),
            row("18: any origin, switched on", &handshake("open", "https://evil.com"), "101", switched),
            row("18: so is null", &handshake("open", "null"), "101", switched),
        ],
    );
}

#[test]
fn every_other_handshake_is_rejected_whatever_on_disallowed_says() {
    for (path, origin, reason) in [
        ("p", "", "websocket_origin_missing"),
        ("p", "https://evil.com", "origin_not_listed"),
        ("p", "null", "origin_null"),
        ("p", "https://app.example.com:443", "origin_malformed"),
        ("forward", "https://evil.com", "origin_not_listed"),
        ("forward", "", "websocket_origin_missing"),
        ("close", "https://evil.com", "origin_not_listed"),
        ("tools", "null", "origin_null"),
        ("closed", APP, "origin_not_listed"),
        ("a", APP, "origin_not_listed"),
        ("a", "null", "origin_null"),
        ("a", "", "websocket_origin_missing"),
        ("open", "", "websocket_origin_missing"),
        ("open", "https://evil.com/", "origin_malformed"),
    ] {
        check(&fixture(), [row("18", &handshake(path, origin), "101", as_3(reason))]);
    }
}

#[test]
fn another_upgrade_is_an_actual_request() {
    let request = handshake("a", "https://evil.com").replace("websocket", "h2c");
    check(&fixture(), [row("11", &request, PLAIN, "allow 200\naccess-control-allow-origin: *")]);
}

#[test]
fn an_unavailable_list_rejects_a_handshake_too() {
    let policy = policy_with(
        &[route("kv", json!({ "cors": { "origins": ["@kv"] } }))],
        json!({ "allowlists": { "kv": { "kv": "kv" } } }),
    );
    let unavailable = "reject list_unavailable 503\nvary: Origin";
    check(&policy, [row("18", &handshake("kv", APP), "101", unavailable)]);
}
