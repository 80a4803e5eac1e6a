//! What is wrong, and where it was seen.

use crate::answer::Answer;
use crate::ask::Ask;
use crate::severity::Severity;

/// Something that is wrong with a server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// How bad it is, where it was seen at its worst.
    pub severity: Severity,
    /// Its name: that of a technique or of a mistake.
    pub name: &'static str,
    /// What is wrong, in a sentence.
    pub message: String,
    /// What comes of it: what somebody does, or what a page does not get.
    pub consequence: String,
    /// What to write instead.
    pub instead: String,
    /// The sentence that Chromium prints, where a page is refused.
    pub console: Option<String>,
    /// The requests that show it, in the order in which they were sent.
    pub seen: Vec<Seen>,
}

/// A request, and its answer as far as it tells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen {
    /// The request.
    pub request: String,
    /// The status.
    pub status: u16,
    /// The lines by which browsers and caches decide.
    pub headers: Vec<(String, String)>,
}

impl Seen {
    pub(crate) fn of(ask: &Ask, answer: &Answer) -> Self {
        Self { request: ask.line(), status: answer.status, headers: answer.telling() }
    }
}

/// Puts a finding to others: what has a name already is seen once more, and is as bad as it is at its worst.
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
