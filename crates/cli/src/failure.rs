//! The errors that end a verb.

use std::io;

use corsgate_policy::ReadError;
use corsgate_reports::BadRequest;
use corsgate_suggest::{CasesError, SuggestError};
use thiserror::Error;

use crate::exit::Exit;
use crate::input::InputError;
use crate::note::MessageError;
use crate::system;

/// Why a verb failed. Each error has an exit code.
#[derive(Debug, Error)]
pub(crate) enum Failure {
    /// A file could not be used.
    #[error(transparent)]
    Input(#[from] InputError),
    /// The result could not be written.
    #[error("cannot write the result: {}", system::sentence(.0))]
    Output(io::Error),
    /// wrangler could not be run, failed, or printed something unexpected.
    #[error("{0}")]
    Wrangler(String),
    /// The content of KV cannot be used.
    #[error("{0}")]
    Kv(String),
    /// A write of a publication failed.
    #[error("{failure}\n{whether}: {write}; {again} continues from here")]
    Unwritten {
        /// The underlying error.
        failure: Box<Failure>,
        /// Whether the value may nevertheless have been written.
        whether: &'static str,
        /// What was to be written.
        write: String,
        /// The command that continues.
        again: String,
    },
    /// The message of a publication cannot be stored.
    #[error(transparent)]
    Message(#[from] MessageError),
    /// A policy that is to be compared breaks a rule.
    #[error(transparent)]
    Policy(ReadError),
    /// The admin API of a gateway could not be reached, refused the request, or answered with something else.
    #[error("{0}")]
    Gateway(String),
    /// Analytics Engine could not be reached, refused the request, or answered with something else.
    #[error("{0}")]
    AnalyticsEngine(String),
    /// The request for a report is invalid.
    #[error(transparent)]
    Report(BadRequest),
    /// The probed server could not be reached.
    #[error("{0}")]
    Server(String),
    /// A file could not be replaced.
    #[error("cannot write `{file}`, which is unchanged: {}", system::sentence(.error))]
    Replace {
        /// The file.
        file: String,
        /// The reason.
        error: io::Error,
    },
    /// Somebody else changed the policy in the meantime.
    #[error("`{0}` was changed in the meantime, so nothing was written: run the command again")]
    ChangedMeanwhile(String),
    /// The suggestions would not have the intended effect.
    #[error(transparent)]
    Unsound(SuggestError),
    /// The test cases fail when those of the suggestions are added.
    #[error("with the additions, {0}")]
    Cases(CasesError),
    /// The clock is before 1970, so there is no current day.
    #[error("the clock is before 1970: records cannot be decided")]
    Clock,
    /// The command line is invalid.
    #[error(transparent)]
    Usage(#[from] UsageError),
    /// A file that would be written is there already.
    #[error("`{0}` exists: add `--force` to replace it, or name another folder with `--out`")]
    Exists(String),
    /// Files that would be written are there already.
    #[error("{} {}: add `--force` to replace, or name another folder with `--out`", files(.0), if .0.len() == 1 { "exists" } else { "exist" })]
    InTheWay(Vec<String>),
    /// A folder could not be made.
    #[error("cannot make the folder `{folder}`: {}", system::sentence(.error))]
    Folder {
        /// The folder.
        folder: String,
        /// The reason.
        error: io::Error,
    },
    /// The project that would be written does not stand, which is a mistake of this program.
    #[error("the project that would be written has an error: {0}")]
    Project(String),
    /// What was imported cannot be written.
    #[error(transparent)]
    Import(#[from] corsgate_import::WriteError),
    /// There is more to import than a policy can have.
    #[error(transparent)]
    TooMany(#[from] corsgate_import::TooMany),
    /// A file has findings, which were already reported.
    #[error("a file has findings")]
    Findings,
    /// Only the npm package has what `dev` runs.
    #[error(
        "`dev` needs the Worker and Node.js, which the npm package `corsgate` has: run `npx corsgate dev` in a project with it; \
         in a clone of corsgate, `npm run serve -- --policy FILE` does the same"
    )]
    NoPackage,
    /// An option of the command line makes this result a failure.
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
    /// The live list is not the one that was compared.
    #[error(
        "{live} is live, not {base}, with which this was compared: run `corsgate list diff {list} …` again"
    )]
    MovedList {
        /// The name of the list.
        list: String,
        /// The id of the live list.
        live: String,
        /// The id of the list that was compared.
        base: String,
    },
}

impl Failure {
    /// An invalid command line.
    pub(crate) fn usage(sentence: impl Into<String>) -> Self {
        Self::Usage(UsageError::new(sentence))
    }

    /// The exit code for this error.
    pub(crate) fn exit(&self) -> Exit {
        match self {
            Self::Input(_)
            | Self::Output(_)
            | Self::Wrangler(_)
            | Self::Kv(_)
            | Self::Unwritten { .. }
            | Self::Message(_)
            | Self::NoPackage
            | Self::Policy(_)
            | Self::Gateway(_)
            | Self::AnalyticsEngine(_)
            | Self::Report(_)
            | Self::Server(_)
            | Self::Replace { .. }
            | Self::ChangedMeanwhile(_)
            | Self::Unsound(_)
            | Self::Cases(_)
            | Self::Exists(_)
            | Self::InTheWay(_)
            | Self::Folder { .. }
            | Self::Project(_)
            | Self::Import(_)
            | Self::TooMany(_)
            | Self::Clock => Exit::Failed,
            Self::Usage(_) => Exit::Usage,
            Self::Findings | Self::Denied(_) => Exit::Findings,
            Self::Moved { .. } | Self::MovedList { .. } => Exit::Moved,
        }
    }
}

fn files(names: &[String]) -> String {
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}

/// The command line, or a variable that it needs, is invalid; the sentence says what to write instead.
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

/// A value on the command line is invalid; the sentence says what to write instead.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("{0}")]
pub(crate) struct InvalidValue(pub(crate) &'static str);
