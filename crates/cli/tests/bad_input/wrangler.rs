//! A wrangler that misbehaves in other ways than failing (for failing, see `tests/publish.rs`).

use std::os::unix::fs::PermissionsExt as _;

use crate::bad_input::support::{LIST, POLICY, folder, output, program, text, tool};

/// What wrangler does, and the message of every verb that needs it.
const SCRIPTS: [(&str, &str, &str); 11] = [
    ("prints without end", "exec yes", "printed more than 64 MiB and was stopped"),
    ("complains without end", "exec yes >&2", "printed more than 64 MiB and was stopped"),
    ("prints what is no text", "printf '\\377\\376\\000'", "did not print a list of keys: "),
    ("prints a number", "echo 1", "did not print a list of keys: "),
    ("prints keys without names", "echo '[{}]'", "did not print a list of keys: missing field `name`"),
    ("prints half of a list", "printf '[{\"name\":'", "did not print a list of keys: EOF"),
    ("is killed", "kill -9 $$", "failed: it gave no reason (signal: 9 (SIGKILL))"),
    ("fails without a word", "exit 3", "failed: it gave no reason (exit status: 3)"),
    ("complains in no text", "printf 'a\\377b\\001\\033[2J' >&2; exit 1", "failed: a\u{fffd}b"),
    ("complains at length", "head -c 9999 /dev/zero | tr '\\0' x >&2; exit 1", "failed: xxx"),
    ("closes its ends and stays", "exec >&- 2>&-; sleep 5", "was stopped: it took longer than 1 second"),
];

const VERBS: [&[&str]; 12] = [
    &["history"],
    &["status", "--format", "json"],
    &["rollback", "--yes"],
    &["publish", POLICY, "--yes", "--message=m", "--no-overlay"],
    &["diff", "kv:", POLICY],
    &["list", "history", "partners"],
    &["list", "diff", "partners", "kv:", "--text"],
    &["list", "publish", "partners", LIST, "--yes", "--message=m", "--text"],
    &["list", "rollback", "partners", "--yes", "--text"],
    &["list", "add", "partners", "https://a.example", "--text"],
    &["list", "add", "partners", "https://a.example", "--keys"],
    &["list", "remove", "partners", "https://a.example", "--keys"],
];

#[test]
fn every_verb_reports_a_wrangler_that_misbehaves() {
    let folder = folder("wrangler");
    std::thread::scope(|scope| {
        for (at, (what, script, sentence)) in SCRIPTS.into_iter().enumerate() {
            let wrangler = program(folder.join(at.to_string()), script);
            scope.spawn(move || {
                for arguments in VERBS {
                    let wrangler = ["--timeout=1", "--wrangler", &wrangler];
                    // The timeout is short only for the wrangler that hangs.
                    let wrangler = if what.ends_with("stays") { &wrangler[..] } else { &wrangler[1..] };
                    let output = output(tool().args(arguments).args(wrangler));
                    let (stdout, stderr) = (text(&output.stdout), text(&output.stderr));
                    let told = stderr.split_once("error: `wrangler kv key list").map(|(_, told)| told);
                    // The prefix of the keys, if the call is named with it.
                    let told = told.expect(&stderr);
                    let told = told.split_once("` ").map_or(told, |(_prefix, told)| told);
                    assert!(told.starts_with(sentence), "{what}, {arguments:?}: {told}");
                    assert_eq!((output.status.code(), stdout.as_str()), (Some(1), ""), "{what}");
                    assert!(told.len() < 5_000 && !told.contains(['\u{1b}', '\u{1}']), "{what}: {told}");
                }
            });
        }
    });
}

#[test]
fn a_missing_program_is_reported() {
    let folder = folder("no-program");
    let plain = folder.join("plain");
    std::fs::write(&plain, "echo '[]'").expect("a file");
    let garbage = folder.join("garbage");
    std::fs::write(&garbage, [0x7f, b'E', b'L', b'F', 0, 0]).expect("a file");
    std::fs::set_permissions(&garbage, std::fs::Permissions::from_mode(0o755)).expect("a program");
    for (path, why) in [
        (plain.as_path(), "permission denied"),
        (&garbage, "exec format error"),
        (&folder, "permission denied"),
        (&folder.join("missing"), "there is no such program"),
    ] {
        let output = output(tool().arg("history").arg("--wrangler").arg(path));
        let sentence = format!("error: cannot run `{}`: {why}\n", path.display());
        assert_eq!((output.status.code(), text(&output.stderr)), (Some(1), sentence));
    }
}

/// KV as somebody else has filled it.
#[test]
fn a_live_value_that_is_no_policy_is_reported() {
    let listed =
        "case \"$3\" in list) echo '[{\"name\":\"policy/current\"}]';; get) printf '%b' \"$VALUE\";; esac";
    let wrangler = program(folder("no-policy").join("wrangler"), listed);
    for (value, why) in [
        ("", "expected an object"),
        ("\\0377\\0000", "not a compiled policy"),
        ("<!DOCTYPE html>", "expected an object"),
        ("[]", "expected an object"),
        ("{\"version\":9}", "version"),
    ] {
        for (arguments, code) in [
            (&["status"][..], 10),
            (&["diff", "kv:", POLICY], 1),
            (&["publish", POLICY, "--yes", "--message=m", "--no-overlay"], 1),
        ] {
            let output = output(tool().args(arguments).args(["--wrangler", &wrangler]).env("VALUE", value));
            let said = text(&output.stdout) + &text(&output.stderr);
            assert_eq!(output.status.code(), Some(code), "{value} {arguments:?}: {said}");
            assert!(said.contains(why), "{value} {arguments:?}: {said}");
        }
    }
}
