//! Reading the files that the command line names.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use corsgate_authoring::{MAX_LIST, MAX_SOURCE, Source, SourceError};
use corsgate_policy::origin::sorted::{is_set, text_of_set};
use thiserror::Error;

use crate::failure::UsageError;
use crate::system;

/// Why a file could not be used.
#[derive(Debug, Error)]
#[error("{} `{name}`: {cause}", cause.verdict())]
pub(crate) struct InputError {
    name: String,
    cause: Cause,
}

#[derive(Debug, Error)]
enum Cause {
    #[error("{}", system::sentence(.0))]
    Unreadable(io::Error),
    #[error("the file is binary, not the text of {}", .0.name)]
    Binary(Kind),
    #[error("the file is longer than {} MiB; {}", .0.most / (1024 * 1024), .0.shortened)]
    TooLong(Kind),
    #[error("{0}")]
    NotUtf8(SourceError),
    #[error("{0}")]
    Unusable(String),
}

impl Cause {
    fn verdict(&self) -> &'static str {
        match self {
            Self::Unreadable(_) => "cannot read",
            _ => "cannot use",
        }
    }
}

/// A kind of file, for messages.
#[derive(Clone, Copy, Debug)]
struct Kind {
    name: &'static str,
    /// In bytes.
    most: usize,
    /// What to do if the file is too long.
    shortened: &'static str,
    /// What to do if the file is JSON.
    json: &'static str,
}

const POLICY: Kind = Kind {
    name: "a policy",
    most: MAX_SOURCE,
    shortened: "keep long lists in KV",
    json: "; a compiled policy can be used with `corsgate check`, `diff` and `publish`",
};
const CASES: Kind = Kind { name: "test cases", most: MAX_SOURCE, shortened: "split the cases", json: "" };
const LIST: Kind = Kind {
    name: "a list",
    most: MAX_LIST,
    shortened: "store so many origins as one key each, `origin/NAME/ORIGIN`",
    json: "",
};

impl InputError {
    /// The error for a file that was read but cannot be used.
    pub(crate) fn unusable(name: &str, why: impl Into<String>) -> Self {
        Self { name: name.to_owned(), cause: Cause::Unusable(why.into()) }
    }

    fn unreadable(file: &str, error: io::Error) -> Self {
        Self { name: name(file).to_owned(), cause: Cause::Unreadable(error) }
    }
}

/// Reads the argument `NAME=FILE` of a list in KV.
pub(crate) fn parse_named_list(argument: &str) -> Result<(String, String), UsageError> {
    match argument.split_once('=') {
        Some((name, file)) if !name.is_empty() && !file.is_empty() => Ok((name.to_owned(), file.to_owned())),
        _ => Err(UsageError::new("write the name of the list, `=` and the file: `partners=partners.txt`")),
    }
}

/// # Errors
/// When more than one of these files is standard input: the second reading would find nothing.
pub(crate) fn require_one_stdin<'f>(files: impl IntoIterator<Item = &'f str>) -> Result<(), UsageError> {
    if files.into_iter().filter(|file| *file == "-").count() > 1 {
        return Err(UsageError::new(
            "only one of the files can be `-` (standard input): write the others to files",
        ));
    }
    Ok(())
}

/// The name of a file in messages.
pub(crate) fn name(file: &str) -> &str {
    if file == "-" { "<stdin>" } else { file }
}

/// Reads a policy; `-` is standard input.
pub(crate) fn read_source(file: &str) -> Result<Source, InputError> {
    policy(file, read_bytes(file, MAX_SOURCE)?)
}

/// Reads the bytes of a file as a policy, and rejects JSON with an explanation.
pub(crate) fn policy(file: &str, bytes: Vec<u8>) -> Result<Source, InputError> {
    toml(file, bytes, POLICY)
}

/// Reads a file of test cases; `-` is standard input.
pub(crate) fn read_cases(file: &str) -> Result<Source, InputError> {
    toml(file, read_bytes(file, MAX_SOURCE)?, CASES)
}

/// Reads a list; `-` is standard input. Of a set that `corsgate list build` wrote, the source is the text with its entries.
pub(crate) fn read_list(file: &str) -> Result<Source, InputError> {
    list(file, read_bytes(file, MAX_LIST)?)
}

/// Reads the bytes of a list, which come from a file or from KV.
///
/// # Errors
/// When they are a damaged set, or the text of something else.
pub(crate) fn list(file: &str, mut bytes: Vec<u8>) -> Result<Source, InputError> {
    if is_set(&bytes) {
        let text = text_of_set(bytes);
        bytes = text.map_err(|error| InputError::unusable(name(file), error.to_string()))?.into_bytes();
    }
    let source = text(file, bytes, LIST)?;
    match no_list(source.text()) {
        Some(what) => {
            let sentence = format!("it is {what}, not a list: a list has one origin a line");
            Err(InputError::unusable(name(file), sentence))
        }
        None => Ok(source),
    }
}

/// A hint if a text is another kind of file than a list. Its lines would each be reported as a bad origin.
fn no_list(text: &str) -> Option<&'static str> {
    let text = text.trim_start_matches('\u{feff}').trim_start();
    let has_line = |begin: &str| text.lines().take(1000).any(|line| line.trim_start().starts_with(begin));
    if text.starts_with('<') {
        return Some("HTML or XML");
    }
    if text.starts_with('{') {
        return Some(if text.contains("\"upstreams\"") { "a compiled policy" } else { "JSON" });
    }
    if text.starts_with("[\"") {
        return Some("JSON");
    }
    let is_policy = has_line("[[routes]]") || has_line("[upstreams") || has_line("upstreams.");
    is_policy.then_some("a policy")
}

/// Decodes the bytes of a policy file.
pub(crate) fn source(file: &str, bytes: Vec<u8>) -> Result<Source, InputError> {
    text(file, bytes, POLICY)
}

/// TOML never begins with a brace, so say that the file is JSON instead of reporting TOML errors in it.
fn toml(file: &str, bytes: Vec<u8>, kind: Kind) -> Result<Source, InputError> {
    let source = text(file, bytes, kind)?;
    if source.text().trim_start().starts_with('{') {
        let sentence = format!("it is JSON, but {} is written in TOML{}", kind.name, kind.json);
        return Err(InputError::unusable(name(file), sentence));
    }
    Ok(source)
}

fn text(file: &str, bytes: Vec<u8>, kind: Kind) -> Result<Source, InputError> {
    let read = if kind.most == MAX_LIST { Source::from_list } else { Source::from_bytes };
    read(name(file), bytes).map_err(|error| {
        let cause = match error {
            SourceError::Binary => Cause::Binary(kind),
            SourceError::TooLong => Cause::TooLong(kind),
            error @ SourceError::NotUtf8 { .. } => Cause::NotUtf8(error),
        };
        InputError { name: name(file).to_owned(), cause }
    })
}

/// Reads up to `most` bytes of a file, and one more to detect a longer file: the file may be endless.
///
/// # Errors
/// When the file cannot be read, or is in UTF-16, which PowerShell writes where other shells write UTF-8.
pub(crate) fn read_bytes(file: &str, most: usize) -> Result<Vec<u8>, InputError> {
    let mut bytes = Vec::new();
    let read = open(file)?.take(most as u64 + 1).read_to_end(&mut bytes);
    read.map_err(|error| InputError::unreadable(file, error))?;
    refuse_utf16(file, &bytes)?;
    // TOML and lists allow a byte order mark. JSON has none, but a parser may ignore it (RFC 8259, section 8.1).
    let marked = bytes.strip_prefix(b"\xef\xbb\xbf").filter(|rest| rest.trim_ascii_start().starts_with(b"{"));
    Ok(marked.map(<[u8]>::to_vec).unwrap_or(bytes))
}

/// Rejects a file that begins with the byte order mark of UTF-16.
pub(crate) fn refuse_utf16(file: &str, beginning: &[u8]) -> Result<(), InputError> {
    match beginning {
        [0xff, 0xfe, ..] | [0xfe, 0xff, ..] => {
            Err(InputError::unusable(name(file), "it is UTF-16 text; save it as UTF-8"))
        }
        _ => Ok(()),
    }
}

/// Opens a file for reading; `-` is standard input.
pub(crate) fn open(file: &str) -> Result<Box<dyn Read>, InputError> {
    if file == "-" {
        return Ok(Box::new(io::stdin()));
    }
    let opened = refuse_named_pipe(Path::new(file)).and_then(|()| File::open(file));
    opened.map(|file| Box::new(file) as Box<dyn Read>).map_err(|error| InputError::unreadable(file, error))
}

/// Adds the name of an opened file to the error of reading it.
pub(crate) fn read_through(file: &str, read: io::Result<()>) -> Result<(), InputError> {
    read.map_err(|error| InputError::unreadable(file, error))
}

/// Opening a named pipe blocks until another process opens it for writing, perhaps for ever. Pipes that a shell
/// has already opened (`<(…)`) are fine; their names are in `/dev` or `/proc`.
#[cfg(unix)]
fn refuse_named_pipe(file: &Path) -> io::Result<()> {
    use std::os::unix::fs::FileTypeExt as _;
    let opened = file.starts_with("/dev") || file.starts_with("/proc");
    if !opened && file.metadata()?.file_type().is_fifo() {
        return Err(io::Error::other("it is a named pipe; write `-` and pass it on standard input"));
    }
    Ok(())
}

#[cfg(not(unix))]
fn refuse_named_pipe(_file: &Path) -> io::Result<()> {
    Ok(())
}
