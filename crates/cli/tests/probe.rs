//! Runs `corsgate probe` against tiny servers: what it sends, prints and refuses to do. `conformance/probe` probes
//! real servers, and `tests/probe.test.mjs` of the project a real gateway.

#![expect(clippy::expect_used, reason = "tests may fail loudly")]

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use snapbox::cmd::{Command, OutputAssert, cargo_bin};
use snapbox::{Assert, Data};

const POLICY: &str = "../../policies/example.toml";
const CASES: &str = "../../policies/example.test.toml";
const APP: &str = "https://app.example.com";

fn corsgate(arguments: &[&str]) -> Command {
    Command::new(cargo_bin!("corsgate"))
        .with_assert(Assert::new().action_env("SNAPSHOTS"))
        .env("NO_COLOR", "1")
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .arg("probe")
        .args(arguments)
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn stdout(output: &OutputAssert) -> String {
    text(&output.get_output().stdout)
}

fn stderr(output: &OutputAssert) -> String {
    text(&output.get_output().stderr)
}

/// A server that records the heads of its requests and gives the answers it is told to; without an answer it hangs up.
struct Server {
    port: u16,
    heads: Arc<Mutex<Vec<String>>>,
}

impl Server {
    fn start(answer: impl Fn(&str, usize) -> Option<String> + Send + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let heads = Arc::new(Mutex::new(Vec::new()));
        let seen = Arc::clone(&heads);
        // The thread ends with the test process.
        thread::spawn(move || {
            for socket in listener.incoming() {
                let mut socket: TcpStream = socket.expect("a connection");
                let mut head = Vec::new();
                let mut byte = [0];
                while !head.ends_with(b"\r\n\r\n") && socket.read(&mut byte).is_ok_and(|length| length > 0) {
                    head.extend_from_slice(&byte);
                }
                let head = text(&head);
                let mut seen = seen.lock().expect("no panic before");
                seen.push(head.clone());
                if let Some(answer) = answer(&head, seen.len()) {
                    // A client that hangs up has read enough.
                    let _gone = socket.write_all(answer.as_bytes());
                }
            }
        });
        Self { port, heads }
    }

    fn url(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.port)
    }

    fn heads(&self) -> Vec<String> {
        self.heads.lock().expect("no panic before").clone()
    }
}

fn header(head: &str, name: &str) -> Option<String> {
    let mut lines = head.lines().filter_map(|line| line.split_once(": "));
    lines.find(|(known, _)| *known == name).map(|(_, value)| value.to_owned())
}

/// Answers that allow every origin that passes a check, with everything that belongs to it.
fn allowing(check: fn(&str) -> bool) -> impl Fn(&str, usize) -> Option<String> + Send + 'static {
    move |head: &str, _number: usize| {
        let mut answer = "HTTP/1.1 200 OK\r\nVary: Origin\r\n".to_owned();
        if let Some(origin) = header(head, "Origin").filter(|origin| check(origin)) {
            answer.push_str(&format!(
                "Access-Control-Allow-Origin: {origin}\r\nAccess-Control-Allow-Credentials: true\r\nAccess-Control-Allow-Methods: PUT\r\n"
            ));
        }
        Some(format!("{answer}\r\n"))
    }
}

#[test]
fn help_ends_with_an_example() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/probe/help.txt");
    corsgate(&["--help"]).assert().code(0).stdout_eq(Data::read_from(&path, None).raw()).stderr_eq("");
}

#[test]
fn only_polite_requests_are_sent() {
    let server = Server::start(allowing(|origin| origin == APP));
    let url = server.url("/users?page=1");
    let asks = ["--origin", APP, "--method", "PUT", "--credentials", "--rate", "1000"];
    let output = corsgate(&[&[url.as_str()], &asks[..]].concat()).assert().code(0).stderr_eq("");
    assert!(stdout(&output).contains(": no mistakes found; 6 requests in "), "{}", stdout(&output));
    let heads = server.heads();
    let lines: Vec<_> = heads.iter().filter_map(|head| head.lines().next()).collect();
    let expected = [
        "OPTIONS /users?page=1 HTTP/1.1",
        "PUT /users?page=1 HTTP/1.1",
        "GET /users/corsgate-probe-not-there HTTP/1.1",
        "GET /users?page=1 HTTP/1.1",
        "OPTIONS /users?page=1 HTTP/1.1",
        "GET /users?page=1 HTTP/1.1",
    ];
    assert_eq!(lines, expected);
    for head in &heads {
        let agent = header(head, "User-Agent").unwrap_or_default();
        assert!(agent.starts_with("corsgate-probe/") && agent.contains(" (+https://"), "{agent}");
        assert_eq!(header(head, "Cookie"), None);
    }
}

#[test]
fn the_rate_is_kept() {
    let server = Server::start(allowing(|origin| origin == APP));
    let started = Instant::now();
    corsgate(&[&server.url("/"), "--origin", APP, "--rate", "20"]).assert().code(0);
    let least = Duration::from_millis(50) * 5;
    assert!(started.elapsed() >= least, "6 requests within {:?}", started.elapsed());
}

#[test]
fn a_failed_request_loses_no_other_and_a_retry_after_is_waited_for() {
    let allow = allowing(|origin| origin == APP);
    let server = Server::start(move |head, number| match number {
        2 => None,
        4 => Some("HTTP/1.1 429 Too Many\r\nRetry-After: 1\r\n\r\n".to_owned()),
        _ => allow(head, number),
    });
    let output =
        corsgate(&[&server.url("/"), "--origin", APP, "--rate", "1000"]).assert().code(1).stderr_eq("");
    let said = stdout(&output);
    assert!(
        said.contains(&format!("FAILED GET / from `{APP}`: the connection was closed without a response\n")),
        "{said}"
    );
    assert!(said.contains(": no mistakes found, 1 without a response; 7 requests in "), "{said}");
}

#[test]
fn a_server_that_rate_limits_every_request_has_no_finding() {
    let server = Server::start(|_head, _number| {
        Some("HTTP/1.1 429 Too Many\r\nRetry-After: 3600\r\nVary: Origin\r\nAccess-Control-Allow-Origin: https://app.example.com\r\n\r\n".to_owned())
    });
    let output = corsgate(&[&server.url("/"), "--origin", APP, "--rate", "1000"]).assert().code(12);
    assert_eq!(stderr(&output), "error: nothing was checked: every request was over a limit\n");
}

#[test]
fn a_redirect_is_not_taken_for_the_response_that_a_page_reads() {
    let allow = allowing(|origin| origin == APP);
    let server = Server::start(move |head, number| {
        let answer = allow(head, number)?;
        if !head.starts_with("GET /users ") {
            return Some(answer);
        }
        let to = "HTTP/1.1 302 Found\r\nLocation: https://login.example.com/x?state=secret\r\n";
        Some(to.to_owned() + answer.split_once("\r\n")?.1)
    });
    let asks = ["--origin", APP, "--rate", "1000"];
    let url = server.url("/users");
    let said = stdout(&corsgate(&[&[url.as_str()], &asks[..]].concat()).assert().code(0));
    assert!(
        said.contains("follows the redirect to `https://login.example.com/x`, and the response"),
        "{said}"
    );
    assert!(!said.contains("reads the response") && !said.contains("secret"), "{said}");
    let json = stdout(&corsgate(&[&[url.as_str(), "--format", "json"], &asks[..]].concat()).assert().code(0));
    assert!(json.contains(r#""redirect": "https://login.example.com/x""#), "{json}");
}

#[test]
fn another_machine_is_not_probed_without_consent() {
    let output = corsgate(&["https://api.example.com/users", "--origin", APP, "--hostile"])
        .assert()
        .code(2)
        .stdout_eq("");
    let said = stderr(&output);
    let sentence =
        "error: this would send 128 requests to `api.example.com`, at most 10 a second, as `corsgate-probe/";
    assert!(said.starts_with(sentence), "{said}");
    assert!(said.ends_with("if you are allowed to probe that server, add `--yes`\n"), "{said}");
}

#[test]
fn wrong_usage_is_reported() {
    let rows: [(&[&str], &str); 14] = [
        (
            &["http://127.0.0.1:1/", "--origin", APP, "--header", "x-a=b\r\nCookie: id=7"],
            "error: the value of `--header x-a` is not one line of a header: `b\\r\\nCookie: id=7`",
        ),
        (&["https://me:pw@x.example/", "--origin", APP], "error: the URL of `x.example` has a user name"),
        (&["api.example.com", "--origin", APP], "error: `api.example.com` is not a URL: write the whole URL"),
        (&["ftp://x.example/", "--origin", APP], "error: the scheme `ftp` cannot be probed"),
        (&["https://me:secret@x.example/", "--origin", APP], "has a user name or password"),
        (&["http://127.0.0.1:1/"], "error: say which origins should be allowed: write `--origin"),
        (
            &["http://127.0.0.1:1/", "--origin", "app.example.com"],
            "error: `app.example.com` is not an origin",
        ),
        (&["http://127.0.0.1:1/", "--origin", APP, "--method", "P T"], "error: `P T` is not a method"),
        (
            &["http://127.0.0.1:1/", "--origin", APP, "--header", "authorization=x"],
            "error: the probe sends no secrets",
        ),
        (&["http://127.0.0.1:1/", "--origin", APP, "--rate", "0"], "write a number of requests a second"),
        (&["http://127.0.0.1:1/", "--origin", APP, "--timeout", "never"], "write seconds from 0.1 to 600"),
        (
            &["http://127.0.0.1:1/users", "--policy", POLICY, "--cases", CASES],
            "error: the cases have their own paths: write `http://127.0.0.1:1`",
        ),
        (&["http://127.0.0.1:1", "--policy", "-", "--cases", "-"], "error: only one of the two files"),
        (&["http://127.0.0.1:1", "--policy", POLICY], "--cases <FILE>"),
    ];
    for (arguments, sentence) in rows {
        let output = corsgate(arguments).assert().code(2).stdout_eq("");
        assert!(stderr(&output).contains(sentence), "{arguments:?}: {}", stderr(&output));
    }
}

#[test]
fn unusable_files_and_servers_are_reported() {
    let binary = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("probe-binary.toml");
    std::fs::write(&binary, [0, 159, 146, 150]).expect("a file can be written");
    let binary = binary.to_str().expect("a path in UTF-8");
    let rows: [(&[&str], i32, &str); 8] = [
        (
            &["http://127.0.0.1:1", "--policy", "missing.toml", "--cases", CASES],
            1,
            "cannot read `missing.toml`: no such file",
        ),
        (&["http://127.0.0.1:1", "--policy", POLICY, "--cases", binary], 1, "the file is binary"),
        (&["http://127.0.0.1:1", "--policy", "/dev/null", "--cases", CASES], 11, "does not compile"),
        (&["http://127.0.0.1:1", "--policy", POLICY, "--cases", POLICY], 11, "cannot be sent"),
        (
            &["http://127.0.0.1:1", "--policy", POLICY, "--cases", CASES],
            1,
            "cannot probe `127.0.0.1:1`: cannot connect",
        ),
        (
            &["http://127.0.0.1:1/", "--origin", APP],
            1,
            "cannot probe `127.0.0.1:1`: cannot connect to `127.0.0.1:1`: connection refused",
        ),
        (
            &["http://127.0.0.1:1", "--policy", POLICY, "--cases", CASES, "--filter", "no such case"],
            12,
            "nothing was sent",
        ),
        (
            &["https://127.0.0.1:1/", "--origin", APP, "--cacert", "missing.pem"],
            1,
            "cannot use the certificates of `missing.pem`",
        ),
    ];
    for (arguments, code, sentence) in rows {
        let output = corsgate(&[arguments, &["--rate", "1000"]].concat()).assert().code(code);
        assert!(stderr(&output).contains(sentence), "{arguments:?}: {}", stderr(&output));
    }
    let empty = Server::start(|_head, _number| None);
    let output =
        corsgate(&[&empty.url("/"), "--origin", APP, "--rate", "1000"]).assert().code(1).stdout_eq("");
    assert!(stderr(&output).contains("the connection was closed without a response"), "{}", stderr(&output));
    let other = Server::start(|_head, _number| Some("SSH-2.0-OpenSSH_9\r\n\r\n".to_owned()));
    let output =
        corsgate(&[&other.url("/"), "--origin", APP, "--rate", "1000"]).assert().code(1).stdout_eq("");
    assert!(stderr(&output).contains("what came back is no HTTP/1.1 response"), "{}", stderr(&output));
    let many =
        Server::start(|_head, _number| Some(format!("HTTP/1.1 200 OK\r\n{}\r\n", "A: b\r\n".repeat(1_000))));
    let output =
        corsgate(&[&many.url("/"), "--origin", APP, "--rate", "1000"]).assert().code(1).stdout_eq("");
    assert!(stderr(&output).contains("the response has more than 512 header lines"), "{}", stderr(&output));
    let endless =
        Server::start(|_head, _number| Some(format!("HTTP/1.1 200 OK\r\nX: {}", "x".repeat(600_000))));
    let output =
        corsgate(&[&endless.url("/"), "--origin", APP, "--rate", "1000"]).assert().code(1).stdout_eq("");
    assert!(stderr(&output).contains("the response head is too long"), "{}", stderr(&output));
}

#[cfg(target_os = "linux")]
#[test]
fn a_server_without_tls_is_told_from_one_with_a_bad_certificate() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = listener.local_addr().expect("an address").port();
    thread::spawn(move || {
        let mut open = Vec::new();
        for socket in listener.incoming() {
            let mut socket: TcpStream = socket.expect("a connection");
            let _greeting = socket.read(&mut [0; 4096]);
            let _gone = socket.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n");
            open.push(socket);
        }
    });
    let url = format!("https://127.0.0.1:{port}/");
    let said = stderr(&corsgate(&[&url, "--origin", APP, "--rate", "1000"]).assert().code(1));
    assert!(said.contains("what came back is not TLS: if the server has none, write `http://`"), "{said}");
}

#[test]
fn a_full_disk_is_reported_and_a_closed_pipe_is_not() {
    use std::process::{Command, Stdio};
    let server = Server::start(allowing(|origin| origin == APP));
    let url = server.url("/");
    let run = |stdout: Stdio| {
        let mut command = Command::new(cargo_bin!("corsgate"));
        command
            .args(["probe", &url, "--origin", APP, "--rate", "1000"])
            .stdout(stdout)
            .stderr(Stdio::piped());
        command.spawn().expect("it starts")
    };
    let full = std::fs::OpenOptions::new().write(true).open("/dev/full").expect("there is one");
    let output = run(full.into()).wait_with_output().expect("it ends");
    assert_eq!(output.status.code(), Some(1));
    assert!(
        text(&output.stderr).contains("cannot write the result: no space left on device"),
        "{}",
        text(&output.stderr)
    );
    let mut closed = run(Stdio::piped());
    drop(closed.stdout.take());
    let output = closed.wait_with_output().expect("it ends");
    assert_eq!((output.status.code(), text(&output.stderr).as_str()), (Some(0), ""));
}

/// Replaces what varies from run to run by the text of the page.
fn as_on_the_page(text: &str, port: u16) -> String {
    let mut page = text.replace(&format!("127.0.0.1:{port}"), "127.0.0.1:3000");
    if let Some((head, tail)) =
        page.rsplit_once(" in ").map(|(head, tail)| (head.to_owned(), tail.to_owned()))
        && tail.ends_with(" s\n")
    {
        page = format!("{head} in 0.4 s\n");
    }
    page
}

/// The blocks of `docs/probe.md`.
#[test]
fn the_page_shows_real_output() {
    let page = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/probe.md"))
        .expect("it is there");
    let has =
        |text: &str| assert!(page.contains(&format!("```text\n{text}```")), "docs/probe.md has no\n{text}");

    let careless =
        Server::start(allowing(|origin| origin.ends_with("example.com") && origin.starts_with("https://")));
    let asks = ["--origin", APP, "--credentials", "--hostile", "--rate", "1000"];
    let output =
        corsgate(&[&[careless.url("/users").as_str()], &asks[..]].concat()).assert().code(10).stderr_eq("");
    let said = as_on_the_page(&stdout(&output), careless.port);
    // The first finding; the others have the same form.
    has(&said.split_inclusive("\n\n").take(1).collect::<String>().replacen("\n\n", "\n", 1));
    let last = said.lines().last().unwrap_or_default();
    assert!(page.contains(last), "docs/probe.md has no\n{last}");

    let folder = "tests/probe";
    let other = Server::start(|head, _number| {
        let grant = header(head, "Origin")
            .map(|origin| format!("Access-Control-Allow-Origin: {origin}\r\n"))
            .unwrap_or_default();
        Some(format!(
            "HTTP/1.1 204 No Content\r\nVary: Origin\r\nAccess-Control-Allow-Methods: PUT, DELETE\r\n{grant}\r\n"
        ))
    });
    let files = ["--policy", "tests/probe/policy.toml", "--cases", "tests/probe/policy.test.toml"];
    let address = format!("http://127.0.0.1:{}", other.port);
    let output = corsgate(&[&[address.as_str()], &files[..]].concat()).assert().code(10).stderr_eq("");
    let said = as_on_the_page(&stdout(&output), other.port).replace(&format!("{folder}/"), "");
    has(&said);
    let output =
        corsgate(&[&[address.as_str()], &files[..], &["--format", "github"]].concat()).assert().code(10);
    assert!(
        stdout(&output).starts_with("::error file=tests/probe/policy.test.toml,line=5,"),
        "{}",
        stdout(&output)
    );
}
