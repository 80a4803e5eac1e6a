//! Reads reports from Analytics Engine through its SQL API.

use std::env;
use std::time::{Duration, Instant};

use corsgate_reports::{Dialect, PolicyEntries, ReportRequest, Source, Statement};
use serde_json::{Map, Value};

use crate::failure::{Failure, UsageError};
use crate::gateway::transport::{Heard, Limits, Transport, Unheard};

const API: &str = "https://api.cloudflare.com/client/v4";
/// The variable that replaces the address of the API.
const URL: &str = "CORSGATE_ANALYTICS_URL";
/// The variables with the id of the account; the first that is set counts.
const ACCOUNTS: [&str; 2] = ["CORSGATE_ACCOUNT_ID", "CLOUDFLARE_ACCOUNT_ID"];
const TOKENS: [&str; 2] = ["CORSGATE_ANALYTICS_TOKEN", "CLOUDFLARE_API_TOKEN"];

/// The time limit for all statements of one report.
const DEADLINE: Duration = Duration::from_secs(60);
/// The maximum size of the answer to one statement: ten thousand rows with their keys.
const MOST: u64 = 32 * 1024 * 1024;

#[derive(Debug)]
pub(super) struct Engine {
    transport: Transport,
    /// The address of the API, for messages.
    base: String,
    url: String,
    dataset: String,
    /// The variable with the token, for messages.
    variable: &'static str,
}

impl Engine {
    /// Reads the variables.
    pub(super) fn of(dataset: &str) -> Result<Self, UsageError> {
        if Dialect::from_name("engine", dataset).is_none() {
            return Err(UsageError::new(format!(
                "`--dataset {dataset}` is not the name of a dataset: write at most 64 letters, digits, `_` and `-`"
            )));
        }
        let (variable, account) =
            first_set(ACCOUNTS).ok_or_else(|| missing("the id of the account", ACCOUNTS))?;
        // The id becomes a part of the address.
        if !account.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_')) {
            return Err(UsageError::new(format!(
                "`{variable}` does not have the id of an account, which has 32 digits, 0 to f"
            )));
        }
        let (variable, token) = first_set(TOKENS)
            .ok_or_else(|| missing("a token with the permission Account Analytics: Read", TOKENS))?;
        let base = set(URL).unwrap_or_else(|| API.to_owned());
        let wanted = format!("`{URL}` must be the address of the API, such as `{API}`");
        let transport = Transport::new(&base, &wanted, variable, token)?;
        let base = base.trim_end_matches('/').to_owned();
        let url = format!("{base}/accounts/{account}/analytics_engine/sql");
        Ok(Self { transport, base, url, dataset: dataset.to_owned(), variable })
    }

    /// The JSON of a report, as the gateway would return it.
    pub(super) fn report(
        &self,
        request: &ReportRequest,
        listed: &PolicyEntries<'_>,
    ) -> Result<String, Failure> {
        let dialect = Dialect::Engine(&self.dataset);
        let until = Instant::now() + DEADLINE;
        let statements = request.statements(dialect);
        let results = statements.iter().map(|statement| self.run(statement, until));
        let results = results.collect::<Result<Vec<_>, _>>()?;
        request
            .answer(Source::Engine, &results, listed)
            .map_err(|bad| self.not_as_it_should(&bad.to_string()))
    }

    /// The rows of a statement.
    fn run(&self, statement: &Statement, until: Instant) -> Result<Vec<Vec<String>>, Failure> {
        let left = until.saturating_duration_since(Instant::now());
        if left.is_zero() {
            let seconds = DEADLINE.as_secs();
            return Err(self.failed(&format!("took longer than {seconds} s: ask for a shorter range")));
        }
        let limits = Limits { deadline: left, most: MOST };
        let heard =
            self.transport.post(&self.url, &statement.sql, limits).map_err(|unheard| match unheard {
                Unheard::Unreachable(why) => {
                    Failure::AnalyticsEngine(format!("cannot reach `{}`: {why}", self.base))
                }
                Unheard::Unreadable(why) => self.not_as_it_should(&why),
            })?;
        if heard.status != 200 {
            return Err(self.refused(&heard));
        }
        let mut answer: Map<String, Value> =
            serde_json::from_str(&heard.text).map_err(|error| self.not_as_it_should(&error.to_string()))?;
        let Some(Value::Array(rows)) = answer.remove("data") else {
            return Err(self.not_as_it_should("it has no `data`"));
        };
        rows.iter().map(|row| self.cells(row, statement)).collect()
    }

    /// The cells in the order of the statement's columns; the order of an object's members is not guaranteed.
    fn cells(&self, row: &Value, statement: &Statement) -> Result<Vec<String>, Failure> {
        let cell = |column: &&str| match row.get(column) {
            Some(Value::String(text)) => Ok(text.clone()),
            // The API writes a number that may be too large for JSON as a string.
            Some(Value::Number(number)) => Ok(number.to_string()),
            Some(Value::Null) => Ok(String::new()),
            _ => Err(self.not_as_it_should(&format!("a row has no `{column}`"))),
        };
        statement.columns.iter().map(cell).collect()
    }

    fn refused(&self, heard: &Heard) -> Failure {
        let status = heard.status;
        let said = match self.transport.quoted(&heard.text) {
            said if said.is_empty() => said,
            said => format!(": {said}"),
        };
        match status {
            401 | 403 => self.failed(&format!(
                "does not accept the token in `{}` for this account: it needs the permission Account Analytics: Read",
                self.variable
            )),
            404 => self.failed("does not know this address or account: it responded with 404"),
            429 => self.failed("got too many requests (429): try again in a few minutes"),
            500.. => self.failed(&format!("responded with {status}{said}; try again in a moment")),
            _ => match heard.redirect() {
                Some(redirect) => self.failed(&redirect),
                None => self.failed(&format!("responded with {status}{said}")),
            },
        }
    }

    fn failed(&self, how: &str) -> Failure {
        Failure::AnalyticsEngine(format!("Analytics Engine at `{}` {how}", self.base))
    }

    pub(super) fn not_as_it_should(&self, why: &str) -> Failure {
        self.failed(&format!("sent an unexpected response: {why}"))
    }
}

fn set(variable: &str) -> Option<String> {
    env::var(variable).ok().filter(|value| !value.is_empty())
}

fn first_set(variables: [&'static str; 2]) -> Option<(&'static str, String)> {
    variables.into_iter().find_map(|variable| Some((variable, set(variable)?)))
}

fn missing(what: &str, [first, second]: [&str; 2]) -> UsageError {
    UsageError::new(format!("`--engine` needs {what} in the variable `{first}` or `{second}`"))
}
