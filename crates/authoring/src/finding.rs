//! Findings about a policy file, as data.

use core::ops::Range;

use crate::lint::{Code, Lint};

/// A range of bytes in the source.
pub type Span = Range<usize>;

/// A problem in a policy file, or a fact that its author should know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The code of its [`Lint`], which explains it.
    pub code: Code,
    /// Whether the policy compiles in spite of it.
    pub severity: Severity,
    /// One sentence in lower case, without a full stop. Text from the user is in backticks.
    pub message: String,
    /// Places in the file: first the subject, then places that explain it. Empty if the whole file is meant.
    pub labels: Vec<Label>,
    /// What to do about it, as a sentence.
    pub help: Option<String>,
    /// An edit that repairs it.
    pub fix: Option<Fix>,
}

/// How bad a finding is; a greater value is worse.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Nothing is wrong; the author should know it.
    Info,
    /// The policy compiles, but is probably not what was meant.
    Warning,
    /// The policy does not compile.
    Error,
}

/// A place in the source, and a text about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Label {
    /// The bytes that it is about.
    pub span: Span,
    /// The text at this place; may be empty.
    pub text: String,
}

/// An edit that can be applied without thought.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fix {
    /// The bytes to replace.
    pub span: Span,
    /// The TOML that replaces them.
    pub replacement: String,
}

impl Finding {
    pub(crate) fn new(lint: &Lint, message: impl Into<String>) -> Self {
        let Lint { code, severity, .. } = *lint;
        Self { code, severity, message: message.into(), labels: Vec::new(), help: None, fix: None }
    }

    /// Adds a label, if its place is known.
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

    /// The place that the finding is about, if it is not the whole file.
    #[must_use]
    pub fn span(&self) -> Option<&Span> {
        self.labels.first().map(|label| &label.span)
    }
}
