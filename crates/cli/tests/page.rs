//! What the playground's questions answer is what the tool prints: the same findings and the same explanations.
#![expect(clippy::expect_used, reason = "tests may fail loudly")]

use std::fs;
use std::io;
use std::path::Path;
use std::process::Command;

use corsgate_answers::page::ask;
use serde_json::{Value, json};

const TODAY: &str = "2027-01-01";

/// What the tool prints in a folder with the policy.
fn printed(folder: &Path, arguments: &[&str]) -> io::Result<String> {
    let output = Command::new(env!("CARGO_BIN_EXE_corsgate")).current_dir(folder).args(arguments).output()?;
    Ok(String::from_utf8_lossy(&output.stdout).trim_end().to_owned())
}

const EXAMPLE: &str = include_str!("../../../policies/example.toml");

#[test]
fn findings_are_those_of_check() {
    let folder = tempfile::tempdir().expect("a folder");
    let policies = [
        EXAMPLE.to_owned(),
        EXAMPLE.replace("https://kiosk.example.com", "https://kiosk.example.com/"),
        EXAMPLE.replace("credentials     = true", "credentials = \"yes\""),
        "version = 1\n[routes".to_owned(),
        String::new(),
        "version = 1\n# \u{202e}\u{1d11e}\nnothing = \"\u{1d11e}\"\n".to_owned(),
    ];
    for policy in policies {
        fs::write(folder.path().join("policy.toml"), &policy).expect("a file");
        let printed = printed(folder.path(), &["check", "policy.toml", "--format", "json", "--today", TODAY])
            .expect("the tool runs");
        let answer =
            ask("check", &json!({ "policy": policy, "environment": null, "today": TODAY }).to_string());
        assert!(answer.starts_with(&format!("{{\"value\":{{\"document\":{printed},")), "{answer}\n{printed}");
    }
}

#[test]
fn explanations_are_those_of_explain() {
    let folder = tempfile::tempdir().expect("a folder");
    let policy = EXAMPLE;
    fs::write(folder.path().join("policy.toml"), policy).expect("a file");
    for (url, origin, method) in [
        ("https://api.example.com/json", "https://app.example.com", "GET"),
        ("https://api.example.com/echo", "https://app.example.com", "PUT"),
        ("https://api.example.com/echo", "https://app.example.com:8443", "PUT"),
        ("https://api.example.com/wrong-cors", "https://stranger.example", "POST"),
        ("https://api.example.com/report/x", "https://stranger.example", "POST"),
        ("https://elsewhere.example/", "https://app.example.com", "GET"),
        ("http://localhost/json", "http://localhost:5173", "GET"),
    ] {
        for environment in [None, Some("development")] {
            let mut arguments = vec!["explain", "policy.toml", "--url", url, "--origin", origin];
            arguments.extend(["--method", method, "--format", "json", "--today", TODAY]);
            arguments.extend(environment.into_iter().flat_map(|name| ["--env", name]));
            let printed = printed(folder.path(), &arguments).expect("the tool runs");
            let request = json!({ "url": url, "origin": origin, "method": method });
            let input =
                json!({ "policy": policy, "environment": environment, "today": TODAY, "request": request });
            let answer = ask("explain", &input.to_string());
            assert!(
                answer.contains(&format!("\"chrome\":{printed},")),
                "{url} {origin}: {answer}\n{printed}"
            );
        }
    }
}

const TWO_ENVIRONMENTS: &str = r#"version = 1
upstreams.api = "https://origin.internal.example"
[defaults]
hosts = ["api.example.com"]
upstream = "api"
[allowlists]
spa = ["https://app.example.com"]
partners = { kv = "partners" }
tenants = { kv_keys = "tenants" }
[[routes]]
name = "api"
path = "/api/*"
[routes.cors]
origins = ["@spa", "@partners"]
[[routes]]
name = "tenants"
path = "/tenants/*"
[routes.cors]
origins = ["@spa", "@tenants"]
[[routes]]
name = "watched"
path = "/watched/*"
mode = "report"
[routes.cors]
origins = ["@spa"]
[[routes]]
name = "open"
path = "/open/*"
[routes.cors]
origins = ["*"]
[environments.staging.allowlists]
spa = ["https://staging.example.com"]
"#;

fn answer(name: &str, input: &Value) -> Value {
    serde_json::from_str(&ask(name, &input.to_string())).expect("JSON")
}

#[test]
fn a_policy_has_an_id_in_each_environment_by_which_the_one_in_force_is_found() {
    let folder = tempfile::tempdir().expect("a folder");
    fs::write(folder.path().join("policy.toml"), TWO_ENVIRONMENTS).expect("a file");
    let on = json!({ "policy": TWO_ENVIRONMENTS, "environment": null, "today": TODAY });
    let ids = answer("environments", &on)["value"].clone();
    for (at, (name, arguments)) in [
        (Value::Null, vec!["compile", "policy.toml"]),
        (json!("staging"), vec!["compile", "policy.toml", "--env", "staging"]),
    ]
    .into_iter()
    .enumerate()
    {
        let compiled: Value =
            serde_json::from_str(&printed(folder.path(), &arguments).expect("the tool runs")).expect("JSON");
        assert_eq!(ids[at], json!({ "name": name, "id": compiled["id"] }));
    }
    let broken = TWO_ENVIRONMENTS.replace("https://staging.example.com", "https://staging.example.com/");
    let on = json!({ "policy": broken, "environment": null, "today": TODAY });
    assert!(answer("environments", &on)["value"][1]["id"].is_null(), "an environment with errors has no id");
    let on = json!({ "policy": "version = 1\n[routes", "environment": null, "today": TODAY });
    assert!(answer("environments", &on)["findings"]["policy"]["findings"][0]["code"].is_string());
}

fn report(rows: &[(&str, &str, &str, u64)]) -> Value {
    let rows = rows.iter().map(|(origin, route, reason, decisions)| {
        json!({ "origin": origin, "route": route, "reason": reason, "decisions": decisions, "rows": decisions,
            "first_seen": "2026-12-30T00:00:00Z", "last_seen": "2026-12-31T00:00:00Z" })
    });
    json!({ "version": 1, "report": "top", "source": "embedded", "since": "2026-12-30T00:00:00Z",
        "until": "2026-12-31T00:00:00Z", "by": ["origin", "route", "reason"], "total": { "decisions": 0, "rows": 0 },
        "other": { "decisions": 3 }, "error": 0, "rows": rows.collect::<Vec<_>>() })
}

/// A refused origin is asked about: entries in KV did not have it, whatever else they hold.
#[test]
fn a_patch_is_decided_again_for_recorded_refusals() {
    let shop = "https://shop.example.com";
    let hostile = "https://app.example.com.evil.example";
    let records = report(&[
        (shop, "api", "origin_not_listed", 20),
        (shop, "tenants", "origin_not_listed", 5),
        (shop, "watched", "origin_not_listed", 4),
        (shop, "api", "method_not_allowed", 2),
        (shop, "open", "origin_not_listed", 6),
        (shop, "", "no_route", 7),
        (shop, "gone", "origin_not_listed", 8),
        (hostile, "api", "origin_not_listed", 40),
        ("null", "api", "origin_not_listed", 1),
        ("<script>\u{202e}", "api", "origin_not_listed", 1),
    ]);
    let on = json!({ "policy": TWO_ENVIRONMENTS, "name": "my policy.toml", "environment": null, "today": TODAY,
        "report": records, "origins": [shop], "into": "spa", "cases": "", "casesName": "my.test.toml" });
    let suggested = answer("suggest", &on)["value"].clone();
    let patch = suggested["document"]["patch"].as_str().expect("a patch");
    assert!(patch.starts_with("--- a/my policy.toml\t\n+++ b/my policy.toml\t\n"), "{patch}");
    assert!(patch.contains("+++ b/my.test.toml\n"), "{patch}");
    let diff = json!({
        "before": { "name": "before", "text": TWO_ENVIRONMENTS, "environment": null },
        "now": { "name": "now", "text": suggested["files"]["policy"], "environment": null },
        "report": records,
        "today": TODAY,
    });
    let replay = answer("diff", &diff)["value"]["replay"].clone();
    let changed: Vec<_> = replay["changes"]
        .as_array()
        .expect("changes")
        .iter()
        .map(|change| (change["origin"].clone(), change["requests"].clone(), change["now"]["reason"].clone()))
        .collect();
    assert_eq!(changed.len(), 3, "{replay}");
    for (origin, _, reason) in &changed {
        assert_eq!((origin, reason), (&json!(shop), &Value::Null));
    }
    let requests: f64 = changed.iter().filter_map(|(_, requests, _)| requests.as_f64()).sum();
    assert!((requests - 29.0).abs() < 0.1, "those of three routes: {changed:?}");
    assert_eq!(replay["undecided"], json!([]), "nothing in KV has them");
    assert_eq!(replay["unchanged"], json!(48.0), "the other origins, and what any origin may use by now");
    assert_eq!(
        replay["left_out"],
        json!(20.0),
        "another reason, no route, a route that is gone, and in no row"
    );
}

#[test]
fn what_cannot_be_answered_is_a_sentence_or_findings() {
    let answer = |name: &str, input: Value| -> Value {
        serde_json::from_str(&ask(name, &input.to_string())).expect("JSON")
    };
    let on = |policy: &str| json!({ "policy": policy, "environment": null, "today": TODAY });
    assert!(answer("explain", on("")).get("findings").is_some(), "a policy with errors");
    assert!(answer("explain", on(EXAMPLE)).get("sentence").is_some(), "no URL");
    assert!(answer("explain", json!(5)).get("sentence").is_some(), "no object");
    assert!(answer("suggest", on(EXAMPLE)).get("sentence").is_some(), "no report");
    assert!(answer("\u{0}", on("")).get("sentence").is_some(), "no question");
}
