//! `corsgate check`, run for real.
//!
//! `tests/check/` holds for each code a policy (or a list) that has exactly this finding, `CG101.bad.toml`, and a
//! neighbour that does not, `CG101.good.toml`. To write the snapshots anew after a change:
//! `SNAPSHOTS=overwrite cargo test -p corsgate-cli`, and read the difference.

use std::path::{Path, PathBuf};

use corsgate_authoring::{Severity, lints, retired};
use snapbox::cmd::{Command, cargo_bin};
use snapbox::{Assert, Data};

fn corsgate(arguments: &[&str]) -> Command {
    Command::new(cargo_bin!("corsgate"))
        .with_assert(Assert::new().action_env("SNAPSHOTS"))
        .env("NO_COLOR", "1")
        .current_dir(folder())
        .args(arguments)
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/check")
}

fn snapshot(name: &str) -> Data {
    Data::read_from(&folder().join(name), None).raw()
}

/// Come with any policy that has a dangerous switch on, with one whose routes name no hosts, and with one that has a
/// route for a single path.
const COMPANIONS: [&str; 3] = ["CG204", "CG330", "CG340"];
/// What is wrong with test cases has its files in `tests/test/`.
const OF_CASES: &str = "CG4";
/// Policies that are too long are made by unit tests, mistakes of lists stand in `list.txt`, and compiled policies and
/// lists of a policy have tests of their own.
const ELSEWHERE: [&str; 9] =
    ["CG009", "CG043", "CG044", "CG045", "CG120", "CG121", "CG230", "CG247", "CG331"];

/// The codes in a run's GitHub output, one for each finding; the companion only if it is asked for.
fn codes(file: &str, asked: &str) -> Vec<String> {
    let output = corsgate(&["check", "--today", "2027-01-01", "--format", "github", file]).assert();
    let stdout = String::from_utf8_lossy(&output.get_output().stdout).into_owned();
    let code = |line: &str| Some(line.split_once(",title=")?.1.split_once("::")?.0.to_owned());
    let codes = stdout.lines().filter_map(code);
    codes.filter(|code| code == asked || !COMPANIONS.contains(&code.as_str())).collect()
}

#[test]
fn each_code_has_a_policy_that_has_it_alone_and_a_neighbour_without() {
    for lint in lints() {
        let code = lint.code.to_string();
        if ELSEWHERE.contains(&code.as_str()) || code.starts_with(OF_CASES) {
            continue;
        }
        let bad = format!("{code}.bad.toml");
        assert_eq!(codes(&bad, &code), [code.as_str()], "{code}");
        assert_eq!(codes(&format!("{code}.good.toml"), &code), [""; 0], "{code}");
        let exit = if lint.severity == Severity::Error { 11 } else { 0 };
        let arguments = ["check", "--today", "2027-01-01", &bad];
        corsgate(&arguments).assert().code(exit).stdout_eq("").stderr_eq(snapshot(&format!("{code}.stderr")));
        let denied = if lint.severity == Severity::Info { 0 } else { 11 };
        corsgate(&[&arguments[..], &["--deny", "warnings"]].concat()).assert().code(denied);
    }
}

#[test]
fn each_format_is_what_it_is() {
    for format in ["json", "sarif", "github"] {
        let output = corsgate(&["check", "--format", format, "formats.toml"]).assert().code(11);
        output.stdout_eq(snapshot(&format!("formats.{format}")));
    }
}

/// What a person writes who knows another tool, and what is said to them.
#[test]
fn slips_are_told_what_to_write_instead() {
    for name in ["slips.keys", "slips.values", "slips.origins", "slips.routes"] {
        let output = corsgate(&["check", "--today", "2027-01-01", &format!("{name}.toml")]).assert().code(11);
        output.stdout_eq("").stderr_eq(snapshot(&format!("{name}.stderr")));
    }
}

#[test]
fn a_list_is_checked_line_by_line() {
    let arguments = ["check", "--today", "2027-01-01", "--list", "list.txt"];
    corsgate(&arguments).assert().code(11).stdout_eq("").stderr_eq(snapshot("list.stderr"));
    let wildcards = corsgate(&[&arguments[..], &["--wildcards"]].concat()).assert().code(11);
    wildcards.stdout_eq("").stderr_eq(snapshot("list.wildcards.stderr"));
}

/// Only with `--expires-within`, which counts from the day of the check to the last day of an entry.
#[test]
fn entries_that_expire_soon_are_reported_in_time() {
    let arguments = ["check", "--today", "2027-01-01", "expiring.toml"];
    let within = |time: &str| corsgate(&[&arguments[..], &["--expires-within", time]].concat()).assert();
    within("2w").code(0).stdout_eq("").stderr_eq(snapshot("expiring.stderr"));
    let warnings = |time: &str| {
        let stderr = String::from_utf8_lossy(&within(time).get_output().stderr).into_owned();
        stderr.matches("warning[CG247]").count()
    };
    assert_eq!(["0d", "1d", "13d", "14d", "4000w"].map(warnings), [1, 2, 2, 3, 4]);
    corsgate(&arguments).assert().code(0).stderr_eq("`expiring.toml` is fine: 1 route, 5 origins\n");
    let list = ["check", "--today", "2027-01-01", "--list", "expiring.txt", "--expires-within", "14d"];
    corsgate(&[&list[..], &["--deny", "warnings"]].concat()).assert().code(11);
    corsgate(&list[..5]).assert().code(0);
    for time in ["", "14", "d", "-1d", "+1d", "1.5d", "9999999999w", "14 d", "1m"] {
        within(time).code(2).stdout_eq("");
    }
}

#[test]
fn codes_are_explained() {
    corsgate(&["check", "--explain", "cg101"])
        .assert()
        .code(0)
        .stdout_eq(snapshot("explain.stdout"))
        .stderr_eq("");
    for it in retired() {
        let code = it.code.to_string();
        let output = corsgate(&["check", "--explain", &code]).assert().code(0);
        output.stdout_eq(snapshot(&format!("{code}.retired.stdout"))).stderr_eq("");
    }
    let sentence =
        "error: no finding has the code `CG999`; codes are `CG` and three digits, such as `CG101`\n";
    corsgate(&["check", "--explain", "CG999"]).assert().code(2).stdout_eq("").stderr_eq(sentence);
}

#[test]
fn usage_is_told_on_standard_error_and_help_on_standard_output() {
    for arguments in [
        &["check"][..],
        &["check", "a", "--list", "b"],
        &["check", "a", "--deny", "everything"],
        &["check", "a", "--wildcards"],
        &["check", "a", "--today", "soon"],
    ] {
        corsgate(arguments).assert().code(2).stdout_eq("");
    }
    corsgate(&["check", "--help"]).assert().code(0).stdout_eq(snapshot("help.stdout")).stderr_eq("");
}

#[test]
fn the_example_is_fine() {
    let example = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../policies/example.toml");
    let example = example.to_str().expect("a path");
    for arguments in [&["check", example][..], &["check", example, "--env", "development"]] {
        let output =
            corsgate(&[arguments, &["--today", "2027-01-01", "--deny", "warnings"]].concat()).assert();
        let stderr = String::from_utf8_lossy(&output.code(0).get_output().stderr).into_owned();
        assert!(stderr.contains("is fine: 11 routes"), "{stderr}");
    }
}

/// `docs/lints.md` is made from the registry.
#[test]
fn the_page_of_all_codes_is_up_to_date() {
    let mut page = "# Findings of `corsgate check` and `corsgate test`\n\nMade from the registry of lints by `SNAPSHOTS=overwrite cargo test \
                    -p corsgate-cli check`; `corsgate check --explain CODE` prints the same.\n\nA code keeps its meaning \
                    for ever: one that no finding has any more is retired, and given to no other.\n"
        .to_owned();
    let known = lints().map(|lint| {
        let severity = format!("{:?}", lint.severity).to_lowercase();
        (lint.code, lint.title, severity, lint.explanation)
    });
    let retired =
        retired().map(|it| (it.code, it.title, format!("retired since {}", it.since), it.explanation));
    let mut all: Vec<_> = known.chain(retired).collect();
    all.sort_by_key(|(code, ..)| *code);
    for (code, title, standing, explanation) in all {
        page.push_str(&format!("\n## {code}: {title}\n\n*{standing}*\n\n{explanation}\n"));
    }
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/lints.md");
    Assert::new().action_env("SNAPSHOTS").eq(page, Data::read_from(&path, None).raw());
}
