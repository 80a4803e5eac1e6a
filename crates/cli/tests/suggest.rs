//! Runs `corsgate suggest`.
//!
//! `tests/suggest/` has a policy, a saved report, and the output. After a change, `SNAPSHOTS=overwrite cargo test -p
//! corsgate-cli suggest` writes the output anew; read the difference.

#![expect(clippy::expect_used, reason = "tests may fail loudly")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command as Plain, Output};

use snapbox::cmd::{Command, cargo_bin};
use snapbox::{Assert, Data};
use tempfile::TempDir;

fn kept() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/suggest")
}

/// A directory with the policy and the report.
fn folder() -> TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    for file in ["policy.toml", "top.json"] {
        fs::copy(kept().join(file), folder.path().join(file)).expect("a copy");
    }
    folder
}

fn corsgate(folder: &Path, arguments: &[&str]) -> Command {
    Command::new(cargo_bin!("corsgate"))
        .with_assert(Assert::new().action_env("SNAPSHOTS"))
        .env("NO_COLOR", "1")
        .current_dir(folder)
        .args(arguments)
}

fn suggest(folder: &Path, more: &[&str]) -> Command {
    let arguments = ["suggest", "policy.toml", "--from", "top.json", "--today", "2026-11-23"];
    corsgate(folder, &arguments).args(more)
}

fn said(command: Command, code: i32) -> (String, String) {
    let output = command.assert().code(code).get_output().clone();
    let text = |bytes| String::from_utf8(bytes).expect("text");
    (text(output.stdout), text(output.stderr))
}

fn snapshot(name: &str) -> Data {
    Data::read_from(&kept().join(name), None).raw()
}

#[test]
fn suggestions_are_written_in_each_format() {
    let folder = folder();
    for format in ["human", "json", "patch"] {
        let output = suggest(folder.path(), &["--format", format]).assert().code(0);
        output.stdout_eq(snapshot(&format!("said.{format}")));
    }
    let written: Vec<_> = fs::read_dir(folder.path()).expect("a folder").collect();
    assert_eq!(written.len(), 2, "nothing is written unasked");
}

/// docs/suggest.md shows the output of the tool.
#[test]
fn the_page_shows_real_output() {
    let page = fs::read_to_string(kept().join("../../../../docs/suggest.md")).expect("docs/suggest.md");
    let folder = folder();
    let arguments =
        ["--into", "partners", "--origin", "https://shop.example", "--origin", "https://team.github.io"];
    let (shown, _) = said(suggest(folder.path(), &arguments), 0);
    assert!(page.contains(&shown), "docs/suggest.md does not show:\n{shown}");
}

/// A case of the operator costs the origin that it rejects, and not the others.
#[test]
fn an_origin_that_a_case_rejects_is_left_out() {
    let folder = folder();
    let beta = "\"https://beta.example.com\",";
    let patch = || said(suggest(folder.path(), &["--cases", "policy.test.toml", "--format", "patch"]), 0).0;
    assert!(patch().contains(beta));
    let case = "[[cases]]\nname = \"no beta\"\nexpect = { outcome = \"reject\" }\n\
                request = { url = \"https://api.example.com/\", origin = \"https://beta.example.com\" }\n";
    fs::write(folder.path().join("policy.test.toml"), case).expect("written");
    let rest = patch();
    assert!(!rest.contains(beta) && rest.contains("\"https://shop.example\","), "{rest}");
}

fn run(folder: &Path, program: &str, arguments: &[&str]) -> Output {
    Plain::new(program).args(arguments).current_dir(folder).output().expect("the program")
}

/// `git apply` and `patch` produce what `--write` writes: a policy without findings, and cases that pass.
#[test]
fn the_patch_applies_and_its_result_passes() {
    let by_hand = folder();
    let written = folder();
    let (_, stderr) = said(suggest(written.path(), &["--cases", "policy.test.toml", "--write"]), 0);
    assert_eq!(stderr, "wrote `policy.toml`: 6 additions\nwrote `policy.test.toml`\n");
    let read = |folder: &TempDir, file: &str| fs::read(folder.path().join(file)).expect("a file");
    for (program, arguments) in
        [("git", &["apply", "-p1", "patch"][..]), ("patch", &["-s", "-p1", "-i", "patch"])]
    {
        for format in ["patch", "human"] {
            let folder = folder();
            let more = ["--cases", "policy.test.toml", "--format", format];
            let (patch, _) = said(suggest(folder.path(), &more), 0);
            fs::write(folder.path().join("patch"), patch).expect("the patch");
            let output = run(folder.path(), program, arguments);
            assert!(output.status.success(), "{program} {format}: {output:?}");
            for file in ["policy.toml", "policy.test.toml"] {
                assert_eq!(read(&folder, file), read(&written, file), "{program} {format} {file}");
            }
        }
    }
    corsgate(written.path(), &["check", "policy.toml", "--deny", "warnings"]).assert().code(0);
    corsgate(written.path(), &["test", "policy.toml", "policy.test.toml"]).assert().code(0);
    fs::copy(by_hand.path().join("policy.toml"), written.path().join("old.toml")).expect("a copy");
    corsgate(written.path(), &["test", "old.toml", "policy.test.toml"]).assert().code(12);
    // Existing entries are not suggested again.
    let (again, stderr) = said(suggest(written.path(), &["--format", "patch"]), 10);
    assert_eq!(again, "");
    assert!(stderr.contains("there is nothing to suggest"), "{stderr}");
}

#[test]
fn text_from_a_client_is_escaped_on_the_terminal_and_in_the_file() {
    let folder = folder();
    for format in ["human", "json", "patch"] {
        let (stdout, stderr) = said(suggest(folder.path(), &["--format", format]), 0);
        for text in [stdout, stderr] {
            let odd = text.chars().find(|letter| !matches!(letter, '\n' | ' '..='~'));
            assert_eq!(odd, None, "{format}");
        }
    }
}

#[test]
fn an_unusable_file_is_reported() {
    let folder = folder();
    let path = folder.path();
    fs::write(path.join("empty"), "").expect("a file");
    fs::write(path.join("binary"), [0, 159, 146, 150]).expect("a file");
    fs::write(path.join("huge"), vec![b' '; 33 * 1024 * 1024]).expect("a file");
    fs::write(path.join("broken.toml"), "version = ").expect("a file");
    let top = fs::read_to_string(path.join("top.json")).expect("the report");
    fs::write(path.join("share.json"), top.replace("\"top\"", "\"share\"")).expect("a file");
    fs::write(path.join("later.json"), top.replace("\"version\": 1", "\"version\": 2")).expect("a file");
    fs::write(path.join("by.json"), top.replace("\"route\",\n", "\"path\",\n")).expect("a file");
    fs::write(path.join("cut.json"), top.get(..400).expect("a part")).expect("a file");
    fs::write(path.join("bad.test.toml"), "[[cases]]\nname = 5\n").expect("a file");
    let from = |policy: &'static str, report: &'static str| vec![policy, "--from", report];
    let mut with_bad_cases = from("policy.toml", "top.json");
    with_bad_cases.extend(["--cases", "bad.test.toml"]);
    let mut unknown_list = from("policy.toml", "top.json");
    unknown_list.extend(["--into", "nobody"]);
    let mut stdin_written = from("-", "top.json");
    stdin_written.push("--write");
    let dead = vec!["policy.toml", "--url", "http://127.0.0.1:9"];
    let mut told = String::new();
    for (arguments, code) in [
        (from("none.toml", "top.json"), 1),
        (from("empty", "top.json"), 11),
        (from("binary", "top.json"), 1),
        (from("huge", "top.json"), 1),
        (from("broken.toml", "top.json"), 11),
        (from("policy.toml", "none.json"), 1),
        (from("policy.toml", "."), 1),
        (from("policy.toml", "empty"), 1),
        (from("policy.toml", "binary"), 1),
        (from("policy.toml", "huge"), 1),
        (from("policy.toml", "cut.json"), 1),
        (from("policy.toml", "share.json"), 1),
        (from("policy.toml", "later.json"), 1),
        (from("policy.toml", "by.json"), 1),
        (from("-", "-"), 2),
        (stdin_written, 2),
        (unknown_list, 2),
        (with_bad_cases, 1),
        (vec!["policy.toml"], 2),
        (dead, 1),
    ] {
        let command = corsgate(path, &["suggest"])
            .args(&arguments)
            .env("CORSGATE_ADMIN_TOKEN", "a-token-of-more-than-thirty-two-bytes");
        let (stdout, stderr) = said(command, code);
        assert_eq!(stdout, "", "{arguments:?}");
        let first = stderr.lines().next().unwrap_or_default();
        assert!(first.starts_with("error"), "{arguments:?}: {stderr}");
        told.push_str(&format!("{code:>2} {}\n   {first}\n", arguments.join(" ")));
    }
    Assert::new().action_env("SNAPSHOTS").eq(told, snapshot("bad-input.txt"));
}

#[cfg(unix)]
#[test]
fn a_failed_write_changes_nothing() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = folder();
    let path = folder.path();
    let before = fs::read(path.join("policy.toml")).expect("the policy");
    // The cases cannot be written, so the policy is not written either.
    let (stdout, stderr) = said(suggest(path, &["--cases", "none/policy.test.toml", "--write"]), 1);
    assert!(stderr.contains("cannot write `none/policy.test.toml`, which is unchanged"), "{stderr}");
    assert_eq!(
        (stdout.as_str(), fs::read(path.join("policy.toml")).expect("the policy")),
        ("", before.clone())
    );
    let mode = |mode| fs::set_permissions(path.join("policy.toml"), fs::Permissions::from_mode(mode));
    mode(0o444).expect("a mode");
    let (_, stderr) = said(suggest(path, &["--write"]), 1);
    assert!(stderr.contains("it is read-only"), "{stderr}");
    // A replaced file keeps its mode, and a symbolic link stays one.
    mode(0o640).expect("a mode");
    fs::rename(path.join("policy.toml"), path.join("real.toml")).expect("a file");
    std::os::unix::fs::symlink("real.toml", path.join("policy.toml")).expect("a link");
    said(suggest(path, &["--write"]), 0);
    assert!(fs::symlink_metadata(path.join("policy.toml")).expect("a link").is_symlink());
    let real = fs::metadata(path.join("real.toml")).expect("a file").permissions().mode();
    assert_eq!(real & 0o777, 0o640);
    let names: Vec<_> =
        fs::read_dir(path).expect("a folder").flatten().map(|entry| entry.file_name()).collect();
    assert_eq!(names.len(), 3, "nothing is left behind: {names:?}");
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_fails_and_a_closed_pipe_does_not() {
    let folder = folder();
    let full = fs::OpenOptions::new().write(true).open("/dev/full").expect("/dev/full");
    let output = Plain::new(cargo_bin!("corsgate"))
        .args(["suggest", "policy.toml", "--from", "top.json"])
        .current_dir(folder.path())
        .stdout(full)
        .output()
        .expect("the tool");
    let stderr = String::from_utf8(output.stderr).expect("text");
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(stderr, "error: cannot write the result: no space left on device\n");
    let tool = cargo_bin!("corsgate").display().to_string();
    let script = format!("set -o pipefail; '{tool}' suggest policy.toml --from top.json | true");
    assert!(run(folder.path(), "bash", &["-c", &script]).status.success());
}

#[cfg(unix)]
#[test]
fn an_interruption_leaves_everything_unchanged() {
    use std::os::unix::process::ExitStatusExt as _;
    let folder = folder();
    let before = fs::read(folder.path().join("policy.toml")).expect("the policy");
    // It waits for a report that never comes. SIGTERM, because a shell lets background jobs ignore SIGINT.
    let mut tool = Plain::new(cargo_bin!("corsgate"))
        .args(["suggest", "policy.toml", "--from", "-", "--write"])
        .current_dir(folder.path())
        .stdin(std::process::Stdio::piped())
        .spawn()
        .expect("the tool");
    std::thread::sleep(std::time::Duration::from_millis(300));
    assert!(run(folder.path(), "kill", &["-TERM", &tool.id().to_string()]).status.success());
    assert_eq!(tool.wait().expect("an end").signal(), Some(15));
    assert_eq!(fs::read(folder.path().join("policy.toml")).expect("the policy"), before);
    assert_eq!(fs::read_dir(folder.path()).expect("a folder").count(), 2);
}
