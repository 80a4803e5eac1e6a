//! Runs `corsgate test`.
//!
//! `tests/test/` has a policy, files of cases, and the output. After a change, `SNAPSHOTS=overwrite cargo test -p
//! corsgate-cli` writes the output anew; read the difference.

#![expect(clippy::expect_used, reason = "tests may fail loudly")]

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use corsgate_authoring::lints;
use snapbox::cmd::{Command, cargo_bin};
use snapbox::{Assert, Data};

fn corsgate(arguments: &[&str]) -> Command {
    Command::new(cargo_bin!("corsgate"))
        .with_assert(Assert::new().action_env("SNAPSHOTS"))
        .env("NO_COLOR", "1")
        .current_dir(folder())
        .arg("test")
        .args(arguments)
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/test")
}

fn snapshot(name: &str) -> Data {
    Data::read_from(&folder().join(name), None).raw()
}

/// Standard output as text.
fn stdout(command: Command, code: i32) -> String {
    String::from_utf8(command.assert().code(code).get_output().stdout.clone()).expect("text")
}

fn stderr(command: Command, code: i32) -> String {
    String::from_utf8(command.assert().code(code).get_output().stderr.clone()).expect("text")
}

#[test]
fn passing_cases_are_counted() {
    let output = corsgate(&["policy.toml", "passing.toml"]).assert().code(0);
    output.stdout_eq("`passing.toml`: 12 passed\n").stderr_eq("");
}

#[test]
fn failures_are_shown_in_each_format() {
    for format in ["human", "json", "github"] {
        let arguments = ["policy.toml", "failing.toml", "--coverage", "--format", format];
        let output = corsgate(&arguments).assert().code(12).stderr_eq("");
        output.stdout_eq(snapshot(&format!("failing.{format}")));
    }
    let junit = without_times(&stdout(corsgate(&["policy.toml", "failing.toml", "--format", "junit"]), 12));
    Assert::new().action_env("SNAPSHOTS").eq(junit, snapshot("failing.junit.xml"));
}

/// The duration of a run varies.
fn without_times(xml: &str) -> String {
    let mut parts = xml.split(" time=\"");
    let mut text = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (seconds, rest) = part.split_once('"').expect("the end of an attribute");
        assert!(seconds.parse::<f64>().expect("seconds") < 60.0);
        text.push_str(" time=\"…\"");
        text.push_str(rest);
    }
    text
}

#[test]
fn running_no_case_is_a_failure() {
    for (cases, filter, sentence) in [
        ("", None, "error: no case ran: `<stdin>` has no cases\n"),
        (
            "[defaults]\nurl = \"https://api.example.com\"\n",
            None,
            "error: no case ran: `<stdin>` has no cases\n",
        ),
        (PASSING, Some("nobody"), "error: no case ran: no name contains `nobody`\n"),
    ] {
        let arguments: Vec<_> =
            ["policy.toml", "-"].into_iter().chain(filter.map(|_| "--filter")).chain(filter).collect();
        assert_eq!(stderr(corsgate(&arguments).stdin(cases), 12), sentence);
    }
    let json = stdout(corsgate(&["policy.toml", "-", "--format", "json"]).stdin(""), 12);
    let json: serde_json::Value = serde_json::from_str(&json).expect("JSON");
    assert_eq!((json["version"].as_u64(), json["runs"].as_array().map(Vec::len)), (Some(1), Some(0)));
}

const PASSING: &str = "[[cases]]\nname = \"the open route\"\nrequest = { url = \"https://api.example.com/open\" }\nexpect = { outcome = \"allow\" }\n";

#[test]
fn a_filter_matches_the_whole_name_of_a_run() {
    let passed = |filter: &str| stdout(corsgate(&["policy.toml", "passing.toml", "--filter", filter]), 0);
    assert_eq!(passed("tenant"), "`passing.toml`: 3 passed\n");
    assert_eq!(passed("may read [origin=https://a.preview"), "`passing.toml`: 1 passed\n");
    assert_eq!(passed("method=PUT"), "`passing.toml`: 1 passed\n");
}

#[test]
fn the_environment_of_the_command_line_is_for_cases_without_one() {
    let staging = "[defaults]\nenv = \"laptop\"\nurl = \"https://api.example.com\"\n[[cases]]\nname = \"staging\"\n\
                   request = { origin = \"https://staging.example.com\" }\nexpect = { outcome = \"allow\" }\n\
                   [[cases]]\nname = \"laptop\"\nenv = \"laptop\"\nrequest = { url = \"http://localhost/x\", origin = \"https://app.example.com\" }\n\
                   expect = { outcome = \"allow\", route = \"api\" }\n";
    stdout(corsgate(&["policy.toml", "-", "--filter", "laptop"]).stdin(staging), 0);
    stdout(corsgate(&["policy.toml", "-", "--filter", "staging"]).stdin(staging), 12);
    stdout(corsgate(&["policy.toml", "-", "--env", "staging"]).stdin(staging), 0);
}

#[test]
fn an_unknown_environment_is_reported_where_it_is_named() {
    let cases = |env: &str| PASSING.replace("request", &format!("env = \"{env}\"\nrequest"));
    let text = stderr(corsgate(&["policy.toml", "-"]).stdin(cases("stagign")), 11);
    assert!(text.contains("the policy has no environment `stagign`\n --> <stdin>:3:7"), "{text}");
    assert!(text.contains("did you mean `staging`?"), "{text}");
    let text = stderr(corsgate(&["policy.toml", "-", "--env", "stagign"]).stdin(PASSING), 11);
    assert!(text.contains("the policy has no environment `stagign`\n--> policy.toml"), "{text}");
    // If the command line names another environment, that of the defaults does not matter.
    let defaults = format!("[defaults]\nenv = \"nowhere\"\n{PASSING}");
    stdout(corsgate(&["policy.toml", "-", "--env", "staging"]).stdin(defaults.as_str()), 0);
    stderr(corsgate(&["policy.toml", "-"]).stdin(defaults.as_str()), 11);
}

#[test]
fn the_day_of_the_command_line_is_for_cases_without_one() {
    let policy = "version = 1\nupstreams.api = \"zone\"\n[[routes]]\nname = \"r\"\npath = \"/*\"\nupstream = \"api\"\nhosts = [\"api.example.com\"]\n\
                  cors.origins = [{ origin = \"https://app.example.com\", expires = 2027-01-31 }]\n";
    let file = temporary("dated.toml", policy.as_bytes());
    let cases = "[[cases]]\nname = \"still\"\nrequest = { url = \"https://api.example.com/\", origin = \"https://app.example.com\" }\nexpect = { outcome = \"allow\" }\n";
    for (day, code) in [("2027-01-31", 0), ("2027-02-01", 12)] {
        stdout(corsgate(&[&file, "-", "--today", day]).stdin(cases), code);
    }
}

#[test]
fn uncovered_entries_are_listed_and_can_be_denied() {
    let text = stdout(corsgate(&["policy.toml", "passing.toml", "--coverage"]), 0);
    Assert::new().action_env("SNAPSHOTS").eq(text, snapshot("passing.coverage"));
    let denied = corsgate(&["policy.toml", "passing.toml", "--deny", "uncovered"]);
    let sentence = "error: not everything is covered, which `--deny uncovered` denies\n";
    assert_eq!(stderr(denied, 11), sentence);
    // A failed test has an exit code of its own.
    corsgate(&["policy.toml", "failing.toml", "--deny", "uncovered"]).assert().code(12);
    let github =
        stdout(corsgate(&["policy.toml", "passing.toml", "--deny", "uncovered", "--format", "github"]), 11);
    assert!(
        github.lines().count() > 3 && github.lines().all(|line| line.starts_with("::error file=policy.toml")),
        "{github}"
    );
}

#[test]
fn a_boundary_is_covered_only_by_a_case_that_fails_when_it_grows() {
    let policy = r#"version = 1
upstreams.api = "https://origin.example.net"
allowlists.spa = ["https://app.example.com", "https://*.preview.example.com"]
[defaults]
hosts = ["api.example.com"]
upstream = "api"
[[routes]]
name = "any"
path = "/any"
cors.origins = ["*"]
[[routes]]
name = "spa"
path = "/spa/*"
cors.origins = ["@spa"]
[[routes]]
name = "other"
path = "/other/*"
cors.origins = ["https://kiosk.example"]
"#;
    let file = temporary("boundaries.toml", policy.as_bytes());
    let (spa, wildcard, origins) = ("`@spa`", "`https://*.preview.example.com`", "`origins`");
    let rejected = "outcome = \"reject\", reason = \"origin_not_listed\"";
    for (path, origin, expect, open) in [
        ("/spa/", "https://app.example.com", "outcome = \"allow\"", vec![spa, wildcard, origins]),
        ("/spa/", "https://evil.example", rejected, vec![wildcard, origins]),
        ("/spa/", "https://preview.example.com", rejected, vec![origins]),
        ("/spa/", "https://evilpreview.example.com", "status = 403", vec![origins]),
        // Its expectation holds even if the origin is listed.
        ("/spa/", "https://preview.example.com", "route = \"spa\"", vec![spa, wildcard, origins]),
        // Rejected for another reason.
        ("/spa/", "null", "outcome = \"reject\"", vec![spa, wildcard, origins]),
        ("/other/", "https://preview.example.com", rejected, vec![spa, wildcard]),
        ("/any", "https://preview.example.com", "outcome = \"allow\"", vec![spa, wildcard, origins]),
    ] {
        let cases = format!(
            "[[cases]]\nname = \"a\"\nrequest = {{ url = \"https://api.example.com{path}\", origin = \"{origin}\" }}\nexpect = {{ {expect} }}\n"
        );
        let text = stdout(corsgate(&[&file, "-", "--coverage"]).stdin(cases), 0);
        let told = text.lines().filter_map(|line| line.split_once("no case fails if this grows: "));
        assert_eq!(told.map(|(_, name)| name).collect::<Vec<_>>(), open, "{path} {origin} {expect}");
    }
}

/// Every case of the example policy passes, and together they cover everything.
#[test]
fn cases_know_that_methods_are_enforced() {
    let policy = temporary(
        "enforced.toml",
        br#"version = 1
[upstreams]
api = "https://origin.example.net"
[[routes]]
name = "r"
path = "/*"
upstream = "api"
cors = { origins = ["https://app.example.com"], methods = ["GET"], enforce_methods = true }
"#,
    );
    let cases = temporary(
        "enforced.test.toml",
        br#"[[cases]]
name = "a page may not POST"
request = { url = "https://api.example.com/", method = "POST", origin = "https://app.example.com" }
expect = { outcome = "reject", reason = "method_not_allowed", status = 403 }
[[cases]]
name = "pages may not send these"
request = { url = "https://api.example.com/", origin = "https://app.example.com" }
methods = ["OPTIONS", "POST", "DELETE"]
expect = { reason = "method_not_allowed" }
[[cases]]
name = "a preflight for POST is refused"
request = { url = "https://api.example.com/", kind = "preflight", method = "POST", origin = "https://app.example.com" }
expect = { reason = "method_not_allowed", status = 403 }
"#,
    );
    stdout(corsgate(&[&policy, &cases]), 0);
}

#[test]
fn the_example_is_covered_in_every_environment() {
    let policies = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../policies");
    let output = corsgate(&["example.toml", "example.test.toml", "--deny", "uncovered"])
        .current_dir(policies)
        .assert();
    let text = String::from_utf8(output.code(0).stderr_eq("").get_output().stdout.clone()).expect("text");
    assert_eq!(text.matches("(100 %)").count(), 2, "{text}");
}

/// Every kind of mistake in a file of cases: its place, and what to write instead.
#[test]
fn each_mistake_in_cases_is_reported_with_its_place() {
    for lint in lints().filter(|lint| lint.code.to_string().starts_with("CG4")) {
        let code = lint.code.to_string();
        let file = format!("{code}.bad.toml");
        let (cases, expected) = if code == "CG407" {
            (many_runs(), Data::text("error[CG407]: the cases make more than 100000 runs\n[..]\n...\n"))
        } else {
            (
                std::fs::read_to_string(folder().join(&file)).expect("cases"),
                snapshot(&format!("{code}.stderr")),
            )
        };
        let output = corsgate(&["policy.toml", "-"]).stdin(cases.as_str()).assert().code(11);
        let text =
            String::from_utf8_lossy(&output.stdout_eq("").get_output().stderr).replace("<stdin>", &file);
        let codes: Vec<_> = text.lines().filter(|line| line.starts_with("error[")).collect();
        assert!(!codes.is_empty() && codes.iter().all(|line| line.contains(&code)), "{text}");
        Assert::new().action_env("SNAPSHOTS").eq(text, expected);
    }
    let output = corsgate(&["policy.toml", "slips.toml"]).assert().code(11);
    output.stdout_eq("").stderr_eq(snapshot("slips.stderr"));
}

/// A thousand origins at a thousand paths.
fn many_runs() -> String {
    let list = |prefix: &str| {
        let mut list = String::new();
        (0..1000).for_each(|at| write!(list, "\"{prefix}{at}\",").expect("a text"));
        list
    };
    format!(
        "[defaults]\nurl = \"https://api.example.com\"\n[[cases]]\nname = \"many\"\norigins = [{}]\nurls = [{}]\nexpect = {{ outcome = \"allow\" }}\n",
        list("https://a"),
        list("/")
    )
}

#[test]
fn findings_have_the_format_of_results() {
    let json = stdout(corsgate(&["policy.toml", "CG403.bad.toml", "--format", "json"]), 11);
    let json: serde_json::Value = serde_json::from_str(&json).expect("JSON");
    assert_eq!(json["findings"][0]["code"], "CG403");
    let github = stdout(corsgate(&["policy.toml", "CG403.bad.toml", "--format", "github"]), 11);
    assert!(github.starts_with("::error file=CG403.bad.toml,line=7,"), "{github}");
    let junit = corsgate(&["policy.toml", "CG403.bad.toml", "--format", "junit"]).assert().code(11);
    junit.stdout_eq(snapshot("unusable.junit.xml"));
    // The policy's findings come first: without a policy, the cases cannot be checked.
    let text = stderr(corsgate(&["-", "passing.toml"]).stdin("version = 2\n"), 11);
    assert!(text.contains("error[CG008]") && text.contains("error: `<stdin>` does not compile"), "{text}");
}

/// A file for one test.
fn temporary(name: &str, bytes: &[u8]) -> String {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("test-{name}"));
    std::fs::write(&path, bytes).expect("a file");
    path.to_str().expect("a path").to_owned()
}

#[test]
fn an_unusable_case_file_is_reported() {
    let binary = temporary("binary", b"[[cases]]\0");
    let latin = temporary("latin", b"# ok\n# \xff\n");
    let long = temporary("long", &vec![b'#'; 17 * 1024 * 1024]);
    for (file, sentence) in [
        ("nowhere.toml", "cannot read `nowhere.toml`: no such file or directory"),
        (".", "cannot read `.`: is a directory"),
        (binary.as_str(), "the file is binary, not the text of test cases"),
        (latin.as_str(), "the file is not UTF-8 text: see line 2"),
        (long.as_str(), "the file is longer than 16 MiB; split the cases"),
    ] {
        let text = stderr(corsgate(&["policy.toml", file]), 1);
        assert!(text.starts_with("error: cannot ") && text.ends_with(&format!("{sentence}\n")), "{text}");
        // The same file as a policy.
        let text = stderr(corsgate(&[file, "passing.toml"]), 1);
        assert!(text.starts_with("error: cannot ") && text.lines().count() == 1, "{text}");
    }
    let text = stderr(corsgate(&["policy.toml", "-"]).stdin("[[cases]\n= 1\n"), 11);
    assert!(
        text.contains("error[CG001]") && text.ends_with("error: `<stdin>` cannot be run: 2 errors\n"),
        "{text}"
    );
}

#[cfg(unix)]
#[test]
fn an_unreadable_file_and_a_named_pipe_are_reported() {
    let pipe = Path::new(env!("CARGO_TARGET_TMPDIR")).join("cases.pipe");
    // It may be left over from an earlier run, or not exist.
    drop(std::fs::remove_file(&pipe));
    assert!(std::process::Command::new("mkfifo").arg(&pipe).status().expect("mkfifo").success());
    let pipe = pipe.to_str().expect("a path");
    let waits = "it is a named pipe; write `-` and pass it on standard input";
    assert!(stderr(corsgate(&["policy.toml", pipe]), 1).contains(waits));
    let list = format!("[lists]\npartners = {{ file = \"{pipe}\" }}\n");
    let text = stderr(corsgate(&["policy.toml", "-"]).stdin(list), 11);
    assert!(text.contains("error[CG405]") && text.contains(waits), "{text}");
}

#[test]
fn a_closed_pipe_is_not_a_failure() {
    let tool = cargo_bin!("corsgate");
    let output = std::process::Command::new("bash")
        .args(["-c", "set -o pipefail; \"$0\" test policy.toml passing.toml --format json | true"])
        .arg(tool)
        .current_dir(folder())
        .output()
        .expect("bash");
    assert_eq!((output.status.code(), output.stderr.len()), (Some(0), 0));
}

#[test]
fn wrong_usage_goes_to_standard_error_and_help_to_standard_output() {
    for arguments in [
        &[][..],
        &["policy.toml"],
        &["policy.toml", "passing.toml", "--format", "sarif"],
        &["policy.toml", "passing.toml", "--deny", "warnings"],
        &["policy.toml", "passing.toml", "--deny", "uncovered", "--filter", "x"],
        &["policy.toml", "passing.toml", "--today", "soon"],
    ] {
        corsgate(arguments).assert().code(2).stdout_eq("");
    }
    let both = "error: only one of the two files can come from standard input\n";
    corsgate(&["-", "-"]).assert().code(2).stdout_eq("").stderr_eq(both);
    corsgate(&["--help"]).assert().code(0).stdout_eq(snapshot("help.stdout")).stderr_eq("");
}

/// A thousand cases take milliseconds. The limit is wide, because the tool is not optimised here and shares its
/// processor.
#[test]
fn a_thousand_cases_are_quick() {
    let mut cases = "[defaults]\nurl = \"https://api.example.com\"\n".to_owned();
    for at in 0..1000 {
        writeln!(cases, "[[cases]]\nname = \"case {at}\"\nrequest = {{ url = \"/users/{at}\", origin = \"https://a{at}.preview.example.com\" }}\nexpect = {{ outcome = \"allow\" }}")
            .expect("a text");
    }
    let start = Instant::now();
    assert_eq!(stdout(corsgate(&["policy.toml", "-"]).stdin(cases), 0), "`<stdin>`: 1000 passed\n");
    assert!(start.elapsed() < Duration::from_secs(60), "{:?}", start.elapsed());
}
