//! The admin API of a running gateway.

mod client;
pub(crate) mod localhost;
pub(crate) mod transport;

use std::time::{Duration, Instant};
use std::{env, thread};

use clap::Args;
use serde::Deserialize;

use crate::failure::{Failure, UsageError};
use crate::output::diagnostics;
use crate::progress::Shown;

/// The variable with the token of the admin API. It is not an option because every process can read command lines.
pub(crate) const TOKEN: &str = "CORSGATE_ADMIN_TOKEN";

const PACE: Duration = Duration::from_secs(1);

/// The gateway to ask.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "The gateway")]
#[group(skip)]
pub(crate) struct GatewayOptions {
    /// The admin API of the gateway; its token is in the variable CORSGATE_ADMIN_TOKEN
    #[arg(long, value_name = "URL")]
    url: Option<String>,
}

impl GatewayOptions {
    /// The options that name this gateway.
    pub(crate) fn at(url: Option<String>) -> Self {
        Self { url }
    }
}

/// The policy that a gateway uses, as it reports it.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct PolicyStatus {
    pub(crate) id: Option<String>,
    pub(crate) age_seconds: Option<u64>,
    /// `current` or `previous`.
    pub(crate) copy: Option<String>,
    /// Why the gateway has no policy.
    pub(crate) reason: Option<String>,
}

#[derive(Deserialize)]
struct Status {
    policy: PolicyStatus,
}

/// A gateway's admin API.
#[derive(Debug)]
pub(crate) struct Gateway {
    client: client::Client,
}

impl Gateway {
    /// The gateway that the options name, if they name one.
    ///
    /// # Errors
    /// When the address or the token cannot be used.
    pub(crate) fn of(options: &GatewayOptions) -> Result<Option<Self>, UsageError> {
        let Some(url) = &options.url else { return Ok(None) };
        Self::at(url, "--url").map(Some)
    }

    /// The gateway whose address this option has.
    ///
    /// # Errors
    /// When the address or the token cannot be used.
    pub(crate) fn at(url: &str, option: &str) -> Result<Self, UsageError> {
        let token = env::var(TOKEN).ok().filter(|token| !token.is_empty());
        let token = token.ok_or_else(|| {
            UsageError::new(format!("`{option}` needs the token of the admin API in the variable `{TOKEN}`"))
        })?;
        Ok(Self { client: client::Client::new(url, token)? })
    }

    /// Asks the gateway which policy it uses.
    ///
    /// # Errors
    /// When it cannot be reached, or does not answer as an admin API does.
    pub(crate) fn policy(&self) -> Result<PolicyStatus, Failure> {
        let text = self.client.get("/api/status")?;
        let status: Status =
            serde_json::from_str(&text).map_err(|error| self.client.foreign(&error.to_string()))?;
        Ok(status.policy)
    }

    /// The address of its admin API.
    pub(crate) fn address(&self) -> &str {
        self.client.address()
    }

    /// The answer to a request for a report, as text.
    ///
    /// # Errors
    /// When it cannot be reached, or refuses.
    pub(crate) fn report(&self, name: &str, query: &str) -> Result<String, Failure> {
        self.client.report(name, query)
    }

    /// What the gateway would do with a request that is described in JSON, as text.
    ///
    /// # Errors
    /// When it cannot be reached, or refuses.
    pub(crate) fn explain(&self, description: &str) -> Result<String, Failure> {
        self.client.post("/api/explain", description)
    }

    /// The error for an answer that is not one of an admin API.
    pub(crate) fn foreign(&self, why: &str) -> Failure {
        self.client.foreign(why)
    }

    /// Polls the gateway until it uses this policy, and returns whether it did within the time. Errors in between are
    /// ignored, because the gateway may recover.
    pub(crate) fn wait_for(&self, id: &str, most: Duration) -> bool {
        let started = Instant::now();
        let mut shown = Shown::default();
        loop {
            let answer = self.policy();
            if answer.as_ref().is_ok_and(|policy| policy.id.as_deref() == Some(id)) {
                drop(shown);
                let seconds = started.elapsed().as_secs();
                diagnostics::note(&format!("`{}` uses `{id}`, after {seconds} s", self.client.address()));
                return true;
            }
            let by = match &answer {
                Ok(policy) => policy.sentence(),
                Err(failure) => failure.to_string(),
            };
            if started.elapsed() + PACE > most {
                drop(shown);
                diagnostics::problem(&format!(
                    "written, but after {} s `{}` does not use `{id}` yet ({by}); check again with `corsgate status --url`",
                    most.as_secs(),
                    self.client.address()
                ));
                return false;
            }
            shown.show(&format!(
                "{} s: waiting for the gateway to use `{id}` ({by})",
                started.elapsed().as_secs()
            ));
            thread::sleep(PACE);
        }
    }
}

impl PolicyStatus {
    /// The policy in use, as part of a sentence.
    pub(crate) fn sentence(&self) -> String {
        match (&self.id, &self.reason) {
            (Some(id), _) if self.copy.as_deref() == Some("previous") => {
                format!("`{id}`, from `policy/previous`: `policy/current` cannot be read")
            }
            (Some(id), _) => format!("`{id}`"),
            (None, Some(reason)) => format!("no policy: `{reason}`"),
            (None, None) => "no policy".to_owned(),
        }
    }
}
