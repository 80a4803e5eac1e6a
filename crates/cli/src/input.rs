//! Reading the files that the command line names.

use core::fmt;
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use corsgate_authoring::{MAX_SOURCE, Source, SourceError};

use crate::system;

/// Why a file could not be used.
#[derive(Debug)]
pub(crate) struct InputError {
    name: String,
    cause: Cause,
}

#[derive(Debug)]
enum Cause {
    Unreadable(io::Error),
    NoPolicy(SourceError),
    NoCases(SourceError),
    NoCommand(SourceError),
    Unusable(String),
}

impl fmt::Display for InputError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { name, cause } = self;
        match cause {
            Cause::Unreadable(error) => write!(f, "cannot read `{name}`: {}", system::sentence(error)),
            Cause::NoPolicy(error) => write!(f, "cannot use `{name}`: {error}"),
            Cause::NoCases(SourceError::Binary) => {
                write!(f, "cannot use `{name}`: the file is binary, not the text of test cases")
            }
            Cause::NoCases(SourceError::TooLong) => {
                let mebibytes = MAX_SOURCE / (1024 * 1024);
                write!(f, "cannot use `{name}`: the file is longer than {mebibytes} MiB; split the cases")
            }
            Cause::NoCommand(SourceError::NotUtf8 { .. }) => {
                write!(f, "cannot use `{name}`: a command is UTF-8 text")
            }
            Cause::NoCommand(_) => write!(f, "cannot use `{name}`: it is not the text of a command"),
            Cause::NoCases(error) => write!(f, "cannot use `{name}`: {error}"),
            Cause::Unusable(why) => write!(f, "cannot use `{name}`: {why}"),
        }
    }
}

impl InputError {
    /// A file that was read and is of no use.
    pub(crate) fn unusable(name: &str, why: impl Into<String>) -> Self {
        Self { name: name.to_owned(), cause: Cause::Unusable(why.into()) }
    }

    fn unreadable(file: &str, error: io::Error) -> Self {
        Self { name: name(file).to_owned(), cause: Cause::Unreadable(error) }
    }
}

/// What messages call a file.
pub(crate) fn name(file: &str) -> &str {
    if file == "-" { "<stdin>" } else { file }
}

/// Reads a policy or list; `-` is standard input.
pub(crate) fn read_source(file: &str) -> Result<Source, InputError> {
    source(file, read_bytes(file, MAX_SOURCE)?)
}

/// Reads a file of test cases; `-` is standard input.
pub(crate) fn read_cases(file: &str) -> Result<Source, InputError> {
    text(file, read_bytes(file, MAX_SOURCE)?, Cause::NoCases)
}

/// Reads the text of a command; `-` is standard input.
pub(crate) fn read_command(file: &str) -> Result<Source, InputError> {
    text(file, read_bytes(file, MAX_SOURCE)?, Cause::NoCommand)
}

/// Takes the bytes of a file for the text of a policy or list.
pub(crate) fn source(file: &str, bytes: Vec<u8>) -> Result<Source, InputError> {
    text(file, bytes, Cause::NoPolicy)
}

fn text(file: &str, bytes: Vec<u8>, unusable: fn(SourceError) -> Cause) -> Result<Source, InputError> {
    let failed = |error| InputError { name: name(file).to_owned(), cause: unusable(error) };
    Source::from_bytes(name(file), bytes).map_err(failed)
}

/// Reads no more of a file than it takes to see that it has more than `most` bytes: it may have no end.
pub(crate) fn read_bytes(file: &str, most: usize) -> Result<Vec<u8>, InputError> {
    let mut bytes = Vec::new();
    let read = open(file)?.take(most as u64 + 1).read_to_end(&mut bytes);
    read.map(|_length| bytes).map_err(|error| InputError::unreadable(file, error))
}

/// Opens a file to be read from its beginning to its end; `-` is standard input.
pub(crate) fn open(file: &str) -> Result<Box<dyn Read>, InputError> {
    if file == "-" {
        return Ok(Box::new(io::stdin()));
    }
    let opened = refuse_named_pipe(Path::new(file)).and_then(|()| File::open(file));
    opened.map(|file| Box::new(file) as Box<dyn Read>).map_err(|error| InputError::unreadable(file, error))
}

/// What became of reading a file that was opened.
pub(crate) fn read_through(file: &str, read: io::Result<()>) -> Result<(), InputError> {
    read.map_err(|error| InputError::unreadable(file, error))
}

/// To open a named pipe waits for somebody to write to it, perhaps for ever. Pipes that a shell
/// has opened already (`<(…)`) are fine; they have their names in `/dev` or `/proc`.
#[cfg(unix)]
fn refuse_named_pipe(file: &Path) -> io::Result<()> {
    use std::os::unix::fs::FileTypeExt as _;
    let opened = file.starts_with("/dev") || file.starts_with("/proc");
    if !opened && file.metadata()?.file_type().is_fifo() {
        return Err(io::Error::other("it is a named pipe; write `-` and hand it in on standard input"));
    }
    Ok(())
}

#[cfg(not(unix))]
fn refuse_named_pipe(_file: &Path) -> io::Result<()> {
    Ok(())
}
