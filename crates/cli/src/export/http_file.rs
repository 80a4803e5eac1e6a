//! An `.http` file, as the HTTP client of JetBrains' IDEs and the REST Client of VS Code read it.

use crate::export::{Exported, Request, is_printable};
use crate::output::fence::{Notation, fenced};
use crate::output::plain::plain;

/// The methods that both clients know.
const METHODS: [&str; 8] = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"];

/// Why a request cannot be written.
pub(crate) fn cannot_say(request: &Request) -> Option<String> {
    let method = &request.ask.method;
    if request.ask.kind == corsgate_policy::Kind::Handshake {
        return Some("handshakes of WebSockets, which an `.http` file has no form for".to_owned());
    }
    if !METHODS.contains(&method.as_str()) {
        return Some(format!("the method `{method}`, which the clients do not know"));
    }
    if request.contains(|text| text.contains("{{")) {
        return Some("`{{`, which the clients take for a variable".to_owned());
    }
    let is_sent_as_written = |value: &[u8]| {
        let text = String::from_utf8_lossy(value);
        is_printable(value) && text.trim() == text && !text.is_empty()
    };
    if !request.headers().all(|(_, value)| is_sent_as_written(value)) {
        return Some("a header that the clients do not send as it is: empty, with white space around it, or not of ASCII".to_owned());
    }
    let written = self::request(request);
    (fenced(&written, Notation::Plain) != written)
        .then(|| "a text that a service could take for a command".to_owned())
}

/// Writes the file.
pub(crate) fn write(exported: &Exported, source: &str) -> String {
    let mut text = format!("# The requests of `{}`, made by `corsgate export http`.\n", plain(source));
    for (at, base) in exported.bases.iter().enumerate() {
        text.push_str(&format!("@{} = {base}\n", variable(at)));
    }
    for request in &exported.requests {
        text.push('\n');
        text.push_str(&self::request(request));
    }
    text
}

fn request(request: &Request) -> String {
    let mut text = format!("### {}\n# expected: {}\n", plain(&request.name), plain(&request.expected.line()));
    let ask = &request.ask;
    text.push_str(&format!("{} {{{{{}}}}}{}\n", ask.method, variable(request.base), ask.target));
    for (name, value) in request.headers() {
        text.push_str(&format!("{name}: {}\n", String::from_utf8_lossy(value)));
    }
    text
}

/// The name of the variable for a base URL.
pub(crate) fn variable(at: usize) -> String {
    if at == 0 { "baseUrl".to_owned() } else { format!("baseUrl{}", at + 1) }
}
