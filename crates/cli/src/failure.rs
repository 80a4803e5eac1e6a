//! Why a verb ends before its work is done.

use std::io;

use thiserror::Error;

use crate::exit::Exit;
use crate::input::InputError;
use crate::system;

/// Why a verb cannot do its work. It knows the exit code that says so.
#[derive(Debug, Error)]
pub(crate) enum Failure {
    /// A file could not be used.
    #[error(transparent)]
    Input(#[from] InputError),
    /// The result could not be written.
    #[error("cannot write the result: {}", system::sentence(.0))]
    Output(io::Error),
    /// Something that the tool depends on failed: wrangler, KV, a gateway, Analytics Engine, the network.
    #[error("{0}")]
    Elsewhere(String),
    /// The command line makes no sense.
    #[error(transparent)]
    Usage(#[from] UsageError),
    /// A file has findings, which were already reported.
    #[error("a file has findings")]
    Findings,
    /// The command line denies the result.
    #[error("{0}")]
    Denied(&'static str),
    /// The live policy is not the one that was compared.
    #[error("{live} is live, not {base}, with which this was compared: run `corsgate diff kv: …` again")]
    Moved {
        /// The live policy.
        live: String,
        /// The policy that was compared.
        base: String,
    },
}

impl Failure {
    /// A command line that makes no sense.
    pub(crate) fn usage(sentence: impl Into<String>) -> Self {
        Self::Usage(UsageError::new(sentence))
    }

    /// How the tool ends.
    pub(crate) fn exit(&self) -> Exit {
        match self {
            Self::Input(_) | Self::Output(_) | Self::Elsewhere(_) => Exit::Failed,
            Self::Usage(_) => Exit::Usage,
            Self::Findings | Self::Denied(_) => Exit::Findings,
            Self::Moved { .. } => Exit::Moved,
        }
    }
}

/// The command line, or a variable that it needs, makes no sense; the sentence says what to write instead.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{sentence}")]
pub(crate) struct UsageError {
    sentence: String,
}

impl UsageError {
    pub(crate) fn new(sentence: impl Into<String>) -> Self {
        Self { sentence: sentence.into() }
    }
}
