//! The results of `corsgate probe`: one file a format.

mod github;
mod human;
mod json;

use clap::ValueEnum;
use corsgate_authoring::Source;
use corsgate_explain::Browser;
use corsgate_probe::{Answer, Compared, Danger, Finding, PageOutcome, Probe, Purpose};

use crate::failure::Failure;
use crate::output::{FindingsFormat, results};
use crate::probing::{Item, Predicted};

/// The output formats.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum ProbeFormat {
    /// For people: what differs, and what is wrong
    #[default]
    Human,
    /// For programs: every request, and every finding
    Json,
    /// Workflow commands of GitHub Actions
    Github,
}

impl ProbeFormat {
    /// The output format of findings about a file.
    pub(crate) fn of_findings(self) -> FindingsFormat {
        match self {
            Self::Human => FindingsFormat::Human,
            Self::Json => FindingsFormat::Json,
            Self::Github => FindingsFormat::Github,
        }
    }
}

/// The result of a request.
pub(crate) enum Held<'i> {
    /// Compared with a prediction.
    Compared { predicted: &'i Predicted<'i>, answer: &'i Answer, compared: Compared },
    /// Checked against the rules of browsers; mistakes are in the findings.
    Judged { probe: &'i Probe, answer: &'i Answer },
    /// There is no response.
    Failed { item: &'i Item<'i>, why: &'i str },
}

/// Everything that a probe found.
pub(crate) struct Results<'i> {
    pub(crate) url: &'i str,
    /// The file of cases, if there is one.
    pub(crate) cases: Option<&'i Source>,
    pub(crate) held: Vec<Held<'i>>,
    /// The browser whose sentences are quoted.
    pub(crate) browser: Browser,
    pub(crate) pages: Vec<PageOutcome>,
    pub(crate) findings: Vec<Finding>,
    /// The names of what was not sent, by the reason.
    pub(crate) skipped: Vec<(String, Vec<String>)>,
    pub(crate) notes: Vec<String>,
    pub(crate) requests: usize,
    pub(crate) seconds: f64,
}

impl Held<'_> {
    pub(crate) fn differs(&self) -> bool {
        matches!(self, Self::Compared { compared, .. } if !compared.differences.is_empty())
    }

    pub(crate) fn is_limited(&self) -> bool {
        match self {
            Self::Compared { compared, answer, .. } => {
                compared.is_limited || answer.status == 429 && compared.differences.is_empty()
            }
            Self::Judged { answer, .. } => answer.status == 429,
            Self::Failed { .. } => false,
        }
    }

    /// Whether the missing response is an error. A server that hangs up on a request that no browser sends has refused
    /// it.
    pub(crate) fn is_failure(&self) -> bool {
        match self {
            Self::Failed { item: Item::Judged(probe), .. } => !matches!(
                &probe.purpose,
                Purpose::Hostile(derived) if derived.technique.danger() == Danger::Nobody
            ),
            Self::Failed { .. } => true,
            _ => false,
        }
    }
}

impl Results<'_> {
    pub(crate) fn differing(&self) -> usize {
        self.held.iter().filter(|held| held.differs()).count()
    }

    pub(crate) fn limited(&self) -> usize {
        self.held.iter().filter(|held| held.is_limited() && !held.differs()).count()
    }

    pub(crate) fn failed(&self) -> usize {
        self.held.iter().filter(|held| held.is_failure()).count()
    }

    /// The number of cases that are as predicted; those over a limit are counted separately.
    pub(crate) fn as_predicted(&self) -> usize {
        let is =
            |held: &&Held<'_>| matches!(held, Held::Compared { .. }) && !held.differs() && !held.is_limited();
        self.held.iter().filter(is).count()
    }

    /// The number of requests from hostile origins, and from the pages that were named.
    pub(crate) fn judged(&self) -> usize {
        self.held.iter().filter(|held| matches!(held, Held::Judged { .. })).count()
    }

    pub(crate) fn skipped_runs(&self) -> usize {
        self.skipped.iter().map(|(_, names)| names.len()).sum()
    }
}

/// A sentence that says what the prediction rests on, in addition to the policy.
pub(crate) fn rests_on(predicted: &Predicted<'_>) -> Option<String> {
    let keys = predicted.asked.iter().map(|key| format!("`{key}`")).collect::<Vec<_>>();
    if keys.is_empty() {
        return None;
    }
    Some(format!(
        "the predictions use the content of {} in KV from the cases; the live content may differ",
        keys.join(" and ")
    ))
}

/// Writes all results.
pub(crate) fn write(format: ProbeFormat, probed: &Results<'_>) -> Result<(), Failure> {
    match format {
        ProbeFormat::Human => results::write_styled(&human::render(probed)),
        ProbeFormat::Json => {
            let json = json::render(probed).map_err(|error| Failure::Output(error.into()))?;
            results::write_json(&json)
        }
        ProbeFormat::Github => results::write_commands(&github::render(probed)),
    }
}
