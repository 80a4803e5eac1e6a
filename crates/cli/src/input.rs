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
            Cause::NoCases(error) => write!(f, "cannot use `{name}`: {error}"),
        }
    }
}

/// Reads a policy or list; `-` is standard input.
pub(crate) fn read_source(file: &str) -> Result<Source, InputError> {
    read(file, Cause::NoPolicy)
}

/// Reads a file of test cases; `-` is standard input.
pub(crate) fn read_cases(file: &str) -> Result<Source, InputError> {
    read(file, Cause::NoCases)
}

fn read(file: &str, unusable: fn(SourceError) -> Cause) -> Result<Source, InputError> {
    let name = if file == "-" { "<stdin>" } else { file };
    let failed = |cause| InputError { name: name.to_owned(), cause };
    let bytes = match file {
        "-" => read_bounded(io::stdin().lock()),
        _ => refuse_named_pipe(Path::new(file)).and_then(|()| File::open(file)).and_then(read_bounded),
    };
    let bytes = bytes.map_err(|error| failed(Cause::Unreadable(error)))?;
    Source::from_bytes(name, bytes).map_err(|error| failed(unusable(error)))
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

/// Reads no more than it takes to see that a file is too long: it may have no end.
fn read_bounded(reader: impl Read) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    reader.take(MAX_SOURCE as u64 + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}
