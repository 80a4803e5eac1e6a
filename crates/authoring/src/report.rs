//! All findings about a file.

use std::collections::HashSet;

use crate::finding::{Finding, Severity, Span};
use crate::lint::Code;

/// The most findings of one severity that are kept; further ones are only counted. A file with more is not a policy
/// with mistakes, and its findings could take more memory than the file.
const MAX_KEPT: usize = 10_000;

/// Findings, without duplicates, in the order of the file.
#[derive(Clone, Debug, Default)]
pub struct Report {
    findings: Vec<Finding>,
    /// The place and message of each finding, to recognize duplicates: a mistake that many routes inherit is found many
    /// times.
    seen: HashSet<(Option<Span>, String)>,
    infos: usize,
    warnings: usize,
    errors: usize,
}

impl Report {
    /// Adds a finding unless the report already has it.
    pub(crate) fn add(&mut self, finding: Finding) {
        if self.is_full(finding.severity) {
            self.count_one(finding.severity);
        } else if self.seen.insert((finding.span().cloned(), finding.message.clone())) {
            self.count_one(finding.severity);
            self.findings.push(finding);
        }
    }

    /// Whether no further finding of a severity is kept.
    pub(crate) fn is_full(&self, severity: Severity) -> bool {
        self.count(severity) >= MAX_KEPT
    }

    /// Counts a finding that is not kept.
    pub(crate) fn count_one(&mut self, severity: Severity) {
        match severity {
            Severity::Info => self.infos += 1,
            Severity::Warning => self.warnings += 1,
            Severity::Error => self.errors += 1,
        }
    }

    /// Removes the fixes from all findings.
    pub(crate) fn without_fixes(mut self) -> Self {
        self.findings.iter_mut().for_each(|finding| finding.fix = None);
        self
    }

    /// Removes the findings that are only information, which change no exit code.
    #[must_use]
    pub fn without_infos(mut self) -> Self {
        self.findings.retain(|finding| finding.severity != Severity::Info);
        self.infos = 0;
        self
    }

    /// Removes the findings with one of these codes, except errors.
    #[must_use]
    pub fn without(mut self, codes: &[Code]) -> Self {
        let (mut infos, mut warnings) = (0, 0);
        self.findings.retain(|finding| {
            let goes = finding.severity != Severity::Error && codes.contains(&finding.code);
            infos += usize::from(goes && finding.severity == Severity::Info);
            warnings += usize::from(goes && finding.severity == Severity::Warning);
            !goes
        });
        self.infos -= infos;
        self.warnings -= warnings;
        self
    }

    /// Sorts the findings by their place in the file; those about the whole file come first.
    pub(crate) fn sorted(mut self) -> Self {
        self.findings.sort_by_key(|finding| finding.span().map(|span| (span.start, span.end)));
        self
    }

    /// The findings, at most the first ten thousand of each severity.
    #[must_use]
    pub fn findings(&self) -> &[Finding] {
        &self.findings
    }

    /// The number of findings of a severity, including those that were only counted.
    #[must_use]
    pub fn count(&self, severity: Severity) -> usize {
        match severity {
            Severity::Info => self.infos,
            Severity::Warning => self.warnings,
            Severity::Error => self.errors,
        }
    }

    /// Whether there is an error, so that the policy does not compile.
    #[must_use]
    pub fn has_errors(&self) -> bool {
        self.count(Severity::Error) > 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mistakes;

    #[test]
    fn what_is_not_kept_is_counted_and_leaves_room_for_the_other_severities() {
        let mut report = Report::default();
        for at in 0..MAX_KEPT + 5 {
            report.add(Finding::new(&mistakes::UNKNOWN_KEY, "unknown").at(Some(at..at), ""));
        }
        let warning = Finding { severity: Severity::Warning, ..Finding::new(&mistakes::VERSION, "odd") };
        report.add(warning.clone());
        report.add(warning);
        assert_eq!(report.count(Severity::Error), MAX_KEPT + 5);
        assert_eq!(report.count(Severity::Warning), 1);
        assert_eq!(report.findings().len(), MAX_KEPT + 1);
    }
}
