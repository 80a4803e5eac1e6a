//! A response as received on the wire.

use core::fmt;

use corsgate_policy::fetch::CorsResponse;
use corsgate_policy::grammar::token::members;

/// The head of a response, and the start of its body.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Answer {
    /// The status code.
    pub status: u16,
    /// The header lines: names in lower case, values byte for byte (each byte becomes one character, as Fetch decodes
    /// them).
    pub lines: Vec<(String, String)>,
    /// The first bytes of the body, if they explain the response.
    pub body: Vec<u8>,
    /// The close frame of a WebSocket that the server closed at once.
    pub closed: Option<Closed>,
}

/// A WebSocket close frame.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Closed {
    /// The close code.
    pub code: u16,
    /// The close reason.
    pub reason: String,
}

/// The bytes are not an HTTP response that can be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Malformed {
    /// Not HTTP/1.1.
    NotHttp,
    /// More header lines than any server sends.
    TooManyHeaders,
}

impl fmt::Display for Malformed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotHttp => f.write_str("what came back is no HTTP/1.1 response"),
            Self::TooManyHeaders => write!(f, "the response has more than {MOST_HEADERS} header lines"),
        }
    }
}

const MOST_HEADERS: usize = 512;

impl Answer {
    /// Parses the head of a response and returns where it ends; `None` until the head is complete. Interim responses
    /// (RFC 9110, 15.2) are skipped, except 101, the response to a handshake.
    ///
    /// # Errors
    /// If the bytes are not an HTTP response, or have too many header lines.
    pub fn read(bytes: &[u8]) -> Result<Option<(Self, usize)>, Malformed> {
        let mut at = 0;
        loop {
            let rest = bytes.get(at..).unwrap_or_default();
            let mut headers = [httparse::EMPTY_HEADER; MOST_HEADERS];
            let mut response = httparse::Response::new(&mut headers);
            let length = match response.parse(rest) {
                Ok(httparse::Status::Complete(length)) => length,
                Ok(httparse::Status::Partial) => return Ok(None),
                Err(httparse::Error::TooManyHeaders) => return Err(Malformed::TooManyHeaders),
                Err(_) => return Err(Malformed::NotHttp),
            };
            let status = response.code.ok_or(Malformed::NotHttp)?;
            at += length;
            if matches!(status, 100 | 102..=199) {
                continue;
            }
            let lines = response.headers.iter().map(|header| {
                let value = header.value.iter().map(|byte| char::from(*byte)).collect();
                (header.name.to_ascii_lowercase(), value)
            });
            return Ok(Some((Self { status, lines: lines.collect(), ..Self::default() }, at)));
        }
    }

    /// The values of a header, one for each line.
    #[must_use]
    pub fn values(&self, name: &str) -> Vec<&str> {
        self.lines.iter().filter(|(known, _)| known == name).map(|(_, value)| value.as_str()).collect()
    }

    /// The value of a header, with its lines joined as in Fetch, "get".
    #[must_use]
    pub fn get(&self, name: &str) -> Option<String> {
        let values = self.values(name);
        (!values.is_empty()).then(|| values.join(", "))
    }

    /// The members of a header that is a list.
    #[must_use]
    pub fn list(&self, name: &str) -> Vec<String> {
        let value = self.get(name).unwrap_or_default();
        members(&value).map(str::to_owned).collect()
    }

    /// Whether a list header has this member, ignoring case.
    #[must_use]
    pub fn lists(&self, name: &str, member: &str) -> bool {
        self.list(name).iter().any(|known| known.eq_ignore_ascii_case(member))
    }

    /// Whether a cache stores a separate response for each `Origin`.
    #[must_use]
    pub fn varies_by_origin(&self) -> bool {
        self.lists("vary", "origin") || self.lists("vary", "*")
    }

    /// Whether the response allows credentials.
    #[must_use]
    pub fn has_credentials(&self) -> bool {
        self.get("access-control-allow-credentials").as_deref() == Some("true")
    }

    /// Each header name once, with its lines joined, as a browser sees it.
    #[must_use]
    pub fn joined(&self) -> Vec<(String, String)> {
        let mut joined: Vec<(String, String)> = Vec::new();
        for (name, value) in &self.lines {
            match joined.iter_mut().find(|(known, _)| known == name) {
                Some((_, known)) => {
                    known.push_str(", ");
                    known.push_str(value);
                }
                None => joined.push((name.clone(), value.clone())),
            }
        }
        joined
    }

    /// Passes the parts that a browser checks to a function.
    pub(crate) fn browsed<T>(&self, look: impl FnOnce(&CorsResponse<'_>) -> T) -> T {
        let headers = self.joined();
        let header =
            |name: &str| headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str());
        look(&CorsResponse::new(self.status, header))
    }

    /// The header lines that browsers and caches act on, in their original order.
    #[must_use]
    pub fn telling(&self) -> Vec<(String, String)> {
        let tells = |name: &str| {
            name.starts_with("access-control-")
                || matches!(
                    name,
                    "vary" | "location" | "corsgate-decision" | "cf-mitigated" | "cf-access-domain"
                )
        };
        self.lines.iter().filter(|(name, _)| tells(name)).cloned().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn heads_are_read_past_interim_ones_with_every_line() {
        let bytes = b"HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 200 OK\r\nVary: Accept\r\nVARY: origin\r\nX: \xff\r\n\r\nbody";
        let (answer, end) = Answer::read(bytes).expect("a response").expect("in full");
        assert_eq!(answer.status, 200);
        assert_eq!(answer.values("vary"), ["Accept", "origin"]);
        assert_eq!(answer.get("vary").as_deref(), Some("Accept, origin"));
        assert_eq!(answer.get("x").as_deref(), Some("\u{ff}"));
        assert!(answer.varies_by_origin());
        assert_eq!(bytes.get(end..), Some(&b"body"[..]));
        assert_eq!(Answer::read(b"HTTP/1.1 200 OK\r\nX: y\r\n"), Ok(None));
        assert_eq!(Answer::read(b"SSH-2.0-OpenSSH\r\n"), Err(Malformed::NotHttp));
        let (answer, _) =
            Answer::read(b"HTTP/1.1 101 Switching Protocols\r\n\r\n").expect("one").expect("full");
        assert_eq!(answer.status, 101);
    }
}
