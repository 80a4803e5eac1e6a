//! `corsgate publish`, `rollback`, `history`, `status` and `diff kv:` without KV: wrong usage, bad files, and a
//! wrangler that is missing, fails, hangs or prints something else. `tests/publish.test.mjs` of the project runs them
//! with KV.
#![expect(clippy::expect_used, reason = "tests may fail loudly")]
#![cfg(unix)]

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use snapbox::cmd::{Command, OutputAssert, cargo_bin};
use snapbox::{Assert, Data};

use crate::support::program;

const POLICY: &str = "../../policies/example.toml";
const VERBS: [&str; 4] = ["publish", "rollback", "history", "status"];

fn corsgate(arguments: &[&str]) -> Command {
    Command::new(cargo_bin!("corsgate"))
        .with_assert(Assert::new().action_env("SNAPSHOTS"))
        .env("NO_COLOR", "1")
        .env_remove("CORSGATE_ADMIN_TOKEN")
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .args(arguments)
}

/// Publishes the example with the given wrangler.
fn publish(wrangler: &str, more: &[&str]) -> OutputAssert {
    let fixed = ["publish", POLICY, "--yes", "--message=m", "--no-overlay", "--wrangler", wrangler];
    corsgate(&[&fixed, more].concat()).assert()
}

fn stderr(output: &OutputAssert) -> String {
    String::from_utf8_lossy(&output.get_output().stderr).into_owned()
}

/// A wrangler that runs this script.
fn wrangler(name: &str, script: &str) -> String {
    let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("wrangler-{name}"));
    program::write(&path, format!("#!/bin/sh\n{script}\n"));
    path.to_str().expect("a path in UTF-8").to_owned()
}

#[test]
fn each_verb_has_help() {
    for verb in VERBS {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/publish/{verb}.help.txt"));
        corsgate(&[verb, "--help"]).assert().code(0).stdout_eq(Data::read_from(&path, None).raw());
    }
}

#[test]
fn wrong_usage_is_reported_before_anything_is_done() {
    let wrangler = wrangler("unwanted", "echo touched > \"$0.touched\"; exit 1");
    let long = format!("--message={}", "x".repeat(1100));
    let rows: [(&[&str], &str); 12] = [
        (&["publish", POLICY, "--yes"], "--message <TEXT>"),
        (
            &["publish", POLICY, "--yes", "--message= "],
            "error: the message is empty: write why the policy changes",
        ),
        (
            &["publish", POLICY, "--yes", &long],
            "error: the message is too long to be stored with the policy, by ",
        ),
        (
            &["publish", POLICY, "--message=m"],
            "error: there is no terminal to ask for confirmation: read the output of `--dry-run`, then write `--yes`",
        ),
        (
            &["publish", POLICY, "--message=m", "--yes", "--base=newest"],
            "error: `--base newest` is not an id: write its 16 digits, or `none`",
        ),
        (&["publish", POLICY, "--message=m", "--yes", "--persist-to=x"], "--local"),
        (&["publish", POLICY, "--message=m", "--yes", "--wait=3"], "--url"),
        (&["rollback", "--yes", "--to=latest"], "an id has 16 digits, 0 to f: `corsgate history` lists them"),
        (&["rollback"], "error: there is no terminal to ask for confirmation"),
        (
            &["status", "--url=https://x.example"],
            "error: `--url` needs the token of the admin API in the variable `CORSGATE_ADMIN_TOKEN`",
        ),
        (
            &["diff", "kv:latest", POLICY],
            "error: `kv:latest` is not a policy in KV: write `kv:` for the live one",
        ),
        (
            &["diff", POLICY, POLICY, "--env=production"],
            "error: `--env` and the other options for KV need a side",
        ),
    ];
    for (arguments, sentence) in rows {
        let output =
            corsgate(&[arguments, &["--wrangler", &wrangler]].concat()).assert().code(2).stdout_eq("");
        assert!(stderr(&output).contains(sentence), "{arguments:?}: {}", stderr(&output));
    }
    assert!(!Path::new(&format!("{wrangler}.touched")).exists(), "wrangler was not asked");
}

#[test]
fn an_address_that_would_reveal_the_token_is_rejected() {
    for (url, sentence) in [
        ("http://corsgate.example.com", "would send the token unencrypted: write `https://`"),
        ("corsgate.example.com", "is not a URL: write the admin API's origin"),
        ("https://corsgate.example.com/api/status", "has more than an origin"),
        ("https://me@corsgate.example.com", "has more than an origin"),
        ("ftp://corsgate.example.com", "is not an `https` or `http` URL"),
        ("http://localhost.example.com", "would send the token unencrypted"),
    ] {
        let output =
            corsgate(&["status", "--url", url]).env("CORSGATE_ADMIN_TOKEN", "t0ken").assert().code(2);
        assert!(stderr(&output).contains(sentence), "{url}: {}", stderr(&output));
    }
    let output =
        corsgate(&["status", "--url=https://x.example"]).env("CORSGATE_ADMIN_TOKEN", "a\tb").assert().code(2);
    assert!(
        stderr(&output).contains("has characters that a header cannot contain")
            && !stderr(&output).contains("a\tb")
    );
}

#[test]
fn an_invalid_policy_never_reaches_wrangler() {
    let wrangler = wrangler("unreached", "echo touched > \"$0.touched\"; exit 1");
    let rows: [(&[&str], &str, i32, &str); 6] = [
        (&["missing.toml"], "", 1, "error: cannot read `missing.toml`: no such file or directory"),
        (&["-"], "\0", 1, "error: cannot use `<stdin>`: the file is binary"),
        (&["-"], "", 11, "error: `<stdin>` is not published:"),
        (&["-"], "{\"version\":1}", 1, "error: cannot use `<stdin>`: not a compiled policy"),
        (&["-"], "{\"version\":9}", 1, "error: cannot use `<stdin>`:"),
        (&[POLICY, "--env=nowhere"], "", 11, "nowhere"),
    ];
    for (arguments, input, code, sentence) in rows {
        let fixed = ["publish", "--yes", "--message=m", "--wrangler", &wrangler];
        let output = corsgate(&[&fixed, arguments].concat()).stdin(input).assert().code(code).stdout_eq("");
        assert!(stderr(&output).contains(sentence), "{arguments:?} {input:?}: {}", stderr(&output));
    }
    assert!(!Path::new(&format!("{wrangler}.touched")).exists());
}

#[test]
fn an_upstream_that_the_edge_cannot_reach_is_reported_before_anything_is_written() {
    let wrangler = wrangler("local-upstream", "echo no KV here >&2; exit 1");
    let local = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/check/CG271.bad.toml");
    let compiled = corsgate(&["compile", local]).assert().code(0).get_output().stdout.clone();
    for (file, input) in [(local, Vec::new()), ("-", compiled)] {
        let arguments = ["publish", file, "--yes", "--message=m", "--wrangler", &wrangler];
        let told = stderr(&corsgate(&arguments).stdin(input).assert().code(1));
        assert!(told.starts_with("info[CG271]: the edge cannot reach the upstream `api`"), "{told}");
    }
}

#[test]
fn without_wrangler_the_message_says_how_to_get_it() {
    let folder = env!("CARGO_TARGET_TMPDIR");
    for verb in ["history", "status"] {
        let output = corsgate(&[verb]).env("PATH", folder).current_dir("/").assert().code(1).stdout_eq("");
        let sentence = "error: cannot find `wrangler`: run `npm install wrangler` in your project, or name it with `--wrangler PATH`\n";
        assert_eq!(stderr(&output), sentence);
    }
    let output = publish("/nowhere/wrangler", &[]).code(1);
    assert!(stderr(&output).ends_with("error: cannot run `/nowhere/wrangler`: there is no such program\n"));
}

#[test]
fn a_wrangler_that_is_not_the_projects_own_is_reported() {
    let folder = tempfile::tempdir().expect("a folder");
    let at = |name: &str| folder.path().join(name);
    let program_in = |name: &str| {
        let path = at(name).join("wrangler");
        std::fs::create_dir_all(at(name)).expect("a folder");
        program::write(&path, "#!/bin/sh\necho '[]'\n");
    };
    program_in("search-path");
    std::fs::create_dir_all(at("project/deeper")).expect("a folder");
    std::fs::write(at("project/wrangler.toml"), "").expect("written");
    let said = |working: &str, more: &[&str]| {
        let path = format!("{}:/usr/bin:/bin", at("search-path").display());
        let history = corsgate(&[&["history"], more].concat()).env("PATH", path).current_dir(at(working));
        stderr(&history.assert().code(0))
    };
    let named = |place: &str| {
        format!(
            "using the wrangler of `{}`, which does not belong to this project\n",
            at(place).join("wrangler").display()
        )
    };
    assert_eq!(said("project/deeper", &[]), named("search-path"));
    // A wrangler above the project may be somebody else's.
    program_in("node_modules/.bin");
    let above = folder.path().canonicalize().expect("a folder").join("node_modules/.bin/wrangler");
    assert!(
        said("project/deeper", &[]).contains(&format!("`{}`", above.display())),
        "{}",
        said("project", &[])
    );
    program_in("project/node_modules/.bin");
    assert_eq!(said("project", &[]), "");
    assert_eq!(said("project/deeper", &[]), "");
    // A user who names a wrangler knows it.
    let other = at("search-path/wrangler").display().to_string();
    assert_eq!(said("project", &["--wrangler", &other]), "");
}

#[test]
fn messages_of_wrangler_are_shown_without_secrets() {
    let script = "printf '\\n\\033[31m✘ [ERROR]\\033[0m No namespace for %s.\\n\\n  Look at it.\\n\\n🪵  Logs were written\\n' \"$CLOUDFLARE_API_TOKEN\" >&2; exit 1";
    let failing = wrangler("failing", script);
    let output =
        corsgate(&["history", "--wrangler", &failing]).env("CLOUDFLARE_API_TOKEN", "s3cret").assert().code(1);
    let sentence =
        "error: `wrangler kv key list --prefix=policy/` failed: No namespace for ***.\n       Look at it.\n";
    assert_eq!(stderr(&output), sentence);
}

#[test]
fn output_that_is_not_a_list_of_keys_is_reported() {
    for (name, script) in [("chatty", "echo Welcome"), ("silent", "true"), ("object", "echo '{}'")] {
        let output =
            corsgate(&["history", "--wrangler", &wrangler(name, script)]).assert().code(1).stdout_eq("");
        let sentence = "error: `wrangler kv key list` did not print a list of keys: ";
        assert!(stderr(&output).starts_with(sentence), "{name}: {}", stderr(&output));
    }
}

#[test]
fn a_wrangler_that_hangs_is_ended_in_time_with_its_children() {
    let pid = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("hanging.pid");
    // It may be left over from an earlier run, or not exist.
    drop(std::fs::remove_file(&pid));
    let script = format!("trap 'kill $!; exit 1' TERM; sleep 300 & echo $! > '{}'; wait", pid.display());
    let wrangler = wrangler("hanging", &script);
    // On a busy machine it may be stopped before it has started anything: then it gets more time.
    for seconds in [1, 4, 16, 64] {
        let started = Instant::now();
        let timeout = format!("--timeout={seconds}");
        let output = corsgate(&["history", &timeout, "--wrangler", &wrangler]).assert().code(1);
        assert!(started.elapsed() < Duration::from_secs(200));
        let sentence = format!(
            "error: `wrangler kv key list --prefix=policy/` was stopped: it took longer than {seconds} seconds (`--timeout`)\n"
        );
        assert_eq!(stderr(&output), sentence);
        if pid.exists() {
            break;
        }
    }
    let sleeper = std::fs::read_to_string(pid).expect("the process that it started");
    // A process that has ended but was not collected is a zombie.
    let ended = || {
        let ps = std::process::Command::new("ps")
            .args(["-o", "stat=", "-p", sleeper.trim()])
            .output()
            .expect("ps");
        matches!(ps.stdout.trim_ascii().first(), None | Some(b'Z'))
    };
    let soon = Instant::now() + Duration::from_secs(60);
    while !ended() {
        assert!(Instant::now() < soon, "it is gone");
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// Every value arrives as one argument, and no shell reads it.
#[test]
fn no_argument_is_read_by_a_shell_or_taken_for_an_option() {
    let script =
        "for a in \"$@\"; do echo \"<$a>\" >> \"$0.arguments\"; done; [ \"$3\" = list ] && echo '[]'; exit 0";
    let recording = wrangler("recording", script);
    let log = format!("{recording}.arguments");
    // It may be left over from an earlier run, or not exist.
    drop(std::fs::remove_file(&log));
    let odd = "$(touch /tmp/x); `id` --remote \"q\"";
    publish(&recording, &["--message", odd, "--local", "--persist-to", "--remote"]).code(2);
    let fixed = ["publish", POLICY, "--yes", "--no-overlay", "--local", "--wrangler", &recording];
    corsgate(&[&fixed, &["--message", odd, "--binding=--remote", "--persist-to=; id"][..]].concat())
        .assert()
        .code(0);
    let arguments = std::fs::read_to_string(log).expect("what it was called with");
    let message = serde_json::to_string(odd).expect("JSON");
    assert!(arguments.contains(&format!("\"message\":{message},")), "{arguments}");
    assert!(
        arguments.contains("<--binding=--remote>\n<--env=>\n<--local>\n<--persist-to=; id>\n"),
        "{arguments}"
    );
    assert!(!arguments.contains("<--remote>"), "{arguments}");
}

#[test]
fn the_gateways_token_is_not_passed_to_wrangler() {
    let script = "env > \"$0.environment\"; echo '[]'";
    let looking = wrangler("looking", script);
    corsgate(&["history", "--wrangler", &looking]).env("CORSGATE_ADMIN_TOKEN", "t0ken").assert().code(0);
    let environment = std::fs::read_to_string(format!("{looking}.environment")).expect("its environment");
    assert!(environment.contains("NO_COLOR=1") && !environment.contains("t0ken"), "{environment}");
}

#[test]
fn a_failure_between_writes_names_what_was_not_written() {
    let script =
        "case \"$3 $4\" in list*) echo '[]';; put*/current) echo 'KV is read-only' >&2; exit 1;; esac";
    let output = publish(&wrangler("half", script), &[]).code(1);
    let stderr = stderr(&output);
    assert!(stderr.contains("wrote `policy/version/"), "{stderr}");
    assert!(
        stderr.contains("failed: KV is read-only") && stderr.contains("not written: `policy/current`"),
        "{stderr}"
    );
}

#[test]
fn an_unreachable_gateway_is_reported_before_anything_is_written() {
    let script = "[ \"$3\" = put ] && echo put > \"$0.put\"; echo '[]'";
    let wrangler = wrangler("before-gateway", script);
    // A free port: it was bound here a moment ago.
    let port = std::net::TcpListener::bind("127.0.0.1:0")
        .and_then(|listener| listener.local_addr())
        .expect("a port")
        .port();
    let url = format!("--url=http://127.0.0.1:{port}");
    let fixed = ["publish", POLICY, "--yes", "--message=m", "--no-overlay", "--wrangler", &wrangler, &url];
    let output = corsgate(&fixed).env("CORSGATE_ADMIN_TOKEN", "t0ken").assert().code(1);
    assert!(
        stderr(&output).contains(&format!("cannot reach `http://127.0.0.1:{port}`: ")),
        "{}",
        stderr(&output)
    );
    assert!(!Path::new(&format!("{wrangler}.put")).exists());
}

#[test]
fn a_full_disk_is_reported_and_a_closed_pipe_is_not() {
    let empty = wrangler("empty", "echo '[]'");
    let run = |script: &str| {
        let mut shell = std::process::Command::new("sh");
        shell.args(["-c", script]).arg(cargo_bin!("corsgate")).arg(&empty).output().expect("a shell")
    };
    let full = run("\"$0\" history --wrangler \"$1\" > /dev/full");
    assert_eq!(full.status.code(), Some(1));
    assert_eq!(
        String::from_utf8_lossy(&full.stderr),
        "error: cannot write the result: no space left on device\n"
    );
    let closed = run("{ \"$0\" history --wrangler \"$1\"; echo $? >&2; } | true");
    assert_eq!(String::from_utf8_lossy(&closed.stderr), "0\n");
    // The directory for the value that wrangler reads.
    let output = publish_with_folder(&empty, "/nowhere");
    assert!(
        stderr(&output).contains("cannot write a temporary file to `/nowhere`: no such file or directory"),
        "{}",
        stderr(&output)
    );
}

fn publish_with_folder(wrangler: &str, folder: &str) -> OutputAssert {
    let fixed = ["publish", POLICY, "--yes", "--message=m", "--no-overlay", "--wrangler", wrangler];
    corsgate(&fixed).env("TMPDIR", folder).assert().code(1)
}

/// At a terminal, which `script` provides: only yes is a yes.
#[cfg(target_os = "linux")]
#[test]
fn the_answer_at_the_terminal_decides() {
    use std::io::{Read as _, Write as _};
    use std::process::Stdio;

    let script = "[ \"$3\" = put ] && echo \"$4\" >> \"$0.puts\"; echo '[]'";
    let asked = wrangler("asked", script);
    let puts = format!("{asked}.puts");
    let tool = cargo_bin!("corsgate");
    let line =
        format!("{} publish {POLICY} --message=m --no-overlay --local --wrangler {asked}", tool.display());
    for (answer, code, written) in [
        ("y\n", Some(0), 2),
        ("YES\n", Some(0), 2),
        ("n\n", Some(10), 0),
        ("\n", Some(10), 0),
        ("yesterday\n", Some(10), 0),
        ("\u{4}", Some(10), 0),
        // After an interruption, `script` ends as a shell reports it: with 128 plus the signal.
        ("\u{3}", Some(130), 0),
    ] {
        // It may be left over from the answer before, or not exist.
        drop(std::fs::remove_file(&puts));
        // A shell that started this test in the background lets it ignore interrupts.
        let mut terminal = std::process::Command::new("env")
            .args(["--default-signal", "script", "--quiet", "--return", "--command", &line, "/dev/null"])
            .current_dir(env!("CARGO_MANIFEST_DIR"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("script");
        let mut typing = terminal.stdin.take().expect("a keyboard");
        let mut seen = terminal.stdout.take().expect("a screen");
        let (mut screen, mut byte) = (Vec::new(), [0]);
        while !screen.ends_with(b"[y/N]") && seen.read(&mut byte).expect("a screen") == 1 {
            screen.extend(byte);
        }
        // A program that has ended reads nothing more; what it printed says why.
        drop(typing.write_all(answer.as_bytes()));
        seen.read_to_end(&mut screen).expect("a screen");
        let output = terminal.wait_with_output().expect("an end");
        drop(typing);
        let screen = String::from_utf8_lossy(&screen);
        assert!(
            screen.contains("in local KV without an environment, replacing no policy? [y/N]"),
            "{screen}"
        );
        assert_eq!(output.status.code(), code, "{answer:?}: {screen}");
        let puts = std::fs::read_to_string(&puts).unwrap_or_default().lines().count();
        assert_eq!(puts, written, "{answer:?}: {screen}");
        assert_eq!(screen.contains("nothing was written"), code == Some(10), "{answer:?}: {screen}");
    }
}
