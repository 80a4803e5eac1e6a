//! The severity of a finding.

use core::fmt;

/// How severe a finding is, worst first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Anybody can read what only the user may.
    Critical,
    /// An attacker on the user's network or in control of a subdomain can read what only the user may.
    High,
    /// Pages are broken, or strangers can read what needs no cookie.
    Medium,
    /// It does harm only in combination with something else.
    Low,
    /// Worth knowing, but not a mistake by itself.
    Info,
}

impl Severity {
    /// The severity as a word, for reports.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Critical => "critical",
            Self::High => "high",
            Self::Medium => "medium",
            Self::Low => "low",
            Self::Info => "info",
        }
    }

    /// Whether the finding is a mistake rather than information.
    #[must_use]
    pub fn is_mistake(self) -> bool {
        self != Self::Info
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
