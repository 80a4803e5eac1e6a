//! How bad a finding is.

use core::fmt;

/// How bad it is, the worst first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Anybody reads what only the user may.
    Critical,
    /// So does who holds something close by: the network, a subdomain.
    High,
    /// Pages are broken, or strangers read what needs no cookie.
    Medium,
    /// It does harm together with something else.
    Low,
    /// Worth knowing; no mistake by itself.
    Info,
}

impl Severity {
    /// Its word.
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

    /// Whether it is a mistake, and not only worth knowing.
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
