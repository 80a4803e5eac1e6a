//! A kind of finding, with its permanent code.

use core::fmt;

use crate::finding::Severity;

/// The number of a kind of finding, written `CG012`. Its meaning never changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Code(u16);

impl Code {
    pub(crate) const fn of(number: u16) -> Self {
        Self(number)
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CG{:03}", self.0)
    }
}

/// A kind of finding: what all findings with one code have in common.
#[derive(Debug)]
pub struct Lint {
    /// The code that names it in outputs, searches and suppressions.
    pub code: Code,
    /// The severity of its findings.
    pub severity: Severity,
    /// Its subject, in a few words.
    pub title: &'static str,
    /// What it means, why it matters, and what to write instead, in Markdown.
    pub explanation: &'static str,
}

impl Lint {
    pub(crate) const fn error(code: u16, title: &'static str, explanation: &'static str) -> Self {
        Self { code: Code(code), severity: Severity::Error, title, explanation }
    }

    pub(crate) const fn warning(code: u16, title: &'static str, explanation: &'static str) -> Self {
        Self { code: Code(code), severity: Severity::Warning, title, explanation }
    }

    pub(crate) const fn info(code: u16, title: &'static str, explanation: &'static str) -> Self {
        Self { code: Code(code), severity: Severity::Info, title, explanation }
    }
}
