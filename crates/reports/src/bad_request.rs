//! The errors of an invalid request.

use core::fmt;

/// What is wrong with a request, and what to write instead.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BadRequest {
    /// There is no report of this name: 404.
    UnknownReport(String),
    /// The query string is malformed: 400.
    Query(String),
    /// A parameter has no such value here, or the report no such parameter: 400.
    Parameter {
        /// The name as sent, shortened if it is long.
        parameter: String,
        /// The message.
        sentence: String,
    },
}

impl BadRequest {
    /// An error about a parameter; the message is the concatenation of `parts`.
    pub(crate) fn parameter(parameter: &str, parts: &[&str]) -> Self {
        Self::Parameter { parameter: shown(parameter), sentence: parts.concat() }
    }

    /// The status of the answer: 404 for an unknown report, else 400.
    #[must_use]
    pub fn status(&self) -> u16 {
        match self {
            Self::UnknownReport(_) => 404,
            Self::Query(_) | Self::Parameter { .. } => 400,
        }
    }

    /// The name of the wrong parameter, if one is wrong.
    #[must_use]
    pub fn named(&self) -> Option<&str> {
        match self {
            Self::Parameter { parameter, .. } => Some(parameter),
            Self::UnknownReport(_) | Self::Query(_) => None,
        }
    }

    /// The message.
    #[must_use]
    pub fn sentence(&self) -> &str {
        match self {
            Self::UnknownReport(sentence) | Self::Query(sentence) | Self::Parameter { sentence, .. } => {
                sentence
            }
        }
    }
}

impl fmt::Display for BadRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.sentence())
    }
}

impl core::error::Error for BadRequest {}

/// The most bytes of the client's text that a message repeats.
const SHOWN: usize = 64;

/// The client's text, shortened for a message.
pub(crate) fn shown(text: &str) -> String {
    match text.get(..text.floor_char_boundary(SHOWN)) {
        Some(beginning) if beginning.len() < text.len() => [beginning, "…"].concat(),
        _ => text.to_owned(),
    }
}
