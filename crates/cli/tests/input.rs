//! Files that are no policy: one sentence, the right exit code, in bounded time.

#![expect(clippy::expect_used, reason = "tests may fail loudly")]

use std::io::Write as _;
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

use snapbox::cmd::cargo_bin;

/// Far longer than the slowest of these takes, and far shorter than anything quadratic in the size of a file.
const SOON: Duration = Duration::from_secs(60);

const POLICY: &str = "version = 1\nupstreams.api = \"https://origin.example.net\"\n";
const ROUTE: &str =
    "[[routes]]\nname = \"r\"\npath = \"/*\"\nupstream = \"api\"\nhosts = [\"api.example.com\"]\n";

/// Runs the tool on standard input.
fn check(arguments: &[&str], input: impl Into<Vec<u8>>) -> Output {
    let input = input.into();
    let started = Instant::now();
    let mut child = Command::new(cargo_bin!("corsgate"))
        .arg("check")
        .args(arguments)
        .env("NO_COLOR", "1")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the tool");
    let mut stdin = child.stdin.take().expect("standard input");
    // The tool stops reading once it knows that a file is too long.
    let writer = std::thread::spawn(move || drop(stdin.write_all(&input)));
    let output = child.wait_with_output().expect("an end");
    writer.join().expect("a writer");
    assert!(started.elapsed() < SOON, "took {:?}", started.elapsed());
    output
}

fn stderr(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).expect("text")
}

#[test]
fn a_file_that_is_not_a_policy_fails_with_one_sentence() {
    for (name, input, sentence) in [
        (
            "a NUL",
            format!("{POLICY}\0").into_bytes(),
            ["the file is binary, not the text of a policy", "the file is binary, not the text of a list"],
        ),
        ("UTF-16", vec![0xff, 0xfe, b'v', 0, b'e', 0], ["it is UTF-16 text; save it as UTF-8"; 2]),
        ("no UTF-8", b"version = 1\n# \xff\n".to_vec(), ["the file is not UTF-8 text: see line 2"; 2]),
        (
            "100 MB",
            vec![b'#'; 100_000_000],
            [
                "the file is longer than 16 MiB; keep long lists in KV",
                "the file is longer than 64 MiB; store so many origins as one key each, `origin/NAME/ORIGIN`",
            ],
        ),
    ] {
        for (arguments, sentence) in [(&["-"][..], sentence[0]), (&["--list", "-"], sentence[1])] {
            let output = check(arguments, input.clone());
            assert_eq!(output.status.code(), Some(1), "{name}");
            assert_eq!(stderr(&output), format!("error: cannot use `<stdin>`: {sentence}\n"), "{name}");
            assert!(output.stdout.is_empty(), "{name}");
        }
    }
}

#[test]
fn an_empty_file_is_an_empty_policy_or_list() {
    let output = check(&["-"], "");
    assert_eq!(output.status.code(), Some(11));
    assert!(stderr(&output).contains("write `version = 1` at the top of the file"), "{}", stderr(&output));
    let output = check(&["--list", "-"], "");
    assert_eq!((output.status.code(), stderr(&output).as_str()), (Some(0), "`<stdin>` is fine: 0 origins\n"));
}

#[test]
fn a_byte_order_mark_and_windows_line_breaks_are_accepted() {
    let text = format!("\u{feff}{POLICY}{ROUTE}cors = false\n").replace('\n', "\r\n");
    let output = check(&["-"], text);
    assert_eq!(stderr(&output), "`<stdin>` is fine: 1 route, 0 origins\n");
    let output = check(&["--list", "-"], "\u{feff}https://a.example\r\nhttps://b.example\r\n");
    assert_eq!(stderr(&output), "`<stdin>` is fine: 2 origins\n");
}

#[test]
fn hostile_files_are_reported_in_bounded_time_and_length() {
    let many = |count: usize, line: fn(usize) -> String| (0..count).map(line).collect::<String>();
    let origin = |at: usize| format!("\"https://a{at}.example/\",");
    for (name, text) in [
        ("lists in lists", format!("a = {}", "[".repeat(1_000_000))),
        ("tables in tables", format!("a = {}", "{a=".repeat(300_000))),
        ("a key of many parts", format!("{}a = 1\n", "a.".repeat(300_000))),
        ("a header of many parts", format!("[{}a]\n", "a.".repeat(300_000))),
        ("a line of 1 MB", "a".repeat(1_000_000)),
        ("an origin of 1 MB", format!("{POLICY}{ROUTE}cors.origins = [\"{}\"]\n", "a".repeat(1_000_000))),
        ("a line of wrong origins", format!("{POLICY}{ROUTE}cors.origins = [{}]\n", many(50_000, origin))),
        ("wrong lines", "=\n".repeat(500_000)),
        ("unknown keys", format!("{POLICY}{}", many(300_000, |at| format!("k{at} = 1\n")))),
        ("one key many times", "k = 1\n".repeat(300_000)),
        ("one route many times", format!("{POLICY}{}", format!("{ROUTE}cors = false\n").repeat(5_000))),
    ] {
        let output = check(&["-"], text);
        assert_eq!(output.status.code(), Some(11), "{name}");
        let stderr = stderr(&output);
        assert!(stderr.contains("error[CG") && stderr.contains("does not compile"), "{name}");
        assert!(stderr.len() < 500_000, "{name}: {} bytes", stderr.len());
    }
    let output = check(&["--list", "-"], many(200_000, |at| format!("http://a{at}.example/\n")));
    let stderr = stderr(&output);
    assert!(stderr.contains("and 199900 errors more") && stderr.len() < 500_000, "{}", stderr.len());
}

#[test]
fn programs_get_all_findings_with_their_places() {
    let origins: Vec<_> = (0..9_000).map(|at| format!("\"https://ä{at}.example/\"")).collect();
    let text = format!("{POLICY}{ROUTE}cors.origins = [{}]\n", origins.join(", "));
    let output = check(&["-", "--format", "json"], text);
    let findings: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let findings = findings["findings"].as_array().expect("findings");
    assert_eq!(findings.len(), 9_000);
    let columns: Vec<_> = findings.iter().map(|finding| finding["region"]["startColumn"].as_u64()).collect();
    assert_eq!(columns.first(), Some(&Some(17)));
    assert!(columns.is_sorted());
}

#[cfg(unix)]
#[test]
fn a_named_pipe_does_not_block_the_tool() {
    let pipe = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("policy.pipe");
    // It may be left over from an earlier run, or not exist.
    drop(std::fs::remove_file(&pipe));
    assert!(Command::new("mkfifo").arg(&pipe).status().expect("mkfifo").success());
    let output = check(&[pipe.to_str().expect("a path")], "");
    assert_eq!(output.status.code(), Some(1));
    assert!(stderr(&output).contains("it is a named pipe; write `-`"), "{}", stderr(&output));
}

#[cfg(unix)]
#[test]
fn a_pipe_made_by_the_shell_is_read() {
    let list = "\"$0\" check --list <(echo https://a.example)";
    let output = Command::new("bash").args(["-c", list]).arg(cargo_bin!("corsgate")).output().expect("bash");
    assert!(stderr(&output).ends_with("is fine: 1 origin\n"), "{}", stderr(&output));
}
