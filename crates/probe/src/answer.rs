//! A response as it came over the wire.

use core::fmt;

use corsgate_policy::fetch::CorsResponse;
use corsgate_policy::grammar::token::members;

/// The head of a response, and what was read behind it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// The lines of the head: names in lower case, values byte for byte (each a character of its own, as Fetch decodes
    /// them).
    pub lines: Vec<(String, String)>,
    /// The first bytes of the body, where they say why.
    pub body: Vec<u8>,
    /// How a WebSocket ended that was closed at once.
    pub closed: Option<Closed>,
}

/// A close frame.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Closed {
    /// Its code.
    pub code: u16,
    /// Its reason.
    pub reason: String,
}

/// Bytes that are no response.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Malformed;

impl fmt::Display for Malformed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("what came back is no HTTP/1.1 response")
    }
}

const MOST_HEADERS: usize = 256;

impl Answer {
    /// Reads the head of a response, and says where it ends; nothing while it is not there in full. Interim responses
    /// (RFC 9110, 15.2) are not for us, but 101 is the answer to a handshake.
    ///
    /// # Errors
    /// When it is none.
    pub fn read(bytes: &[u8]) -> Result<Option<(Self, usize)>, Malformed> {
        let mut at = 0;
        loop {
            let rest = bytes.get(at..).unwrap_or_default();
            let mut headers = [httparse::EMPTY_HEADER; MOST_HEADERS];
            let mut response = httparse::Response::new(&mut headers);
            let length = match response.parse(rest) {
                Ok(httparse::Status::Complete(length)) => length,
                Ok(httparse::Status::Partial) => return Ok(None),
                Err(_) => return Err(Malformed),
            };
            let status = response.code.ok_or(Malformed)?;
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

    /// The values of a header, a line each.
    #[must_use]
    pub fn values(&self, name: &str) -> Vec<&str> {
        self.lines.iter().filter(|(known, _)| known == name).map(|(_, value)| value.as_str()).collect()
    }

    /// The value of a header, its lines joined as in Fetch, "get".
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

    /// Whether a list has a member, in any case.
    #[must_use]
    pub fn lists(&self, name: &str, member: &str) -> bool {
        self.list(name).iter().any(|known| known.eq_ignore_ascii_case(member))
    }

    /// Whether a cache keeps another answer for another `Origin`.
    #[must_use]
    pub fn varies_by_origin(&self) -> bool {
        self.lists("vary", "origin") || self.lists("vary", "*")
    }

    /// Whether cookies may go with it.
    #[must_use]
    pub fn has_credentials(&self) -> bool {
        self.get("access-control-allow-credentials").as_deref() == Some("true")
    }

    /// Each name once, with all its lines: what a browser sees.
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

    /// Hands over what a browser looks at.
    pub(crate) fn browsed<T>(&self, look: impl FnOnce(&CorsResponse<'_>) -> T) -> T {
        let headers = self.joined();
        let header =
            |name: &str| headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str());
        look(&CorsResponse::new(self.status, header))
    }

    /// The lines by which browsers and caches decide, in their order.
    #[must_use]
    pub fn telling(&self) -> Vec<(String, String)> {
        let tells = |name: &str| {
            name.starts_with("access-control-") || matches!(name, "vary" | "location" | "corsgate-decision")
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
        assert_eq!(Answer::read(b"SSH-2.0-OpenSSH\r\n"), Err(Malformed));
        let (answer, _) =
            Answer::read(b"HTTP/1.1 101 Switching Protocols\r\n\r\n").expect("one").expect("full");
        assert_eq!(answer.status, 101);
    }
}
