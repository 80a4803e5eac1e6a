//! The admin API over HTTP: its answers, and what its errors mean.

use std::time::Duration;

use serde::Deserialize;

use super::TOKEN;
use super::transport::{Heard, Limits, Transport, Unheard};
use crate::failure::{Failure, UsageError};

const STATUS: Limits = Limits { deadline: Duration::from_secs(15), most: 4 * 1024 * 1024 };
/// The limits of a report. The gateway itself waits up to 20 seconds for the store of the records, and returns at most
/// ten thousand rows.
const REPORT: Limits = Limits { deadline: Duration::from_secs(30), most: 32 * 1024 * 1024 };

#[derive(Debug)]
pub(super) struct Client {
    transport: Transport,
    address: String,
}

/// A problem document of RFC 9457.
#[derive(Deserialize)]
struct Problem {
    #[serde(default)]
    r#type: String,
    detail: String,
}

impl Client {
    pub(super) fn new(url: &str, token: String) -> Result<Self, UsageError> {
        let wanted = "write the admin API's origin, such as `https://corsgate.example.com`";
        let address = url.trim_end_matches('/');
        if address.split_once("://").is_some_and(|(_, host)| host.contains(['/', '?', '#', '@'])) {
            return Err(UsageError::new(format!("`{url}` has more than an origin: {wanted}")));
        }
        let transport = Transport::new(url, wanted, TOKEN, token)?;
        Ok(Self { transport, address: address.to_owned() })
    }

    pub(super) fn address(&self) -> &str {
        &self.address
    }

    /// The body of a response with status 200.
    pub(super) fn get(&self, path: &str) -> Result<String, Failure> {
        self.ask(path, STATUS)
    }

    /// As [`get`](Self::get), with the limits of a report, which may take longer and be larger.
    pub(super) fn report(&self, name: &str, query: &str) -> Result<String, Failure> {
        let mark = if query.is_empty() { "" } else { "?" };
        self.ask(&format!("/api/report/{name}{mark}{query}"), REPORT)
    }

    /// The answer of 200 to a body in JSON.
    pub(super) fn post(&self, path: &str, body: &str) -> Result<String, Failure> {
        self.heard(path, self.transport.post_json(&format!("{}{path}", self.address), body, STATUS))
    }

    fn ask(&self, path: &str, limits: Limits) -> Result<String, Failure> {
        self.heard(path, self.transport.get(&format!("{}{path}", self.address), limits))
    }

    fn heard(&self, path: &str, heard: Result<Heard, Unheard>) -> Result<String, Failure> {
        let address = &self.address;
        let heard = heard.map_err(|unheard| match unheard {
            Unheard::Unreachable(why) => Failure::Gateway(format!("cannot reach `{address}`: {why}")),
            Unheard::Unreadable(why) => self.foreign(&why),
        })?;
        match heard.status {
            200 => Ok(heard.text),
            401 => Err(Failure::Gateway(format!("`{address}` does not accept the token in `{TOKEN}`"))),
            _ => Err(Failure::Gateway(self.refused(path, &heard))),
        }
    }

    fn refused(&self, path: &str, heard: &Heard) -> String {
        let address = &self.address;
        let problem = serde_json::from_str::<Problem>(&heard.text).ok();
        let detail = problem.as_ref().map(|problem| self.transport.quoted(&problem.detail));
        // The gateway also answers 404 with a problem document if it has no such host or route.
        let knows = problem.is_some_and(|problem| problem.r#type.ends_with("/report_unknown"));
        if heard.status == 404 && !knows {
            return format!(
                "`{address}` has no admin API: the Worker serves it on the host in its variable `ADMIN_HOST`, if it has a secret `ADMIN_TOKEN`"
            );
        }
        let path = path.split_once('?').map_or(path, |(path, _)| path);
        match (heard.redirect(), detail) {
            (Some(redirect), _) => format!("`{address}{path}` {redirect}"),
            (None, Some(detail)) => format!("`{address}{path}` responded with {}: {detail}", heard.status),
            (None, None) => format!("`{address}{path}` responded with {}", heard.status),
        }
    }

    /// The error for a response that is not one of an admin API.
    pub(super) fn foreign(&self, why: &str) -> Failure {
        Failure::Gateway(format!("`{}` does not respond like a corsgate admin API: {why}", self.address))
    }
}
