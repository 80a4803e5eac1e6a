//! Compiled policies that somebody edited: each verb reports what it would report for their source, and rejects
//! errors.

#![expect(clippy::expect_used, clippy::indexing_slicing, reason = "tests may fail loudly")]

use std::path::Path;

use serde_json::{Value, json};
use snapbox::cmd::{Command, OutputAssert, cargo_bin};
use tempfile::TempDir;

const SOURCE: &str = r#"
version = 1
[upstreams]
api = "https://origin.example.net"
[[routes]]
name = "api"
path = "/*"
hosts = ["api.example.com"]
upstream = "api"
[routes.cors]
origins = ["https://app.example.com"]
methods = ["PUT"]
credentials = true
"#;

fn corsgate(folder: &Path, arguments: &[&str]) -> Command {
    Command::new(cargo_bin!("corsgate"))
        .env("NO_COLOR", "1")
        .env_remove("CORSGATE_ADMIN_TOKEN")
        .current_dir(folder)
        .args(arguments)
}

fn stderr(output: &OutputAssert) -> String {
    String::from_utf8_lossy(&output.get_output().stderr).into_owned()
}

/// A directory with the source and the compiled policy, and a KV made of files that `wrangler` reads and writes.
fn folder() -> TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path();
    std::fs::write(path.join("policy.toml"), SOURCE).expect("written");
    let compiled = corsgate(path, &["compile", "policy.toml"]).assert().code(0);
    std::fs::write(path.join("policy.json"), &compiled.get_output().stdout).expect("written");
    std::fs::create_dir_all(path.join("kv/policy/version")).expect("a folder");
    let script = r#"#!/bin/sh
cd "$(dirname "$0")/kv" || exit 1
case "$3" in
list) printf '['; find policy -type f | sed 's/.*/{"name":"&"}/' | paste -sd, - | tr -d '\n'; printf ']';;
get) cat "$4";;
put) for a in "$@"; do case "$a" in --path=*) cp "${a#--path=}" "$4";; esac; done;;
esac
"#;
    #[cfg(unix)]
    crate::support::program::write(&path.join("wrangler"), script);
    folder
}

fn document(folder: &Path) -> Value {
    serde_json::from_slice(&std::fs::read(folder.join("policy.json")).expect("read")).expect("JSON")
}

/// Edits of a compiled policy, and the message for each.
fn edits(folder: &Path) -> Vec<(&'static str, Value, &'static str)> {
    let whole = document(folder);
    let edited = |edit: &dyn Fn(&mut Value)| {
        let mut document = whole.clone();
        edit(&mut document);
        document
    };
    let origins = json!(["https://*.github.io"]);
    vec![
        (
            "origin",
            edited(&|it| it["routes"][0]["cors"]["origins"] = json!(["https://evil.example"])),
            "CG121",
        ),
        ("suffix", edited(&|it| it["routes"][0]["cors"]["origins"] = origins.clone()), "CG101"),
        (
            "suffix without an id",
            edited(&|it| {
                it["routes"][0]["cors"]["origins"] = origins.clone();
                it.as_object_mut().expect("an object").remove("id");
            }),
            "CG101",
        ),
        (
            "suffix in a list",
            edited(&|it| {
                it["allowlists"] = json!({ "spa": ["https://*.co.uk"] });
                it["routes"][0]["cors"]["origins"] = json!(["@spa"]);
            }),
            "CG101",
        ),
        (
            "suffix in a list that a route without credentials uses before",
            edited(&|it| {
                it["allowlists"] = json!({ "spa": ["https://*.co.uk"] });
                let mut anonymous = it["routes"][0].clone();
                anonymous["name"] = json!("anonymous");
                anonymous["path"] = json!("/anonymous/*");
                anonymous["cors"] = json!({ "origins": ["@spa"] });
                it["routes"][0]["cors"]["origins"] = json!(["@spa"]);
                it["routes"].as_array_mut().expect("an array").insert(0, anonymous);
            }),
            "CG101",
        ),
        (
            "suffix in a list that the defaults without credentials use before",
            edited(&|it| {
                it["allowlists"] = json!({ "spa": ["https://*.co.uk"] });
                it["default_cors"] = json!({ "origins": ["@spa"] });
                it["routes"][0]["cors"]["origins"] = json!(["@spa"]);
            }),
            "CG101",
        ),
        ("any", edited(&|it| it["routes"][0]["cors"]["origins"] = json!(["*"])), "CG024"),
        (
            "insecure",
            edited(&|it| it["routes"][0]["cors"]["origins"] = json!(["http://lan.example"])),
            "CG027",
        ),
    ]
}

#[test]
fn no_verb_accepts_an_edited_compiled_policy() {
    let folder = folder();
    let path = folder.path();
    for (name, document, code) in edits(path) {
        let bytes = serde_json::to_vec(&document).expect("JSON");
        std::fs::write(path.join("edited.json"), &bytes).expect("written");
        let kv = ["--yes", "--message=m", "--wrangler=./wrangler"];
        for (arguments, stdin) in [
            (["check", "edited.json"].to_vec(), false),
            (["check", "-"].to_vec(), true),
            (["diff", "policy.json", "edited.json"].to_vec(), false),
            (["diff", "edited.json", "policy.toml"].to_vec(), false),
            ([&["publish", "edited.json", "--env=production"][..], &kv].concat(), false),
            ([&["publish", "-"][..], &kv].concat(), true),
        ] {
            let command = corsgate(path, &arguments);
            let output = if stdin { command.stdin(bytes.clone()) } else { command }.assert().code(11);
            let said = stderr(&output);
            assert!(said.contains(&format!("error[{code}]")), "{name}, {arguments:?}: {said}");
            assert!(said.contains(".json:1:") || said.contains("<stdin>:1:"), "its place: {said}");
        }
        assert!(!path.join("kv/policy/current").exists(), "{name}: nothing was written");
    }
}

#[test]
fn an_unedited_compiled_policy_is_accepted() {
    let folder = folder();
    let path = folder.path();
    corsgate(path, &["check", "policy.json", "--deny", "warnings"]).assert().code(0);
    corsgate(path, &["check", "policy.json", "--env", "production"]).assert().code(2);
    corsgate(path, &["diff", "policy.json", "policy.toml"]).assert().code(0);
    // The switch that allows it is not part of the compiled policy.
    let open = SOURCE
        .replace("credentials = true", "dangerously_allow_public_suffix = true")
        .replace("app.example.com", "*.github.io");
    std::fs::write(path.join("open.toml"), open).expect("written");
    let compiled = corsgate(path, &["compile", "open.toml"]).assert().code(0);
    std::fs::write(path.join("open.json"), &compiled.get_output().stdout).expect("written");
    let said = stderr(&corsgate(path, &["check", "open.json"]).assert().code(0));
    assert!(said.contains("warning[CG101]"), "{said}");
}

/// Every policy that compiles is accepted in its compiled form: nothing is an error there that was none in the source.
#[test]
fn a_policy_that_compiles_is_accepted_when_compiled() {
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/check");
    let folder = tempfile::tempdir().expect("a folder");
    let mut taken = 0;
    for file in std::fs::read_dir(&fixtures).expect("a folder") {
        let file = file.expect("a file").path();
        if file.extension().is_none_or(|extension| extension != "toml") {
            continue;
        }
        let name = file.to_str().expect("a path");
        let compiled = corsgate(&fixtures, &["compile", name]).output().expect("it runs");
        if !compiled.status.success() {
            continue;
        }
        std::fs::write(folder.path().join("policy.json"), &compiled.stdout).expect("written");
        let checked = corsgate(folder.path(), &["check", "policy.json"]).output().expect("it runs");
        assert!(checked.status.success(), "{name}: {}", String::from_utf8_lossy(&checked.stderr));
        taken += 1;
    }
    assert!(taken > 50, "{taken}");
}

#[cfg(unix)]
#[test]
fn a_first_publication_shows_what_it_opens_and_asks() {
    let folder = folder();
    let path = folder.path();
    let first = ["publish", "policy.toml", "--message=m", "--wrangler=./wrangler"];
    corsgate(path, &first).stdin("").assert().code(2);
    let output = corsgate(path, &[&first[..], &["--dry-run"]].concat()).assert().code(0);
    let shown = String::from_utf8_lossy(&output.get_output().stdout).into_owned();
    for what in ["https://app.example.com", "PUT", "cookies", "widens"] {
        assert!(shown.contains(what), "{what}: {shown}");
    }
    corsgate(path, &[&first[..], &["--yes", "--deny=widens"]].concat()).assert().code(11);
    assert!(!path.join("kv/policy/current").exists());
    corsgate(path, &[&first[..], &["--yes"]].concat()).assert().code(0);
    assert!(path.join("kv/policy/current").exists());
}

#[cfg(unix)]
#[test]
fn a_policy_edited_in_kv_is_reported_and_never_put_in_force_again() {
    let folder = folder();
    let path = folder.path();
    let publish = ["publish", "policy.toml", "--message=m", "--wrangler=./wrangler", "--yes"];
    corsgate(path, &publish).assert().code(0);
    for (name, document, code) in edits(path) {
        if document.get("id").is_none() || ["CG024", "CG027"].contains(&code) {
            continue;
        }
        let bytes = serde_json::to_vec(&document).expect("JSON");
        std::fs::write(path.join("kv/policy/previous"), &bytes).expect("written");
        let rollback = ["rollback", "--yes", "--wrangler=./wrangler"];
        let said = stderr(&corsgate(path, &rollback).assert().code(11));
        assert!(said.contains("CG121") && said.contains("policy/previous"), "{name}: {said}");
        let said = stderr(&corsgate(path, &["history", "--wrangler=./wrangler"]).assert().code(0));
        assert!(said.contains("`policy/previous` has the id"), "{name}: {said}");
        std::fs::copy(path.join("kv/policy/current"), path.join("good")).expect("a copy");
        std::fs::write(path.join("kv/policy/current"), &bytes).expect("written");
        let said = stderr(&corsgate(path, &["status", "--wrangler=./wrangler"]).assert().code(10));
        assert!(said.contains("`policy/current` has the id"), "{name}: {said}");
        std::fs::copy(path.join("good"), path.join("kv/policy/current")).expect("a copy");
    }
    // With the correct id and under its name, the policy is intact but still has an error.
    let mut document = document(path);
    document["routes"][0]["cors"]["origins"] = json!(["https://*.github.io"]);
    document.as_object_mut().expect("an object").remove("id");
    let side = serde_json::from_value(document).expect("a document");
    let mut canonical: corsgate_policy::policy::document::Document = side;
    let bytes = corsgate_authoring::canonicalize(&mut canonical).expect("JSON");
    std::fs::write(path.join("kv/policy/version").join(&canonical.id), bytes).expect("written");
    let rollback = ["rollback", "--yes", "--wrangler=./wrangler", "--to", &canonical.id];
    let said = stderr(&corsgate(path, &rollback).assert().code(11));
    assert!(said.contains("error[CG101]"), "{said}");
}

#[test]
fn a_list_is_judged_by_the_routes_that_use_it() {
    let folder = folder();
    let path = folder.path();
    let policy = r#"
version = 1
[upstreams]
api = "https://origin.example.net"
[allowlists]
partners = { kv = "partners" }
other = { kv = "other", dangerously_unchecked_wildcards = true }
[defaults]
hosts = ["api.example.com"]
upstream = "api"
[[routes]]
name = "account"
path = "/account"
cors = { origins = ["@partners"], credentials = true }
[[routes]]
name = "lan"
path = "/lan"
cors = { origins = ["@partners", "@other"], dangerously_allow_insecure_origins = true }
"#;
    std::fs::write(path.join("policy.toml"), policy).expect("written");
    let list = "https://a.example\nhttp://lan.example\nhttp://localhost:5173\nhttps://*.b.example\n";
    std::fs::write(path.join("partners.txt"), list).expect("written");
    let check = |list: &str| corsgate(path, &["check", "policy.toml", "--list", list]).assert();
    let said = stderr(&check("partners=partners.txt").code(11));
    for what in [
        "error[CG120]: the line is ignored on route `account`: an `http` origin of another machine",
        "partners.txt:2:1",
        "error[CG043]",
        "`partners.txt` has 2 errors",
    ] {
        assert!(said.contains(what), "{what}: {said}");
    }
    assert!(!said.contains("partners.txt:3"), "loopback counts everywhere: {said}");
    check("other=partners.txt").code(0);
    let said = stderr(&check("none=partners.txt").code(2));
    assert!(said.contains("no list in KV with the name `none`"), "{said}");
    check("partners.txt").code(2);
    let said = stderr(&corsgate(path, &["check", "--list", "partners.txt"]).assert().code(11));
    assert!(said.contains("info[CG331]") && said.contains("partners.txt:2:1"), "{said}");
    let url = ["--url=https://api.example.com/account", "--origin=http://lan.example"];
    let explain = [&["explain", "policy.toml", "--list=partners=partners.txt"][..], &url].concat();
    let output = corsgate(path, &explain).assert().code(10);
    let told = String::from_utf8_lossy(&output.get_output().stdout).into_owned();
    let sentence = "has it as `http://lan.example`, but this route ignores the entry: an `http` origin of another machine";
    assert!(told.contains(sentence), "{told}");
    assert!(
        told.contains("`partners.txt`: line 2: an `http` origin of another machine is ignored"),
        "{told}"
    );
}
