//! Interruptions at every point: no child survives, no file is left, and the shell learns of the signal.

use std::io::Write as _;
use std::net::TcpListener;
use std::os::unix::process::ExitStatusExt as _;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process, test_kill_process};
use snapbox::cmd::cargo_bin;

use crate::bad_input::support::{POLICY, SOON, prepared, text, wrangler};

const SIGNALS: [Signal; 3] = [Signal::INT, Signal::TERM, Signal::HUP];

/// The tool with the default action for all signals: a shell lets background jobs ignore some.
fn started(arguments: &[&str], prepare: impl FnOnce(&mut Command)) -> Child {
    let mut command = Command::new("env");
    prepared(command.arg("--default-signal").arg(cargo_bin!("corsgate")).args(arguments));
    prepare(&mut command);
    command.spawn().expect("the tool")
}

fn send(child: &Child, signal: Signal) {
    let pid = Pid::from_raw(i32::try_from(child.id()).expect("an id")).expect("an id");
    kill_process(pid, signal).expect("a signal");
}

fn wait_until(what: &str, is_so: impl Fn() -> bool) {
    let started = Instant::now();
    while !is_so() {
        assert!(started.elapsed() < SOON, "{what}");
        thread::sleep(Duration::from_millis(10));
    }
}

fn ended(mut child: Child) -> Output {
    let started = Instant::now();
    while child.try_wait().expect("a child").is_none() {
        if started.elapsed() > SOON {
            child.kill().expect("an end");
            panic!("it does not end");
        }
        thread::sleep(Duration::from_millis(10));
    }
    child.wait_with_output().expect("an end")
}

#[test]
fn while_it_reads() {
    for signal in SIGNALS {
        for arguments in [
            &["check", "-"][..],
            &["compile", "-"],
            &["test", POLICY, "-"],
            &["diff", POLICY, POLICY, "--replay", "-"],
            &["explain", POLICY, "--har", "-"],
            &["publish", "-", "--yes", "--message=m"],
            &["list", "check", "-"],
            &["list", "publish", "partners", "-", "--yes", "--message=m", "--text"],
        ] {
            let mut child = started(arguments, |command| {
                command.stdin(Stdio::piped());
            });
            let mut stdin = child.stdin.take().expect("standard input");
            stdin.write_all(b"version = 1\n").expect("the tool reads");
            let name = format!("/proc/{}/comm", child.id());
            wait_until("the tool runs", || {
                std::fs::read_to_string(&name).is_ok_and(|name| name == "corsgate\n")
            });
            send(&child, signal);
            let output = ended(child);
            assert_eq!(output.status.signal(), Some(signal.as_raw()), "{arguments:?}");
            assert_eq!(text(&output.stdout), "", "{arguments:?}");
        }
    }
}

#[test]
fn an_interruption_while_it_waits_for_the_gateway_ends_it() {
    let (wrangler, _kv) = wrangler("gateway-signals", "");
    for signal in SIGNALS {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let url = format!("--url=http://{}", listener.local_addr().expect("an address"));
        let child = started(&["status", "--wrangler", &wrangler, &url], |_command| ());
        let connection = listener.accept().expect("the tool asks");
        send(&child, signal);
        let output = ended(child);
        drop(connection);
        assert_eq!(output.status.signal(), Some(signal.as_raw()));
        assert_eq!((text(&output.stdout), text(&output.stderr)), (String::new(), String::new()));
    }
}

/// Publishes with a wrangler that writes the first value slowly, and interrupts it.
fn interrupted(test: &str, signal: Signal, slowly: &str) -> (Output, std::path::PathBuf, Pid) {
    let before = format!("[ \"$3\" = put ] && {{ echo $$ > \"$0.pid\"; {slowly} }}");
    let (wrangler, kv) = wrangler(test, &before);
    let temporary = kv.with_file_name("temporary");
    std::fs::create_dir(&temporary).expect("a folder");
    let publish = ["publish", POLICY, "--yes", "--message=m", "--no-overlay", "--wrangler", &wrangler];
    let child = started(&publish, |command| {
        command.env("TMPDIR", &temporary);
    });
    let pid = format!("{wrangler}.pid");
    let read = || std::fs::read_to_string(&pid).ok()?.trim().parse().ok().and_then(Pid::from_raw);
    wait_until("wrangler runs", || read().is_some());
    send(&child, signal);
    let output = ended(child);
    assert_eq!(std::fs::read_dir(&temporary).expect("a folder").count(), 0, "a file is left");
    (output, kv, read().expect("wrangler"))
}

#[test]
fn an_interruption_while_wrangler_writes_ends_both() {
    for signal in SIGNALS {
        let name = format!("signal-{}", signal.as_raw());
        let (output, kv, wrangler) = interrupted(&name, signal, "sleep 60 & wait $!; exit 1;");
        let stderr = text(&output.stderr);
        assert_eq!(output.status.signal(), Some(signal.as_raw()), "{stderr}");
        let told = "error: `wrangler kv key put policy/version/";
        let rest = stderr.split_once(told).expect(&stderr).1;
        let (id, rest) = rest.split_at(16);
        let expected = format!(
            "` was interrupted\n       possibly not written: `policy/version/{id}`; the same command continues from here\n"
        );
        assert_eq!(rest, expected);
        assert!(test_kill_process(wrangler).is_err(), "wrangler goes on");
        assert_eq!(std::fs::read_dir(kv).expect("a folder").count(), 0);
    }
}

/// A wrangler that ignores the signal is killed.
#[test]
fn a_wrangler_that_ignores_the_signal_is_killed() {
    let deaf = "trap '' TERM; exec 2>&- >&-; while :; do sleep 0.1; done;";
    let (output, _kv, wrangler) = interrupted("deaf", Signal::TERM, deaf);
    assert_eq!(output.status.signal(), Some(Signal::TERM.as_raw()));
    assert!(test_kill_process(wrangler).is_err(), "wrangler goes on");
}

/// `nohup`, and a shell for background jobs, start programs with signals ignored: they stay ignored.
#[test]
fn an_ignored_signal_stays_ignored() {
    for (name, signal) in [("HUP", Signal::HUP), ("INT", Signal::INT)] {
        let before =
            "[ \"$3\" = put ] && { touch \"$0.begun\"; while ! [ -e \"$0.go\" ]; do sleep 0.02; done; }";
        let (wrangler, kv) = wrangler(&format!("ignored-{name}"), before);
        let mut shell = Command::new("sh");
        shell.args(["-c", &format!("trap '' {name}; exec \"$0\" \"$@\"")]).arg(cargo_bin!("corsgate"));
        shell.args(["publish", POLICY, "--yes", "--message=m", "--no-overlay", "--wrangler", &wrangler]);
        prepared(&mut shell);
        let child = shell.spawn().expect("a shell");
        wait_until("wrangler runs", || Path::new(&format!("{wrangler}.begun")).exists());
        send(&child, signal);
        std::fs::write(format!("{wrangler}.go"), "").expect("a file");
        let output = ended(child);
        assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
        assert!(kv.join("policy+current").exists());
    }
}

/// At a terminal, the interruption reaches both the tool and wrangler, and the terminal is restored.
#[test]
fn a_terminal_is_restored() {
    let slow = "[ \"$3\" = put ] && { echo $$ > \"$0.pid\"; sleep 60; }";
    let (wrangler, kv) = wrangler("terminal", slow);
    let screen = kv.with_file_name("screen");
    let line = format!(
        "trap : INT; stty -g > '{0}.before'; '{1}' publish {POLICY} --yes --message=m --no-overlay --wrangler '{wrangler}'; echo \"ended with $?\"; stty -g > '{0}.after'",
        screen.display(),
        cargo_bin!("corsgate").display()
    );
    let mut terminal = Command::new("env");
    prepared(terminal.args([
        "--default-signal",
        "script",
        "--quiet",
        "--return",
        "--command",
        &line,
        "/dev/null",
    ]));
    let mut terminal = terminal.stdin(Stdio::piped()).spawn().expect("script");
    let mut keyboard = terminal.stdin.take().expect("a keyboard");
    wait_until("wrangler runs", || Path::new(&format!("{wrangler}.pid")).exists());
    keyboard.write_all(b"\x03").expect("a key");
    let output = ended(terminal);
    drop(keyboard);
    let shown = text(&output.stdout);
    assert!(shown.contains("was interrupted") && shown.contains("ended with 130"), "{shown}");
    let state =
        |when: &str| std::fs::read_to_string(format!("{}.{when}", screen.display())).expect("a state");
    assert_eq!(state("before"), state("after"));
}
