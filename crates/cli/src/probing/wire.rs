//! A minimal HTTP/1.1 client: one connection for each request, whose bytes are sent exactly as planned, and response
//! headers exactly as received.
//!
//! Client libraries normalise what the probe must see: `ureq` and others reject values with control characters, join or
//! drop repeated lines, and do not hand over a connection after 101. HTTP/1.1 without request bodies and without reuse of
//! connections is small. TLS is done by rustls, and headers are parsed by httparse; `ureq` uses both too.

use std::io::{self, ErrorKind, Read, Write};
use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpStream, ToSocketAddrs};
use std::sync::Arc;
use std::time::{Duration, Instant};

use corsgate_probe::{Answer, Ask, Closed};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};

use super::Reply;
use super::target::Target;
use super::tls_error;
use crate::failure::Failure;
use crate::gateway::localhost::is_localhost;
use crate::system;

/// The maximum size of a response's head in bytes: more than any server sends, and a bound for one that never ends it.
const MOST_HEAD: usize = 256 * 1024;
/// The maximum size of a body in bytes. Only problems of RFC 9457 are read, and they are short.
const MOST_BODY: usize = 16 * 1024;
/// How long to wait for the close frame of a WebSocket that was accepted.
const CLOSING: Duration = Duration::from_millis(150);

/// How to reach a server.
pub(super) struct Wire<'t> {
    target: &'t Target,
    addresses: Vec<SocketAddr>,
    tls: Option<(Arc<ClientConfig>, ServerName<'static>)>,
    timeout: Duration,
    user_agent: &'static str,
}

trait Stream: Read + Write {}
impl<S: Read + Write> Stream for S {}

impl<'t> Wire<'t> {
    /// Resolves the server's name.
    pub(super) fn new(
        target: &'t Target,
        timeout: Duration,
        user_agent: &'static str,
    ) -> Result<Self, Failure> {
        let addresses = addresses(target)
            .map_err(|error| format!("cannot find `{}`: {}", target.host, system::sentence(&error)))
            .map_err(Failure::Server)?;
        let tls = if target.is_https { Some(tls(target)?) } else { None };
        Ok(Self { target, addresses, tls, timeout, user_agent })
    }

    /// Sends a request, and closes the connection when the head of the response has arrived.
    pub(super) fn exchange(&self, ask: &Ask) -> Reply {
        match self.try_exchange(ask) {
            Ok(answer) => Reply::Answered(answer),
            Err(error) => Reply::Failed(match error.kind() {
                ErrorKind::TimedOut | ErrorKind::WouldBlock => {
                    format!("no response within {} s", self.timeout.as_secs_f64())
                }
                ErrorKind::UnexpectedEof => "the connection was closed without a response".to_owned(),
                // Errors about invalid data and about TLS have messages of their own.
                ErrorKind::InvalidData => tls_error::sentence(&error).unwrap_or_else(|| error.to_string()),
                _ => system::sentence(&error),
            }),
        }
    }

    fn try_exchange(&self, ask: &Ask) -> io::Result<Answer> {
        let deadline = Instant::now() + self.timeout;
        let socket = self.connect(deadline)?;
        let clock = socket.try_clone()?;
        let mut stream: Box<dyn Stream> = match &self.tls {
            None => Box::new(socket),
            Some((config, name)) => {
                let connection =
                    ClientConnection::new(Arc::clone(config), name.clone()).map_err(io::Error::other)?;
                Box::new(StreamOwned::new(connection, socket))
            }
        };
        stream.write_all(&ask.bytes(self.user_agent))?;
        stream.flush()?;
        let mut bytes = Vec::new();
        let (mut answer, end) = loop {
            if let Some(read) = Answer::read(&bytes)
                .map_err(|error| io::Error::new(ErrorKind::InvalidData, error.to_string()))?
            {
                break read;
            }
            if bytes.len() > MOST_HEAD {
                return Err(io::Error::other("the response head is too long"));
            }
            if !more(&mut *stream, &clock, &mut bytes, deadline)? {
                return Err(ErrorKind::UnexpectedEof.into());
            }
        };
        let rest = bytes.split_off(end);
        if answer.status == 101 {
            answer.closed = closed(&mut *stream, &clock, rest);
        } else if answer.get("content-type").is_some_and(|kind| kind.starts_with("application/problem+json"))
        {
            answer.body = problem(&mut *stream, &clock, rest, deadline);
        }
        Ok(answer)
    }

    fn connect(&self, deadline: Instant) -> io::Result<TcpStream> {
        let mut last = io::Error::other("it has no address");
        for address in &self.addresses {
            match TcpStream::connect_timeout(address, left(deadline)?) {
                Ok(socket) => {
                    socket.set_nodelay(true)?;
                    socket.set_write_timeout(Some(left(deadline)?))?;
                    socket.set_read_timeout(Some(left(deadline)?))?;
                    return Ok(socket);
                }
                Err(error) => last = error,
            }
        }
        let authority = &self.target.authority;
        Err(io::Error::new(
            last.kind(),
            format!("cannot connect to `{authority}`: {}", system::sentence(&last)),
        ))
    }
}

fn addresses(target: &Target) -> io::Result<Vec<SocketAddr>> {
    if is_localhost(&target.host) && target.host.contains('.') {
        // `localhost` is this machine (RFC 6761, 6.3), whatever the system's resolver says.
        return Ok(vec![SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), target.port)]);
    }
    (target.host.as_str(), target.port).to_socket_addrs().map(Iterator::collect)
}

fn tls(target: &Target) -> Result<(Arc<ClientConfig>, ServerName<'static>), Failure> {
    let mut roots = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
    if let Some(file) = &target.ca {
        let unusable = |why: &str| {
            Failure::Server(format!("cannot use the certificates of `{}`: {why}", file.display()))
        };
        let read = CertificateDer::pem_file_iter(file).and_then(Iterator::collect::<Result<Vec<_>, _>>);
        let certificates = read.map_err(|error| unusable(&error.to_string().to_lowercase()))?;
        if roots.add_parsable_certificates(certificates).0 == 0 {
            return Err(unusable("it has no certificate; write one or more in PEM"));
        }
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| Failure::Server(error.to_string()))?
        .with_root_certificates(roots)
        .with_no_client_auth();
    let name = ServerName::try_from(target.host.clone());
    let name = name.map_err(|_| {
        Failure::Server(format!("`{}` is not a name that a certificate can have", target.host))
    })?;
    Ok((Arc::new(config), name))
}

/// The time left until the deadline; an error if there is none.
fn left(deadline: Instant) -> io::Result<Duration> {
    let left = deadline.saturating_duration_since(Instant::now());
    if left.is_zero() { Err(ErrorKind::TimedOut.into()) } else { Ok(left) }
}

/// Reads the next bytes, and returns whether there may be more.
fn more(
    stream: &mut dyn Stream,
    clock: &TcpStream,
    bytes: &mut Vec<u8>,
    deadline: Instant,
) -> io::Result<bool> {
    clock.set_read_timeout(Some(left(deadline)?))?;
    let mut buffer = [0; 4096];
    let length = match stream.read(&mut buffer) {
        // A server that closes without the closing alert of TLS has sent all that it will send.
        Err(error) if error.kind() == ErrorKind::UnexpectedEof => 0,
        read => read?,
    };
    bytes.extend_from_slice(buffer.get(..length).unwrap_or_default());
    Ok(length > 0)
}

/// The close frame of a WebSocket that is closed at once (RFC 6455, 5.5.1). Servers do not mask frames.
fn closed(stream: &mut dyn Stream, clock: &TcpStream, mut bytes: Vec<u8>) -> Option<Closed> {
    const CLOSE: u8 = 0x88;
    let deadline = Instant::now() + CLOSING;
    loop {
        match bytes.as_slice() {
            [CLOSE, length, rest @ ..] => {
                if let Some([first, second, reason @ ..]) = rest.get(..usize::from(*length)) {
                    let code = u16::from_be_bytes([*first, *second]);
                    return Some(Closed { code, reason: String::from_utf8_lossy(reason).into_owned() });
                }
                if *length < 2 {
                    return Some(Closed { code: 1005, reason: String::new() });
                }
            }
            [] | [CLOSE] => {}
            _ => return None,
        }
        // If no close frame arrives in time, the WebSocket counts as open.
        if !more(stream, clock, &mut bytes, deadline).unwrap_or(false) {
            return None;
        }
    }
}

/// The problem document in a body, with any framing.
fn problem(stream: &mut dyn Stream, clock: &TcpStream, mut bytes: Vec<u8>, deadline: Instant) -> Vec<u8> {
    loop {
        let start = bytes.iter().position(|byte| *byte == b'{');
        let end = bytes.iter().rposition(|byte| *byte == b'}');
        let found = start.zip(end).and_then(|(start, end)| bytes.get(start..=end));
        if let Some(found) = found.filter(|found| serde_json::from_slice::<serde_json::Value>(found).is_ok())
        {
            return found.to_vec();
        }
        // If the body is incomplete, only the head is reported.
        if bytes.len() > MOST_BODY || !more(stream, clock, &mut bytes, deadline).unwrap_or(false) {
            return Vec::new();
        }
    }
}
