//! A request as sent on the wire.

use corsgate_policy::Kind;

/// A request. Values are bytes, because some of them are values that no HTTP library would send.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ask {
    /// The kind of the request in CORS.
    pub kind: Kind,
    /// The method on the wire.
    pub method: String,
    /// The path and query.
    pub target: String,
    /// The `Host` header.
    pub host: String,
    /// The other headers, in the order in which they are sent.
    pub headers: Vec<(String, Vec<u8>)>,
}

/// The key of a handshake (RFC 6455, 4.1): 16 bytes in base64. Constant, because no response is checked against it.
const WEBSOCKET_KEY: &str = "Y29yc2dhdGUtcHJvYmUhIQ==";

impl Ask {
    /// Creates a request without headers.
    #[must_use]
    pub fn new(kind: Kind, method: &str, host: &str, target: &str) -> Self {
        let mut ask = Self {
            kind,
            method: method.to_owned(),
            target: target.to_owned(),
            host: host.to_owned(),
            headers: Vec::new(),
        };
        if kind == Kind::Handshake {
            for (name, value) in [
                ("Upgrade", "websocket"),
                ("Sec-WebSocket-Version", "13"),
                ("Sec-WebSocket-Key", WEBSOCKET_KEY),
            ] {
                ask.headers.push((name.to_owned(), value.as_bytes().to_vec()));
            }
        }
        ask
    }

    /// Adds one header.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl AsRef<[u8]>) -> Self {
        self.headers.push((name.to_owned(), value.as_ref().to_vec()));
        self
    }

    /// The value of a header, if it is UTF-8 text.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<String> {
        let found = self.headers.iter().find(|(known, _)| known.eq_ignore_ascii_case(name));
        found.map(|(_, value)| String::from_utf8_lossy(value).into_owned())
    }

    /// Whether the method is safe (RFC 9110, 9.2.1).
    #[must_use]
    pub fn is_safe(&self) -> bool {
        matches!(self.method.as_str(), "GET" | "HEAD" | "OPTIONS")
    }

    /// The request head. There is never a body, and each request has a connection of its own.
    #[must_use]
    pub fn bytes(&self, user_agent: &str) -> Vec<u8> {
        let mut bytes =
            format!("{} {} HTTP/1.1\r\nHost: {}\r\n", self.method, self.target, self.host).into_bytes();
        let mut line = |name: &str, value: &[u8]| {
            bytes.extend_from_slice(name.as_bytes());
            bytes.extend_from_slice(b": ");
            bytes.extend_from_slice(value);
            bytes.extend_from_slice(b"\r\n");
        };
        line("User-Agent", user_agent.as_bytes());
        if !self.headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("accept")) {
            line("Accept", b"*/*");
        }
        let upgrades = self.kind == Kind::Handshake;
        line("Connection", if upgrades { b"Upgrade" } else { b"close" });
        if !self.is_safe() {
            line("Content-Length", b"0");
        }
        self.headers.iter().for_each(|(name, value)| line(name, value));
        bytes.extend_from_slice(b"\r\n");
        bytes
    }

    /// The request as one readable line.
    #[must_use]
    pub fn line(&self) -> String {
        let origins: Vec<_> =
            self.headers.iter().filter(|(name, _)| name.eq_ignore_ascii_case("origin")).collect();
        let from = match origins.as_slice() {
            [] => "without `Origin`".to_owned(),
            all => {
                let shown = all.iter().map(|(_, value)| format!("`{}`", shown(value)));
                format!("from {}", shown.collect::<Vec<_>>().join(" and "))
            }
        };
        let what = match self.kind {
            Kind::Preflight => {
                let asked = self.header("access-control-request-method").unwrap_or_default();
                let names = self.header("access-control-request-headers");
                let names = names.map(|names| format!(" with {names}")).unwrap_or_default();
                format!("preflight for {asked}{names} at")
            }
            Kind::Handshake => "handshake".to_owned(),
            Kind::Actual => self.method.clone(),
        };
        format!("{what} {} {from}", self.target)
    }
}

/// Bytes in readable form, truncated if they are long.
fn shown(value: &[u8]) -> String {
    const MOST: usize = 120;
    let text: String = value.iter().map(|byte| char::from(*byte)).take(MOST).collect();
    let cut = if value.len() > MOST { format!("… ({} bytes)", value.len()) } else { String::new() };
    format!("{}{cut}", text.escape_debug())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_is_written_byte_for_byte() {
        let ask = Ask::new(Kind::Actual, "PUT", "api.example.com", "/a?b").with("Origin", b"x\0y");
        assert_eq!(
            ask.bytes("probe/1"),
            b"PUT /a?b HTTP/1.1\r\nHost: api.example.com\r\nUser-Agent: probe/1\r\nAccept: */*\r\nConnection: close\r\nContent-Length: 0\r\nOrigin: x\0y\r\n\r\n"
        );
        assert_eq!(ask.line(), "PUT /a?b from `x\\0y`");
        let ask = Ask::new(Kind::Handshake, "GET", "h", "/");
        let bytes = ask.bytes("probe/1");
        let text = String::from_utf8_lossy(&bytes);
        assert!(text.contains("\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"), "{text}");
    }
}
