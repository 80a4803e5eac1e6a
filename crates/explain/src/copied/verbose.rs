//! Reads what `curl -v` prints of the request that it sent: lines that begin with `>`, between remarks that begin with `*` and
//! the response, whose lines begin with `<`.

use super::{Copied, Headers};
use crate::page::Parts;

/// The request that a text shows.
#[derive(Debug)]
pub struct Sent {
    /// The request, as far as the text shows it.
    pub copied: Copied,
    /// It is a preflight.
    pub is_preflight: bool,
}

/// Whether a text is the output of `curl -v`.
pub(super) fn is_verbose(text: &str) -> bool {
    let first = text.lines().map(str::trim).find(|line| !line.is_empty()).unwrap_or_default();
    let is_remark = |line: &str| line.starts_with("* ");
    let is_of_both = |line: &str| line.starts_with("< HTTP/") || request_line(line).is_some();
    is_remark(first) && text.lines().filter(|line| is_remark(line.trim())).nth(1).is_some()
        || text.lines().any(is_of_both)
}

/// The first request of a text, but for that to a proxy.
#[must_use]
pub fn read(text: &str) -> Option<Sent> {
    let mut lines = text.lines().skip_while(|line| request_line(line).is_none());
    let (method, target) = request_line(lines.next()?)?;
    let headers: Vec<(String, String)> = lines
        .map_while(|line| line.trim().strip_prefix("> "))
        .filter_map(|line| line.split_once(':'))
        .map(|(name, value)| (name.trim().to_ascii_lowercase(), value.trim().to_owned()))
        .collect();
    let host = headers.iter().find(|(name, _)| name == "host").map(|(_, host)| host.clone());
    let has = |name: &str| headers.iter().any(|(known, _)| known == name);
    let is_preflight = method == "OPTIONS" && has("access-control-request-method");
    let mut notes = Vec::new();
    let url = match host {
        _ if target.contains("://") => target.to_owned(),
        Some(host) => {
            let scheme = scheme(text).unwrap_or_else(|| {
                notes.push(format!(
                    "the text does not say whether `{host}` was asked by `https` or `http`: `https` is assumed; otherwise add `--url`"
                ));
                "https"
            });
            format!("{scheme}://{host}{target}")
        }
        None => String::new(),
    };
    if !has("origin") {
        notes.push(
            "the request had no `Origin`, without which many servers leave the headers of CORS out: send it again with `-H 'Origin: https://…'`".to_owned(),
        );
    }
    let read = Headers::read(headers, false);
    let parts = Parts {
        url,
        method: method.to_owned(),
        origin: read.origin.unwrap_or_default(),
        headers: read.of_script,
        credentials: read.has_cookies,
        websocket: read.opens_websocket,
        ..Parts::default()
    };
    Some(Sent { copied: Copied { parts, notes, without_cors: None }, is_preflight })
}

/// The method and the target of `> GET /x HTTP/1.1`.
fn request_line(line: &str) -> Option<(&str, &str)> {
    let mut words = line.trim().strip_prefix("> ")?.split(' ');
    let (method, target) = (words.next()?, words.next()?);
    let is_http = words.next().is_some_and(|version| version.starts_with("HTTP/"));
    (is_http && method != "CONNECT").then_some((method, target))
}

/// What the remarks say of the connection. Without any, nothing is known.
fn scheme(text: &str) -> Option<&'static str> {
    let mut remarks = text.lines().filter_map(|line| line.trim().strip_prefix("* ")).peekable();
    remarks.peek()?;
    let marks = ["SSL", "TLS", "ALPN", "stream for https", "QUIC"];
    let is_secure = remarks.any(|remark| marks.iter().any(|mark| remark.contains(mark)));
    Some(if is_secure { "https" } else { "http" })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_request_is_read_as_curl_shows_it() {
        let tls = "* ALPN: curl offers h2,http/1.1\n";
        let plain = "* Connected to localhost (::1) port 8787\n";
        for (text, url, method, origin, notes) in [
            (
                format!(
                    "{tls}> GET /x?k=1 HTTP/2\r\n> Host: a.example\r\n> Origin: https://b.example\r\n> \r\n< HTTP/2 200\r\n"
                ),
                "https://a.example/x?k=1",
                "GET",
                "https://b.example",
                0,
            ),
            (
                format!("{plain}> PUT /x HTTP/1.1\n> Host: localhost:8787\n>\n"),
                "http://localhost:8787/x",
                "PUT",
                "",
                1,
            ),
            (
                "> GET /x HTTP/1.1\n> Host: a.example\n> Origin: null\n".to_owned(),
                "https://a.example/x",
                "GET",
                "null",
                1,
            ),
            (
                format!(
                    "{tls}> CONNECT a.example:443 HTTP/1.1\n> Host: a.example:443\n>\n> GET /x HTTP/1.1\n> Host: a.example\n> Origin: https://b.example\n>\n"
                ),
                "https://a.example/x",
                "GET",
                "https://b.example",
                0,
            ),
            (
                "> GET http://a.example/x HTTP/1.1\n> Host: a.example\n> Origin: https://b.example\n"
                    .to_owned(),
                "http://a.example/x",
                "GET",
                "https://b.example",
                0,
            ),
            ("> GET /x HTTP/2\n> Origin: https://b.example\n".to_owned(), "", "GET", "https://b.example", 0),
        ] {
            assert!(is_verbose(&text), "{text}");
            let Sent { copied: Copied { parts, notes: told, .. }, is_preflight } =
                read(&text).expect("a request");
            assert_eq!(
                (parts.url.as_str(), parts.method.as_str(), parts.origin.as_str()),
                (url, method, origin)
            );
            assert_eq!((told.len(), is_preflight), (notes, false), "{text}");
            assert_eq!(parts.headers, []);
        }
        for text in
            ["", "* one", "> a quotation\n> of HTTP/1.1", "<html>", "curl https://a.example -H 'a: < HTTP'"]
        {
            assert!(!is_verbose(text) && read(text).is_none(), "{text}");
        }
    }
}
