//! A shell script of curl lines.

use core::fmt::Write as _;

use corsgate_policy::Kind;

use crate::export::{Exported, Request};
use crate::output::plain::plain;
use crate::shell::quoted;

/// How long a response may take: a stream, or a socket, would never end.
const SECONDS: u8 = 30;

/// Writes the script. It is ASCII, and nothing in it is expanded but the variables for base URLs.
pub(crate) fn write(exported: &Exported, source: &str) -> String {
    let mut text = String::from("#!/bin/sh\n");
    line(&mut text, &format!("# The requests of `{}`, made by `corsgate export curl`.", ascii(source)));
    line(&mut text, "# Each prints the head of its response. Its comment says what must be in it.");
    for (at, base) in exported.bases.iter().enumerate() {
        line(&mut text, &format!("{name}=${{{name}:-{}}}", quoted(base.as_bytes()), name = variable(at)));
    }
    for request in &exported.requests {
        line(&mut text, "");
        line(&mut text, &format!("# {}", ascii(&request.name)));
        line(&mut text, &format!("# expected: {}", ascii(&request.expected.line())));
        line(&mut text, &command(request));
    }
    text
}

fn command(request: &Request) -> String {
    let ask = &request.ask;
    let mut command = format!(
        "curl --silent --show-error --globoff --path-as-is --http1.1 --max-time {SECONDS} --output /dev/null --dump-header -"
    );
    match ask.method.as_str() {
        "GET" => {}
        // With `--request`, curl would wait for a body.
        "HEAD" => command.push_str(" --head"),
        method => push(&mut command, "--request", method.as_bytes()),
    }
    if !ask.is_safe() {
        push(&mut command, "--header", b"Content-Length: 0");
    }
    if ask.kind == Kind::Handshake {
        push(&mut command, "--header", b"Connection: Upgrade");
    }
    for (name, value) in request.headers() {
        // `Name:` would remove a header; `Name;` sends it without a value.
        let header = match value.is_empty() {
            true => format!("{name};").into_bytes(),
            false => [name.as_bytes(), b": ", value].concat(),
        };
        push(&mut command, "--header", &header);
    }
    // Writing to a string does not fail.
    let _written = write!(command, " --url \"${}\"{}", variable(request.base), quoted(ask.target.as_bytes()));
    command
}

fn push(command: &mut String, option: &str, value: &[u8]) {
    // Writing to a string does not fail.
    let _written = write!(command, " {option} {}", quoted(value));
}

fn variable(at: usize) -> String {
    if at == 0 { "BASE_URL".to_owned() } else { format!("BASE_URL_{}", at + 1) }
}

/// A text for a comment: one line, in ASCII.
fn ascii(text: &str) -> String {
    let shown = plain(text).replace("##", "#\\u{23}");
    let letters = shown.chars().map(|letter| match letter.is_ascii() {
        true => letter.to_string(),
        false => letter.escape_unicode().to_string(),
    });
    letters.collect()
}

fn line(text: &mut String, line: &str) {
    text.push_str(line);
    text.push('\n');
}
