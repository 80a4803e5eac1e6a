//! A gateway that cannot be reached, or that does not respond like one.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::thread;
use std::time::Duration;

use crate::bad_input::support::{POLICY, output, text, tool, wrangler};

/// The behaviour of a server for a connection.
type Behaviour = fn(TcpStream);

/// Starts a server that runs until the tests end; returns its port.
fn server(behaviour: Behaviour) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = listener.local_addr().expect("an address").port();
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            thread::spawn(move || behaviour(stream));
        }
    });
    port
}

/// Reads a request to its end.
fn request(stream: &mut TcpStream) -> String {
    let (mut request, mut byte) = (Vec::new(), [0]);
    while !request.ends_with(b"\r\n\r\n") && stream.read(&mut byte).is_ok_and(|length| length == 1) {
        request.extend(byte);
    }
    String::from_utf8_lossy(&request).into_owned()
}

/// Answers with these bytes, then stalls.
fn say(mut stream: TcpStream, answer: &str) {
    request(&mut stream);
    // A client that hangs up has read enough.
    let _gone = stream.write_all(answer.as_bytes());
}

/// Answers with a beginning, then repeats some bytes forever.
fn go_on(mut stream: TcpStream, answer: &str, again: &[u8], pause: Duration) {
    request(&mut stream);
    let mut gone = stream.write_all(answer.as_bytes());
    while gone.is_ok() {
        thread::sleep(pause);
        gone = stream.write_all(again);
    }
}

const OK: &str = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n";
const AT_ONCE: Duration = Duration::ZERO;
const SLOWLY: Duration = Duration::from_millis(200);

const SERVERS: [(&str, Behaviour, &str); 15] = [
    // Closing a socket with unread bytes would reset it.
    ("resets", |stream| drop(stream.peek(&mut [0])), "cannot reach `URL`: connection reset by peer"),
    (
        "never answers",
        |mut stream| drop((request(&mut stream), stream.read(&mut [0]))),
        "cannot reach `URL`: no response within 15 s",
    ),
    (
        "hangs up",
        |stream| say(stream, ""),
        "cannot reach `URL`: it closed the connection before it responded",
    ),
    (
        "speaks something else",
        |stream| say(stream, "SSH-2.0-OpenSSH_9.9\r\n"),
        "cannot reach `URL`: its response cannot be parsed: ",
    ),
    (
        "talks on",
        |stream| go_on(stream, "", b"garbage ", AT_ONCE),
        "cannot reach `URL`: its response cannot be parsed: ",
    ),
    (
        "has headers without end",
        |stream| go_on(stream, OK, b"x-header: some value of it\r\n", AT_ONCE),
        "cannot reach `URL`: its response cannot be parsed: ",
    ),
    (
        "has a body without end",
        |stream| go_on(stream, &format!("{OK}\r\n"), &[b' '; 4096], AT_ONCE),
        "`URL` does not respond like a corsgate admin API: the response is longer than 4 MiB",
    ),
    (
        "has a body that drips",
        |stream| go_on(stream, &format!("{OK}\r\n"), b" ", SLOWLY),
        "cannot reach `URL`: no response within 15 s",
    ),
    (
        "ends in the middle",
        |stream| say(stream, &format!("{OK}Content-Length: 99\r\n\r\n{{\"policy\"")),
        "cannot reach `URL`: it closed the connection before it responded",
    ),
    (
        "answers with a page",
        |stream| say(stream, "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\n<html>"),
        "`URL` does not respond like a corsgate admin API: expected value at line 1 column 1",
    ),
    (
        "answers with no UTF-8",
        |mut stream| {
            request(&mut stream);
            let _gone = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n\xff\xfe");
        },
        "`URL` does not respond like a corsgate admin API: the response is not UTF-8 text",
    ),
    (
        "answers with other JSON",
        |stream| say(stream, &format!("{OK}Content-Length: 2\r\n\r\n[]")),
        "`URL` does not respond like a corsgate admin API: ",
    ),
    (
        "redirects",
        |stream| {
            say(stream, "HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:9/\r\nContent-Length: 0\r\n\r\n")
        },
        "`URL/api/status` responded with 302",
    ),
    (
        "fails",
        |stream| say(stream, "HTTP/1.1 500 Oh\r\nContent-Length: 4\r\n\r\noops"),
        "`URL/api/status` responded with 500",
    ),
    (
        "has nothing to say",
        |stream| say(stream, "HTTP/1.1 204 No Content\r\n\r\n"),
        "`URL/api/status` responded with 204",
    ),
];

#[test]
fn a_bad_answer_of_the_gateway_is_reported_before_anything_is_written() {
    // Nothing listens there, and nobody who asks for any free port gets it.
    let closed = 1;
    let (wrangler, kv) = wrangler("network", "");
    let verbs: [&[&str]; 3] = [
        &["status", "--format", "json"],
        &["publish", POLICY, "--yes", "--message=m", "--no-overlay"],
        &["publish", POLICY, "--dry-run", "--message=m", "--no-overlay"],
    ];
    thread::scope(|scope| {
        let run = |what: &'static str, port: u16, sentence: &'static str, arguments: &'static [&str]| {
            let (wrangler, url) = (&wrangler, format!("http://127.0.0.1:{port}"));
            scope.spawn(move || {
                let output = output(tool().args(arguments).args(["--wrangler", wrangler, "--url", &url]));
                let (stdout, stderr) = (text(&output.stdout), text(&output.stderr));
                let told = stderr.lines().last().unwrap_or_default().replace(&url, "URL");
                assert!(told.starts_with(&format!("error: {sentence}")), "{what}: {told}");
                assert_eq!((output.status.code(), stdout.as_str()), (Some(1), ""), "{what}");
                assert!(!stderr.contains("t0ken") && told.len() < 300, "{what}: {stderr}");
            });
        };
        for arguments in verbs {
            run("is not there", closed, "cannot reach `URL`: connection refused", arguments);
            for (what, behaviour, sentence) in SERVERS {
                run(what, server(behaviour), sentence, arguments);
            }
        }
    });
    assert_eq!(std::fs::read_dir(kv).expect("a folder").count(), 0);
}
