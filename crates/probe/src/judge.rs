//! Judges all responses of a server.

use corsgate_explain::Browser;

use crate::answer::Answer;
use crate::browser_checks;
use crate::cached;
use crate::finding::{Finding, add};
use crate::granted;
use crate::plan::{Probe, Purpose};
use crate::technique::Technique;

/// The problems of a server, worst first; those of equal severity in the order of the requests. The findings quote what this
/// browser prints.
#[must_use]
pub fn judge(answered: &[(&Probe, &Answer)], browser: Browser) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (probe, answer) in answered {
        for finding in of_answer(probe, answer, browser) {
            add(&mut findings, finding);
        }
    }
    for finding in cached::mistakes(answered) {
        add(&mut findings, finding);
    }
    // A server that grants any origin grants every imitation too. `null` stays, as sandboxed frames are another matter.
    let reflects = findings.iter().any(|finding| finding.name == Technique::Reflection.name());
    if reflects {
        findings.retain(|finding| !is_implied(finding.name));
    }
    findings.sort_by_key(|finding| finding.severity);
    findings
}

fn is_implied(name: &str) -> bool {
    let technique = Technique::ALL.iter().find(|technique| technique.name() == name);
    technique.is_some_and(|technique| !matches!(technique, Technique::Reflection | Technique::Null))
}

fn of_answer(Probe { ask, purpose }: &Probe, answer: &Answer, browser: Browser) -> Vec<Finding> {
    match purpose {
        Purpose::Allowed(page) => browser_checks::mistakes(ask, page, answer, browser),
        Purpose::NotFound(page) => browser_checks::not_found(ask, page, answer).into_iter().collect(),
        Purpose::Refused(origin) => granted::refused(ask, origin, answer).into_iter().collect(),
        Purpose::Hostile(derived) => granted::hostile(ask, derived, answer).into_iter().collect(),
        Purpose::InventedMethod(name) => {
            granted::invented(ask, answer, Some(name), None).into_iter().collect()
        }
        Purpose::InventedHeader(name) => {
            granted::invented(ask, answer, None, Some(name)).into_iter().collect()
        }
        Purpose::Unnamed => Vec::new(),
    }
}
