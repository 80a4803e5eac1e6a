//! All findings about a file.

use std::collections::HashSet;

use crate::finding::{Finding, Severity, Span};

/// Findings, each once, in the order of the file.
#[derive(Clone, Debug, Default)]
pub struct Report {
    findings: Vec<Finding>,
    /// Many routes can inherit one mistake, which is then found many times: place and message say
    /// whether it is the same.
    seen: HashSet<(Option<Span>, String)>,
}

impl Report {
    /// Adds a finding unless it is there already.
    pub(crate) fn add(&mut self, finding: Finding) {
        if self.seen.insert((finding.span().cloned(), finding.message.clone())) {
            self.findings.push(finding);
        }
    }

    /// Leaves out what is of a severity.
    pub(crate) fn without(mut self, severity: Severity) -> Self {
        self.findings.retain(|finding| finding.severity != severity);
        self
    }

    /// Puts the findings in the order of the file, those about the whole of it first.
    pub(crate) fn sorted(mut self) -> Self {
        self.findings.sort_by_key(|finding| finding.span().map(|span| (span.start, span.end)));
        self
    }

    /// The findings.
    #[must_use]
    pub fn findings(&self) -> &[Finding] {
        &self.findings
    }

    /// How many findings are of a severity.
    #[must_use]
    pub fn count(&self, severity: Severity) -> usize {
        self.findings.iter().filter(|finding| finding.severity == severity).count()
    }

    /// Whether the policy does not compile.
    #[must_use]
    pub fn has_errors(&self) -> bool {
        self.count(Severity::Error) > 0
    }
}
