//! Runs `corsgate report` and `corsgate unused` on saved answers, and against a server of this test that responds like
//! the admin API and Analytics Engine, or wrongly. `tests/report-verb.test.mjs` runs them against a real gateway,
//! `conformance/clickhouse/report-verb.test.mjs` against a real ClickHouse.
//!
//! `tests/report/` has answers and the output for them. After a change, `SNAPSHOTS=overwrite cargo test -p
//! corsgate-cli report` writes the output anew; read the difference.

#![expect(clippy::expect_used, reason = "tests may fail loudly")]

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use crate::support::server::{Reply, Server};
use snapbox::cmd::{Command, OutputAssert, cargo_bin};
use snapbox::{Assert, Data};

const NOW: &str = "--now=2026-11-23T07:00:00Z";
const TOKEN: &str = "a-token-that-nobody-may-see";

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/report")
}

fn corsgate(arguments: &[&str]) -> Command {
    let names = ["CORSGATE_ADMIN_TOKEN", "CORSGATE_ANALYTICS_TOKEN", "CLOUDFLARE_API_TOKEN", "COLUMNS"];
    let further = ["CORSGATE_ACCOUNT_ID", "CLOUDFLARE_ACCOUNT_ID", "CORSGATE_ANALYTICS_URL"];
    let bare = Command::new(cargo_bin!("corsgate"))
        .with_assert(Assert::new().action_env("SNAPSHOTS"))
        .env("NO_COLOR", "1")
        .current_dir(folder());
    names.into_iter().chain(further).fold(bare, Command::env_remove).args(arguments)
}

fn snapshot(name: &str) -> Data {
    Data::read_from(&folder().join(name), None).raw()
}

fn text_of(name: &str) -> String {
    std::fs::read_to_string(folder().join(name)).expect("a file of this test")
}

fn stderr(output: &OutputAssert) -> String {
    String::from_utf8_lossy(&output.get_output().stderr).into_owned()
}

fn stdout(output: &OutputAssert) -> String {
    String::from_utf8_lossy(&output.get_output().stdout).into_owned()
}

/// Runs a report with a server that plays the admin API.
fn of_gateway(server: &Server, arguments: &[&str]) -> Command {
    let url = format!("--url={}", server.address());
    corsgate(&[arguments, &[&url]].concat()).env("CORSGATE_ADMIN_TOKEN", TOKEN)
}

/// Runs a report with a server that plays the SQL API.
fn of_engine(server: &Server, arguments: &[&str]) -> Command {
    corsgate(&[arguments, &["--engine"]].concat())
        .env("CORSGATE_ANALYTICS_URL", format!("{}/client/v4", server.address()))
        .env("CORSGATE_ACCOUNT_ID", "0123456789abcdef0123456789abcdef")
        .env("CORSGATE_ANALYTICS_TOKEN", TOKEN)
}

/// Checks that it ends with 1, prints this message, shows no result, and does not reveal the token.
fn fails(command: Command, expected: &str) {
    let output = command.assert().code(1).stdout_eq("");
    let said = stderr(&output);
    assert!(said.contains(expected), "{said}");
    assert!(!said.contains(TOKEN), "{said}");
    assert_eq!(said.lines().count(), 1, "{said}");
}

#[test]
fn each_report_is_shown_in_each_format() {
    for name in ["top", "outcomes", "share", "origins", "policies", "unusual"] {
        let from = format!("--from={name}.answer.json");
        for format in ["human", "csv"] {
            let shown = corsgate(&["report", name, &from, NOW, "--format", format]).assert().code(0);
            shown.stderr_eq("").stdout_eq(snapshot(&format!("{name}.{format}")));
        }
        let shown = corsgate(&["report", name, &from, "--format=json"]).assert().code(0).stderr_eq("");
        assert_eq!(stdout(&shown).trim(), text_of(&format!("{name}.answer.json")).trim());
    }
}

#[test]
fn text_from_clients_becomes_neither_a_terminal_command_nor_a_formula() {
    for format in ["human", "csv", "json"] {
        let shown = corsgate(&["report", "--from=hostile.answer.json", NOW, "--format", format])
            .assert()
            .code(0)
            .stdout_eq(snapshot(&format!("hostile.{format}")));
        let is_harmful = |character: &char| {
            character.is_control() && !matches!(character, '\n' | '\r')
                || matches!(character, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
        };
        assert_eq!(stdout(&shown).chars().find(is_harmful), None, "{format}");
    }
}

#[test]
fn tables_fit_the_terminal() {
    for columns in ["70", "80", "100", "132"] {
        for name in ["hostile", "top", "share", "origins", "policies", "unusual", "outcomes"] {
            let report = if name == "hostile" { "top" } else { name };
            let from = format!("--from={name}.answer.json");
            let shown = corsgate(&["report", report, &from, NOW]).env("COLUMNS", columns).assert().code(0);
            let shown = stdout(&shown);
            // The terminal wraps sentences, but not tables.
            let of_table = |line: &&str| line.contains("  ") && !line.starts_with("note");
            let most: usize = columns.parse().expect("a number");
            for line in shown.lines().filter(of_table) {
                // One letter in these answers is two columns wide.
                assert!(line.chars().count() <= most, "{columns}: {line}");
            }
        }
    }
    corsgate(&["report", "--from=hostile.answer.json", NOW])
        .env("COLUMNS", "80")
        .assert()
        .stdout_eq(snapshot("hostile.80.human"));
}

#[test]
fn an_empty_report_is_an_answer() {
    let shown = corsgate(&["report", "--from=nothing.answer.json", NOW]).assert().code(0).stderr_eq("");
    shown.stdout_eq(snapshot("nothing.human"));
    let shown = corsgate(&["report", "--from=nothing.answer.json", "--format=csv"]).assert().code(0);
    shown.stdout_eq("origin,decisions,rows,first_seen,last_seen\r\n");
}

#[test]
fn unused_entries_are_listed_with_their_lines_and_the_certainty() {
    let saved = ["unused", "policy.toml", "--from=unused.answer.json", NOW];
    for format in ["human", "json", "csv"] {
        let shown = corsgate(&saved).args(["--format", format]).assert().code(0).stderr_eq("");
        shown.stdout_eq(snapshot(&format!("unused.{format}")));
    }
    let shown = corsgate(&["unused", "--from=unused.answer.json", NOW]).assert().code(0);
    shown.stdout_eq(snapshot("unused.no-policy.human"));
}

#[test]
fn the_exit_code_of_unused_follows_deny() {
    let with = |from: &str, to: &str| {
        let answer = text_of("unused.answer.json");
        assert!(answer.contains(from), "{from}");
        answer.replace(from, to)
    };
    for (answer, code, said) in [
        (text_of("unused.answer.json"), 11, "unused: 2 of 3 entries\n"),
        (with("\"unused\": 2", "\"unused\": 0"), 0, "every entry was used: 3\n"),
        (with("2026-10-24", "2026-11-23"), 10, "it is unknown which entries are unused: "),
        (with("\"sample_allowed\": 0.01", "\"sample_allowed\": 0"), 10, "note: `sample_allowed` is 0"),
        (
            with("\"decisions\": 301, \"rows\": 4", "\"decisions\": 0, \"rows\": 0"),
            10,
            "note: no record of this",
        ),
        (with("\"error\": 0", "\"error\": 37"), 11, "may have been used up to 37 times"),
        (with("\"complete\": true", "\"complete\": false"), 11, "some of these may be in use"),
        (with("\"entries\": 3", "\"entries\": 0"), 10, "note: there were no entries to check"),
    ] {
        for (deny, code) in [(&["--deny=unused"][..], code), (&[], 0)] {
            let shown = corsgate(&["unused", "--from=-", NOW]).args(deny).stdin(&answer).assert();
            let shown = shown.code(code).stderr_eq("");
            assert!(stdout(&shown).contains(said), "{said}: {}", stdout(&shown));
        }
    }
}

#[test]
fn help_ends_with_an_example() {
    for verb in ["report", "unused"] {
        let shown = corsgate(&[verb, "--help"]).assert().code(0).stderr_eq("");
        shown.stdout_eq(snapshot(&format!("{verb}.help.txt")));
    }
}

#[test]
fn wrong_usage_is_reported_before_anything_is_sent() {
    let server = Server::start(|_| Reply::json("{}"));
    for (arguments, expected) in [
        (&["report", "bottom"][..], "error: there is no report `bottom`: write one of `outcomes`, `top`, "),
        (&["report", "unused"], "error: `unused` is not a report but a verb: run `corsgate unused`"),
        (
            &["report", "--since=yesterday"],
            "error: `since` `yesterday` is not a time: write a span like `15m`",
        ),
        (&["report", "--since=93d"], "is longer than 92 days"),
        (&["report", "--until=2999-01-01T00:00:00Z"], "error: `until` is in the future"),
        (&["report", "--limit=0"], "error: `limit` `0` is not a number of rows: write one from 1 to 1000"),
        (&["report", "--limit="], "error: `limit` `` is not a number of rows"),
        (&["report", "--by=origin,path"], "error: a report cannot use both `origin` and `path`"),
        (&["report", "--by=colour"], "error: `by` `colour` is not a key of `top`: write `origin`"),
        (&["report", "outcomes", "--path=/x"], "error: `outcomes` has no parameter `path`: it has `since`"),
        (
            &["report", "--outcome=denied"],
            "error: `outcome` `denied` is not in any record: write one of `allow`",
        ),
        (&["unused", "--since=-1d"], "error: `since` `-1d` is not a time"),
    ] {
        let output = of_gateway(&server, arguments).assert().code(2).stdout_eq("");
        assert!(stderr(&output).contains(expected), "{arguments:?}: {}", stderr(&output));
    }
    for (arguments, expected) in [
        (&["report"][..], "<--url <URL>|--engine|--from <FILE>>"),
        (&["report", "--engine", "--url=https://x.example"], "cannot be used with"),
        (
            &["report", "--url=https://x.example"],
            "error: `--url` needs the token of the admin API in the variable",
        ),
        (&["report", "--from=top.answer.json", "--since=6h"], "cannot be used with"),
        (
            &["report", "--engine"],
            "error: `--engine` needs the id of the account in the variable `CORSGATE_ACCOUNT_ID`",
        ),
        (&["report", "--engine", "--dataset=a;b"], "error: `--dataset a;b` is not the name of a dataset"),
        (&["unused", "--engine"], "error: Analytics Engine does not know the policy: name its file"),
        (&["unused", "-", "--from=-"], "error: only one thing can come from standard input"),
        (
            &["unused", "policy.toml", "--list=x=policy.toml", "--from=-"],
            "error: the policy has no list in KV with the key `allowlist/x`",
        ),
    ] {
        let output = corsgate(arguments).assert().code(2).stdout_eq("");
        assert!(stderr(&output).contains(expected), "{arguments:?}: {}", stderr(&output));
    }
    let engine = |name: &str, value: &str| {
        let account = ("CORSGATE_ACCOUNT_ID", "0123456789abcdef0123456789abcdef");
        let all = [account, ("CORSGATE_ANALYTICS_TOKEN", TOKEN), (name, value)];
        all.into_iter()
            .fold(corsgate(&["report", "--engine"]), |command, (name, value)| command.env(name, value))
    };
    for (name, value, expected) in [
        ("CORSGATE_ACCOUNT_ID", "../x", "error: `CORSGATE_ACCOUNT_ID` does not have the id of an account"),
        (
            "CORSGATE_ANALYTICS_TOKEN",
            "",
            "error: `--engine` needs a token with the permission Account Analytics: Read",
        ),
        (
            "CORSGATE_ANALYTICS_TOKEN",
            "a b",
            "error: the token in `CORSGATE_ANALYTICS_TOKEN` has characters that a header",
        ),
        (
            "CORSGATE_ANALYTICS_URL",
            "http://api.example",
            "error: `http://api.example` would send the token unencrypted",
        ),
        (
            "CORSGATE_ANALYTICS_URL",
            "https://a@b.example",
            "error: `https://a@b.example` has more than an address",
        ),
        ("CORSGATE_ANALYTICS_URL", "nowhere", "error: `nowhere` is not a URL"),
    ] {
        let output = engine(name, value).assert().code(2).stdout_eq("");
        assert!(stderr(&output).contains(expected), "{name}={value}: {}", stderr(&output));
    }
    assert_eq!(server.requests().len(), 0);
}

#[test]
fn the_admin_api_gets_its_own_parameters() {
    let server = Server::start(|_| Reply::json(text_of("top.answer.json")));
    let question = ["report", "--since=6h", "--by=origin,reason", "--origin=https://b\u{fc}.example/?&", NOW];
    of_gateway(&server, &question).assert().code(0).stderr_eq("").stdout_eq(snapshot("top.human"));
    let requests = server.requests();
    let expected =
        "GET /api/report/top?since=6h&by=origin,reason&origin=https:%2F%2Fb%C3%BC.example%2F%3F%26 HTTP/1.1";
    assert!(requests[0].starts_with(expected), "{requests:?}");
    assert!(requests[0].to_lowercase().contains(&format!("authorization: bearer {TOKEN}")), "{requests:?}");
}

/// The answers of Analytics Engine, by the statement.
fn rows_of_top(request: &str) -> Reply {
    if request.contains("GROUP BY") {
        Reply::json(
            r#"{"meta":[],"data":[{"origin":"https://a.example","decisions":60,"records":"20","first_seen":"1795411825","last_seen":1795416300}],"rows":1}"#,
        )
    } else {
        Reply::json(r#"{"data":[{"decisions":62.0,"records":"21"}]}"#)
    }
}

#[test]
fn analytics_engine_gets_sql() {
    let server = Server::start(rows_of_top);
    let question = ["report", "--since=2026-11-23T00:00:00Z", "--until=2026-11-23T06:45:37Z", NOW];
    of_engine(&server, &question).assert().code(0).stderr_eq("").stdout_eq(snapshot("engine.human"));
    let shown = of_engine(&server, &question).arg("--format=json").assert().code(0);
    let expected = r#"{"version":1,"report":"top","source":"engine","since":"2026-11-23T00:00:00Z","until":"2026-11-23T06:45:37Z","by":["origin"],"total":{"decisions":62,"rows":21},"other":{"decisions":2},"error":null,"rows":[{"origin":"https://a.example","decisions":60,"rows":20,"first_seen":"2026-11-23T05:30:25Z","last_seen":"2026-11-23T06:45:00Z"}]}"#;
    assert_eq!(stdout(&shown).trim(), expected);
    let requests = server.requests();
    assert_eq!(requests.len(), 4);
    for request in requests {
        let line = "POST /client/v4/accounts/0123456789abcdef0123456789abcdef/analytics_engine/sql HTTP/1.1";
        assert!(request.starts_with(line), "{request}");
        assert!(request.to_lowercase().contains(&format!("authorization: bearer {TOKEN}")), "{request}");
        assert!(
            request.contains("FROM corsgate_decisions WHERE timestamp >= toDateTime(1795392000)"),
            "{request}"
        );
        assert!(request.ends_with(" FORMAT JSON"), "{request}");
    }
    // Either pair of variables works, and the tool's own pair comes first.
    let command = of_engine(&server, &question).env("CLOUDFLARE_API_TOKEN", "another");
    command.env_remove("CORSGATE_ACCOUNT_ID").env("CLOUDFLARE_ACCOUNT_ID", "fedcba").assert().code(0);
    let last = server.requests().pop().expect("a request");
    assert!(last.contains("/accounts/fedcba/") && last.contains(TOKEN), "{last}");
}

#[test]
fn entries_of_a_policy_are_looked_up_in_analytics_engine() {
    let server = Server::start(|request: &str| {
        if request.contains("GROUP BY") {
            Reply::json(r#"{"data":[{"entry":"https://*.example.com","decisions":200000,"records":2000}]}"#)
        } else {
            Reply::json(r#"{"data":[{"decisions":200000,"records":2000}]}"#)
        }
    });
    let question =
        ["unused", "policy.toml", "--since=2026-10-24T00:00:00Z", "--until=2026-11-23T00:00:00Z", NOW];
    let shown = of_engine(&server, &question).assert().code(0).stderr_eq("");
    shown.stdout_eq(snapshot("unused.engine.human"));
    let shown = of_engine(&server, &question).arg("--list=clients=clients.txt").assert().code(0);
    shown.stdout_eq(snapshot("unused.engine.list.human"));
}

#[test]
fn a_refusal_of_the_gateway_is_reported_with_advice() {
    let problem = |status: u16, slug: &str, detail: &str| {
        let body = format!(
            r#"{{"type":"https://corsgate.invalid/problems/{slug}","title":"t","status":{status},"detail":"{detail}"}}"#
        );
        Reply::of(status, body)
    };
    let redirect = Reply::of(302, "").with("Location", "http://127.0.0.1:9/login\u{202e}");
    let address = "error: `http://127.0.0.1:";
    for (reply, expected) in [
        (Reply::of(401, ""), "does not accept the token in `CORSGATE_ADMIN_TOKEN`"),
        (
            problem(404, "not_found", "Nothing on this host has this address."),
            "has no admin API: the Worker serves it on the host in",
        ),
        (
            problem(404, "report_unknown", "there is no such report"),
            "responded with 404: there is no such report",
        ),
        (problem(429, "too_many", "Try again in 5 seconds."), "responded with 429: Try again in 5 seconds."),
        (
            problem(501, "unset", "Set the variable `ANALYTICS`."),
            "/api/report/top` responded with 501: Set the variable `ANALYTICS`.",
        ),
        (problem(502, "report_failed", r"It failed.\u001b[2J"), r"responded with 502: It failed.\u{1b}[2J"),
        (Reply::of(503, "<html>"), "responded with 503"),
        (
            redirect,
            r"responded with 302, a redirect to `http://127.0.0.1:9/login\u{202e}`, where the token is not sent",
        ),
        (Reply::json(""), "does not respond like a corsgate admin API: EOF"),
        (Reply::json("<!doctype html>"), "does not respond like a corsgate admin API: expected value"),
        (Reply::json("[]"), "it has no `version` and `report`"),
        (Reply::json(r#"{"version":2,"report":"top"}"#), "its version is 2, but this tool reads version 1"),
        (Reply::json(r#"{"version":1,"report":"share"}"#), "it has the report `share`, not `top`"),
        (Reply::json(r#"{"version":1,"report":"top"}"#), "missing field"),
        (Reply::json("[".repeat(100_000)), "recursion limit exceeded"),
        (
            Reply::of(200, vec![0xff, 0xfe]),
            "does not respond like a corsgate admin API: the response is not UTF-8 text",
        ),
        (Reply::endless(), "the response is longer than 32 MiB"),
        (Reply::cut_off(), "cannot reach"),
    ] {
        let server = Server::start(move |_| reply.clone());
        let output = of_gateway(&server, &["report"]).assert().code(1).stdout_eq("");
        let said = stderr(&output);
        assert!(said.starts_with(address) || said.starts_with("error: cannot reach `http://127"), "{said}");
        fails(of_gateway(&server, &["report"]), expected);
    }
}

#[test]
fn a_refusal_of_analytics_engine_is_reported_with_advice() {
    let echo = format!("you sent {TOKEN}\n\u{1b}[2J and more");
    for (reply, expected) in [
        (
            Reply::of(401, ""),
            "does not accept the token in `CORSGATE_ANALYTICS_TOKEN` for this account: it needs the permission Account Analytics: Read",
        ),
        (Reply::of(403, echo.as_str()), "does not accept the token in"),
        (Reply::of(404, ""), "does not know this address or account"),
        (Reply::of(422, echo.as_str()), r"responded with 422: you sent … \u{1b}[2J and more"),
        (Reply::of(429, ""), "got too many requests (429): try again in a few minutes"),
        (Reply::of(500, ""), "responded with 500; try again in a moment"),
        (
            Reply::of(307, "").with("Location", "http://127.0.0.1:9/"),
            "responded with 307, a redirect to `http://127.0.0.1:9/`",
        ),
        (Reply::json("{"), "sent an unexpected response: EOF"),
        (Reply::json("{}"), "sent an unexpected response: it has no `data`"),
        (Reply::json(r#"{"data":[{}]}"#), "sent an unexpected response: a row has no `"),
        (
            Reply::json(
                r#"{"data":[{"origin":"a","decisions":"many","records":1,"first_seen":1,"last_seen":1}]}"#,
            ),
            "the results of the back end do not match",
        ),
        (Reply::endless(), "the response is longer than 32 MiB"),
    ] {
        let server = Server::start(move |_| reply.clone());
        fails(of_engine(&server, &["report"]), expected);
    }
}

/// A redirect is reported; its target is never asked.
#[test]
fn a_redirect_never_gets_the_token() {
    let other = Server::start(|_| Reply::json("{}"));
    let to = other.address();
    let server = Server::start(move |_| Reply::of(307, "").with("Location", &to));
    fails(of_gateway(&server, &["report"]), "where the token is not sent");
    fails(of_engine(&server, &["report"]), "where the token is not sent");
    assert_eq!(other.requests().len(), 0);
}

#[test]
fn an_unreachable_server_is_reported() {
    // Nobody who asks for any free port gets it.
    let port = 1;
    let url = format!("--url=http://127.0.0.1:{port}");
    let command = corsgate(&["report", &url]).env("CORSGATE_ADMIN_TOKEN", TOKEN);
    fails(command, &format!("cannot reach `http://127.0.0.1:{port}`: connection refused"));
    let command = corsgate(&["report", "--engine"])
        .env("CORSGATE_ACCOUNT_ID", "0")
        .env("CORSGATE_ANALYTICS_TOKEN", TOKEN)
        .env("CORSGATE_ANALYTICS_URL", format!("http://127.0.0.1:{port}/v4/"));
    fails(command, &format!("cannot reach `http://127.0.0.1:{port}/v4`: connection refused"));
}

#[test]
fn files_that_are_no_reports_are_reported() {
    let made = |name: &str, bytes: &[u8]| {
        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("report-{name}"));
        std::fs::write(&path, bytes).expect("a file can be written");
        format!("--from={}", path.display())
    };
    let huge = Path::new(env!("CARGO_TARGET_TMPDIR")).join("report-huge");
    std::fs::File::create(&huge).and_then(|file| file.set_len(1 << 33)).expect("a file can be made");
    for (from, expected) in [
        ("--from=missing.json".to_owned(), "cannot read `missing.json`: no such file or directory"),
        ("--from=.".to_owned(), "cannot read `.`: is a directory"),
        (made("empty", b"\n"), "the file is empty; save the output of `corsgate report --format json`"),
        (made("binary", &[0x7f, b'E', 0xff, 0]), "it is not UTF-8 text"),
        (made("half", b"{\"version\":1,"), "EOF while parsing"),
        (made("other", b"{\"version\":1,\"report\":\"share\"}"), "it has the report `share`, not `top`"),
        (made("steps", &[b'['; 100_000]), "recursion limit exceeded"),
        (format!("--from={}", huge.display()), "it is longer than 32 MiB"),
    ] {
        fails(corsgate(&["report", &from]), expected);
    }
    // As in `corsgate suggest`.
    for figure in ["\"5\"", "-5", "1.5", "1e308", "null"] {
        let bad =
            text_of("top.answer.json").replace("\"decisions\": 120", &format!("\"decisions\": {figure}"));
        for format in ["human", "csv"] {
            let report = corsgate(&["report", "--from=-", "--format", format]).stdin(bad.clone());
            fails(report, "row 1 has no usable `decisions`");
        }
    }
    std::fs::remove_file(huge).expect("it can be removed");
    let endless = text_of("outcomes.answer.json").replace("\"step\": 3600", "\"step\": 1");
    fails(corsgate(&["report", "outcomes", "--from=-"]).stdin(endless), "too many steps");
    let none = text_of("outcomes.answer.json").replace("\"step\": 3600", "\"step\": 0");
    fails(corsgate(&["report", "outcomes", "--from=-"]).stdin(none), "it has no `step`");
}

#[test]
fn a_policy_with_errors_is_reported_before_anything_is_sent() {
    let server = Server::start(|_| Reply::json("{}"));
    let command = of_gateway(&server, &["unused", "-"]).stdin("version = 1\nroutes = 3\n");
    let output = command.assert().code(11).stdout_eq("");
    assert!(stderr(&output).contains("error: `<stdin>` does not compile: "), "{}", stderr(&output));
    fails(of_gateway(&server, &["unused", "missing.toml"]), "cannot read `missing.toml`");
    assert_eq!(server.requests().len(), 0);
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_reported_and_a_closed_pipe_is_not() {
    for verb in ["report top --from=top.answer.json", "unused --from=unused.answer.json"] {
        for format in ["human", "json", "csv"] {
            let shell = |script: &str| {
                Command::new("bash")
                    .with_assert(Assert::new())
                    .current_dir(folder())
                    .args(["-c", &script.replace("VERB", &format!("\"$0\" {verb} --format {format}"))])
                    .arg(cargo_bin!("corsgate"))
            };
            let full = shell("VERB > /dev/full").assert().code(1);
            assert_eq!(stderr(&full), "error: cannot write the result: no space left on device\n");
            shell("set -o pipefail; VERB | true; exit ${PIPESTATUS[0]}").assert().code(0).stderr_eq("");
        }
    }
}

/// An interruption while it waits takes effect at once, and leaves nothing half-written.
#[cfg(target_os = "linux")]
#[test]
fn an_interrupt_ends_a_waiting_report() {
    use std::os::unix::process::ExitStatusExt as _;
    let server = Server::start(|_| Reply::never());
    let url = format!("--url={}", server.address());
    // A shell that started this test in the background lets it ignore interrupts.
    let tool = std::process::Command::new("env")
        .args(["--default-signal=INT", cargo_bin!("corsgate").to_str().expect("a path"), "report", &url])
        .env("CORSGATE_ADMIN_TOKEN", TOKEN)
        .stdout(std::process::Stdio::piped())
        .spawn()
        .expect("the tool");
    let started = Instant::now();
    while server.requests().is_empty() {
        assert!(started.elapsed() < Duration::from_secs(120), "it never asked");
        std::thread::sleep(Duration::from_millis(10));
    }
    let interrupted = Instant::now();
    let killed = std::process::Command::new("kill").args(["-INT", &tool.id().to_string()]).status();
    assert!(killed.expect("kill").success());
    let output = tool.wait_with_output();
    let output = output.expect("its end");
    assert_eq!((output.status.signal(), output.stdout.len()), (Some(2), 0));
    assert!(interrupted.elapsed() < Duration::from_secs(25));
}

/// The page shows the output of the tool.
#[test]
fn the_page_shows_real_output() {
    let page = folder().join("../../../../docs/reports.md");
    let page = std::fs::read_to_string(page).expect("docs/reports.md");
    let (_, part) = page.split_once("## In the terminal\n").expect("the part");
    let (part, _) = part.split_once("\n## ").expect("its end");
    let server = Server::start(|request: &str| {
        let (_, rest) = request.split_once("/api/report/").expect("a report");
        let name = rest.split(['?', ' ']).next().expect("its name");
        Reply::json(text_of(&format!("{name}.answer.json")))
    });
    let mut blocks = part.split("```sh\ncorsgate ").skip(1);
    for _ in 0..3 {
        let (line, rest) = blocks.next().and_then(|block| block.split_once("\n")).expect("a command");
        let (_, shown) = rest.split_once("```text\n").expect("its output");
        let shown = shown.split("```").next().expect("an end");
        let arguments = line.replace("https://corsgate.example.com", &server.address());
        let arguments: Vec<_> = arguments.split_whitespace().collect();
        let output = corsgate(&arguments).arg(NOW).env("CORSGATE_ADMIN_TOKEN", TOKEN).assert().code(0);
        Assert::new().eq(stdout(&output), shown.to_owned());
    }
    assert_eq!(blocks.next(), None);
}
