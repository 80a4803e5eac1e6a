//! Where reports come from: the admin API of a gateway, Analytics Engine, or a saved answer.
//!
//! `corsgate-reports` parses every request first, so that no invalid request is sent. Analytics Engine gets the same
//! statements as from the gateway, so the answers are equal.

mod engine;
pub(crate) mod listing;
pub(crate) mod query;
mod saved;

use std::time::{SystemTime, UNIX_EPOCH};

use clap::{ArgGroup, Args};
use corsgate_reports::{PolicyEntries, ReportRequest, time};
use serde_json::Value;

use crate::failure::{Failure, InvalidValue, UsageError};
use crate::gateway::{self, Gateway};
use engine::Engine;

/// Where records are.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Where the records are")]
#[command(group(ArgGroup::new("records").required(true).args(["url", "engine", "from"])))]
#[group(skip)]
pub(crate) struct RecordsOptions {
    /// The admin API of the gateway; its token is in the variable CORSGATE_ADMIN_TOKEN
    #[arg(long, value_name = "URL")]
    url: Option<String>,
    /// Analytics Engine; the account is in CORSGATE_ACCOUNT_ID or CLOUDFLARE_ACCOUNT_ID, and a token with the permission
    /// Account Analytics: Read in CORSGATE_ANALYTICS_TOKEN or CLOUDFLARE_API_TOKEN
    #[arg(long)]
    engine: bool,
    /// A saved report of the admin API, or `-` for standard input
    #[arg(long, value_name = "FILE")]
    from: Option<String>,
    /// The dataset of Analytics Engine
    #[arg(long, value_name = "NAME", default_value = "corsgate_decisions", conflicts_with_all = ["url", "from"])]
    dataset: String,
    /// The current time, instead of the clock's
    #[arg(long, value_name = "TIME", hide = true, value_parser = parse_moment)]
    now: Option<u64>,
}

/// A source of reports.
#[derive(Debug)]
pub(crate) struct Reports {
    source: Source,
    now: u64,
}

#[derive(Debug)]
enum Source {
    Gateway(Gateway),
    Engine(Engine),
    Saved(String),
}

impl RecordsOptions {
    /// Whether the report is read from standard input.
    pub(crate) fn is_stdin(&self) -> bool {
        self.from.as_deref() == Some("-")
    }

    /// The current time in seconds since 1970; 0 if the clock is before that.
    pub(crate) fn now(&self) -> u64 {
        let clock = || SystemTime::now().duration_since(UNIX_EPOCH).map(|since| since.as_secs());
        self.now.unwrap_or_else(|| clock().unwrap_or_default())
    }

    /// Whether the source is Analytics Engine, which does not know the policy.
    pub(crate) fn is_engine(&self) -> bool {
        self.engine
    }
}

impl Reports {
    /// The source that the options name.
    ///
    /// # Errors
    /// When the options, or the variables that they need, are invalid.
    pub(crate) fn of(options: &RecordsOptions) -> Result<Self, UsageError> {
        let source = if let Some(file) = &options.from {
            Source::Saved(file.clone())
        } else if options.engine {
            Source::Engine(Engine::of(&options.dataset)?)
        } else {
            let gateway = Gateway::of(&gateway::GatewayOptions::at(options.url.clone()))?;
            Source::Gateway(gateway.ok_or_else(|| {
                UsageError::new(
                    "say where the records are: `--url URL`, `--engine`, or `--from FILE` for a saved report",
                )
            })?)
        };
        Ok(Self { source, now: options.now() })
    }

    /// The answer of `/api/report/<name>?<query>`, the JSON of `docs/reports.md`, from any source. `listed` is needed
    /// for `unused` with Analytics Engine; a gateway knows the entries of its policy.
    ///
    /// # Errors
    /// When the request is invalid, or the source cannot be reached, refuses, or answers with something else.
    pub(crate) fn ask(&self, name: &str, query: &str, listed: &PolicyEntries<'_>) -> Result<Value, Failure> {
        self.ask_text(name, query, listed).and_then(|text| self.read(&text))
    }

    /// As [`ask`](Self::ask), but as JSON text in which the members of objects keep their order.
    pub(crate) fn ask_text(
        &self,
        name: &str,
        query: &str,
        listed: &PolicyEntries<'_>,
    ) -> Result<String, Failure> {
        let request = || ReportRequest::parse(name, query, self.now).map_err(Failure::Report);
        let text = match &self.source {
            Source::Saved(file) => saved::read(file)?,
            Source::Gateway(gateway) => {
                request()?;
                gateway.report(name, query)?
            }
            Source::Engine(engine) => engine.report(&request()?, listed)?,
        };
        self.check_form(name, &text)?;
        Ok(text)
    }

    /// Checks that the answer is this report, in a version that this tool reads.
    fn check_form(&self, name: &str, text: &str) -> Result<(), Failure> {
        let answer = self.read(text)?;
        let version = answer.get("version").and_then(Value::as_u64);
        let report = answer.get("report").and_then(Value::as_str);
        match (version, report) {
            (Some(1), Some(report)) if report == name => Ok(()),
            (Some(1), Some(report)) => {
                let report = crate::output::plain::excerpt(report);
                Err(self.not_as_it_should(&format!("it has the report `{report}`, not `{name}`")))
            }
            (Some(version), Some(_)) => {
                Err(self
                    .not_as_it_should(&format!("its version is {version}, but this tool reads version 1")))
            }
            _ => Err(self.not_as_it_should("it has no `version` and `report`")),
        }
    }

    fn read(&self, text: &str) -> Result<Value, Failure> {
        serde_json::from_str(text).map_err(|error| self.not_as_it_should(&error.to_string()))
    }

    /// The error for an answer that is not a report.
    pub(crate) fn not_as_it_should(&self, why: &str) -> Failure {
        match &self.source {
            Source::Saved(file) => saved::unusable(file, why),
            Source::Gateway(gateway) => Failure::Gateway(format!(
                "`{}` does not respond like a corsgate admin API: {why}",
                gateway.address()
            )),
            Source::Engine(engine) => engine.not_as_it_should(why),
        }
    }
}

fn parse_moment(text: &str) -> Result<u64, InvalidValue> {
    time::read(text).ok_or(InvalidValue("write a time like `2026-11-23T06:45:00Z`"))
}
