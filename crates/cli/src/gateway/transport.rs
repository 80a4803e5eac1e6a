//! HTTP requests with a token: only over TLS or within this machine, with a timeout, a bounded response, and no
//! redirects.

use core::fmt;
use std::io::{ErrorKind, Read as _};
use std::time::Duration;

use ureq::http::{Response, Uri};
use ureq::unversioned::transport::DefaultConnector;
use ureq::{Agent, Body, Error};

use super::localhost::{self, Localhost};
use crate::failure::UsageError;
use crate::output::plain::{excerpt, plain};
use crate::system;

/// The limits of a response, in time and in bytes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    pub(crate) deadline: Duration,
    pub(crate) most: u64,
}

/// Sends requests with one token.
pub(crate) struct Transport {
    agent: Agent,
    token: String,
}

/// A response with any status.
#[derive(Debug)]
pub(crate) struct Heard {
    pub(crate) status: u16,
    pub(crate) text: String,
    /// The target of a redirect.
    location: Option<String>,
}

/// Why there is no response; the message does not contain the address.
#[derive(Debug)]
pub(crate) enum Unheard {
    /// No response arrived, or only a part of it.
    Unreachable(String),
    /// The response cannot be read.
    Unreadable(String),
}

/// Leaves the token out.
impl fmt::Debug for Transport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Transport").finish_non_exhaustive()
    }
}

impl Transport {
    /// A client for the addresses below `url`, with the token from the variable.
    ///
    /// # Errors
    /// When the address or the token cannot be used; `wanted` says what to write instead.
    pub(crate) fn new(url: &str, wanted: &str, variable: &str, token: String) -> Result<Self, UsageError> {
        let uri: Uri = url.parse().map_err(|_| UsageError::new(format!("`{url}` is not a URL: {wanted}")))?;
        let (Some(scheme), Some(authority)) = (uri.scheme_str(), uri.authority()) else {
            return Err(UsageError::new(format!("`{url}` is not a URL: {wanted}")));
        };
        // Text that looks like a host may be a user name, followed by another host.
        if uri.query().is_some() || authority.as_str().contains('@') {
            return Err(UsageError::new(format!("`{url}` has more than an address: {wanted}")));
        }
        let is_local = localhost::is_loopback(authority.host());
        match scheme {
            "https" => {}
            "http" if is_local => {}
            "http" => {
                return Err(UsageError::new(format!(
                    "`{url}` would send the token unencrypted: write `https://`"
                )));
            }
            _ => return Err(UsageError::new(format!("`{url}` is not an `https` or `http` URL: {wanted}"))),
        }
        if !token.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(UsageError::new(format!(
                "the token in `{variable}` has characters that a header cannot contain"
            )));
        }
        let config = Agent::config_builder()
            .http_status_as_error(false)
            // The token must not be sent to the target of a redirect.
            .max_redirects(0)
            .max_redirects_will_error(false)
            .user_agent(concat!("corsgate/", env!("CARGO_PKG_VERSION")));
        let config = if is_local { config.proxy(None) } else { config };
        let agent = Agent::with_parts(config.build(), DefaultConnector::default(), Localhost::default());
        Ok(Self { agent, token })
    }

    /// # Errors
    /// Why there is no answer.
    pub(crate) fn get(&self, url: &str, limits: Limits) -> Result<Heard, Unheard> {
        let request = self.agent.get(url).config().timeout_global(Some(limits.deadline)).build();
        heard(request.header("Authorization", self.authorization()).call(), limits)
    }

    /// # Errors
    /// Why there is no answer.
    pub(crate) fn post(&self, url: &str, body: &str, limits: Limits) -> Result<Heard, Unheard> {
        let request = self.agent.post(url).config().timeout_global(Some(limits.deadline)).build();
        heard(request.header("Authorization", self.authorization()).send(body), limits)
    }

    /// The same with a body in JSON.
    ///
    /// # Errors
    /// Why there is no answer.
    pub(crate) fn post_json(&self, url: &str, body: &str, limits: Limits) -> Result<Heard, Unheard> {
        let request = self.agent.post(url).config().timeout_global(Some(limits.deadline)).build();
        let request = request.header("Content-Type", "application/json");
        heard(request.header("Authorization", self.authorization()).send(body), limits)
    }

    fn authorization(&self) -> String {
        format!("Bearer {}", self.token)
    }

    /// Text from the server, as one line for a message, without the token: a server may echo what it was sent.
    pub(crate) fn quoted(&self, text: &str) -> String {
        let hidden = if self.token.is_empty() { text.to_owned() } else { text.replace(&self.token, "…") };
        excerpt(hidden.trim())
    }
}

impl Heard {
    /// The message about a redirect and what to do, if the response is one.
    pub(crate) fn redirect(&self) -> Option<String> {
        let to = self.location.as_deref().filter(|_| (300..400).contains(&self.status))?;
        Some(format!(
            "responded with {}, a redirect to `{}`, where the token is not sent: write the final address",
            self.status,
            excerpt(to)
        ))
    }
}

fn heard(answer: Result<Response<Body>, Error>, limits: Limits) -> Result<Heard, Unheard> {
    let mut answer = answer.map_err(|error| Unheard::Unreachable(why(&error, limits)))?;
    let status = answer.status().as_u16();
    let location =
        answer.headers().get("location").map(|to| String::from_utf8_lossy(to.as_bytes()).into_owned());
    let mut bytes = Vec::new();
    let read = answer.body_mut().as_reader().take(limits.most + 1).read_to_end(&mut bytes);
    read.map_err(|error| Unheard::Unreachable(why_of_io(&error, limits)))?;
    if bytes.len() as u64 > limits.most {
        let most = limits.most / (1024 * 1024);
        return Err(Unheard::Unreadable(format!("the response is longer than {most} MiB")));
    }
    let no_text = |_| Unheard::Unreadable("the response is not UTF-8 text".to_owned());
    Ok(Heard { status, text: String::from_utf8(bytes).map_err(no_text)?, location })
}

fn why(error: &Error, limits: Limits) -> String {
    match error {
        Error::Timeout(_) => format!("no response within {} s", limits.deadline.as_secs()),
        Error::Io(error) => why_of_io(error, limits),
        Error::Protocol(error) => format!("its response cannot be parsed: {}", plain(&error.to_string())),
        error => plain(&error.to_string()),
    }
}

/// The message for an error while the body is read; `ureq` wraps its own errors in it.
fn why_of_io(error: &std::io::Error, limits: Limits) -> String {
    match error.get_ref().and_then(|inner| inner.downcast_ref::<Error>()) {
        Some(inner) => why(inner, limits),
        None if error.kind() == ErrorKind::UnexpectedEof => {
            "it closed the connection before it responded".to_owned()
        }
        None => plain(&system::sentence(error)),
    }
}
