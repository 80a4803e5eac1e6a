//! Runs the examples at the end of each help, in a directory that has the files that they name.

#![expect(clippy::expect_used, reason = "tests may fail loudly")]
#![cfg(unix)]

use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;
use std::process::{Command, Output};

use snapbox::cmd::cargo_bin;

/// A KV made of files, as wrangler shows it.
const WRANGLER: &str = r#"#!/bin/sh
mkdir -p kv; key=$(echo "$4" | tr / +)
case "$3" in
list) printf '['; s=; for f in kv/*; do [ -e "$f" ] || continue
  b=$(basename "$f"); printf '%s{"name":"%s","metadata":%s}' "$s" "$(echo "$b" | tr + /)" "$(cat "meta+$b")"; s=,; done
  printf ']';;
get) cat "kv/$key";;
put) for a; do case "$a" in --path=*) cp "${a#--path=}" "kv/$key";; --metadata=*) echo "${a#--metadata=}" > "meta+$key";; esac; done;;
delete) rm "kv/$key";;
esac
"#;

const POLICY: &str = r#"version = 1
[upstreams]
api = "https://origin.example.net"
[allowlists]
spa = ["https://app.example.com"]
partners = { kv = "partners" }
previews = { kv_keys = "previews" }
[environments.production.allowlists]
spa = ["https://app.example.com", "https://www.example.com"]
[[routes]]
name = "api"
hosts = ["api.example.com"]
path = "/*"
upstream = "api"
[routes.cors]
origins = ["@spa", "@partners", "@previews"]
methods = ["PUT"]
"#;

const CASES: &str = r#"[[cases]]
name = "the app may read"
request = { url = "https://api.example.com/", origin = "https://app.example.com" }
expect = { outcome = "allow" }
"#;

/// This one ends with 11, others with 0: the environment lists more than the base.
const WIDENS: &str = "corsgate diff policy.json policy.toml@production --deny widens";

fn in_shell(folder: &PathBuf, line: &str) -> Output {
    let mut path = vec![folder.clone()];
    path.extend(std::env::split_paths(&std::env::var_os("PATH").unwrap_or_default()));
    Command::new("sh")
        .args(["-c", line])
        .current_dir(folder)
        .env("PATH", std::env::join_paths(path).expect("a search path"))
        .env("HOME", folder)
        .env("CORSGATE_ADMIN_TOKEN", "t0ken")
        .output()
        .expect("a shell")
}

/// The example lines at the end of a help.
fn example(arguments: &[&str]) -> Vec<String> {
    let output =
        Command::new(cargo_bin!("corsgate")).args(arguments).arg("--help").output().expect("the tool");
    let help = String::from_utf8(output.stdout).expect("text");
    let (_, example) = help.rsplit_once("Example:\n").expect("an example");
    let lines = example.lines().map(str::trim).filter(|line| !line.starts_with('#'));
    lines.map(str::to_owned).collect()
}

#[test]
fn every_example_works() {
    // Outside the project, so that no other wrangler is found.
    let folder = std::env::temp_dir().join(format!("corsgate-examples-{}", std::process::id()));
    std::fs::create_dir_all(folder.join(".local/share/bash-completion/completions")).expect("a folder");
    std::os::unix::fs::symlink(cargo_bin!("corsgate"), folder.join("corsgate")).expect("a link");
    for (name, text) in [
        ("policy.toml", POLICY),
        ("policy.test.toml", CASES),
        ("partners.txt", "https://partner.example\n"),
        ("app.example.com.har", "{\"log\":{\"entries\":[]}}"),
        ("copied.txt", "curl https://api.example.com/users -H 'Origin: https://app.example.com'"),
        ("wrangler", WRANGLER),
    ] {
        std::fs::write(folder.join(name), text).expect("a file");
    }
    let program = std::fs::Permissions::from_mode(0o755);
    std::fs::set_permissions(folder.join("wrangler"), program).expect("a program");

    // A rollback needs an earlier version.
    let first = "corsgate compile policy.toml | corsgate publish - --env production --yes --message first";
    assert!(in_shell(&folder, first).status.success());
    // The examples that need neither a network nor records; a test beside the definitions checks that all others
    // parse.
    let verbs = [
        "compile",
        "check",
        "test",
        "explain",
        "diff",
        "publish",
        "rollback",
        "history",
        "status",
        "presets",
        "schema",
        "completions",
        "man",
    ];
    let mut lines = example(&[]);
    lines.extend(verbs.iter().flat_map(|verb| example(&[verb])));
    // In an order in which each example finds what it needs.
    for verb in ["check", "publish", "add", "remove", "history", "rollback", "diff"] {
        lines.extend(example(&["list", verb]));
    }
    // Write first the file that the other examples read.
    lines.sort_by_key(|line| !line.starts_with("corsgate compile"));
    // Skip the examples that would send requests to a gateway, and the one that asks (`init_asked.rs` answers it).
    let is_alone = |line: &String| {
        !line.contains("l https://corsgate.") && !line.contains("--live ") && line != "corsgate init"
    };
    for line in lines.into_iter().filter(is_alone) {
        // There is no terminal to ask for confirmation.
        let verbs = ["publish", "rollback", "list publish", "list rollback"];
        let asks = verbs.iter().any(|verb| line.starts_with(&format!("corsgate {verb}")));
        let typed = if asks { format!("{line} --yes") } else { line.clone() };
        let output = in_shell(&folder, &typed);
        let code = match line.as_str() {
            WIDENS => 11,
            // The first `list diff` compares with the list that `rollback` has restored.
            line if line.starts_with("corsgate list diff") => {
                output.status.code().unwrap_or_default() / 10 * 10
            }
            _ => 0,
        };
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(code), "{typed}\n{stderr}");
    }
    for written in ["policy.json", "policy.schema.json", "corsgate-test.1"] {
        assert!(folder.join(written).metadata().is_ok_and(|file| file.len() > 100), "{written}");
    }
    std::fs::remove_dir_all(folder).expect("an empty place");
}
