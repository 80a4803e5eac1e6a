//! Runs `corsgate explain`.
//!
//! `tests/explain/` has a policy, an archive, and the output. After a change, `SNAPSHOTS=overwrite cargo test -p
//! corsgate-cli` writes the output anew; read the difference.

#![expect(clippy::expect_used, reason = "tests may fail loudly")]

use std::path::{Path, PathBuf};

use snapbox::cmd::{Command, cargo_bin};
use snapbox::{Assert, Data};

const APP: &str = "https://app.example.com";
const USERS: &str = "https://api.example.com/users/7";

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/explain")
}

fn bare(arguments: &[&str]) -> Command {
    Command::new(cargo_bin!("corsgate"))
        .with_assert(Assert::new().action_env("SNAPSHOTS"))
        .env("NO_COLOR", "1")
        .current_dir(folder())
        .arg("explain")
        .args(arguments)
}

/// Runs the tool with the day of the policy.
fn corsgate(arguments: &[&str]) -> Command {
    bare(&["policy.toml", "--today", "2026-06-15"]).args(arguments)
}

fn snapshot(name: &str) -> Data {
    Data::read_from(&folder().join(name), None).raw()
}

fn stdout(command: Command, code: i32) -> String {
    String::from_utf8(command.assert().code(code).get_output().stdout.clone()).expect("text")
}

fn stderr(command: Command, code: i32) -> String {
    let output = command.assert().code(code).stdout_eq("");
    String::from_utf8(output.get_output().stderr.clone()).expect("text")
}

#[test]
fn a_request_is_explained_in_each_format() {
    let request = [
        "--url",
        USERS,
        "--origin",
        APP,
        "--method",
        "put",
        "--header",
        "content-type=application/json",
        "--credentials",
    ];
    for format in ["human", "json"] {
        let output = corsgate(&request).args(["--format", format]).assert().code(0).stderr_eq("");
        output.stdout_eq(snapshot(&format!("allowed.{format}")));
    }
    let request = [
        "--url",
        USERS,
        "--origin",
        "https://app.example.com:8443",
        "--method",
        "PUT",
        "--list",
        "partners=partners.txt",
    ];
    for format in ["human", "json"] {
        let output = corsgate(&request).args(["--format", format]).assert().code(10).stderr_eq("");
        output.stdout_eq(snapshot(&format!("port.{format}")));
    }
}

#[test]
fn without_a_list_that_decides_the_answer_is_that_it_cannot_be_told() {
    let request = ["--url", USERS, "--origin", "https://partner.example"];
    let depends = "the decision depends on the list `partners` in KV, which was not given: add `--list partners=partners.txt`";
    let human = stdout(corsgate(&request), 10);
    assert!(human.starts_with(&format!("cannot tell: {depends}\n")), "{human}");
    assert!(human.contains("\n  If the origin is not listed there: `origin_not_listed`. "), "{human}");
    let brief = stdout(corsgate(&request).arg("--brief"), 10);
    let line = format!("cannot tell: GET {USERS} from `https://partner.example`: {depends}\n");
    assert_eq!(brief, line);
    let json = stdout(corsgate(&request).args(["--format", "json"]), 10);
    let json: serde_json::Value = serde_json::from_str(&json).expect("JSON");
    let verdict = &json["requests"][0]["verdict"];
    assert_eq!((&verdict["allowed"], &verdict["end"]), (&false.into(), &"undecided".into()));
    assert_eq!(json["requests"][0]["unknown"][0], serde_json::json!({ "what": "list", "name": "partners" }));
    // A list is looked for beside its policy.
    let beside = bare(&["explain/policy.toml"]).args(request).current_dir(folder().join(".."));
    let beside = stdout(beside, 10);
    assert!(beside.contains("add `--list partners=explain/partners.txt`\n"), "{beside}");
    // A line of the console fits the refusal, which remains a condition.
    let line = format!(
        "Access to fetch at '{USERS}' from origin 'https://partner.example' has been blocked by CORS policy: No 'Access-Control-Allow-Origin' header is present on the requested resource."
    );
    let told = stdout(corsgate(&["--console", &line]), 10);
    assert!(told.starts_with("cannot tell: "), "{told}");
    assert!(told.contains("\n  if the origin is not listed there, this explains the line: "), "{told}");
    // A route that only reports leaves the request to its upstream, whatever the list has.
    let reports = "version = 1\nupstreams.a = \"https://origin.example.net\"\nallowlists.pages = { kv = \"pages\" }\n[[routes]]\nname = \"r\"\nhosts = [\"api.example.com\"]\npath = \"/*\"\nupstream = \"a\"\nmode = \"report\"\n[routes.cors]\norigins = [\"@pages\"]\n";
    let told = stdout(bare(&["-"]).args(request).stdin(reports), 0);
    assert!(
        told.starts_with("left to the upstream: the route `r` only reports; whether it would refuse if it enforced depends on the list `pages` in KV, which was not given: add `--list pages=pages.txt`\n"),
        "{told}"
    );
    // The option that it names decides.
    let given = stdout(corsgate(&request).args(["--list", "partners=partners.txt"]), 0);
    assert!(given.starts_with("allowed:"), "{given}");
    // What no list can change is told: an origin that the policy has, and one that the route takes from no list.
    for (origin, begin, code) in [(APP, "allowed:", 0), ("http://partner.example", "refused: ", 10)] {
        let told = stdout(corsgate(&["--url", USERS, "--origin", origin]), code);
        assert!(told.starts_with(begin), "{told}");
    }
}

/// The lines before the first empty one.
fn head(text: &str) -> String {
    text.lines().take_while(|line| !line.is_empty()).map(|line| format!("{line}\n")).collect()
}

/// Every outcome of a request, and the head of its explanation.
#[test]
fn each_outcome_has_its_sentence() {
    let mut heads = String::new();
    for (url, more, code) in [
        ("https://api.example.com/users/7", &["--method", "PATCH", "--origin", APP][..], 10),
        ("https://api.example.com/users/7", &["--header", "x-trace", "--origin", APP], 10),
        (
            "https://api.example.com/users/7",
            &["--origin", "https://old.example.com", "--list", "partners=partners.txt"],
            10,
        ),
        ("https://api.example.com/users/7", &["--origin", "null"], 10),
        ("https://api.example.com/users/7", &["--origin", "https://APP.example.com"], 10),
        ("https://api.example.com/users/7", &["--origin", APP, "--credentials"], 0),
        (
            "https://api.example.com/users/7",
            &["--origin", "https://partner.example", "--list", "partners=partners.txt"],
            0,
        ),
        (
            "https://api.example.com/users/7",
            &["--origin", "https://gone.example", "--list", "partners=partners.txt"],
            10,
        ),
        (
            "https://api.example.com/users/7",
            &["--origin", "http://partner.example", "--list", "partners=partners.txt"],
            10,
        ),
        (
            "https://api.example.com/users/7",
            &[
                "--origin",
                "https://t.example",
                "--list",
                "partners=partners.txt",
                "--key",
                "origin/tenants/api.example.com/https://t.example",
            ],
            0,
        ),
        (
            "https://api.example.com/users/7",
            &["--origin", "https://api.example.com", "--method", "DELETE"],
            0,
        ),
        (
            "https://api.example.com/users/7",
            &["--origin", APP, "--env", "staging", "--list", "partners=partners.txt"],
            10,
        ),
        ("https://api.example.com/open", &["--origin", "https://evil.example"], 0),
        ("https://api.example.com/open", &["--origin", APP, "--credentials"], 10),
        ("https://api.example.com/callback", &["--origin", "https://evil.example", "--method", "POST"], 10),
        ("https://api.example.com/told", &["--origin", "https://evil.example"], 10),
        ("https://api.example.com/new/x", &["--origin", "https://evil.example", "--method", "PUT"], 0),
        ("https://api.example.com/new/x", &["--origin", APP], 0),
        ("wss://api.example.com/ws", &["--origin", APP], 0),
        ("wss://api.example.com/ws", &["--origin", "http://app.example.com"], 10),
        ("https://api.example.com/push", &["--origin", "https://evil.example", "--websocket"], 10),
        ("https://api.example.com/nowhere", &["--origin", APP], 10),
        ("https://api.example.com//users/7", &["--origin", APP], 10),
        ("https://other.example.com/users", &["--origin", APP], 10),
    ] {
        let text = stdout(corsgate(&["--url", url]).args(more.iter().copied()), code);
        heads.push_str(&head(&text));
        heads.push('\n');
    }
    Assert::new().action_env("SNAPSHOTS").eq(heads, snapshot("ends.txt"));
}

#[test]
fn a_command_is_explained_from_an_argument_arguments_or_standard_input() {
    let command = "curl 'https://api.example.com/users/7' \\\n  -X PUT -H 'Origin: https://app.example.com' \\\n  --data-raw $'{\"name\":\"O\\'Neill\"}' -H 'content-type: application/json' --wonder";
    let once = stdout(corsgate(&["--curl", command]), 0);
    assert!(once.starts_with("allowed: the preflight succeeds, and the page may read the response to the request\n  PUT https://api.example.com/users/7 from `https://app.example.com`\n"), "{once}");
    assert!(once.ends_with("note: `--wonder` is unknown and ignored\n"), "{once}");
    assert_eq!(stdout(corsgate(&["--curl", "-"]).stdin(command), 0), once);
    let words = [
        "--",
        "curl",
        USERS,
        "-XPUT",
        "-H",
        "Origin: https://app.example.com",
        "-d",
        "{}",
        "-H",
        "content-type: application/json",
        "--wonder",
    ];
    assert_eq!(stdout(corsgate(&words), 0), once);
    // Options are added to the command.
    let text =
        stdout(corsgate(&["--curl", command, "--origin", "https://evil.example", "--header", "x-a"]), 10);
    assert!(
        text.contains("from `https://evil.example`")
            && text.contains("access-control-request-headers: content-type,x-a\n"),
        "{text}"
    );
    // A preflight stands for the request that it asks about.
    let preflight = "curl -X OPTIONS https://api.example.com/users/7 -H 'Origin: https://app.example.com' -H 'Access-Control-Request-Method: PATCH' -H 'Access-Control-Request-Headers: X-B, x-a'";
    let text = stdout(corsgate(&["--curl", preflight]), 10);
    assert!(
        text.contains("access-control-request-headers: X-B, x-a\n") && text.contains("`method_not_allowed`"),
        "{text}"
    );
}

#[test]
fn the_failed_requests_of_an_archive_are_explained() {
    for format in ["human", "json"] {
        let output = corsgate(&["--har", "app.har", "--list", "partners=partners.txt", "--format", format]);
        output.assert().code(10).stderr_eq("").stdout_eq(snapshot(&format!("archive.{format}")));
    }
    let nothing = r#"{"log":{"entries":[]}}"#;
    let text = stdout(corsgate(&["--har", "-"]).stdin(nothing), 0);
    assert_eq!(
        text,
        "`<stdin>`: 0 entries, 0 failed requests explained, 0 different, 0 refused by this policy or the browser; 0 read by the page\n"
    );
    // Nothing from a query is printed.
    assert!(!stdout(corsgate(&["--har", "app.har", "--format", "json"]), 10).contains("secret"));
}

/// A file for one test.
fn temporary(name: &str, bytes: &[u8]) -> String {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("explain-{name}"));
    std::fs::write(&path, bytes).expect("a file");
    path.to_str().expect("a path").to_owned()
}

#[test]
fn an_invalid_request_is_reported() {
    for (arguments, sentence) in [
        (
            &["--url", "/users", "--origin", APP][..],
            "`/users` has no scheme and host: write the whole URL, such as `https://api.example.com/users`",
        ),
        (
            &["--url", "ftp://h/x", "--origin", APP],
            "`ftp` is not a scheme that the gateway supports: write `https` or `http`",
        ),
        (
            &["--url", "https://a b/", "--origin", APP],
            "`https://a b/` is not a URL: invalid international domain name",
        ),
        (
            &["--url", USERS, "--origin", "a\nb"],
            "no browser sends `a\\nb` as `Origin`: write one such as `https://app.example.com`",
        ),
        (
            &["--url", USERS, "--origin", APP, "--method", "P T"],
            "`P T` is not a method: write one word, such as `PUT`",
        ),
        (&["--url", USERS, "--origin", APP, "--method", "TRACE"], "browsers never let a page use `TRACE`"),
        (
            &["--url", USERS, "--origin", APP, "--header", "x y"],
            "`x y` is not the name of a header: write `NAME` or `NAME=VALUE`",
        ),
        (
            &["--url", USERS, "--origin", APP, "--list", "nobody=partners.txt"],
            "the policy has no list in KV with the name `nobody`; it has `partners`",
        ),
        (
            &["--url", USERS, "--origin", APP, "--key", "tenants"],
            "`tenants` is not the key of an origin: write one such as `origin/NAME/https://app.example.com`",
        ),
        (
            &["--url", USERS, "--origin", APP, "--key", "origin/tenants/https://a.example={"],
            "the value of `origin/tenants/https://a.example` cannot be read, so the gateway ignores the key: write for example `{\"expires\":\"2031-01-31\"}`",
        ),
        (
            &[
                "--curl",
                "curl -XOPTIONS https://api.example.com/x -H 'Origin: null' -H $'Access-Control-Request-Method: \\e[31mP'",
            ],
            "a header cannot have the value of `access-control-request-method`",
        ),
        (&["--curl", "curl -s"], "the command has no URL: write one such as `https://api.example.com/users`"),
        (
            &["--curl", "curl https://api.example.com/x"],
            "the command does not say which page sends the request: add its origin, such as `--origin https://app.example.com`",
        ),
        (&["--curl", "curl 'https://api"], "a quotation mark is not closed: put the whole command in `'…'`"),
        (&["--curl", "-", "--list", "partners=-"], "only one thing can come from standard input"),
    ] {
        assert_eq!(stderr(corsgate(arguments), 2), format!("error: {sentence}\n"));
    }
    for arguments in [
        &[][..],
        &["--url", USERS],
        &["--url", USERS, "--origin", APP, "--har", "app.har"],
        &["--har", "app.har", "--method", "PUT"],
        &["--url", USERS, "--origin", APP, "--format", "sarif"],
        &["--url", USERS, "--origin", APP, "--list", "partners"],
    ] {
        stderr(corsgate(arguments), 2);
    }
}

#[test]
fn a_file_that_cannot_be_used_is_reported() {
    let binary = temporary("binary", b"\0\x01\x02");
    let request = ["--url", USERS, "--origin", APP];
    for (arguments, sentence) in [
        (vec!["--har", "nowhere.har"], "cannot read `nowhere.har`: no such file or directory"),
        (
            vec!["--har", "policy.toml"],
            "cannot use `policy.toml`: not JSON: expected value at line 1 column 1",
        ),
        (vec!["--har", &binary], "not JSON: expected value at line 1 column 1"),
        (vec!["--har", "/dev/null"], "cannot use `/dev/null`: the file is empty"),
        (
            [&request[..], &["--list", "partners=nowhere.txt"]].concat(),
            "cannot read `nowhere.txt`: no such file or directory",
        ),
    ] {
        let text = stderr(corsgate(&arguments), 1);
        assert!(text.starts_with("error: cannot ") && text.ends_with(&format!("{sentence}\n")), "{text}");
    }
    for (archive, sentence) in [
        ("{}", "not an HTTP archive (HAR 1.2): missing field `log`"),
        ("{", "not JSON: EOF while parsing"),
        (
            r#"{"log":{"entries":[{"request":3}]}}"#,
            "not an HTTP archive (HAR 1.2): invalid type: integer `3`, expected a request with `method` and `url`",
        ),
    ] {
        let text = stderr(corsgate(&["--har", "-"]).stdin(archive), 1);
        assert!(text.contains(sentence) && text.lines().count() == 1, "{text}");
    }
    let text = stderr(corsgate(&["--curl", "-"]).stdin(&b"curl \0"[..]), 1);
    assert_eq!(text, "error: cannot use `<stdin>`: the file is binary, not the text of a command\n");
    for policy in ["nowhere.toml", ".", &binary] {
        let text = stderr(bare(&[policy]).args(request), 1);
        assert!(text.starts_with("error: cannot ") && text.lines().count() == 1, "{text}");
    }
    let text = stderr(bare(&["-"]).args(request).stdin(""), 11);
    assert!(text.contains("error[CG") && text.contains("`<stdin>` does not compile"), "{text}");
    let text = stderr(corsgate(&request).args(["--env", "stagign"]), 11);
    assert!(text.contains("the policy has no environment `stagign`"), "{text}");
    let json = stdout(bare(&["-", "--format", "json"]).args(request).stdin(""), 11);
    let json: serde_json::Value = serde_json::from_str(&json).expect("JSON");
    assert!(json.get("findings").is_some_and(serde_json::Value::is_array));
}

/// An endless archive is not read to its end.
#[cfg(target_os = "linux")]
#[test]
fn an_endless_archive_is_rejected() {
    let text = stderr(corsgate(&["--har", "/dev/zero"]), 1);
    assert_eq!(text, "error: cannot use `/dev/zero`: not JSON: expected value at line 1 column 1\n");
}

#[test]
fn a_closed_pipe_is_not_a_failure() {
    let output = std::process::Command::new("bash")
        .args(["-c", "set -o pipefail; \"$0\" explain policy.toml --har app.har --today 2026-06-15 --format json | true; echo ${PIPESTATUS[0]}"])
        .arg(cargo_bin!("corsgate"))
        .current_dir(folder())
        .output()
        .expect("bash");
    assert_eq!((String::from_utf8_lossy(&output.stdout).as_ref(), output.stderr.len()), ("10\n", 0));
}

#[test]
fn help_ends_with_an_example() {
    bare(&["--help"]).assert().code(0).stdout_eq(snapshot("help.stdout")).stderr_eq("");
}

/// The page shows the output of the tool.
#[test]
fn the_page_shows_real_output() {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/explain.md");
    let page = std::fs::read_to_string(page).expect("docs/explain.md");
    let block = |info: &str| {
        let (_, rest) = page.split_once(&format!("```{info}\n")).expect("a block");
        rest.split("```").next().unwrap_or_default().to_owned()
    };
    let line = block("sh");
    let arguments: Vec<_> = line.split_whitespace().skip(2).collect();
    let shown = stdout(bare(&arguments), 10);
    Assert::new().action_env("SNAPSHOTS").eq(shown.trim_end().to_owned() + "\n", block("text"));
}

const WITH_PRESETS: &str = r#"version = 1
[upstreams]
api = "https://origin.example.net"
[defaults.cors]
presets = ["sentry", "w3c-trace"]
[[routes]]
name = "mcp"
path = "/mcp"
upstream = "api"
[routes.cors]
origins = ["https://app.example.com"]
request_headers = ["content-type"]
presets = ["mcp"]
[[routes]]
name = "api"
path = "/*"
upstream = "api"
[routes.cors]
origins = ["https://app.example.com"]
methods = ["PUT"]
"#;

/// What `explain` says of a request by the policy on standard input.
fn of_presets(policy: &str, arguments: &[&str]) -> String {
    let command = bare(&["-", "--origin", APP, "--today", "2026-06-15"]).args(arguments);
    stdout(command.stdin(policy.as_bytes()), 0)
}

#[test]
fn names_tell_the_presets_that_they_come_from() {
    let lines = |arguments: &[&str]| {
        let text = of_presets(WITH_PRESETS, arguments);
        text.lines()
            .filter_map(|line| line.trim().split_once(": by "))
            .map(|(name, by)| format!("{name}: {by}"))
            .collect::<Vec<_>>()
    };
    let mcp = [
        "--url",
        "https://api.example.com/mcp",
        "--method",
        "DELETE",
        "--header",
        "mcp-session-id=1",
        "--header",
        "content-type=application/json",
        "--header",
        "Mcp-Param-Colour=green",
    ];
    let from = lines(&mcp);
    for name in ["DELETE", "mcp-session-id", "mcp-param-colour", "www-authenticate"] {
        assert!(from.contains(&format!("{name}: the preset `mcp`")), "{name}: {from:?}");
    }
    assert!(!from.iter().any(|line| line.starts_with("content-type")), "the route lists it: {from:?}");
    let api = ["--url", "https://api.example.com/items", "--method", "PUT", "--header", "baggage=a"];
    let from = lines(&api);
    assert!(from.contains(&"baggage: the presets `sentry` and `w3c-trace`".to_owned()), "{from:?}");
    assert!(!from.iter().any(|line| line.starts_with("PUT")), "the route lists it: {from:?}");

    let json = of_presets(WITH_PRESETS, &[&api[..], &["--format", "json"]].concat());
    let json: serde_json::Value = serde_json::from_str(&json).expect("JSON");
    let presets = json.pointer("/requests/0/steps/0/fromPresets/baggage");
    assert_eq!(presets, Some(&serde_json::json!(["sentry", "w3c-trace"])), "{json}");
}

#[test]
fn without_presets_nothing_is_said_of_them() {
    let plain = WITH_PRESETS
        .replace(r#"presets = ["sentry", "w3c-trace"]"#, "")
        .replace(r#"presets = ["mcp"]"#, r#"exposed_headers = ["www-authenticate"]"#);
    for format in ["human", "json"] {
        let url = ["--url", "https://api.example.com/mcp", "--format", format];
        let text = of_presets(&plain, &url);
        assert!(!text.contains("reset"), "{text}");
    }
}
