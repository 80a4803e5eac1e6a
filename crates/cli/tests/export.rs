//! Runs `corsgate export`.

#![expect(clippy::expect_used, reason = "tests may fail loudly")]

use std::fs;
use std::path::Path;
use std::process::Command as Process;

use serde_json::Value;
use tempfile::TempDir;

use crate::import::{corsgate, ran};

const POLICY: &str = r#"
version = 1
[upstreams]
api = "https://origin.example.net"
[environments.staging.hosts]
"api.example.com" = ["api.staging.example.com"]
[[routes]]
name = "api"
hosts = ["api.example.com"]
path = "/*"
upstream = "api"
[routes.cors]
origins = ["https://app.example.com"]
methods = ["PUT"]
request_headers = ["authorization"]
credentials = true
"#;

fn project(cases: &str) -> TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    fs::write(folder.path().join("policy.toml"), POLICY).expect("a policy");
    let cases = format!("[defaults]\nurl = \"https://api.example.com\"\n{cases}");
    fs::write(folder.path().join("policy.test.toml"), cases).expect("cases");
    folder
}

const CASES: &str = r#"
[[cases]]
name = "the app may read"
request = { url = "/users", origin = "https://app.example.com" }
expect = { outcome = "allow", absent = ["x-gone"] }
[[cases]]
name = "the app may change"
request = { kind = "preflight", method = "PUT", url = "/users/7", origin = "https://app.example.com", request_headers = ["authorization"] }
expect = { outcome = "allow" }
[[cases]]
name = "others may not"
request = { url = "/users" }
origins = ["https://evil.example", "null"]
expect = { outcome = "reject" }
[[cases]]
name = "on staging"
env = "staging"
request = { url = "https://api.staging.example.com/users", origin = "https://app.example.com" }
expect = { outcome = "allow" }
[[cases]]
name = "another host"
request = { url = "https://other.example.com:8443/", origin = "https://app.example.com" }
expect = { reason = "route_not_found" }
[[cases]]
name = "a socket"
request = { kind = "websocket", url = "wss://api.example.com/ws", origin = "https://app.example.com" }
expect = { outcome = "allow" }
"#;

fn exported(folder: &Path, form: &str, more: &[&str]) -> (String, String) {
    let (stdout, stderr, code) = ran(corsgate(folder, &[&["export", form][..], more].concat()));
    assert_eq!(code, 0, "{stderr}");
    (stdout, stderr)
}

#[test]
fn a_collection_has_a_request_and_checks_for_each_case() {
    let folder = project(CASES);
    let (stdout, stderr) = exported(folder.path(), "postman", &[]);
    let collection: Value = serde_json::from_str(&stdout).expect("JSON");
    assert_eq!(
        collection["info"]["schema"],
        "https://schema.getpostman.com/json/collection/v2.1.0/collection.json"
    );
    let names: Vec<_> =
        collection["item"].as_array().expect("items").iter().map(|it| it["name"].clone()).collect();
    assert_eq!(
        names,
        [
            "the app may read",
            "the app may change",
            "others may not [origin=https://evil.example]",
            "others may not [origin=null]",
            "another host"
        ]
    );
    let values: Vec<_> = collection["variable"]
        .as_array()
        .expect("variables")
        .iter()
        .map(|it| (it["key"].clone(), it["value"].clone()))
        .collect();
    assert_eq!(
        values,
        [
            ("baseUrl".into(), "https://api.example.com".into()),
            ("baseUrl2".into(), Value::from("https://other.example.com:8443"))
        ]
    );
    let preflight = &collection["item"][1];
    assert_eq!(preflight["request"]["method"], "OPTIONS");
    assert_eq!(preflight["request"]["url"], "{{baseUrl}}/users/7");
    assert_eq!(
        preflight["request"]["header"],
        serde_json::json!([
            { "key": "Origin", "type": "text", "value": "https://app.example.com" },
            { "key": "Access-Control-Request-Method", "type": "text", "value": "PUT" },
            { "key": "Access-Control-Request-Headers", "type": "text", "value": "authorization" },
        ])
    );
    let script = |at: usize| collection["item"][at]["event"][0]["script"]["exec"].to_string();
    assert!(script(0).contains("x-gone is absent"), "{}", script(0));
    assert!(script(1).contains("the status is 204"), "{}", script(1));
    assert!(script(2).contains("the gateway says reject, origin_not_listed"), "{}", script(2));
    assert!(script(2).contains("the status is 403"), "{}", script(2));
    assert!(stderr.contains("`on staging`") && stderr.contains("`a socket`"), "{stderr}");
}

#[test]
fn environments_are_selected_and_one_server_gets_the_hosts_of_the_cases() {
    let folder = project(CASES);
    let (stdout, stderr) = exported(folder.path(), "http", &["--env", "staging", "--filter", "staging"]);
    assert_eq!(stderr, "");
    assert_eq!(
        stdout,
        "# The requests of `policy.test.toml`, made by `corsgate export http`.\n@baseUrl = https://api.staging.example.com\n\n\
         ### on staging\n# expected: allowed, access-control-allow-origin: https://app.example.com\nGET {{baseUrl}}/users\nOrigin: https://app.example.com\n"
    );
    let (stdout, _) = exported(folder.path(), "http", &["--url", "http://127.0.0.1:8787"]);
    assert!(
        stdout.contains("@baseUrl = http://127.0.0.1:8787\n") && !stdout.contains("baseUrl2"),
        "{stdout}"
    );
    assert!(stdout.contains("GET {{baseUrl}}/users\nHost: api.example.com\nOrigin: null\n"), "{stdout}");
    assert!(stdout.contains("GET {{baseUrl}}/\nHost: other.example.com:8443\n"), "{stdout}");
}

/// Runs a script in whose PATH `curl` writes down its arguments; returns those of each call.
fn calls(script: &str) -> Vec<Vec<String>> {
    let folder = tempfile::tempdir().expect("a folder");
    let log = folder.path().join("log");
    let program = folder.path().join("curl");
    fs::write(&program, "#!/bin/sh\nprintf '%s\\0' \"$@\" >> \"$LOG\"\nprintf '\\1\\0' >> \"$LOG\"\n")
        .expect("a program");
    fs::write(folder.path().join("cases.sh"), script).expect("a script");
    let made = Process::new("chmod").arg("+x").arg(&program).status().expect("chmod");
    assert!(made.success());
    let path = format!("{}:/usr/bin:/bin", folder.path().display());
    let output = Process::new("sh")
        .arg("cases.sh")
        .current_dir(folder.path())
        .env("PATH", path)
        .env("LOG", &log)
        .output()
        .expect("sh");
    assert!(output.status.success() && output.stderr.is_empty() && output.stdout.is_empty(), "{output:?}");
    let mut left = crate::init::names(folder.path());
    left.retain(|name| !["log", "curl", "cases.sh"].contains(&name.as_str()));
    assert_eq!(left, [""; 0], "the script wrote files");
    let log = String::from_utf8(fs::read(&log).expect("a log")).expect("text");
    let all = log.split("\u{1}\0").filter(|call| !call.is_empty());
    all.map(|call| call.trim_end_matches('\0').split('\0').map(str::to_owned).collect()).collect()
}

/// Texts that a shell, a terminal or a service would obey if they were not quoted.
const HOSTILE: &[&str] = &[
    "https://app.example.com$(touch pwned)",
    "`touch pwned`",
    "'; touch pwned; '",
    "\"; touch pwned; \"",
    "' || touch pwned #",
    "\\'; touch pwned #\\",
    "$HOME ${PATH} ~ * ? [a-z] {a,b}",
    "!! & | < > ( ) ;",
    "a\tb",
    "%s%n%%\\101\\n",
    "##vso[task.setvariable]x",
    "::set-output name=x::y",
    "-x",
    "@file",
    "a  b",
];

#[test]
fn curl_lines_are_what_the_cases_say_whatever_is_in_them() {
    let mut cases = String::new();
    for (at, value) in HOSTILE.iter().enumerate() {
        let name = Value::from(format!("{at} ürgh 日本 \u{202e} {}", value.replace('\t', " "))).to_string();
        let value = Value::from(*value).to_string();
        cases.push_str(&format!(
            "[[cases]]\nname = {name}\nrequest = {{ url = \"/a'b$(touch%20pwned)?`x`={at}\", origin = {value} }}\nexpect = {{ outcome = \"reject\" }}\n"
        ));
    }
    let folder = project(&cases);
    let (script, stderr) = exported(folder.path(), "curl", &[]);
    assert_eq!(stderr, "");
    assert!(script.is_ascii(), "{script}");
    let calls = calls(&script);
    assert_eq!(calls.len(), HOSTILE.len(), "{script}");
    for (call, value) in calls.iter().zip(HOSTILE) {
        let header = format!("Origin: {value}");
        assert!(call.contains(&header), "{header:?} is not in {call:?}");
        let url = call.last().expect("a URL");
        assert!(url.starts_with("https://api.example.com/a'b$(touch%20pwned)?"), "{url}");
    }
    // Each request is one line.
    assert_eq!(script.lines().filter(|line| line.starts_with("curl ")).count(), HOSTILE.len());
    // The other forms leave out what they cannot say, and never write it in another way.
    for form in ["postman", "http"] {
        let (stdout, stderr) = exported(folder.path(), form, &[]);
        assert!(stderr.contains("left out") && !stdout.contains('\u{202e}'), "{stdout}{stderr}");
    }
}

#[test]
fn curl_reaches_a_server_with_the_request_of_the_case() {
    let folder = project(
        "[[cases]]\nname = \"with nothing in Origin\"\nrequest = { method = \"DELETE\", url = \"/a?b\", origin = \"\" }\nexpect = { outcome = \"reject\" }\n\
         [[cases]]\nname = \"HEAD\"\nrequest = { method = \"HEAD\", url = \"/h\", origin = \"https://app.example.com\" }\nexpect = { outcome = \"allow\" }\n",
    );
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = listener.local_addr().expect("an address").port();
    let server = std::thread::spawn(move || {
        let mut heads = Vec::new();
        for _ in 0..2 {
            let (mut connection, _) = listener.accept().expect("a connection");
            let mut head = Vec::new();
            let mut byte = [0];
            while !head.ends_with(b"\r\n\r\n")
                && std::io::Read::read(&mut connection, &mut byte).expect("a byte") == 1
            {
                head.extend(byte);
            }
            std::io::Write::write_all(&mut connection, b"HTTP/1.1 204 No Content\r\nX-Test: 1\r\n\r\n")
                .expect("written");
            heads.push(String::from_utf8(head).expect("text"));
        }
        heads
    });
    let (script, _) = exported(folder.path(), "curl", &["--url", &format!("http://127.0.0.1:{port}")]);
    let output = Process::new("sh").arg("-c").arg(&script).output().expect("sh");
    let printed = String::from_utf8_lossy(&output.stdout);
    assert_eq!(printed.matches("X-Test: 1").count(), 2, "{output:?}");
    let heads = server.join().expect("the heads");
    assert!(heads[0].starts_with("DELETE /a?b HTTP/1.1\r\nHost: api.example.com\r\n"), "{heads:?}");
    assert!(heads[0].contains("\r\nOrigin:\r\n") || heads[0].contains("\r\nOrigin: \r\n"), "{heads:?}");
    assert!(heads[1].starts_with("HEAD /h HTTP/1.1\r\n"), "{heads:?}");
}

#[test]
fn what_cannot_be_exported_says_why() {
    let folder = project(CASES);
    let run =
        |arguments: &[&str]| ran(corsgate(folder.path(), &[&["export", "curl"][..], arguments].concat()));
    for (name, text) in [
        ("broken.toml", "[[cases]\n"),
        (
            "body.toml",
            "[[cases]]\nname = \"a\"\nrequest = { url = \"https://api.example.com\", body = \"x\" }\nexpect = { outcome = \"allow\" }\n",
        ),
        ("none.toml", ""),
        (
            "fails.toml",
            "[[cases]]\nname = \"a\"\nrequest = { url = \"https://api.example.com\", origin = \"https://evil.example\" }\nexpect = { outcome = \"allow\" }\n",
        ),
        ("policy.json", "{}"),
    ] {
        fs::write(folder.path().join(name), text).expect("a file");
    }
    for (arguments, code, says) in [
        (&["--tests", "broken.toml"][..], 11, "CG001"),
        (&["--tests", "body.toml"], 11, "`body`"),
        (&["--tests", "none.toml"], 12, "has no cases"),
        (&["--tests", "fails.toml"], 12, "a case fails on this policy, so nothing was exported: `a`"),
        (&["--tests", "absent.toml"], 1, "absent.toml"),
        (&["--policy", "policy.json"], 1, "JSON"),
        (&["--policy", "absent.toml"], 1, "absent.toml"),
        (&["--policy", "-", "--tests", "-"], 2, "standard input"),
        (&["--url", "api.example.com"], 2, "is not a URL"),
        (&["--url", "https://api.example.com/v1"], 2, "`--url https://api.example.com`"),
        (&["--url", "https://a:b@api.example.com"], 2, "user name or password"),
        (&["--env", "absent"], 11, "absent"),
        (&["--filter", "absent"], 12, "none with that name"),
        (&["--filter", "on staging"], 12, "every case was left out"),
    ] {
        let (stdout, stderr, got) = run(arguments);
        assert_eq!(got, code, "{arguments:?}: {stderr}");
        assert!(stderr.contains(says) && stdout.is_empty(), "{arguments:?}: {stdout}{stderr}");
    }
}

#[test]
fn a_file_is_written_and_not_replaced_without_force() {
    let folder = project(CASES);
    let out = folder.path().join("out.json");
    let (stdout, stderr, code) = ran(corsgate(folder.path(), &["export", "postman", "--out", "out.json"]));
    assert_eq!((stdout.as_str(), code), ("", 0), "{stderr}");
    let written = fs::read_to_string(&out).expect("a file");
    assert!(serde_json::from_str::<Value>(&written).is_ok());
    fs::write(&out, "mine").expect("a file");
    let (_, stderr, code) = ran(corsgate(folder.path(), &["export", "postman", "--out", "out.json"]));
    assert_eq!((code, fs::read_to_string(&out).expect("a file").as_str()), (1, "mine"), "{stderr}");
    corsgate(folder.path(), &["export", "postman", "--out", "out.json", "--force"]).assert().code(0);
    let over = ["export", "postman", "--out", "./policy.toml", "--force"];
    let (_, said, code) = ran(corsgate(folder.path(), &over));
    assert!(code == 2 && said.contains("`./policy.toml` would replace `policy.toml`"), "{said}");
    assert_eq!(fs::read_to_string(&out).expect(&stderr), written);
}
