//! What is worth telling about a policy file, as data.

use core::ops::Range;

use crate::lint::{Code, Lint};

/// A range of bytes in the source.
pub type Span = Range<usize>;

/// Something about a policy file that its author should know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// Its kind.
    pub code: Code,
    /// How bad it is.
    pub severity: Severity,
    /// One sentence in lower case, without a full stop; what the user wrote stands in backticks.
    pub message: String,
    /// Where. The first is the place itself, the others explain it; none at all for the file as a
    /// whole.
    pub labels: Vec<Label>,
    /// What to do about it.
    pub help: Option<String>,
    /// The text that repairs it.
    pub fix: Option<Fix>,
}

/// How bad a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Something to know; nothing is wrong.
    Info,
    /// The policy compiles.
    Warning,
    /// The policy does not compile.
    Error,
}

/// A place in the source and what is to be said there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Label {
    /// The place.
    pub span: Span,
    /// May be empty.
    pub text: String,
}

/// A repair that needs no thought: another text for a place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fix {
    /// What is replaced.
    pub span: Span,
    /// By what: TOML, ready to stand there.
    pub replacement: String,
}

impl Finding {
    pub(crate) fn new(lint: &Lint, message: impl Into<String>) -> Self {
        let Lint { code, severity, .. } = *lint;
        Self { code, severity, message: message.into(), labels: Vec::new(), help: None, fix: None }
    }

    /// Adds a place, if it is known.
    pub(crate) fn at(mut self, span: Option<Span>, text: impl Into<String>) -> Self {
        self.labels.extend(span.map(|span| Label { span, text: text.into() }));
        self
    }

    pub(crate) fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    pub(crate) fn fix(mut self, span: Span, replacement: impl Into<String>) -> Self {
        self.fix = Some(Fix { span, replacement: replacement.into() });
        self
    }

    /// The place itself.
    #[must_use]
    pub fn span(&self) -> Option<&Span> {
        self.labels.first().map(|label| &label.span)
    }
}
