//! Runs `corsgate compile`.
//!
//! `tests/compile/` has policies, and the output for each. After a change, `SNAPSHOTS=overwrite cargo test -p
//! corsgate-cli` writes the output anew; read the difference.

use std::path::{Path, PathBuf};
use std::process::Stdio;

use snapbox::cmd::{Command, OutputAssert, cargo_bin};
use snapbox::{Assert, Data};

/// Runs the tool in the directory of the policies.
fn corsgate(arguments: &[&str]) -> Command {
    let assert = Assert::new().action_env("SNAPSHOTS");
    Command::new(cargo_bin!("corsgate"))
        .with_assert(assert)
        .env("NO_COLOR", "1")
        .current_dir(policies())
        .args(arguments)
}

fn policies() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/compile")
}

/// The expected output, from a file beside the policies.
fn snapshot(name: &str) -> Data {
    Data::read_from(&policies().join(name), None).raw()
}

/// A policy that compiles gives JSON and warnings; any other gives only findings.
fn assert_compiles(name: &str, output: OutputAssert, compiles: bool) {
    let output = output.code(if compiles { 0 } else { 11 }).stderr_eq(snapshot(&format!("{name}.stderr")));
    if compiles {
        output.stdout_eq(snapshot(&format!("{name}.stdout")));
    } else {
        output.stdout_eq("");
    }
}

#[test]
fn every_policy_gives_the_output_beside_it() {
    for (name, compiles) in [
        ("canonical", true),
        ("credentials", false),
        ("design", true),
        ("empty", false),
        ("many-mistakes", false),
        ("syntax", false),
        ("version", false),
    ] {
        let file = format!("{name}.toml");
        assert_compiles(name, corsgate(&["compile", &file]).assert(), compiles);
    }
}

#[test]
fn an_environment_overrides_the_base() {
    let output = corsgate(&["compile", "design.toml", "--env", "development"]).assert();
    assert_compiles("design.development", output, true);
}

#[test]
fn an_unknown_environment_is_an_error_that_names_the_others() {
    let output = corsgate(&["compile", "design.toml", "--env", "develop"]).assert();
    assert_compiles("design.develop", output, false);
}

#[test]
fn a_policy_can_come_from_standard_input() {
    let policy = std::fs::read(policies().join("canonical.toml")).expect("a policy");
    let output = corsgate(&["compile", "-"]).stdin(policy).assert().success();
    let warnings = std::fs::read_to_string(policies().join("canonical.stderr")).expect("its warnings");
    output.stdout_eq(snapshot("canonical.stdout")).stderr_eq(warnings.replace("canonical.toml", "<stdin>"));
    let finding = "error[CG003]: the key `version` is missing\n--> <stdin>\n";
    let output = corsgate(&["compile", "-"]).stdin("routes = 1\n").assert().code(11);
    assert!(String::from_utf8_lossy(&output.get_output().stderr).contains(finding));
}

#[test]
fn an_unreadable_file_is_reported() {
    for (file, sentence) in [
        ("absent.toml", "cannot read `absent.toml`: no such file or directory"),
        (".", "cannot read `.`: is a directory"),
        ("/dev/zero", "cannot use `/dev/zero`: the file is binary, not the text of a policy"),
        (cargo_bin!("corsgate").to_str().expect("a path"), "the file is binary, not the text of a policy"),
    ] {
        let output = corsgate(&["compile", file]).assert().code(1).stdout_eq("");
        let stderr = String::from_utf8_lossy(&output.get_output().stderr).into_owned();
        assert!(stderr.starts_with("error: ") && stderr.ends_with(&format!("{sentence}\n")), "{stderr}");
    }
    let not_utf8 = corsgate(&["compile", "-"]).stdin(&b"version = 1\n# \xff\n"[..]).assert();
    not_utf8.code(1).stderr_eq("error: cannot use `<stdin>`: the file is not UTF-8 text: see line 2\n");
}

#[test]
fn wrong_usage_goes_to_standard_error_and_help_to_standard_output() {
    for arguments in
        [&[][..], &["compile"], &["compile", "a", "b"], &["comple", "a"], &["compile", "a", "--nope"]]
    {
        corsgate(arguments).assert().code(2).stdout_eq("");
    }
    for (arguments, name) in [(&["--help"][..], "help"), (&["compile", "--help"], "help.compile")] {
        corsgate(arguments).assert().code(0).stdout_eq(snapshot(&format!("{name}.stdout"))).stderr_eq("");
    }
}

#[test]
fn a_closed_pipe_is_not_a_failure() {
    let mut child = std::process::Command::new(cargo_bin!("corsgate"))
        .args(["compile", "design.toml"])
        .current_dir(policies())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the tool");
    drop(child.stdout.take());
    drop(child.stderr.take());
    assert_eq!(child.wait().expect("an end").code(), Some(0));
}

#[test]
fn colours_appear_only_on_terminals() {
    let output = corsgate(&["compile", "version.toml"]).env_remove("NO_COLOR").assert();
    assert!(!output.get_output().stderr.contains(&0x1b));
}
