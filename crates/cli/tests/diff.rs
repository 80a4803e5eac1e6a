//! Runs `corsgate diff`.
//!
//! `tests/diff/` has the example policy as `before.toml`, a changed copy as `after.toml`, records, and the output.
//! After a change, `SNAPSHOTS=overwrite cargo test -p corsgate-cli` writes the output anew; read the difference.
#![expect(clippy::expect_used, reason = "tests may fail loudly")]

use std::path::{Path, PathBuf};

use snapbox::cmd::{Command, OutputAssert, cargo_bin};
use snapbox::{Assert, Data};

fn corsgate(arguments: &[&str]) -> Command {
    Command::new(cargo_bin!("corsgate"))
        .with_assert(Assert::new().action_env("SNAPSHOTS"))
        .env("NO_COLOR", "1")
        .current_dir(folder())
        .args(arguments)
}

fn diff(arguments: &[&str]) -> OutputAssert {
    let fixed = ["diff", "--today", "2027-01-01"];
    corsgate(&[&fixed, arguments].concat()).assert()
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/diff")
}

fn snapshot(name: &str) -> Data {
    Data::read_from(&folder().join(name), None).raw()
}

/// A file that only this test uses.
fn written(name: &str, content: &[u8]) -> String {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    std::fs::write(&path, content).expect("a file can be written");
    path.to_str().expect("a path in UTF-8").to_owned()
}

/// The compiled form of a policy.
fn compiled(name: &str, arguments: &[&str]) -> String {
    let output = corsgate(&[&["compile"], arguments].concat()).assert().success();
    written(name, &output.get_output().stdout)
}

#[test]
fn a_changed_copy_of_the_example_is_compared_in_every_format() {
    let example = include_str!("../../../policies/example.toml");
    let before = std::fs::read_to_string(folder().join("before.toml")).expect("a policy");
    assert_eq!(before, example, "copy policies/example.toml to tests/diff/before.toml");
    for (format, name) in [("human", "txt"), ("json", "json"), ("github", "github"), ("markdown", "md")] {
        let output = diff(&["before.toml", "after.toml", "--format", format]);
        output.code(10).stdout_eq(snapshot(&format!("rich.{name}"))).stderr_eq("");
    }
}

#[test]
fn swapping_the_policies_reverses_the_changes() {
    diff(&["after.toml", "before.toml"]).code(10).stdout_eq(snapshot("rich.backwards.txt")).stderr_eq("");
}

#[test]
fn a_change_that_widens_is_denied_and_one_that_narrows_is_not() {
    diff(&["before.toml", "after.toml", "--deny", "widens"]).code(11);
    let narrower = written("narrower.toml", narrower().as_bytes());
    let narrows = "route `echo`\n  narrows         pages may no longer use the methods `DELETE`\n";
    let output = diff(&["before.toml", &narrower, "--deny", "widens"]).code(10);
    assert!(String::from_utf8_lossy(&output.get_output().stdout).starts_with(narrows));
    diff(&[&narrower, "before.toml", "--deny", "widens"]).code(11);
}

fn narrower() -> String {
    let text = include_str!("diff/before.toml");
    text.replace("\"PUT\", \"PATCH\", \"DELETE\"", "\"PUT\", \"PATCH\"")
}

#[test]
fn policies_that_mean_the_same_do_not_differ() {
    diff(&["before.toml", "before.toml"]).code(0).stdout_eq("`before.toml` and `before.toml` are the same\n");
    let text = include_str!("diff/before.toml").replace(
        "methods         = [\"PUT\", \"PATCH\", \"DELETE\"]",
        "methods = [\"DELETE\", \"PATCH\", \"PUT\"] # all",
    );
    let rewritten = written("rewritten.toml", text.as_bytes());
    let json = compiled("same.json", &["before.toml"]);
    for (other, name) in [(&rewritten, "rewritten.toml"), (&json, "same.json")] {
        let output = diff(&["before.toml", other, "--deny", "widens"]).code(0);
        let said = String::from_utf8_lossy(&output.get_output().stdout).into_owned();
        assert!(said.contains(name) && said.ends_with("mean the same; only their text differs\n"), "{said}");
    }
    let output = diff(&["before.toml", &json, "--format", "json"]).code(0);
    let said: serde_json::Value = serde_json::from_slice(&output.get_output().stdout).expect("JSON");
    assert_eq!((&said["version"], &said["changes"]), (&serde_json::json!(1), &serde_json::json!([])));
    assert_eq!(said["before"]["id"], said["now"]["id"]);
}

#[test]
fn an_environment_is_compared_in_its_compiled_form() {
    diff(&["before.toml", "before.toml@development"])
        .code(10)
        .stdout_eq(snapshot("environment.txt"))
        .stderr_eq("");
    let json = compiled("development.json", &["before.toml", "--env", "development"]);
    diff(&["before.toml@development", &json]).code(0);
    diff(&[&format!("{json}@development"), "before.toml"]).code(2).stdout_eq("");
}

#[test]
fn recorded_requests_are_decided_by_both_policies() {
    let both = ["before.toml", "after.toml"];
    let replays: [(&[&str], &str); 2] = [
        (&["--replay", "records.jsonl"], "replay.txt"),
        (&["--replay", "records.engine.json", "--list", "partners=partners.txt"], "replay.engine.txt"),
    ];
    for (arguments, name) in replays {
        let output = diff(&[&both[..], arguments].concat()).code(10);
        let said = String::from_utf8_lossy(&output.get_output().stdout).into_owned();
        let replay = said.split_once("\nreplay of").map(|(_, replay)| format!("replay of{replay}"));
        Assert::new().action_env("SNAPSHOTS").eq(replay.expect("a replay"), snapshot(name));
    }
    for (format, name) in [("json", "replay.json"), ("github", "replay.github"), ("markdown", "replay.md")] {
        let arguments = ["--replay", "records.jsonl", "--list", "partners=partners.txt", "--format", format];
        diff(&[&both[..], &arguments].concat()).code(10).stdout_eq(snapshot(name));
    }
}

#[test]
fn a_replay_finds_no_difference_where_there_is_none() {
    let output =
        diff(&["before.toml", "before.toml", "--replay", "records.jsonl", "--list", "partners=partners.txt"]);
    let output = output.code(0);
    assert!(
        String::from_utf8_lossy(&output.get_output().stdout).contains("\n  no difference for 8 requests\n")
    );
}

#[test]
fn a_replay_of_a_large_export_takes_little_memory() {
    // Sixty megabytes through a pipe, whose length is unknown.
    let line = std::fs::read_to_string(folder().join("records.jsonl")).expect("records");
    let line = line.lines().next().expect("a line").to_owned() + "\n";
    let records = 60_000_000 / line.len();
    let file = written("large.jsonl", line.repeat(records).as_bytes());
    let output = std::process::Command::new("sh")
        .arg("-c")
        .arg(r#"ulimit -v 200000; exec "$0" diff before.toml after.toml --replay - <"$1""#)
        .args([cargo_bin!("corsgate").to_str().expect("a path"), &file])
        .current_dir(folder())
        .output()
        .expect("a shell");
    assert_eq!(output.status.code(), Some(10), "{}", String::from_utf8_lossy(&output.stderr));
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(said.contains("requests from `https://shop.example.com` now pass\n"), "{said}");
    std::fs::remove_file(file).expect("it was there");
}

#[test]
fn an_input_that_cannot_be_compared_is_reported() {
    let empty = written("empty.toml", b"");
    let empty_json = written("empty.json", b"");
    let binary = written("binary.toml", b"version = 1\0");
    let newer = written("newer.json", br#"{"version":99}"#);
    let unsafe_json = written(
        "unsafe.json",
        br#"{"version":1,"upstreams":{"api":"zone"},"routes":[{"name":"api","path":"/*","upstream":"api","cors":{"origins":["*"],"credentials":true}}]}"#,
    );
    let long = written("long.toml", &vec![b'#'; 16 * 1024 * 1024 + 1]);
    let long_json = written("long.json", &vec![b' '; 25 * 1024 * 1024 + 1]);
    let nothing = written("nothing.jsonl", b"");
    let nonsense = written("nonsense.jsonl", b"\x00\x01\x02\nnonsense\n");
    let with = |arguments: &[&'static str]| [&["before.toml", "after.toml"][..], arguments].concat();
    let replay = |file: &str| ["before.toml", "after.toml", "--replay", file].map(str::to_owned).to_vec();
    let owned = |arguments: &[&str]| arguments.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>();
    let cases = [
        (owned(&["missing.toml", "before.toml"]), 1, "cannot read `missing.toml`: no such file or directory"),
        (owned(&["before.toml", "."]), 1, "cannot read `.`: is a directory"),
        (owned(&[&empty, "before.toml"]), 11, "the key `version` is missing"),
        (owned(&[&empty_json, "before.toml"]), 1, "not a compiled policy: expected an object"),
        (owned(&["before.toml", &binary]), 1, "the file is binary"),
        (owned(&["before.toml", &newer]), 1, "99"),
        (owned(&["before.toml", &unsafe_json]), 11, "credentials"),
        (owned(&["before.toml", &long]), 1, "the file is longer than 16 MiB"),
        (owned(&["before.toml", &long_json]), 1, "a compiled policy has at most 25 MiB"),
        (owned(&["before.toml", "before.toml@stagin"]), 11, "`stagin`"),
        (owned(&["-", "-"]), 2, "only one of the files can be `-`"),
        (owned(&["before.toml"]), 2, "<B>"),
        (owned(&["before.toml", "-", "--replay", "-"]), 2, "only one of the files can be `-`"),
        (owned(&with(&["--list", "partners=partners.txt"])), 2, "--replay"),
        (owned(&with(&["--replay", "records.jsonl", "--list", "partners"])), 2, "`partners=partners.txt`"),
        (
            owned(&with(&["--replay", "records.jsonl", "--list", "x=partners.txt"])),
            2,
            "neither policy has a list",
        ),
        (
            owned(&with(&[
                "--replay",
                "records.jsonl",
                "--list",
                "partners=partners.txt",
                "--list",
                "partners=x",
            ])),
            2,
            "the list `partners` is given twice",
        ),
        (
            owned(&with(&["--replay", "records.jsonl", "--list", "partners=missing.txt"])),
            1,
            "cannot read `missing.txt`",
        ),
        (replay("missing.jsonl"), 1, "cannot read `missing.jsonl`: no such file"),
        (replay("."), 1, "cannot read `.`: is a directory"),
        (replay(&nothing), 1, "it has no records"),
        (replay(&nonsense), 1, "it has no records: line 1: not JSON"),
        (replay("before.toml"), 1, "it has no records: line 1: not JSON"),
    ];
    for (arguments, code, sentence) in cases {
        let arguments: Vec<_> = arguments.iter().map(String::as_str).collect();
        let output = diff(&arguments).code(code);
        let said = String::from_utf8_lossy(&output.get_output().stderr).into_owned();
        assert!(said.contains(sentence), "{arguments:?}\n{said}");
        assert!(output.get_output().stdout.is_empty(), "{arguments:?}");
    }
}

#[test]
fn errors_in_both_files_are_reported() {
    let output = diff(&["../compile/credentials.toml", "../compile/version.toml"]).code(11);
    output.stdout_eq("").stderr_eq(snapshot("errors.stderr"));
}

#[test]
fn a_compiled_policy_that_was_edited_by_hand_is_reported() {
    let json = compiled("by-hand.json", &["before.toml"]);
    let text = std::fs::read_to_string(&json)
        .expect("JSON")
        .replace("https://kiosk.example.com", "https://kiosk.example.org");
    let changed = written("by-hand.changed.json", text.as_bytes());
    let output = diff(&["before.toml", &changed]).code(11);
    let said = String::from_utf8_lossy(&output.get_output().stderr).into_owned();
    assert!(said.contains("error[CG121]: the id is `"), "{said}");
}

#[cfg(unix)]
#[test]
fn a_closed_pipe_neither_hangs_nor_fails() {
    let script = r#""$0" diff before.toml after.toml | true; echo done"#;
    let output = std::process::Command::new("sh")
        .args(["-c", script, cargo_bin!("corsgate").to_str().expect("a path")])
        .current_dir(folder())
        .output()
        .expect("a shell");
    assert_eq!((output.stdout.as_slice(), output.stderr.as_slice()), (b"done\n".as_slice(), b"".as_slice()));
}

#[test]
fn the_help_ends_with_an_example() {
    corsgate(&["diff", "--help"]).assert().code(0).stdout_eq(snapshot("help.txt"));
}

#[test]
fn the_page_shows_real_output() {
    let page = std::fs::read_to_string(folder().join("../../../../docs/diff.md")).expect("the page");
    let said = std::fs::read_to_string(folder().join("rich.txt")).expect("a snapshot");
    let shown =
        page.split_once("```text\n").and_then(|(_, rest)| rest.split_once("```")).expect("an example").0;
    assert!(said.contains(shown), "docs/diff.md shows what the tool does not say:\n{shown}");
}
