//! Reads the headers of responses, as the network panel and `curl -i` or `curl -v` show them.

use corsgate_policy::fetch::{Blocked, CorsResponse, is_redirect_status};
use corsgate_policy::grammar::token::is_token;
use corsgate_policy::response::headers::SWITCHING_PROTOCOLS;

use crate::browser::faults;
use crate::copied::redirects::Hop;
use crate::har::Ending;
use crate::page::PageRequest;

/// The head of a response.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Head {
    /// The status, if the text names it.
    status: Option<u16>,
    /// Names in lower case, with values.
    headers: Vec<(String, String)>,
    /// A proxy has made a tunnel, in which the response follows.
    is_tunnel: bool,
}

/// Whether a text is the heads of responses.
pub(super) fn is_head(text: &str) -> bool {
    let mut lines = text.lines().map(line).filter(|line| !line.is_empty());
    let Some(first) = lines.next() else { return false };
    let Some((_, value)) = header(first) else { return first.starts_with("HTTP/") };
    // Chromium's panel is copied with each value on a line of its own.
    let mut is_value = value.is_empty();
    lines.all(|line| match (header(line), core::mem::take(&mut is_value)) {
        (Some((_, value)), _) => {
            is_value = value.is_empty();
            true
        }
        (None, was_name) => was_name,
    })
}

/// `curl -v` puts a mark before what it has received.
fn line(line: &str) -> &str {
    line.trim().strip_prefix("< ").unwrap_or(line.trim()).trim()
}

fn header(line: &str) -> Option<(String, &str)> {
    let (name, value) = line.strip_prefix(':').unwrap_or(line).split_once(':')?;
    let is_status = line.starts_with(":status");
    (is_token(name.as_bytes()) && !value.starts_with("//"))
        .then(|| (if is_status { ":status".to_owned() } else { name.to_ascii_lowercase() }, value.trim()))
}

/// The final heads in a text, one behind the other: without what comes before a response (`100 Continue`, early hints, the
/// tunnel of a proxy), and without bodies.
#[must_use]
pub fn read(text: &str) -> Vec<Head> {
    let mut heads: Vec<Head> = Vec::new();
    let status = |text: &str| text.split_whitespace().next().and_then(|status| status.parse().ok());
    // A blank line ends a head; what follows is a body, or another head.
    let mut is_body = false;
    let mut lines = text.lines().map(line).peekable();
    while let Some(line) = lines.next() {
        if let Some(rest) = line.strip_prefix("HTTP/") {
            let rest = rest.split_once(' ').map(|(_, rest)| rest).unwrap_or_default();
            let is_tunnel = rest.to_ascii_lowercase().contains("connection established");
            heads.push(Head { status: status(rest), is_tunnel, ..Head::default() });
            is_body = false;
            continue;
        }
        if line.is_empty() || line == "<" {
            is_body |= heads.last().is_some_and(|head| !head.is_blank());
            continue;
        }
        let found = header(line);
        if found.as_ref().is_some_and(|(name, _)| name == ":status") && is_body {
            heads.push(Head::default());
            is_body = false;
        }
        if is_body {
            continue;
        }
        let Some((name, value)) = found else { continue };
        // Chromium's panel is copied with each value on a line of its own.
        let below = |next: &&str| {
            value.is_empty() && !next.is_empty() && !next.starts_with("HTTP/") && header(next).is_none()
        };
        let value = lines.next_if(below).unwrap_or(value);
        if heads.is_empty() {
            heads.push(Head::default());
        }
        let Some(head) = heads.last_mut() else { continue };
        if name == ":status" {
            head.status = status(value);
            continue;
        }
        match head.headers.iter_mut().find(|(known, _)| *known == name) {
            // Fetch, "get": several lines are one value.
            Some((_, known)) => {
                known.push_str(", ");
                known.push_str(value);
            }
            None => head.headers.push((name, value.to_owned())),
        }
    }
    let is_before = |head: &Head| {
        head.is_tunnel || head.status.is_some_and(|it| (100..200).contains(&it) && it != SWITCHING_PROTOCOLS)
    };
    heads.retain(|head| !head.is_blank() && !is_before(head));
    heads
}

impl Head {
    fn is_blank(&self) -> bool {
        self.status.is_none() && self.headers.is_empty()
    }
}

/// What the heads do not show of a request that passes so far.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Missing {
    /// The response to the request itself; there is only that to its preflight.
    Request,
    /// The response to the preflight; there is only that to the request itself.
    Preflight,
    /// The response that the last one redirects to.
    Redirected,
    /// The response to the preflight at the URL of a redirect.
    RedirectedPreflight,
}

/// What responses mean for a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Judged {
    /// What becomes of the request.
    pub ending: Ending,
    /// What the responses do not show, if it passes so far.
    pub missing: Option<Missing>,
    /// The URL of the response that decides, without its query, if a redirect leads there.
    pub redirected_to: Option<String>,
    /// Redirects lead from one other origin to another, so that the browser sends `Origin: null`.
    pub is_tainted: bool,
}

/// What becomes of a request with these responses: to its preflight, if it needs one and `has_preflight` says that they begin
/// with that, and then to itself, each redirect included.
#[must_use]
pub fn ending(request: &PageRequest, heads: &[Head], has_preflight: bool) -> Judged {
    let last = heads.last().and_then(|head| head.status).unwrap_or(200);
    let mut hop = Hop::first(request);
    if request.is_websocket() {
        let is_open = last == SWITCHING_PROTOCOLS;
        return hop.judged(if is_open { Ending::Readable } else { Ending::NotOpened(last) }, None);
    }
    let mut missing = None;
    // The preflight of this hop has not come yet.
    let mut expects_preflight = hop.needs_preflight();
    for (at, head) in heads.iter().enumerate() {
        let status = head.status.unwrap_or(200);
        let header = |name: &str| {
            head.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
        };
        let is_last = at + 1 == heads.len();
        let location = header("location").filter(|_| is_redirect_status(status));
        // What follows redirects for people asks no preflight, so there may be none behind one.
        let preflight = expects_preflight
            && if hop.is_redirected { !is_last && location.is_none() } else { has_preflight };
        if hop.is_cors {
            let response = CorsResponse::new(status, header);
            let method = Some(hop.request.method()).filter(|_| preflight);
            let faults: Vec<Blocked> = faults(&hop.request, method, &response);
            if !faults.is_empty() {
                return hop.judged(Ending::Blocked { preflight, status, faults }, None);
            }
        }
        match (preflight, expects_preflight) {
            (true, _) if is_last => missing = Some(Missing::Request),
            (false, true) if !hop.is_redirected => missing = Some(Missing::Preflight),
            (false, true) => missing = Some(Missing::RedirectedPreflight),
            _ => {}
        }
        expects_preflight = false;
        let Some(location) = location.filter(|_| !preflight) else { continue };
        hop = match hop.follow(status, location) {
            Ok(next) => next,
            Err(error) => return hop.judged(Ending::NotCors(error), None),
        };
        expects_preflight = hop.needs_preflight();
        if is_last {
            missing = Some(Missing::Redirected);
        }
    }
    hop.judged(Ending::Readable, missing)
}

impl Hop {
    fn needs_preflight(&self) -> bool {
        self.is_cors && (self.request.seen.is_some() || !self.request.unsafe_parts().is_empty())
    }

    fn judged(&self, ending: Ending, missing: Option<Missing>) -> Judged {
        let url = self.request.url().split('?').next().unwrap_or_default();
        Judged {
            ending,
            missing,
            redirected_to: self.is_redirected.then(|| url.to_owned()),
            is_tainted: self.is_tainted(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn heads_are_read_as_browsers_and_curl_show_them() {
        for text in [
            "HTTP/1.1 404 Not Found\r\nAccess-Control-Allow-Origin: a\r\nVary: Origin\r\nvary: Accept\r\n\r\n",
            "HTTP/2 404 \nACCESS-control-allow-origin: a\nvary: Origin\nvary: Accept\n",
            "< HTTP/2 404\n< access-control-allow-origin: a\n< vary: Origin\n< vary: Accept\n<\n",
            ":status: 404\naccess-control-allow-origin: a\nvary: Origin, Accept",
            ":status:\n404\naccess-control-allow-origin:\na\nvary:\nOrigin, Accept",
            "HTTP/1.1 200 Connection established\r\n\r\nHTTP/1.1 100 Continue\r\n\r\nHTTP/2 404\r\naccess-control-allow-origin: a\r\nvary: Origin, Accept\r\n\r\naccess-control-allow-credentials: true\r\n",
        ] {
            assert!(is_head(text), "{text}");
            let headers = [("access-control-allow-origin", "a"), ("vary", "Origin, Accept")]
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .to_vec();
            let head = Head { status: Some(404), headers, is_tunnel: false };
            assert_eq!(read(text), [head], "{text}");
        }
        for text in [
            "",
            "curl https://a.example",
            "Error: Failed",
            "Access to fetch at 'https://a.example'",
            "https://a.example",
        ] {
            assert!(!is_head(text) || text == "Error: Failed", "{text}");
        }
    }
}
