//! The verbs with origins of apps and extensions, whose hosts are opaque: they are kept byte for byte, in any case.
#![expect(clippy::expect_used, reason = "tests may fail loudly")]
#![cfg(unix)]

use std::process::Command;

use snapbox::cmd::cargo_bin;

use super::support::kv::Kv;

const SAFARI: &str = "safari-web-extension://140BB581-ABCD-4E5F-8A9B-0C1D2E3F4A5B";
const FIREFOX: &str = "moz-extension://4ed7f644-c3b5-4bf1-983f-2c8718f52222";
const POLICY: &str = r#"version = 1
[upstreams]
api = "https://origin.example.net"
[allowlists]
apps = ["app://.", "safari-web-extension://140BB581-ABCD-4E5F-8A9B-0C1D2E3F4A5B"]
[[routes]]
name = "app"
hosts = ["api.example.com"]
path = "/app/*"
upstream = "api"
[routes.cors]
origins = ["@apps"]
credentials = true
[[routes]]
name = "any"
hosts = ["api.example.com"]
path = "/any/*"
upstream = "api"
[routes.cors]
origins = ["moz-extension://*"]
dangerously_allow_any_extension = true
"#;

/// The exit code, and both outputs.
fn run(kv: &Kv, arguments: &[&str]) -> (i32, String) {
    let mut command = Command::new(cargo_bin!("corsgate"));
    let output = command.env("NO_COLOR", "1").current_dir(&kv.0).args(arguments).output().expect("the tool");
    let said = String::from_utf8([output.stdout, output.stderr].concat()).expect("text");
    assert!(!said.contains("panicked"), "{said}");
    (output.status.code().expect("a code"), said)
}

fn ends(kv: &Kv, arguments: &[&str], code: i32, sentences: &[&str]) {
    let (ended, said) = run(kv, arguments);
    assert_eq!(ended, code, "{arguments:?}: {said}");
    for sentence in sentences {
        assert!(said.contains(sentence), "{arguments:?}: `{sentence}` is not in:\n{said}");
    }
}

#[test]
fn explain_says_which_entry_lists_an_app() {
    let kv = Kv::new("apps-explain");
    kv.write("apps.toml", POLICY);
    let url = |path: &str| format!("https://api.example.com/{path}/x");
    for (path, origin, code, sentences) in [
        ("app", "app://.", 0, &["`app://.`"][..]),
        ("app", SAFARI, 0, &[SAFARI]),
        ("any", FIREFOX, 0, &["`moz-extension://*`"]),
        ("app", &SAFARI.to_lowercase(), 10, &["origin_not_listed"]),
        ("app", FIREFOX, 10, &["origin_not_listed"]),
        (
            "any",
            &FIREFOX.to_uppercase().replace("MOZ-EXTENSION", "moz-extension"),
            10,
            &["origin_not_listed"],
        ),
        ("any", "app://.", 10, &["origin_not_listed"]),
    ] {
        let arguments = ["explain", "apps.toml", "--url", &url(path), "--origin", origin];
        ends(&kv, &arguments, code, sentences);
    }
    // The pattern does not count for handshakes.
    let handshake = ["explain", "apps.toml", "--url", "wss://api.example.com/any/x", "--origin", FIREFOX];
    ends(&kv, &handshake, 10, &["origin_not_listed", "for WebSocket handshakes on any route without"]);
    let switch =
        "dangerously_allow_any_extension = true\n[routes.websocket]\ndangerously_allow_any_origin = true";
    kv.write("apps.toml", POLICY.replace("dangerously_allow_any_extension = true", switch));
    ends(&kv, &handshake, 0, &["`moz-extension://*`"]);
}

#[test]
fn diff_shows_apps_and_the_handshakes_of_extensions() {
    let kv = Kv::new("apps-diff");
    kv.write("before.toml", POLICY);
    let switch =
        "dangerously_allow_any_extension = true\n[routes.websocket]\ndangerously_allow_any_origin = true";
    let less = POLICY.replace("origins = [\"moz-extension://*\"]", &format!("origins = [\"{FIREFOX}\"]"));
    for (text, sentences) in [
        (
            POLICY.replace("\"app://.\"", "\"app://.\", \"tauri://localhost\""),
            &["`tauri://localhost` is allowed"][..],
        ),
        (
            POLICY.replace(SAFARI, &SAFARI.to_lowercase()),
            &[
                "`safari-web-extension://140bb581-abcd-4e5f-8a9b-0c1d2e3f4a5b` is allowed",
                "`safari-web-extension://140BB581-ABCD-4E5F-8A9B-0C1D2E3F4A5B` is no longer allowed",
            ],
        ),
        (
            POLICY.replace("dangerously_allow_any_extension = true", switch),
            &["WebSocket handshakes from every extension of Firefox are accepted"],
        ),
        (less, &["`moz-extension://*` is no longer allowed"]),
    ] {
        kv.write("now.toml", text);
        ends(&kv, &["diff", "before.toml", "now.toml"], 10, sentences);
    }
}

#[test]
fn suggest_adds_an_app_as_it_was_sent_and_never_the_pattern_for_all() {
    let kv = Kv::new("apps-suggest");
    kv.write("apps.toml", POLICY);
    let row = |origin: &str, route: &str| {
        format!(
            r#"{{"origin":"{origin}","route":"{route}","reason":"origin_not_listed","decisions":50,"rows":50,"first_seen":"2026-11-20T09:00:00Z","last_seen":"2026-11-23T06:45:00Z"}}"#
        )
    };
    let other = "safari-web-extension://99999999-ABCD-4E5F-8A9B-0C1D2E3F4A5B";
    let rows = [
        row(other, "app"),
        row("tauri://localhost", "app"),
        row(FIREFOX, "app"),
        row("moz-extension://*", "app"),
    ];
    let report = format!(
        r#"{{"version":1,"report":"top","by":["origin","route","reason"],"since":"2026-11-20T00:00:00Z","until":"2026-11-23T12:00:00Z","rows":[{}],"other":{{"decisions":0}}}}"#,
        rows.join(",")
    );
    kv.write("top.json", report);
    let (code, said) = run(
        &kv,
        &["suggest", "apps.toml", "--from", "top.json", "--today", "2026-11-23", "--format", "patch"],
    );
    assert_eq!(code, 0, "{said}");
    for line in [format!("\"{other}\""), "\"tauri://localhost\"".to_owned()] {
        assert!(said.contains(&line), "{line}: {said}");
    }
    let added = said.lines().filter(|line| line.starts_with('+'));
    assert!(!added.into_iter().any(|line| line.contains("moz-extension://*")), "{said}");
}

#[test]
fn lists_hold_apps_as_lines_and_as_keys() {
    let kv = Kv::new("apps-lists");
    for (at, origin) in ["app://.", SAFARI, FIREFOX, "tauri://localhost", "app://[::1]:8080", "app://a%2Ab"]
        .iter()
        .enumerate()
    {
        kv.ends(&format!("add partners {origin} --yes"), 0, "is in force");
        kv.ends(&format!("add previews {origin} --yes"), 0, "wrote `origin/previews/");
        assert!(kv.value(&format!("origin/previews/{origin}")).is_some(), "{origin}");
        let text = kv.value("allowlist/partners").expect("a list");
        assert_eq!(text.lines().nth(at), Some(*origin));
    }
    // Another case is another origin.
    kv.ends(&format!("remove previews {}", SAFARI.to_lowercase()), 0, "there is nothing to delete");
    kv.ends(&format!("remove previews {SAFARI}"), 0, "deleted");
    kv.ends(&format!("remove partners {SAFARI}"), 0, "is in force");
    for (origin, sentence) in [
        ("moz-extension://*", "an origin has no wildcard here"),
        ("app://*", "cannot be added"),
        ("app://", "cannot be added"),
        ("app://./", "cannot be added"),
        ("APP://.", "cannot be added"),
        ("file://", "cannot be added"),
    ] {
        kv.ends(&format!("add previews {origin}"), 2, sentence);
        kv.ends(&format!("add partners {origin}"), 2, sentence);
    }
    kv.write("apps.txt", format!("app://.\n{FIREFOX} expires=2999-12-31\n"));
    kv.ends("check partners=apps.txt", 0, "2 origins");
    kv.ends("publish previews apps.txt --yes --message=apps", 0, "is in force");
    assert!(
        kv.value(&format!("origin/previews/{FIREFOX}")).is_some_and(|value| value.contains("2999-12-31"))
    );
    assert_eq!(kv.value("origin/previews/tauri://localhost"), None);
    kv.ends("rollback previews --yes", 0, "`tauri://localhost` is allowed");
    kv.write("all.txt", "moz-extension://*\n");
    kv.ends("check partners=all.txt", 11, "exact origins only");
    kv.ends("check previews=all.txt", 11, "exact origins only");
}
