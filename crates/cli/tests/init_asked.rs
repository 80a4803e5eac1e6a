//! Runs `corsgate init` at a pseudo-terminal, where it asks.

#![cfg(target_os = "linux")]
#![expect(clippy::expect_used, clippy::panic, reason = "tests may fail loudly")]

use std::io::{Read as _, Write as _};
use std::path::Path;
use std::process::Stdio;
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};

use snapbox::cmd::cargo_bin;

use crate::init::{FILES, names, stands};

/// How long the tool may take to its next question.
const PATIENCE: Duration = Duration::from_secs(60);

/// Types each answer once its question is on the screen. Returns the screen and the exit code.
fn typed(folder: &Path, arguments: &str, answers: &[(&str, &str)]) -> (String, Option<i32>) {
    let line = format!("{} init {arguments}", cargo_bin!("corsgate").display());
    // A shell that started this test in the background lets it ignore interrupts.
    let mut terminal = std::process::Command::new("env")
        .args(["--default-signal", "script", "--quiet", "--return", "--command", &line, "/dev/null"])
        .current_dir(folder)
        .env("NO_COLOR", "1")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("script");
    let mut keyboard = terminal.stdin.take().expect("a keyboard");
    let mut output = terminal.stdout.take().expect("a screen");
    let (send, seen) = channel();
    std::thread::spawn(move || {
        let mut bytes = [0; 4096];
        while let Ok(length @ 1..) = output.read(&mut bytes) {
            let read = bytes.get(..length).expect("what was read").to_vec();
            if send.send(read).is_err() {
                break;
            }
        }
    });
    let mut screen = String::new();
    let mut from = 0;
    for (question, answer) in answers {
        from = wait_for(&seen, &mut screen, from, question);
        keyboard.write_all(answer.as_bytes()).expect("typed");
    }
    let code = terminal.wait().expect("an end").code();
    drop(keyboard);
    screen.extend(seen.iter().map(|bytes| String::from_utf8_lossy(&bytes).into_owned()));
    (screen, code)
}

/// Reads the screen until a text is on it behind `from`; returns the place behind the text.
fn wait_for(seen: &Receiver<Vec<u8>>, screen: &mut String, from: usize, text: &str) -> usize {
    let end = Instant::now() + PATIENCE;
    loop {
        if let Some(at) = screen.get(from..).expect("a boundary").find(text) {
            return from + at + text.len();
        }
        match seen.recv_timeout(end.saturating_duration_since(Instant::now())) {
            Ok(bytes) => screen.push_str(&String::from_utf8_lossy(&bytes)),
            Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => {
                panic!("no `{text}` on the screen: {screen}")
            }
        }
    }
}

const URL: (&str, &str) = ("URL of the API: ", "https://origin.example.net\n");
const HOST: (&str, &str) = ("public host, such as api.example.com: ", "api.example.com\n");
const ORIGIN: (&str, &str) = ("origin of the pages: ", "https://app.example.com\n");
const NO_MORE: (&str, &str) = ("another origin [no more]: ", "\n");

#[test]
fn four_answers_make_a_project() {
    let folder = tempfile::tempdir().expect("a folder");
    let (screen, code) = typed(
        folder.path(),
        "",
        &[URL, HOST, ORIGIN, NO_MORE, ("cookies or tokens [tokens]: ", "cookies\n")],
    );
    assert_eq!(code, Some(0), "{screen}");
    assert_eq!(names(folder.path()), FILES);
    let policy = std::fs::read_to_string(folder.path().join("policy.toml")).expect("a policy");
    assert!(policy.contains("credentials = true"), "{policy}");
    stands(folder.path());
}

#[test]
fn an_invalid_answer_is_asked_for_again_and_options_are_not_asked_for() {
    let folder = tempfile::tempdir().expect("a folder");
    let (screen, code) = typed(
        folder.path(),
        "--upstream https://origin.example.net",
        &[
            ("public host, such as api.example.com: ", "https://api.example.com/v1\n"),
            ("write the host alone", ""),
            ("public host, such as api.example.com: ", "origin.example.net\n"),
            ("public host, such as api.example.com: ", "  https://api.example.com \n"),
            ("origin of the pages: ", "\n"),
            ("name at least one origin", ""),
            ("origin of the pages: ", "null\n"),
            ("origin of the pages: ", "https://app.example.com/x https://b.example\n"),
            (
                "origin of the pages: ",
                "https://a.example, https://b.example\thttps://*.preview.example.com\n",
            ),
            ("another origin [no more]: ", "https://*.github.io\n"),
            ("public suffix", ""),
            ("another origin [no more]: ", "http://localhost:3000\n"),
            NO_MORE,
            ("cookies or tokens [tokens]: ", "yes\n"),
            ("answer `cookies` or `tokens`", ""),
            ("cookies or tokens [tokens]: ", "\n"),
        ],
    );
    assert_eq!(code, Some(0), "{screen}");
    assert!(!screen.contains("URL of the API"), "{screen}");
    stands(folder.path());
    let list = std::fs::read_to_string(folder.path().join("pages.txt")).expect("a list");
    assert!(list.ends_with("\nhttps://a.example\nhttps://b.example\n"), "{list}");
}

#[test]
fn every_origin_with_cookies_is_refused_at_the_last_question() {
    let folder = tempfile::tempdir().expect("a folder");
    let (screen, code) = typed(
        folder.path(),
        "--out new",
        &[
            URL,
            HOST,
            ("origin of the pages: ", "*\n"),
            NO_MORE,
            ("cookies or tokens [tokens]: ", "cookies\n"),
            ("credentials need named origins", ""),
            ("cookies or tokens [tokens]: ", "tokens\n"),
        ],
    );
    assert_eq!(code, Some(0), "{screen}");
    stands(&folder.path().join("new"));
}

#[test]
fn an_interruption_and_the_end_of_the_input_leave_nothing_behind() {
    let answers = [URL, HOST, ORIGIN, NO_MORE, ("cookies or tokens [tokens]: ", "")];
    for (key, expected) in [("\u{3}", Some(130)), ("\u{4}", Some(10))] {
        for stop in 0..answers.len() {
            let folder = tempfile::tempdir().expect("a folder");
            let mut typing = answers[..=stop].to_vec();
            typing.last_mut().expect("a question").1 = key;
            let (screen, code) = typed(folder.path(), "--out new", &typing);
            assert_eq!(code, expected, "{screen}");
            assert_eq!(names(folder.path()), [""; 0], "{screen}");
        }
    }
}

#[test]
fn an_import_is_asked_for_host_and_url_alone() {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(
        folder.path().join("server.js"),
        crate::import::express("{ origin: 'https://app.example.com' }"),
    )
    .expect("a file");
    let (screen, code) = typed(folder.path(), "--from server.js", &[URL, HOST]);
    assert!(matches!(code, Some(0 | 10)), "{screen}");
    assert!(!screen.contains("origin of the pages"), "{screen}");
    stands(folder.path());
}
