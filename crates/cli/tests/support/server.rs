//! A server on this machine that answers as a test says, rightly or wrongly.
#![expect(clippy::expect_used, reason = "tests may fail loudly")]

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

/// An answer.
#[derive(Clone, Debug)]
pub struct Reply {
    status: u16,
    headers: String,
    body: Vec<u8>,
    manner: Manner,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Manner {
    Whole,
    /// The body is endless.
    Endless,
    /// The body is shorter than `Content-Length` says.
    CutOff,
    Never,
}

impl Reply {
    pub fn of(status: u16, body: impl Into<Vec<u8>>) -> Self {
        Self { status, headers: String::new(), body: body.into(), manner: Manner::Whole }
    }

    pub fn json(body: impl Into<Vec<u8>>) -> Self {
        Self::of(200, body).with("Content-Type", "application/json")
    }

    pub fn endless() -> Self {
        Self { manner: Manner::Endless, ..Self::of(200, " ".repeat(1 << 20)) }
    }

    pub fn cut_off() -> Self {
        Self { manner: Manner::CutOff, ..Self::of(200, "{") }
    }

    pub fn never() -> Self {
        Self { manner: Manner::Never, ..Self::of(200, "") }
    }

    pub fn with(mut self, name: &str, value: &str) -> Self {
        self.headers.push_str(&format!("{name}: {value}\r\n"));
        self
    }
}

/// The thread ends with the test.
pub struct Server {
    port: u16,
    requests: Arc<Mutex<Vec<String>>>,
}

impl Server {
    pub fn start(answer: impl Fn(&str) -> Reply + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let requests = Arc::new(Mutex::new(Vec::new()));
        let (heard, answer) = (Arc::clone(&requests), Arc::new(answer));
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (heard, answer) = (Arc::clone(&heard), Arc::clone(&answer));
                thread::spawn(move || {
                    let mut stream = stream;
                    if let Some(request) = read(&mut stream) {
                        heard.lock().expect("no panic holds it").push(request.clone());
                        // A client that has read enough hangs up.
                        let _gone = write(&mut stream, &answer(&request));
                    }
                });
            }
        });
        Self { port, requests }
    }

    pub fn address(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// The requests so far, as they came.
    pub fn requests(&self) -> Vec<String> {
        self.requests.lock().expect("no panic holds it").clone()
    }
}

fn read(stream: &mut TcpStream) -> Option<String> {
    let mut bytes = Vec::new();
    loop {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = head.to_lowercase().lines().find_map(|line| {
                line.strip_prefix("content-length:").and_then(|length| length.trim().parse().ok())
            });
            if body.len() >= length.unwrap_or(0) {
                return Some(text);
            }
        }
        let mut chunk = [0; 4096];
        match stream.read(&mut chunk).ok()? {
            0 => return None,
            length => bytes.extend_from_slice(chunk.get(..length)?),
        }
    }
}

fn write(stream: &mut TcpStream, reply: &Reply) -> std::io::Result<()> {
    let Reply { status, headers, body, manner } = reply;
    let length = match manner {
        Manner::Whole => body.len(),
        Manner::CutOff => body.len() + 10,
        Manner::Endless => 1 << 40,
        Manner::Never => {
            thread::sleep(Duration::from_secs(60));
            return Ok(());
        }
    };
    let head =
        format!("HTTP/1.1 {status} X\r\nContent-Length: {length}\r\nConnection: close\r\n{headers}\r\n");
    stream.write_all(head.as_bytes())?;
    stream.write_all(body)?;
    if *manner == Manner::Endless {
        loop {
            stream.write_all(body)?;
        }
    }
    stream.flush()
}
