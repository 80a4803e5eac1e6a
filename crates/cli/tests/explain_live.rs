//! `corsgate explain --live`, which asks a running gateway.

#![expect(clippy::expect_used, clippy::indexing_slicing, reason = "tests may fail loudly")]

use serde_json::{Value, json};
use snapbox::cmd::{Command, cargo_bin};

use crate::explain_copied::APP;
use crate::support::server::{Reply, Server};

/// A gateway that answers as `/api/explain` does: the origin of the app may do what `answer` says.
fn gateway() -> Server {
    Server::start(|request| {
        if !request.contains("authorization: Bearer a-token")
            && !request.contains("Authorization: Bearer a-token")
        {
            return Reply::of(401, "");
        }
        let (head, body) = request.split_once("\r\n\r\n").unwrap_or_default();
        assert!(
            head.starts_with("POST /api/explain ")
                && head.to_lowercase().contains("content-type: application/json")
        );
        let asked: Value = serde_json::from_str(body).expect("JSON");
        assert_eq!(asked["url"], json!("https://api.example.com/app/x"));
        let is_preflight = asked["method"] == "OPTIONS";
        let is_app = asked["origin"] == APP;
        let set = match (is_app, is_preflight) {
            (true, true) => {
                json!({ "access-control-allow-origin": APP, "access-control-allow-methods": "PUT" })
            }
            (true, false) => json!({ "access-control-allow-origin": APP }),
            (false, _) => json!({ "cache-control": "no-store" }),
        };
        let status = if is_app { if is_preflight { json!(204) } else { Value::Null } } else { json!(403) };
        let answer = json!({
            "version": 1,
            "decision": {
                "outcome": if is_app { "allow" } else { "reject" }, "reason": if is_app { Value::Null } else { json!("origin_not_listed") },
                "status": status, "close_code": null, "kind": if is_preflight { "preflight" } else { "actual" }, "route": "app",
                "policy": "3f2a9c0d1e5b7a64", "entry": if is_app { json!(APP) } else { Value::Null }, "offending_header": null,
            },
            "trace": [], "limits": [], "headers": { "strip_upstream": true, "remove": [], "set": set, "append": {}, "vary": "Origin" }, "upstream": null,
        });
        Reply::json(answer.to_string())
    })
}

fn live(gateway: &Server, arguments: &[&str], token: &str) -> (i32, String, String) {
    let output = Command::new(cargo_bin!("corsgate"))
        .env("NO_COLOR", "1")
        .env("CORSGATE_ADMIN_TOKEN", token)
        .args(["explain", "--live", &gateway.address()])
        .args(arguments)
        .output()
        .expect("it runs");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("text");
    (output.status.code().expect("it ends"), text(output.stdout), text(output.stderr))
}

#[test]
fn a_running_gateway_is_asked() {
    let gateway = gateway();
    let url = "https://api.example.com/app/x?token=secret";
    for (arguments, code, begin, requests) in [
        (
            &["--url", url, "--origin", APP][..],
            0,
            "allowed: by the policy and the lists of the gateway at http://127.0.0.1:",
            1,
        ),
        (&["--url", url, "--origin", APP, "--method", "PUT"], 0, "allowed:", 2),
        (
            &["--url", url, "--origin", APP, "--method", "PATCH"],
            10,
            "refused by the browser: `Access-Control-Allow-Methods` does not allow `PATCH`",
            1,
        ),
        (
            &["--url", url, "--origin", APP, "--credentials"],
            10,
            "refused by the browser: the page sends cookies",
            1,
        ),
        (
            &["--url", url, "--origin", "https://evil.example", "--method", "PUT"],
            10,
            "refused: `origin_not_listed`: the gateway at",
            1,
        ),
        (
            &["--curl", "curl https://api.example.com/app/x -H 'Origin: https://evil.example'"],
            10,
            "refused: `origin_not_listed`",
            1,
        ),
    ] {
        let before = gateway.requests().len();
        let (found, stdout, stderr) = live(&gateway, arguments, "a-token");
        assert!(found == code && stdout.starts_with(begin), "{arguments:?}: {stdout}{stderr}");
        assert_eq!(gateway.requests().len() - before, requests, "{arguments:?}");
        assert!(!gateway.requests().iter().any(|request| request.contains("secret")));
    }
    let request = ["--url", url, "--origin", APP];
    let (code, _, stderr) = live(&gateway, &request, "another");
    assert!(code == 1 && stderr.contains("does not accept the token in `CORSGATE_ADMIN_TOKEN`"), "{stderr}");
    let (code, _, stderr) = live(&gateway, &request, "");
    assert!(code == 2 && stderr.contains("`--live` needs the token of the admin API"), "{stderr}");
    let broken = Server::start(|_| Reply::json("{}"));
    let (code, _, stderr) = live(&broken, &request, "a-token");
    assert!(code == 1 && stderr.contains("does not respond like a corsgate admin API"), "{stderr}");
}

#[test]
fn a_route_that_only_reports_leaves_cors_to_the_upstream() {
    for (outcome, reason, would) in [
        ("allow", Value::Null, "would allow it"),
        ("would_reject", json!("origin_not_listed"), "would refuse: `origin_not_listed`"),
    ] {
        let answer = json!({
            "version": 1,
            "decision": { "outcome": outcome, "reason": reason, "status": null, "close_code": null, "kind": "actual", "route": "app", "policy": "3f2a9c0d1e5b7a64", "entry": null, "offending_header": null },
            "trace": [], "limits": [], "headers": { "strip_upstream": false, "remove": [], "set": {}, "append": {}, "vary": null }, "upstream": null,
        });
        let gateway = Server::start(move |_| Reply::json(answer.to_string()));
        let (code, stdout, _) = live(
            &gateway,
            &["--url", "https://api.example.com/app/x", "--origin", APP, "--method", "PUT"],
            "a-token",
        );
        assert!(
            code == 0
                && stdout.starts_with("left to the upstream: the route `app` only reports")
                && stdout.contains(would),
            "{stdout}"
        );
        assert_eq!(gateway.requests().len(), 2);
    }
}
