//! Every verb with every kind of file that it cannot use.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs::File;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use snapbox::cmd::cargo_bin;
use snapbox::{Assert, Data};

use crate::bad_input::support::{CASES, LIST, POLICY, folder, output, text, tool};

/// The places where verbs take a file: `@` stands for the file, and `<` passes it on standard input.
const PLACES: [(&str, &[&str]); 26] = [
    ("check", &["check", "@"]),
    ("check --format json", &["check", "@", "--format", "json"]),
    ("check --list", &["check", "--list", "@"]),
    ("compile", &["compile", "@"]),
    ("test, its policy", &["test", "@", CASES]),
    ("test, its cases", &["test", POLICY, "@", "--format", "github"]),
    ("explain", &["explain", "@", "--url", "https://api.example.com/", "--origin", "https://a.example"]),
    ("explain --har", &["explain", POLICY, "--har", "@"]),
    (
        "explain --list",
        &[
            "explain",
            POLICY,
            "--url=https://api.example.com/",
            "--origin=https://a.example",
            "--format=json",
            "--list=partners=@",
        ],
    ),
    ("explain --curl -", &["explain", POLICY, "--curl", "-", "--origin", "https://a.example", "<"]),
    ("diff, its A", &["diff", "@", POLICY]),
    ("diff, its B", &["diff", POLICY, "@"]),
    ("diff -, its A", &["diff", "-", POLICY, "<"]),
    ("diff --replay", &["diff", POLICY, POLICY, "--replay", "@"]),
    ("diff --replay -", &["diff", POLICY, POLICY, "--replay", "-", "<"]),
    ("diff --list", &["diff", POLICY, POLICY, "--replay=tests/diff/records.jsonl", "--list=partners=@"]),
    ("publish", &["publish", "@", "--yes", "--message=m", "--no-overlay", "--wrangler=/nowhere/wrangler"]),
    ("list check", &["list", "check", "@"]),
    ("list check -", &["list", "check", "-", "<"]),
    ("list build", &["list", "build", "@", "-o", "/nowhere/a.set"]),
    ("list filter", &["list", "filter", "partners", "@", "-o", "/nowhere/a.filter"]),
    ("list diff, its A", &["list", "diff", "partners", "@", LIST, "--policy", POLICY]),
    ("list diff, its B", &["list", "diff", "partners", LIST, "@", "--policy", POLICY]),
    (
        "list publish",
        &[
            "list",
            "publish",
            "partners",
            "@",
            "--yes",
            "--message=m",
            "--policy",
            POLICY,
            "--wrangler=/nowhere/wrangler",
        ],
    ),
    ("schema --check", &["schema", "--check", "@"]),
    ("schema --check -", &["schema", "--check", "-", "<"]),
];

/// The bad files, each with a name.
fn inputs() -> Vec<(&'static str, PathBuf)> {
    let folder = folder("files");
    let written = |name: &str, bytes: &[u8]| {
        let path = folder.join(name);
        std::fs::write(&path, bytes).expect("a file");
        path
    };
    let utf16: Vec<u8> = "\u{feff}version = 1\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
    // Spaces could be the beginning of any kind of file.
    let long = written("long", &vec![b' '; 70_000_000]);
    std::fs::create_dir(folder.join("folder")).expect("a folder");
    let pipe = folder.join("pipe");
    assert!(Command::new("mkfifo").arg(&pipe).status().expect("mkfifo").success());
    let locked = written("locked", b"version = 1\n");
    std::fs::set_permissions(&locked, std::fs::Permissions::from_mode(0o0)).expect("a locked file");
    vec![
        ("is missing", folder.join("missing")),
        ("is a folder", folder.join("folder")),
        ("may not be read", locked),
        ("is a named pipe", pipe),
        ("is empty", written("empty", b"")),
        ("is binary", PathBuf::from(cargo_bin!("corsgate"))),
        ("is UTF-16", written("utf16", &utf16)),
        ("is not UTF-8", written("latin1", b"version = 1\n# \xff\n")),
        ("is 70 MB long", long),
        ("has no end", PathBuf::from("/dev/zero")),
        ("is nonsense", written("nonsense", b"hello = ] {\n")),
        ("is JSON, cut short", written("short", b"{\"version\":1,\"routes\":[{\"na")),
        ("is JSON, of another kind", written("other", b"[1, 2]\n")),
        ("is an empty object", written("object", b"{}\n")),
        ("is a policy of a version to come", written("later", b"{\"version\":9}\n")),
        ("is a policy of the wrong shape", written("shape", b"{\"version\":1,\"routes\":{\"a\":1}}")),
        ("is the text of a policy", PathBuf::from(POLICY)),
        ("is the text of test cases", PathBuf::from(CASES)),
    ]
}

/// Whether this process can read a file that has no read permission, as root can.
fn reads_all(locked: &Path) -> bool {
    File::open(locked).is_ok()
}

/// The result of passing a file in one of these places: the exit code, and the first line of the message.
fn outcome(arguments: &[&str], file: &Path, is_locked: bool) -> Option<String> {
    let from_stdin = arguments.last() == Some(&"<");
    let name = file.to_str().expect("a path");
    let arguments = arguments.iter().filter(|argument| **argument != "<");
    let arguments: Vec<_> = arguments.map(|argument| argument.replace('@', name)).collect();
    let mut command = match is_locked && reads_all(file) {
        // A test under root cannot make a file unreadable for itself, so the tool runs as another user.
        true => as_nobody(),
        false => tool(),
    };
    if from_stdin {
        // The shell opens this one and reports itself why it cannot; a pipe would block it.
        let is_openable = file.is_file() || name.starts_with("/dev/");
        let opened = is_openable.then(|| File::open(file).ok()).flatten()?;
        command.stdin(Stdio::from(opened));
    }
    let output = output(command.args(arguments));
    let (stdout, stderr) = (text(&output.stdout), text(&output.stderr));
    let code = output.status.code().unwrap_or_else(|| panic!("{name}: {:?}", output.status));
    assert!(stderr.len() < 500_000, "{name}: {} bytes", stderr.len());
    if code == 1 || code == 2 {
        assert_eq!(stdout, "", "{name}: a result, and none");
        let sentences = stderr.lines().filter(|line| line.starts_with("error")).count();
        assert_eq!(sentences, 1, "{name}: {stderr}");
    }
    let said = stderr.lines().next().unwrap_or("nothing is said").replace(name, "FILE");
    Some(format!("{code:2}  {}", said.trim_start_matches("error: ")))
}

fn as_nobody() -> Command {
    let mut command = Command::new("setpriv");
    command.args(["--reuid=65534", "--regid=65534", "--clear-groups"]).arg(cargo_bin!("corsgate"));
    crate::bad_input::support::prepared(&mut command);
    command
}

/// Whether another user could run the tool at all: root's directory may be closed to others.
fn nobody_can_run() -> bool {
    as_nobody().arg("--version").output().is_ok_and(|output| output.status.success())
}

#[test]
fn every_verb_reports_a_file_that_it_cannot_use() {
    let snapshot = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/bad_input/files.txt");
    let mut told = String::new();
    for (what, file) in inputs() {
        let is_locked = what == "may not be read";
        if is_locked && reads_all(&file) && !nobody_can_run() {
            eprintln!("skipped: root reads everything, and nobody else gets to the tool");
            // Keep the rows as they are.
            let rows = std::fs::read_to_string(&snapshot).unwrap_or_default();
            let rows = rows.split_inclusive("\n\n").find(|rows| rows.contains(what));
            told.push_str(rows.unwrap_or_default());
            continue;
        }
        let mut outcomes: BTreeMap<String, Vec<&str>> = BTreeMap::new();
        for (place, arguments) in PLACES {
            if let Some(outcome) = outcome(arguments, &file, is_locked) {
                outcomes.entry(outcome).or_default().push(place);
            }
        }
        writeln!(told, "A file that {what}").expect("a text");
        for (outcome, places) in outcomes {
            writeln!(told, "  {outcome}\n        {}", places.join("; ")).expect("a text");
        }
        told.push('\n');
    }
    Assert::new().action_env("SNAPSHOTS").eq(told, Data::read_from(&snapshot, None).raw());
}
