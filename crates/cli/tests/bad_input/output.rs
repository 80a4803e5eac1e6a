//! A full disk, and readers that close the pipe.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::os::fd::OwnedFd;
use std::path::Path;
use std::process::{Command, Output};

use snapbox::cmd::cargo_bin;

use crate::bad_input::support::{CASES, POLICY, output, prepared, text, wrangler};

const BAD: &str = "tests/check/formats.toml";
const BEFORE: &str = "tests/diff/before.toml";
const AFTER: &str = "tests/diff/after.toml";
const ASKED: [&str; 4] = ["--url", "https://api.example.com/", "--origin", "https://nobody.example"];
const NO_SPACE: &str = "error: cannot write the result: no space left on device\n";

/// A call of each verb in each of its formats, with its exit code.
fn calls(wrangler: &str) -> Vec<(Vec<&str>, i32)> {
    let mut calls = vec![
        (vec!["--help"], 0),
        (vec!["-h"], 0),
        (vec!["help"], 0),
        (vec!["help", "check"], 0),
        (vec!["--version"], 0),
        (vec!["publish", "--help"], 0),
        (vec!["check", "--explain", "CG101"], 0),
        (vec!["compile", POLICY], 0),
        (vec!["schema"], 0),
        (vec!["man"], 0),
        (vec!["man", "test"], 0),
        (vec!["history", "--wrangler", wrangler], 0),
        (vec!["history", "--wrangler", wrangler, "--format", "json"], 0),
        (vec!["status", "--wrangler", wrangler], 10),
        (vec!["status", "--wrangler", wrangler, "--format", "json"], 10),
        (vec!["test", POLICY, "tests/test/slips.toml", "--format", "json"], 11),
    ];
    for format in ["json", "sarif", "github"] {
        calls.push((vec!["check", BAD, "--format", format], 11));
        calls.push((vec!["check", POLICY, "--format", format], 0));
    }
    for format in ["human", "json", "junit"] {
        calls.push((vec!["test", POLICY, CASES, "--coverage", "--format", format], 0));
    }
    for format in ["human", "json", "junit", "github"] {
        calls.push((
            vec!["test", "tests/test/policy.toml", "tests/test/failing.toml", "--format", format],
            12,
        ));
    }
    for format in ["human", "json"] {
        let asked = ["explain", POLICY, "--format", format].into_iter().chain(ASKED);
        calls.push((asked.collect(), 10));
    }
    for format in ["human", "json", "markdown", "github"] {
        calls.push((vec!["diff", BEFORE, AFTER, "--format", format], 10));
        calls.push((vec!["diff", BEFORE, AFTER, "--deny", "widens", "--format", format], 11));
    }
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        calls.push((vec!["completions", shell], 0));
    }
    calls
}

/// Runs the tool with its standard streams redirected.
fn redirected(arguments: &[&str], redirection: &str) -> Output {
    let mut shell = Command::new("bash");
    shell.args(["-c", &format!("exec \"$0\" \"$@\" {redirection}")]).arg(cargo_bin!("corsgate"));
    prepared(&mut shell);
    output(shell.args(arguments))
}

/// A pipe whose reader is gone.
fn broken_pipe() -> OwnedFd {
    let (reader, writer) = std::io::pipe().expect("a pipe");
    drop(reader);
    writer.into()
}

#[test]
fn every_verb_reports_a_full_disk_in_every_format() {
    let (wrangler, _kv) = wrangler("full", "");
    for (arguments, _code) in calls(&wrangler) {
        let output = redirected(&arguments, "> /dev/full");
        let stderr = text(&output.stderr);
        assert_eq!(output.status.code(), Some(1), "{arguments:?}: {stderr}");
        assert!(stderr.ends_with(NO_SPACE), "{arguments:?}: {stderr}");
    }
}

#[test]
fn a_closed_pipe_does_not_change_the_exit_code() {
    let (wrangler, _kv) = wrangler("gone", "");
    let usage: Vec<(Vec<&str>, i32)> = vec![(vec![], 2), (vec!["tset"], 2), (vec!["check", BAD], 11)];
    for (arguments, code) in calls(&wrangler).into_iter().chain(usage) {
        let plain = redirected(&arguments, "");
        assert_eq!(plain.status.code(), Some(code), "{arguments:?}");
        for redirection in ["2>&-", "2> /dev/full", "<&-", "<&- 2>&-"] {
            let output = redirected(&arguments, redirection);
            assert_eq!(output.status.code(), Some(code), "{arguments:?} {redirection}");
            if arguments.first() != Some(&"test") {
                // The durations of tests vary.
                assert_eq!(output.stdout, plain.stdout, "{arguments:?} {redirection}");
            }
        }
        let closed = redirected(&arguments, ">&-");
        assert_eq!((closed.status.code(), text(&closed.stderr)), (Some(code), text(&plain.stderr)));
        let mut command = Command::new(cargo_bin!("corsgate"));
        prepared(&mut command);
        let piped = output(command.args(&arguments).stdout(broken_pipe()));
        assert_eq!((piped.status.code(), text(&piped.stderr)), (Some(code), text(&plain.stderr)));
        let mut command = Command::new(cargo_bin!("corsgate"));
        prepared(&mut command);
        let deaf = output(command.args(&arguments).stderr(broken_pipe()));
        assert_eq!(deaf.status.code(), Some(code), "{arguments:?}");
    }
}

#[test]
fn a_policy_is_published_only_after_its_changes_were_shown() {
    let (wrangler, kv) = wrangler("shown", "");
    let publish = ["publish", BEFORE, "--yes", "--message=m", "--no-overlay", "--wrangler", &wrangler];
    assert_eq!(redirected(&publish, "").status.code(), Some(0));
    let before = std::fs::read(kv.join("policy+current")).expect("a policy");
    // The changes could not be written, so nobody has seen them.
    let publish = ["publish", AFTER, "--yes", "--message=m", "--no-overlay", "--wrangler", &wrangler];
    let full = redirected(&publish, "> /dev/full");
    assert_eq!((full.status.code(), text(&full.stderr).ends_with(NO_SPACE)), (Some(1), true));
    assert_eq!(std::fs::read(kv.join("policy+current")).ok(), Some(before.clone()));
    assert!(!kv.join("policy+previous").exists());
    // A reader that closes the pipe has seen enough.
    let mut command = Command::new(cargo_bin!("corsgate"));
    prepared(&mut command);
    let piped = output(command.args(publish).stdout(broken_pipe()).stderr(broken_pipe()));
    assert_eq!(piped.status.code(), Some(0));
    assert_eq!(std::fs::read(kv.join("policy+previous")).ok(), Some(before.clone()));
    let rollback = ["rollback", "--yes", "--wrangler", &wrangler];
    let full = redirected(&rollback, "> /dev/full");
    assert_eq!((full.status.code(), text(&full.stderr).ends_with(NO_SPACE)), (Some(1), true));
    assert_ne!(std::fs::read(kv.join("policy+current")).ok(), Some(before));
}

/// A directory for temporary files on a full disk, where a user may mount one.
#[test]
fn a_value_that_does_not_fit_on_the_disk_is_not_published() {
    let (wrangler, kv) = wrangler("small-disk", "");
    for file in [BEFORE, AFTER] {
        let publish = ["publish", file, "--yes", "--message=m", "--no-overlay", "--wrangler", &wrangler];
        assert_eq!(redirected(&publish, "").status.code(), Some(0));
    }
    let disk = kv.with_file_name("disk");
    std::fs::create_dir(&disk).expect("a folder");
    let full = "mount -t tmpfs -o size=4k none \"$TMPDIR\" && head -c 4096 /dev/zero > \"$TMPDIR/full\" || exit 99; exec \"$0\" \"$@\"";
    let before = contents(&kv);
    for arguments in
        [&["publish", POLICY, "--yes", "--message=m", "--no-overlay"][..], &["rollback", "--yes"]]
    {
        let mut command = Command::new("unshare");
        command.args(["--user", "--map-root-user", "--mount", "sh", "-c", full]).arg(cargo_bin!("corsgate"));
        prepared(command.args(arguments).args(["--wrangler", &wrangler]).env("TMPDIR", &disk));
        let output = output(&mut command);
        let stderr = text(&output.stderr);
        if output.status.code() == Some(99) || stderr.contains("unshare failed") {
            eprintln!("skipped: no disk can be mounted here: {stderr}");
            return;
        }
        assert_eq!(output.status.code(), Some(1), "{stderr}");
        let disk = disk.display();
        let sentence = format!("error: cannot write a temporary file to `{disk}`: no space left on device\n");
        let rest = stderr.split_once(&sentence).map(|(_, rest)| rest).expect(&stderr);
        assert!(rest.starts_with("       not written: `policy/"), "{stderr}");
        assert_eq!(contents(&kv), before);
    }
}

/// The content of KV, by key.
fn contents(kv: &Path) -> BTreeMap<OsString, Vec<u8>> {
    let files = std::fs::read_dir(kv).expect("a folder").map(|file| file.expect("a file"));
    files.map(|file| (file.file_name(), std::fs::read(file.path()).expect("a value"))).collect()
}
