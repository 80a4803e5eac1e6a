//! What the tool writes: results on standard output, everything else on standard error.

pub(crate) mod diagnostics;
mod human;
pub(crate) mod results;

use core::fmt;
use std::io;

use crate::input::InputError;
use crate::system;

/// Why the tool could not do its work.
#[derive(Debug)]
pub(crate) enum Failure {
    /// A file could not be used.
    Input(InputError),
    /// The result could not be written.
    Output(io::Error),
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Input(error) => error.fmt(f),
            Self::Output(error) => write!(f, "cannot write the result: {}", system::sentence(error)),
        }
    }
}

impl From<InputError> for Failure {
    fn from(error: InputError) -> Self {
        Self::Input(error)
    }
}
