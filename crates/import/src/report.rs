//! What became of each thing that a source says.

use crate::place::Place;

/// What became of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Class {
    /// The policy does the same.
    Same,
    /// The policy allows less than the source.
    Stricter,
    /// Left out, because it would open the API.
    Unsafe,
    /// Left out, because only running the source, or its author, could say what is meant.
    Unreadable,
}

impl Class {
    /// All, in the order of a report.
    pub const ALL: [Self; 4] = [Self::Unsafe, Self::Unreadable, Self::Stricter, Self::Same];

    /// The name in reports.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Same => "same",
            Self::Stricter => "stricter here",
            Self::Unsafe => "would be unsafe",
            Self::Unreadable => "not readable",
        }
    }
}

/// What a finding is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum About {
    /// A file as a whole.
    File,
    /// The paths of a rule.
    Path,
    /// `Access-Control-Allow-Origin`.
    Origins,
    /// `Access-Control-Allow-Methods`.
    Methods,
    /// `Access-Control-Allow-Headers`.
    RequestHeaders,
    /// `Access-Control-Expose-Headers`.
    ExposedHeaders,
    /// `Access-Control-Allow-Credentials`.
    Credentials,
    /// `Access-Control-Max-Age`.
    MaxAge,
    /// How preflights are answered.
    Preflights,
}

impl About {
    /// The name in reports.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::File => "file",
            Self::Path => "path",
            Self::Origins => "origins",
            Self::Methods => "methods",
            Self::RequestHeaders => "request headers",
            Self::ExposedHeaders => "exposed headers",
            Self::Credentials => "credentials",
            Self::MaxAge => "max age",
            Self::Preflights => "preflights",
        }
    }
}

/// One line of the report.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// What became of it.
    pub class: Class,
    /// What it is about.
    pub about: About,
    /// A sentence in lower case, without a full stop. Texts of the source in it are in backticks, and escaped.
    pub message: String,
    /// What to do about it, as a sentence.
    pub advice: Option<String>,
    /// Where the source says it.
    pub place: Place,
    /// The route that it belongs to.
    pub route: Option<String>,
}
