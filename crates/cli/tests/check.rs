//! Runs `corsgate check`.
//!
//! `tests/check/` has, for each code, a policy (or a list) with exactly this finding, `CG101.bad.toml`, and a similar
//! one without it, `CG101.good.toml`. After a change, `SNAPSHOTS=overwrite cargo test -p corsgate-cli` writes the
//! snapshots anew; read the difference.

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

/// Findings that accompany any policy with a dangerous switch on, with routes without hosts, or with a route for a
/// single path.
const COMPANIONS: [&str; 3] = ["CG204", "CG330", "CG340"];
/// The files for findings in test cases are in `tests/test/`.
const OF_CASES: &str = "CG4";
/// Unit tests make policies that are too long, `list.txt` has the mistakes of lists, and compiled policies and the
/// lists of a policy have tests of their own.
const ELSEWHERE: [&str; 9] =
    ["CG009", "CG043", "CG044", "CG045", "CG120", "CG121", "CG230", "CG247", "CG331"];

/// The codes in the GitHub output of a run, one for each finding; companions only on request.
fn codes(file: &str, asked: &str) -> Vec<String> {
    let output = corsgate(&["check", "--today", "2027-01-01", "--format", "github", file]).assert();
    let stdout = String::from_utf8_lossy(&output.get_output().stdout).into_owned();
    let code = |line: &str| Some(line.split_once(",title=")?.1.split_once("::")?.0.to_owned());
    let codes = stdout.lines().filter_map(code);
    codes.filter(|code| code == asked || !COMPANIONS.contains(&code.as_str())).collect()
}

#[test]
fn each_code_has_a_policy_with_this_finding_alone_and_one_without_it() {
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
fn an_upstream_on_this_machine_is_fine_where_the_policy_is_served_there() {
    let policy = std::fs::read_to_string(folder().join("CG271.bad.toml")).expect("a policy");
    let upstreams = "[environments.development.upstreams]\napi = \"http://localhost:3000\"\n";
    let hosts = "[environments.development.hosts]\n\"api.example.com\" = [\"localhost\"]\n";
    let elsewhere = "[environments.development.hosts]\n\"api.example.com\" = [\"staging.example.com\"]\n";
    for (environment, arguments, is_told) in [
        (upstreams, &[][..], true),
        (upstreams, &["--env", "development"], false),
        (hosts, &[], true),
        (hosts, &["--env", "development"], false),
        (elsewhere, &["--env", "development"], true),
        // As `corsgate dev` asks.
        (upstreams, &["--on-this-machine"], false),
        ("[check]\nallow = [\"CG271\"]\n", &[], false),
    ] {
        let checked = corsgate(&[&["check", "--deny", "warnings", "-"], arguments].concat());
        let output = checked.stdin(format!("{policy}{environment}")).assert();
        let stderr = String::from_utf8_lossy(&output.get_output().stderr).into_owned();
        assert_eq!(stderr.contains("info[CG271]"), is_told, "{environment}{arguments:?}: {stderr}");
        output.code(0);
    }
    // Whoever serves what is compiled has chosen where.
    corsgate(&["compile", "CG271.bad.toml"]).assert().success().stderr_eq("");
}

#[test]
fn without_an_environment_every_one_is_checked() {
    let policy = std::fs::read_to_string(folder().join("CG101.bad.toml")).expect("a policy");
    let policy =
        policy.replace("https://*.github.io", "@x") + "[allowlists]\nx = [\"https://app.example.com\"]\n";
    let bad = "[environments.production.allowlists]\nx = [\"https://*.github.io\"]\n";
    let good = "[environments.staging.allowlists]\nx = [\"https://staging.example.com\"]\n";
    for (environments, arguments, code, said) in [
        (bad, &[][..], 11, Some("error[CG101]: in environment `production`: `github.io` is")),
        (bad, &["--env", "production"], 11, Some("error[CG101]: `github.io` is")),
        (&format!("{good}{bad}"), &["--env", "staging"], 0, None),
        // As `corsgate dev` asks, which serves the base.
        (bad, &["--on-this-machine"], 0, None),
        (good, &[], 0, None),
    ] {
        let checked = corsgate(&[&["check", "-"], arguments].concat());
        let output = checked.stdin(format!("{policy}{environments}")).assert().code(code);
        let stderr = String::from_utf8_lossy(&output.get_output().stderr).into_owned();
        match said {
            Some(said) => assert!(stderr.contains(said), "{environments}{arguments:?}: {stderr}"),
            None => assert!(!stderr.contains("CG101"), "{environments}{arguments:?}: {stderr}"),
        }
    }
}

#[test]
fn each_format_has_its_form() {
    for format in ["json", "sarif", "github"] {
        let output = corsgate(&["check", "--format", format, "formats.toml"]).assert().code(11);
        output.stdout_eq(snapshot(&format!("formats.{format}")));
    }
}

/// Mistakes of users who know other tools, and the messages for them.
#[test]
fn habits_from_other_tools_are_answered_with_what_to_write() {
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

/// Only with `--expires-within`, from the day of the check to the last day of an entry.
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
fn wrong_usage_goes_to_standard_error_and_help_to_standard_output() {
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
fn the_example_has_no_finding() {
    let example = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../policies/example.toml");
    let example = example.to_str().expect("a path");
    for arguments in [&["check", example][..], &["check", example, "--env", "development"]] {
        let output =
            corsgate(&[arguments, &["--today", "2027-01-01", "--deny", "warnings"]].concat()).assert();
        let stderr = String::from_utf8_lossy(&output.code(0).get_output().stderr).into_owned();
        assert!(stderr.contains("is fine: 11 routes"), "{stderr}");
    }
}

/// `docs/lints.md` is generated from the registry of lints.
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

const WITH_PRESETS: &str = r#"version = 1
[upstreams]
api = "https://origin.example.net"
[[routes]]
name = "plain"
path = "/plain"
upstream = "api"
[routes.cors]
origins = ["https://app.example.com"]
methods = ["PUT"]
[[routes]]
name = "api"
path = "/*"
upstream = "api"
[routes.cors]
origins = ["https://app.example.com"]
request_headers = ["tracestate"]
presets = ["w3c-trace", "sentry"]
"#;

const FROM_PRESETS: &str = "\
route `api` (<stdin>:12:8)
  request_headers
    baggage: by the presets `sentry` and `w3c-trace`
    sentry-trace: by the preset `sentry`
    traceparent: by the preset `w3c-trace`
";

#[test]
fn names_tell_the_presets_that_they_come_from() {
    let check =
        |more: &[&str], policy: &str| corsgate(&["check", "-"]).args(more).stdin(policy.as_bytes()).assert();
    check(&["--explain"], WITH_PRESETS).code(0).stdout_eq(FROM_PRESETS);
    check(&[], WITH_PRESETS).code(0).stdout_eq("");
    // A policy with errors has no rules, and a compiled one has names alone.
    check(&["--explain"], &WITH_PRESETS.replace("w3c-trace", "w3c-tracing")).code(11).stdout_eq("");
    let compiled = corsgate(&["compile", "-"]).stdin(WITH_PRESETS.as_bytes()).assert().code(0);
    let compiled = String::from_utf8_lossy(&compiled.get_output().stdout).into_owned();
    check(&["--explain"], &compiled).code(0).stdout_eq("");
}

#[test]
fn explain_without_a_code_is_about_a_policy() {
    for (arguments, sentence) in [
        (&["--explain"][..], "`--explain` needs a code such as CG101, or a policy before it"),
        (&["CG101.bad.toml", "--explain", "CG101"], "`--explain CODE` checks nothing"),
        (&["--explain", "CG101", "--format", "json"], "`--explain CODE` checks nothing"),
        (&["--explain", "CG101", "--deny", "warnings"], "`--explain CODE` checks nothing"),
        (
            &["CG101.bad.toml", "--format", "json", "--explain"],
            "`--explain` without a code needs the format `human`",
        ),
    ] {
        let output = corsgate(&["check"]).args(arguments).assert().code(2).stdout_eq("");
        let stderr = String::from_utf8_lossy(&output.get_output().stderr).into_owned();
        assert!(stderr.contains(sentence), "{arguments:?}: {stderr}");
    }
}

/// The errors of a policy whose only route has these lines under `[routes.cors]`, as GitHub gets them.
fn errors_of(cors: &str) -> String {
    let policy = format!(
        "version = 1\n[upstreams]\napi = \"https://origin.example.net\"\n[[routes]]\nname = \"r\"\npath = \"/*\"\nupstream = \"api\"\n[routes.cors]\n{cors}\n"
    );
    let output = corsgate(&["check", "-"]).stdin(policy.as_bytes()).assert();
    let stderr = String::from_utf8_lossy(&output.get_output().stderr).into_owned();
    let blocks = stderr.split("\n\n").filter(|block| block.starts_with("error["));
    blocks.collect::<Vec<_>>().join("\n\n")
}

#[test]
fn a_family_over_reserved_names_is_an_error_however_it_is_written() {
    let families = [
        "access-control-*",
        "Access-Control-Request-*",
        "acc*",
        "a*",
        "sec-*",
        "Sec-Fetch-*",
        "s*",
        "proxy-*",
        "pr*",
        "corsgate-*",
        "authorization*",
        "cookie*",
        "set-cookie*",
    ];
    for key in ["request_headers", "exposed_headers"] {
        for credentials in [false, true] {
            for family in families {
                let cors = format!(
                    "origins = [\"https://a.example\"]\ncredentials = {credentials}\n{key} = [\"{family}\"]"
                );
                let errors = errors_of(&cors);
                assert!(errors.starts_with("error[CG071]") && errors.contains(family), "{cors}: {errors}");
                assert_eq!(errors.matches("error[").count(), 1, "{errors}");
            }
        }
    }
}

#[test]
fn a_star_with_credentials_is_one_error_with_every_preset_too() {
    for key in ["request_headers", "exposed_headers", "methods"] {
        for preset in corsgate_authoring::presets::PRESETS {
            let cors = |credentials: bool| {
                let name = preset.name;
                format!(
                    "origins = [\"https://a.example\"]\ncredentials = {credentials}\npresets = [\"{name}\"]\n{key} = [\"*\"]"
                )
            };
            let errors = errors_of(&cors(true));
            assert!(errors.starts_with("error[CG025]"), "{key}, {}: {errors}", preset.name);
            assert_eq!(errors.matches("error[").count(), 1, "{errors}");
            assert_eq!(errors_of(&cors(false)), "", "{key}, {}", preset.name);
        }
    }
    let errors = errors_of("origins = [\"*\"]\ncredentials = true\npresets = [\"mcp\"]");
    assert_eq!(errors.matches("error[").count(), 1, "{errors}");
}

#[test]
fn an_unknown_preset_is_an_error_with_the_nearest_or_all_of_them() {
    for (written, help) in [
        ("MCP", "write `\"mcp\"`"),
        ("grpc_web", "write `\"grpc-web\"`"),
        ("supbase", "write `\"supabase\"`"),
        ("colours", "the presets are `connect`, `graphql`, "),
        ("", "the presets are `connect`, `graphql`, "),
        ("*", "the presets are `connect`, `graphql`, "),
    ] {
        let errors = errors_of(&format!("origins = [\"https://a.example\"]\npresets = [\"{written}\"]"));
        assert!(errors.starts_with("error[CG072]") && errors.contains(help), "{written}: {errors}");
    }
}
