//! What is wrong with a server, and which requests show it.

use crate::answer::Answer;
use crate::ask::Ask;
use crate::severity::Severity;

/// A problem of a server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The highest severity of all occurrences.
    pub severity: Severity,
    /// The name of the technique or of the mistake.
    pub name: &'static str,
    /// What is wrong, as a sentence.
    pub message: String,
    /// The consequence: what an attacker can do, or what a page does not get.
    pub consequence: String,
    /// What the server's owner should write instead.
    pub instead: String,
    /// The message that Chromium prints, if it blocks a page.
    pub console: Option<String>,
    /// The requests that show the problem, in the order in which they were sent.
    pub seen: Vec<Seen>,
}

/// A request, and the parts of its response that matter for the finding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen {
    /// The request as one readable line.
    pub request: String,
    /// The status code of the response.
    pub status: u16,
    /// The response's header lines that browsers and caches act on.
    pub headers: Vec<(String, String)>,
}

impl Seen {
    pub(crate) fn of(ask: &Ask, answer: &Answer) -> Self {
        Self { request: ask.line(), status: answer.status, headers: answer.telling() }
    }
}

/// Merges a finding into `findings`. Findings of the same name become one, with the highest severity of both.
pub(crate) fn add(findings: &mut Vec<Finding>, finding: Finding) {
    match findings.iter_mut().find(|known| known.name == finding.name) {
        Some(known) => {
            if finding.severity < known.severity {
                known.severity = finding.severity;
                known.message = finding.message;
            }
            for seen in finding.seen {
                if !known.seen.contains(&seen) {
                    known.seen.push(seen);
                }
            }
        }
        None => findings.push(finding),
    }
}
