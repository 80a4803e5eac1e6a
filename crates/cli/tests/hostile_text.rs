//! Texts from others in each input of each verb: no line of the output can be read as a command by a terminal, by
//! GitHub Actions or by a spreadsheet.

#![expect(clippy::expect_used, reason = "tests may fail loudly")]

use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::path::Path;
use std::thread;

use serde_json::json;
use snapbox::cmd::{Command, cargo_bin};
use tempfile::TempDir;

/// Commands for GitHub Actions at the beginning of a line, in every way to begin one, and inside a line; control
/// sequences of C0 and C1; direction marks.
const HOSTILE: &str = "x\n::error::owned\r::add-mask::owned\r\n \t::set-output name=a::owned##[add-mask]owned\
                       ##vso[task.setvariable]owned\u{9b}2Jowned\u{1b}]0;owned\u{7}\u{1b}[8mowned\u{202e}\u{2028}::error::owned\u{85}owned";
/// The same for places where control characters are impossible.
const PRINTABLE: &str = "::error::owned ##[add-mask]owned";

fn run(folder: &Path, arguments: &[&str], input: &[u8]) -> (String, String) {
    let output = Command::new(cargo_bin!("corsgate"))
        .env("NO_COLOR", "1")
        .env("CORSGATE_ADMIN_TOKEN", "a-token")
        .current_dir(folder)
        .args(arguments)
        .stdin(input.to_vec())
        .output()
        .expect("it runs");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("what is written is UTF-8");
    (text(output.stdout), text(output.stderr))
}

/// Checks the output for commands; returns whether it contains the planted text.
fn is_harmless(arguments: &[&str], printed: &str) -> bool {
    let is_github = arguments.contains(&"github");
    for line in printed.split(['\n', '\r']) {
        let trimmed = line.trim_start();
        let own = ["::error ", "::warning ", "::notice "].iter().any(|own| line.starts_with(own));
        assert!(!trimmed.starts_with("::") || is_github && own, "{arguments:?}: {line:?} is a command");
        assert!(!own || !line.contains("::error::owned") || line.matches("::").count() > 1, "{line:?}");
        for mark in ["##[", "##vso[", "##teamcity["] {
            assert!(!line.contains(mark), "{arguments:?}: {line:?} holds a command");
        }
    }
    let printed = printed.replace("\r\n", "\n");
    let obeyed = printed.chars().find(|character| {
        character.is_control() && !matches!(character, '\n' | '\t')
            || matches!(character, '\u{2028}' | '\u{2029}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    });
    assert_eq!(obeyed, None, "{arguments:?}: {printed:?}");
    if arguments.contains(&"csv") {
        for cell in printed.lines().flat_map(|line| line.split(',')) {
            let cell = cell.trim_start_matches('"');
            assert!(!cell.starts_with(['=', '+', '-', '@', '\t', '\r']), "{cell:?} is a formula");
        }
    }
    printed.contains("owned")
}

/// Runs the tool on the planted text. Some verbs reject the input without showing it, but most must show it, or the
/// test would prove nothing.
fn try_all(folder: &Path, rows: &[(&[&str], &str)]) {
    let mut silent = Vec::new();
    for (arguments, input) in rows {
        let (stdout, stderr) = run(folder, arguments, input.as_bytes());
        let shown = [is_harmless(arguments, &stdout), is_harmless(arguments, &stderr)];
        if !shown.contains(&true) {
            silent.push(format!("{arguments:?}: {stdout}{stderr}"));
        }
    }
    assert!(
        silent.len() * 4 < rows.len(),
        "{} of {} show nothing of it: {silent:#?}",
        silent.len(),
        rows.len()
    );
}

/// A text as a TOML string.
fn quoted(text: &str) -> String {
    // JSON leaves C1 and similar characters unescaped. TOML allows them, except control characters.
    serde_json::to_string(text).expect("a text").replace('\u{7f}', "\\u007f")
}

fn policy(origin: &str, extra: &str) -> String {
    format!(
        "version = 1\nupstreams.api = \"https://origin.example.net\"\n[allowlists]\npartners = {{ kv = \"partners\" }}\n\
         [[routes]]\nname = \"api\"\npath = \"/*\"\nhosts = [\"api.example.com\"]\nupstream = \"api\"\n\
         cors = {{ origins = [{origin}, \"@partners\"] }}\n{extra}"
    )
}

fn folder() -> TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).expect("written");
    let app = "\"https://app.example.com\"";
    write("good.toml", &policy(app, ""));
    write("header.toml", &policy(app, &format!("response.set.x-y = {}\n", quoted(PRINTABLE))));
    write("bad.toml", &policy(&quoted(HOSTILE), &format!("{} = 1\n", quoted(HOSTILE))));
    write("list.txt", &format!("https://a.example\n::error::owned\n{HOSTILE}\n"));
    write("good.txt", "https://a.example\n");
    write(HOSTILE.replace('\0', "").trim(), &policy(&quoted(HOSTILE), ""));
    let case = |name: &str, url: &str| {
        format!(
            "[[cases]]\nname = {}\nrequest = {{ url = {}, origin = \"https://app.example.com\" }}\nexpect = {{ outcome = \"reject\" }}\n",
            quoted(name),
            quoted(url)
        )
    };
    write("cases.toml", &case(HOSTILE, "https://api.example.com/##[add-mask]owned"));
    write("bad-cases.toml", &case("a case", HOSTILE));
    let row = |origin: &str| {
        json!({ "origin": origin, "route": HOSTILE, "reason": HOSTILE, "decisions": 1, "rows": 1,
                "first_seen": "2026-11-23T03:50:25Z", "last_seen": "2026-11-23T06:45:00Z" })
    };
    let report = json!({
        "version": 1, "report": "top", "source": "engine", "since": "2026-11-23T00:00:00Z",
        "until": "2026-11-23T06:45:37Z", "by": ["origin", "route", "reason"], "filters": { "route": HOSTILE },
        "total": { "decisions": 4, "rows": 4 }, "other": { "decisions": 0 }, "error": null,
        "rows": [row(HOSTILE), row("=owned"), row("+owned"), row("-owned"), row("@owned"), row("::error::owned")],
    });
    write("top.json", &report.to_string());
    let record = |origin: &str| {
        json!({ "event": "decision", "outcome": "allow", "origin": origin, "route": "api",
        "host": "api.example.com", "method": HOSTILE, "path": "/::error::owned##[owned]", "kind": "actual", "status": 200 })
    };
    write("records.jsonl", &format!("{}\n{}\n", record(HOSTILE), record("https://app.example.com")));
    folder
}

#[test]
fn files_their_names_and_arguments_are_escaped() {
    let folder = folder();
    let name = HOSTILE;
    let mut rows: Vec<(Vec<&str>, &str)> = vec![
        (vec!["compile", "bad.toml"], ""),
        (vec!["compile", name], ""),
        (vec!["diff", "good.toml", "bad.toml"], ""),
        (vec!["diff", "good.toml", name], ""),
        (vec!["publish", "bad.toml", "--yes", "--message=m"], ""),
        (vec!["suggest", "bad.toml", "--from=top.json"], ""),
        (vec!["unused", "bad.toml", "--from=top.json"], ""),
        (vec!["check", "good.toml", "--env", name], ""),
        (vec!["check", "good.toml", name], ""),
        (vec!["check", "--explain", name], ""),
        (vec![name], ""),
        (vec!["check", "-"], "{\"version\": 1, \"::error::owned\\n\": 1}"),
        (vec!["explain", "good.toml", "--curl", "curl '::error::owned\n::error::owned'"], ""),
        (vec!["explain", "good.toml", "--list", name, "--url=https://api.example.com"], ""),
        (vec!["explain", "good.toml", "--key", name, "--url=https://api.example.com", "--origin=null"], ""),
        (vec!["test", "good.toml", "bad-cases.toml"], ""),
        (vec!["probe", name, "--origin", "https://app.example.com"], ""),
        (vec!["history", "--wrangler", name], ""),
        (vec!["rollback", "--yes", "--to", name], ""),
        (vec!["publish", "good.toml", "--yes", "--message=m", "--base", name], ""),
        (vec!["list", "check", "list.txt"], ""),
        (vec!["list", "check", name], ""),
        (vec!["list", "check", "partners=list.txt", "--policy", "good.toml"], ""),
        (vec!["list", "check", "-"], "https://::error::owned\n##[owned]\n"),
        (vec!["list", "diff", "partners", name, "list.txt", "--text"], ""),
        (vec!["list", "publish", "partners", "list.txt", "--yes", "--message=m", "--text"], ""),
        (vec!["list", "publish", name, "list.txt", "--yes", "--message=m", "--text"], ""),
        (vec!["list", "add", "partners", name, "--text"], ""),
        (vec!["list", "add", "partners", "https://a.example", "--note", name, "--text"], ""),
        (vec!["list", "add", "partners", "https://a.example", "--host", name, "--keys"], ""),
        (vec!["list", "add", "partners", "https://a.example", "--expires", name, "--text"], ""),
        (vec!["list", "remove", "partners", name, "--text"], ""),
        (vec!["list", "rollback", "partners", "--yes", "--to", name, "--text"], ""),
        (vec!["list", "history", name], ""),
        (vec!["schema", "--check", name], ""),
        (vec!["completions", name], ""),
        (vec!["man", name], ""),
    ];
    for format in ["human", "json", "sarif", "github"] {
        rows.push((vec!["check", "bad.toml", "--format", format], ""));
        rows.push((vec!["check", name, "--format", format], ""));
        rows.push((vec!["check", "--list", "list.txt", "--format", format], ""));
        rows.push((vec!["check", "good.toml", "--list", "partners=list.txt", "--format", format], ""));
    }
    for format in ["human", "json", "junit", "github"] {
        rows.push((vec!["test", "good.toml", "cases.toml", "--format", format], ""));
    }
    for format in ["human", "json"] {
        let fixed = ["explain", "good.toml", "--format", format];
        let url = "--url=https://api.example.com/a?::error::owned##[add-mask]owned";
        rows.push(([&fixed[..], &[url, "--origin", name]].concat(), ""));
        rows.push(([&fixed[..], &[url, "--origin=https://app.example.com", "--header", name]].concat(), ""));
        rows.push(([&fixed[..], &[url, "--origin=https://app.example.com", "--method", name]].concat(), ""));
    }
    let line = format!(
        "Access to {HOSTILE} at 'https://api.example.com/a' from origin 'https://{HOSTILE}' has been blocked by CORS policy: Method {HOSTILE} is not allowed by Access-Control-Allow-Methods in preflight response."
    );
    let value = format!(
        "Access to fetch at 'https://api.example.com/a' from origin 'https://app.example.com' has been blocked by CORS policy: The 'Access-Control-Allow-Origin' header has a value '{HOSTILE}' that is not equal to the supplied origin."
    );
    let script = format!(
        "fetch('https://api.example.com/a', {{ method: {0}, referrer: 'https://app.example.com/', headers: {{ {0}: '1' }} }})",
        quoted(HOSTILE)
    );
    let power = format!(
        "Invoke-WebRequest -Uri 'https://api.example.com/a' -Method '{HOSTILE}' -Headers @{{ 'origin' = '{HOSTILE}' }}"
    );
    let har = json!({ "log": { "version": HOSTILE, "pages": [{ "id": "p", "title": HOSTILE }], "entries": [
        { "_resourceType": "fetch", "request": { "method": "GET", "url": "https://api.example.com/::error::owned##[owned]", "headers": [{ "name": "origin", "value": "https://app.example.com" }, { "name": HOSTILE, "value": "1" }] },
          "response": { "status": 200, "headers": [{ "name": "access-control-allow-origin", "value": HOSTILE }], "_error": HOSTILE } },
        { "request": { "method": HOSTILE, "url": "https://api.example.com/", "headers": [{ "name": "origin", "value": "https://app.example.com" }] }, "response": { "status": 0, "_error": HOSTILE } },
    ] } })
    .to_string();
    for format in ["human", "json"] {
        for text in [&line, &value, &script, &power, &har] {
            rows.push((vec!["explain", "good.toml", "-", "--format", format], text));
            rows.push((vec!["explain", "-", "--format", format], text));
        }
        rows.push((vec!["explain", "-", "--brief", "--format", format], &har));
    }
    for format in ["human", "json", "github", "markdown"] {
        rows.push((vec!["diff", "good.toml", "header.toml", "--format", format], ""));
    }
    let rows: Vec<_> = rows.iter().map(|(arguments, input)| (arguments.as_slice(), *input)).collect();
    try_all(folder.path(), &rows);
}

#[test]
fn texts_from_clients_in_reports_and_records_are_escaped() {
    let folder = folder();
    let mut rows: Vec<Vec<&str>> = Vec::new();
    for format in ["human", "json", "csv"] {
        rows.push(vec!["report", "top", "--from=top.json", "--format", format]);
    }
    for format in ["human", "json"] {
        rows.push(vec!["suggest", "good.toml", "--from=top.json", "--format", format]);
    }
    for format in ["human", "json", "github", "markdown"] {
        rows.push(vec!["diff", "good.toml", "header.toml", "--replay=records.jsonl", "--format", format]);
    }
    let rows: Vec<_> = rows.iter().map(|arguments| (arguments.as_slice(), "")).collect();
    try_all(folder.path(), &rows);
}

#[test]
fn answers_of_servers_are_escaped() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = listener.local_addr().expect("an address").port();
    // The thread ends with the test process.
    thread::spawn(move || {
        for socket in listener.incoming() {
            let mut socket = socket.expect("a connection");
            let (mut head, mut byte) = (Vec::new(), [0]);
            while !head.ends_with(b"\r\n\r\n") && socket.read(&mut byte).is_ok_and(|length| length > 0) {
                head.push(byte[0]);
            }
            let mut answer = b"HTTP/1.1 200 ::error::owned\r\nAccess-Control-Allow-Origin: ::error::owned##[add-mask]owned\xc2\x9b2Jowned\xe2\x80\xa8\x85\r\n".to_vec();
            answer.extend_from_slice(b"Corsgate-Decision: ::error::owned##[owned]\xc2\x9b2Jowned\r\nContent-Type: application/json\r\nConnection: close\r\n\r\n");
            answer.extend_from_slice(HOSTILE.as_bytes());
            let _gone = socket.write_all(&answer);
        }
    });
    let folder = folder();
    let url = format!("http://127.0.0.1:{port}/");
    let gateway = format!("--url=http://127.0.0.1:{port}");
    let mut rows: Vec<Vec<&str>> =
        vec![vec!["report", "top", &gateway], vec!["unused", "good.toml", &gateway]];
    for format in ["human", "json", "github"] {
        rows.push(vec!["probe", &url, "--origin=https://app.example.com", "--rate=1000", "--format", format]);
    }
    for arguments in &rows {
        let (stdout, stderr) = run(folder.path(), arguments, b"");
        is_harmless(arguments, &stdout);
        is_harmless(arguments, &stderr);
        assert!(!(stdout + &stderr).is_empty(), "{arguments:?}");
    }
}

#[cfg(unix)]
#[test]
fn texts_from_wrangler_and_kv_are_escaped() {
    let folder = folder();
    let path = folder.path();
    let note =
        json!({ "id": HOSTILE, "message": HOSTILE, "time": HOSTILE, "base": HOSTILE, "tool": HOSTILE });
    let key = |name: &str| json!({ "name": name, "metadata": note });
    let keys = json!([
        key("policy/current"),
        key("policy/previous"),
        key("policy/version/3f2a9c0d1e5b7a64"),
        key(HOSTILE)
    ]);
    std::fs::write(path.join("keys"), keys.to_string()).expect("written");
    std::fs::write(path.join("said"), HOSTILE).expect("written");
    for (name, script) in [
        ("failing", "cat said >&2; exit 1"),
        ("listing", "case \"$3\" in list) cat keys;; *) cat said;; esac"),
        ("chatty", "cat said"),
    ] {
        let program = path.join(name);
        crate::support::program::write(&program, format!("#!/bin/sh\n{script}\n"));
        let wrangler = format!("--wrangler=./{name}");
        for arguments in [
            &["history", "--format=human"][..],
            &["history", "--format=json"],
            &["status", "--format=human"],
            &["status", "--format=json"],
            &["rollback", "--yes"],
            &["publish", "good.toml", "--yes", "--message=m"],
            &["diff", "kv:", "good.toml"],
            &["list", "history", "partners"],
            &["list", "history", "partners", "--format=json"],
            &["list", "diff", "partners", "kv:", "--text"],
            &["list", "rollback", "partners", "--yes", "--text"],
            &["list", "add", "partners", "https://a.example", "--text"],
            &["list", "add", "partners", "https://a.example", "--keys"],
            &["list", "remove", "partners", "https://a.example", "--keys"],
        ] {
            let arguments = [arguments, &[&wrangler]].concat();
            let (stdout, stderr) = run(path, &arguments, b"");
            is_harmless(&arguments, &stdout);
            is_harmless(&arguments, &stderr);
            assert!(!(stdout + &stderr).is_empty(), "{arguments:?}");
        }
    }
}
