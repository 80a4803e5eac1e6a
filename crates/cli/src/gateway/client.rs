//! HTTP to the admin API: with its token, within seconds, and nowhere else than where it was sent.

use core::fmt;
use std::io::ErrorKind;
use std::time::Duration;

use serde::Deserialize;
use ureq::http::{StatusCode, Uri};
use ureq::unversioned::transport::DefaultConnector;
use ureq::{Agent, Error};

use super::TOKEN;
use super::localhost::{self, Localhost};

const DEADLINE: Duration = Duration::from_secs(15);
const MOST: u64 = 4 * 1024 * 1024;

pub(super) struct Client {
    agent: Agent,
    address: String,
    token: String,
}

/// Without the token.
impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client").field("address", &self.address).finish_non_exhaustive()
    }
}

/// RFC 9457.
#[derive(Deserialize)]
struct Problem {
    detail: String,
}

impl Client {
    /// What is wrong with the address is a sentence.
    pub(super) fn new(url: &str, token: String) -> Result<Self, String> {
        let wanted = "write the admin API's origin, such as `https://corsgate.example.com`";
        let uri: Uri = url.parse().map_err(|_| format!("`{url}` is no URL: {wanted}"))?;
        let (Some(scheme), Some(authority)) = (uri.scheme_str(), uri.authority()) else {
            return Err(format!("`{url}` is no URL: {wanted}"));
        };
        if !uri.path().trim_end_matches('/').is_empty()
            || uri.query().is_some()
            || authority.as_str().contains('@')
        {
            return Err(format!("`{url}` is more than an origin: {wanted}"));
        }
        let is_local = localhost::is_loopback(authority.host());
        match scheme {
            "https" => {}
            "http" if is_local => {}
            "http" => return Err(format!("`{url}` would send the token unencrypted: write `https://`")),
            _ => return Err(format!("`{url}` is no web address: {wanted}")),
        }
        if !token.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(format!("the token in `{TOKEN}` has characters that no header can have"));
        }
        let config = Agent::config_builder()
            .timeout_global(Some(DEADLINE))
            .http_status_as_error(false)
            // Who redirects does not get the token.
            .max_redirects(0)
            .max_redirects_will_error(false)
            .user_agent(concat!("corsgate/", env!("CARGO_PKG_VERSION")));
        let config = if is_local { config.proxy(None) } else { config };
        let agent = Agent::with_parts(config.build(), DefaultConnector::default(), Localhost::default());
        Ok(Self { agent, address: format!("{scheme}://{authority}"), token })
    }

    pub(super) fn address(&self) -> &str {
        &self.address
    }

    /// What is wrong with the answer is a sentence.
    pub(super) fn get(&self, path: &str) -> Result<String, String> {
        let address = &self.address;
        let request = self.agent.get(format!("{address}{path}"));
        let mut answer = request
            .header("Authorization", format!("Bearer {}", self.token))
            .call()
            .map_err(|error| self.unreachable(&error))?;
        let text = answer.body_mut().with_config().limit(MOST).read_to_string();
        let status = answer.status();
        match status {
            StatusCode::OK => text.map_err(|error| self.unreachable(&error)),
            StatusCode::UNAUTHORIZED => Err(format!("`{address}` does not take the token in `{TOKEN}`")),
            StatusCode::NOT_FOUND => Err(format!(
                "`{address}` has no admin API: it is on the host in the Worker's variable `ADMIN_HOST`, with a secret `ADMIN_TOKEN`"
            )),
            _ => {
                let problem = text.ok().and_then(|text| serde_json::from_str::<Problem>(&text).ok());
                let detail = problem.map(|problem| format!(": {}", problem.detail)).unwrap_or_default();
                Err(format!("`{address}{path}` answers {}{detail}", status.as_u16()))
            }
        }
    }

    fn unreachable(&self, error: &Error) -> String {
        let why = match error {
            Error::Timeout(_) => format!("no answer within {} s", DEADLINE.as_secs()),
            Error::BodyExceedsLimit(most) => {
                return self.foreign(&format!("the answer is longer than {} MiB", most / (1024 * 1024)));
            }
            Error::Io(error) if error.kind() == ErrorKind::InvalidData => {
                return self.foreign("the answer is no UTF-8 text");
            }
            Error::Io(error) if error.kind() == ErrorKind::UnexpectedEof => {
                "it hangs up before it has answered".to_owned()
            }
            Error::Io(error) => crate::system::sentence(error),
            Error::Protocol(error) => format!("its answer cannot be read: {error}"),
            error => error.to_string(),
        };
        format!("cannot reach `{}`: {why}", self.address)
    }

    /// What is wrong with an answer that is none of an admin API.
    pub(super) fn foreign(&self, why: &str) -> String {
        format!("`{}` does not answer as a corsgate admin API: {why}", self.address)
    }
}
