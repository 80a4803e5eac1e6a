//! Runs `corsgate import`.
//!
//! `tests/import/sources/` has configurations of other programs, `tests/import/NAME/` what is written for each. After a
//! change, `SNAPSHOTS=overwrite cargo test -p corsgate-cli import` writes them anew; read the difference.

#![expect(clippy::expect_used, clippy::expect_fun_call, reason = "tests may fail loudly")]

use std::fs;
use std::path::{Path, PathBuf};

use snapbox::cmd::{Command, cargo_bin};
use snapbox::{Assert, Data};
use tempfile::TempDir;

pub(crate) fn kept() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/import")
}

pub(crate) fn corsgate(folder: &Path, arguments: &[&str]) -> Command {
    Command::new(cargo_bin!("corsgate"))
        .with_assert(Assert::new().action_env("SNAPSHOTS"))
        .env("NO_COLOR", "1")
        .current_dir(folder)
        .args(arguments)
}

/// Standard output, standard error and the exit code.
pub(crate) fn ran(command: Command) -> (String, String, i32) {
    let output = command.assert().get_output().clone();
    let text = |bytes| String::from_utf8(bytes).expect("text");
    (text(output.stdout), text(output.stderr), output.status.code().expect("a code"))
}

/// A folder with one file.
pub(crate) fn folder(name: &str, text: impl AsRef<[u8]>) -> TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    fs::write(folder.path().join(name), text).expect("a file");
    folder
}

/// What becomes of a script: the policy, the report as JSON, the exit code.
pub(crate) fn imported(script: &str) -> (String, serde_json::Value, i32) {
    imported_as("server.js", script, &[])
}

pub(crate) fn imported_as(
    name: &str,
    text: impl AsRef<[u8]>,
    more: &[&str],
) -> (String, serde_json::Value, i32) {
    let folder = folder(name, text);
    let arguments = [&["import", name, "--format", "json"], more].concat();
    let (stdout, stderr, code) = ran(corsgate(folder.path(), &arguments));
    let report = serde_json::from_str(&stdout).expect(&format!("JSON, not {stdout}{stderr}"));
    let policy = fs::read_to_string(folder.path().join("policy.toml")).unwrap_or_default();
    if !policy.is_empty() {
        let (_, stderr, code) = ran(corsgate(folder.path(), &["check", "policy.toml"]));
        assert_eq!(code, 0, "{policy}\n{stderr}");
        let (stdout, stderr, code) =
            ran(corsgate(folder.path(), &["test", "policy.toml", "policy.test.toml", "--deny", "uncovered"]));
        assert_eq!(code, 0, "{policy}\n{stdout}{stderr}");
    }
    (policy, report, code)
}

/// The findings of a class, as one text.
pub(crate) fn of_class(report: &serde_json::Value, class: &str) -> String {
    let findings = report["findings"].as_array().expect("findings");
    let lines = findings.iter().filter(|it| it["class"] == class).map(|it| {
        let text = |key: &str| it[key].as_str().expect("a text").to_owned();
        format!("{}:{} {}: {}\n", text("file"), it["line"], text("about"), text("message"))
    });
    lines.collect()
}

pub(crate) fn express(options: &str) -> String {
    format!("const cors = require('cors');\nconst app = require('express')();\napp.use(cors({options}));\n")
}

/// The report and the policy of a file, with the options that pages and snapshots are written with.
pub(crate) fn written(folder: &Path, name: &str) -> (String, String) {
    let arguments = [
        "import",
        name,
        "--mode",
        "enforce",
        "--host",
        "api.example.com",
        "--upstream",
        "https://origin.example.net",
    ];
    let (report, stderr, _) = ran(corsgate(folder, &arguments));
    let policy = fs::read_to_string(folder.join("policy.toml"));
    (report, policy.expect(&format!("it was written: {stderr}")))
}

#[test]
fn each_source_is_written_as_before() {
    let mut sources: Vec<_> = fs::read_dir(kept().join("sources"))
        .expect("a folder")
        .map(|it| it.expect("a file").path())
        .collect();
    sources.sort();
    assert!(sources.len() > 12);
    for source in sources {
        let name = source.file_name().and_then(|name| name.to_str()).expect("a name");
        let folder = folder(name, fs::read(&source).expect("a source"));
        let (report, policy) = written(folder.path(), name);
        let text = format!("{report}\n{policy}");
        let snapshot = Data::read_from(&kept().join(format!("{name}.said")), None).raw();
        Assert::new().action_env("SNAPSHOTS").eq(Data::text(text), snapshot);
        for arguments in [
            &["check", "policy.toml"][..],
            &["test", "policy.toml", "policy.test.toml", "--deny", "uncovered"],
        ] {
            let (stdout, stderr, code) = ran(corsgate(folder.path(), arguments));
            assert_eq!(code, 0, "{name}: {stdout}{stderr}");
        }
    }
}

#[test]
fn what_was_carried_over_completely_ends_with_0_and_the_rest_with_10() {
    let (_, _, code) =
        imported(&express("{ origin: 'https://app.example.com', allowedHeaders: 'content-type' }"));
    assert_eq!(code, 0);
    let (_, report, code) = imported(&express("{ origin: process.env.ORIGIN }"));
    assert_eq!(code, 10);
    assert!(
        of_class(&report, "not readable")
            .contains("server.js:3 origins: the origins come from the environment variable `ORIGIN`"),
        "{report}"
    );
}

#[test]
fn routes_only_report_unless_told_otherwise() {
    let script = express("{ origin: 'https://app.example.com' }");
    assert!(imported(&script).0.contains("\nmode     = \"report\""));
    assert!(!imported_as("server.js", &script, &["--mode", "enforce"]).0.contains("mode "));
}

#[test]
fn check_points_at_placeholders() {
    let folder = folder("server.js", express("{ origin: 'https://app.example.com' }"));
    corsgate(folder.path(), &["import", "server.js"]).assert().code(0);
    let (_, stderr, code) = ran(corsgate(folder.path(), &["check", "policy.toml", "--deny", "warnings"]));
    assert_eq!(code, 11);
    assert!(
        stderr.contains("the upstream `api` is a placeholder")
            && stderr.contains("the host `api.invalid` is a placeholder"),
        "{stderr}"
    );
    let full = [
        "import",
        "server.js",
        "--force",
        "--host",
        "api.example.com",
        "--upstream",
        "https://origin.example.net",
        "--mode",
        "enforce",
    ];
    corsgate(folder.path(), &full).assert().code(0);
    corsgate(folder.path(), &["check", "policy.toml", "--deny", "warnings"]).assert().code(0);
}

#[test]
fn nothing_is_overwritten_without_force() {
    let folder = folder("server.js", express("{}"));
    for existing in ["policy.toml", "policy.test.toml"] {
        fs::write(folder.path().join(existing), "mine").expect("a file");
        let (_, stderr, code) = ran(corsgate(folder.path(), &["import", "server.js"]));
        assert_eq!((code, stderr.contains("`--force`")), (1, true), "{stderr}");
        assert_eq!(fs::read_to_string(folder.path().join(existing)).expect("a file"), "mine");
        let others = fs::read_dir(folder.path()).expect("a folder").count();
        assert_eq!(others, 2, "nothing else was written");
        corsgate(folder.path(), &["import", "server.js", "--force"]).assert().code(0);
        for file in ["policy.toml", "policy.test.toml"] {
            fs::remove_file(folder.path().join(file)).expect("it was written");
        }
    }
}

#[test]
fn standard_input_and_folders_are_read() {
    let folder = tempfile::tempdir().expect("a folder");
    let source = folder.path().join("src/http");
    for path in ["src/http", "src/node_modules/x", "src/.git"] {
        fs::create_dir_all(folder.path().join(path)).expect("a folder");
    }
    fs::write(source.join("server.ts"), express("{ origin: 'https://app.example.com' }")).expect("a file");
    fs::write(source.join("other.js"), "export const answer = 42;\n).;").expect("a file");
    fs::write(folder.path().join("src/node_modules/x/a.js"), express("{ origin: '*' }")).expect("a file");
    let (stdout, _, _) = ran(corsgate(folder.path(), &["import", "src", "--format", "json"]));
    let report: serde_json::Value = serde_json::from_str(&stdout).expect("JSON");
    assert_eq!(report["sources"], serde_json::json!(["src/http/server.ts"]), "{stdout}");
    let command = corsgate(folder.path(), &["import", "-", "--out", "new/place"])
        .stdin(express("{ origin: 'https://b.example' }"));
    assert!(ran(command).0.contains("<stdin>:3"));
    assert!(folder.path().join("new/place/policy.test.toml").exists());
    let (_, stderr, code) = ran(corsgate(folder.path(), &["import", "absent.js"]));
    assert_eq!(code, 1, "{stderr}");
}

#[test]
fn routes_are_added_to_a_policy_that_exists() {
    let policy = "version = 1\n[upstreams] # mine\nusers = \"https://users.example.net\"\n[defaults.cors]\nmax_age = 60\ncredentials = true\n\
                  presets = [\"mcp\"]\n[[routes]]\nname = \"api\"\nhosts = [\"users.example.com\"]\npath = \"/*\"\nupstream = \"users\"\n\
                  cors = { origins = [\"https://a.example\"] }\n";
    let folder = folder("server.js", express("{ origin: '*', methods: 'PUT', allowedHeaders: 'x-a' }"));
    fs::write(folder.path().join("policy.toml"), policy).expect("a file");
    let arguments = [
        "import",
        "server.js",
        "--merge",
        "policy.toml",
        "--host",
        "api.example.com",
        "--upstream",
        "https://new.example.net",
        "--mode",
        "enforce",
    ];
    corsgate(folder.path(), &arguments).assert().code(0);
    let merged = fs::read_to_string(folder.path().join("policy.toml")).expect("a file");
    assert!(merged.contains("[upstreams] # mine\nimported = \"https://new.example.net\"\n"), "{merged}");
    let (stdout, _, code) = ran(corsgate(folder.path(), &["compile", "policy.toml"]));
    assert_eq!(code, 0, "{merged}");
    let compiled: serde_json::Value = serde_json::from_str(&stdout).expect("JSON");
    let route = &compiled["routes"][1];
    assert_eq!(route["upstream"], "imported");
    // Nothing is inherited.
    assert_eq!(
        route["cors"],
        serde_json::json!({ "origins": ["*"], "methods": ["PUT"], "request_headers": ["x-a"], "max_age": 5 })
    );
    let (stdout, stderr, code) =
        ran(corsgate(folder.path(), &["test", "policy.toml", "policy.imported.test.toml"]));
    assert_eq!(code, 0, "{stdout}{stderr}");
    // A route behind one for every path would never be reached.
    let (_, stderr, code) = ran(corsgate(
        folder.path(),
        &["import", "server.js", "--merge", "policy.toml", "--host", "users.example.com", "--force"],
    ));
    assert_eq!(
        (code, fs::read_to_string(folder.path().join("policy.toml")).expect("a file")),
        (1, merged),
        "{stderr}"
    );
}
