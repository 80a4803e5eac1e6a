//! Where the material of an explanation comes from, and what it is.

use std::io::{self, Cursor, Read};
use std::path::Path;

use corsgate_explain::copied::encoding::decode;
use corsgate_explain::copied::{Kind, MAX_TEXT};

use crate::failure::Failure;
use crate::input::{self, InputError};

/// How much of a file tells what it is.
const BEGINNING: u64 = 4096;

/// The longest archive in UTF-16, which is decoded as a whole.
const MAX_UTF16: u64 = 256 * 1024 * 1024;

/// The material that the command line names.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Named<'a> {
    /// A file or `-`, of whatever kind.
    File(&'a str),
    /// A file or `-`, which is an archive.
    Har(&'a str),
    /// A file or `-`, which has the headers of responses.
    Response(&'a str),
    /// A text, or `-`, of this kind.
    Text(Kind, &'a str),
}

impl<'a> Named<'a> {
    /// An argument that is a file, or `-`. One that is none and reads like a line of the console is that line.
    pub(crate) fn copied(argument: &'a str) -> Self {
        let is_line = Kind::of(argument) == Kind::Console && Kind::is_console(argument);
        match is_line && !Path::new(argument).exists() {
            true => Self::Text(Kind::Console, argument),
            false => Self::File(argument),
        }
    }

    /// The file that it is read from.
    pub(crate) fn file(self) -> Option<&'a str> {
        match self {
            Self::File(file) | Self::Har(file) | Self::Response(file) => Some(file),
            Self::Text(_, "-") => Some("-"),
            Self::Text(..) => None,
        }
    }
}

/// The material, opened.
pub(crate) enum Source {
    /// An archive, with its name.
    Har(Box<dyn Read>, String),
    /// A text of this kind.
    Text {
        kind: Kind,
        text: String,
        /// A sentence about how it was decoded.
        note: Option<&'static str>,
        /// The file, if it is not from the command line.
        name: Option<String>,
    },
}

impl Source {
    /// Opens the material.
    ///
    /// # Errors
    /// When it cannot be read, or is no text.
    pub(crate) fn open(named: Named<'_>) -> Result<Self, Failure> {
        let wanted = match named {
            Named::Text(kind, text) if text != "-" => {
                return Ok(Self::Text { kind, text: text.to_owned(), note: None, name: None });
            }
            Named::Text(kind, _) => Some(kind),
            Named::Har(_) => Some(Kind::Har),
            Named::Response(_) => Some(Kind::Response),
            Named::File(_) => None,
        };
        let file = named.file().unwrap_or("-");
        let mut rest = input::open(file)?;
        let mut beginning = Vec::new();
        read(file, &mut rest, BEGINNING, &mut beginning)?;
        let is_utf16 = is_utf16(&beginning);
        let is_archive = match wanted {
            Some(kind) => kind == Kind::Har,
            None => Kind::of(&decode(&beginning).0) == Kind::Har,
        };
        let name = input::name(file).to_owned();
        if is_archive && !is_utf16 {
            let begin = if beginning.starts_with(b"\xef\xbb\xbf") { 3 } else { 0 };
            let beginning = beginning.split_off(begin);
            return Ok(Self::Har(Box::new(Cursor::new(beginning).chain(rest)), name));
        }
        let most = if is_archive { MAX_UTF16 } else { 2 * MAX_TEXT as u64 + BEGINNING };
        let mut bytes = beginning;
        read(file, &mut rest, most + 1, &mut bytes)?;
        if is_archive {
            if bytes.len() as u64 > most {
                let why = "it is UTF-16 text of more than 256 MiB; save it as UTF-8";
                return Err(InputError::unusable(&name, why).into());
            }
            return Ok(Self::Har(Box::new(Cursor::new(decode(&bytes).0.into_bytes())), name));
        }
        if bytes.len() as u64 > most {
            let why = "it is longer than 1 MiB, and no archive (HAR): leave the body out; it has no effect on the decision";
            return Err(InputError::unusable(&name, why).into());
        }
        let (text, note) = decode(&bytes);
        if text.contains('\0') {
            let why = "the file is binary, not the text of a command";
            return Err(InputError::unusable(&name, why).into());
        }
        let kind = wanted.unwrap_or_else(|| Kind::of(&text));
        if let Some(why) = foreign(&text).filter(|_| wanted.is_none()) {
            return Err(Failure::usage(format!("`{name}`: {why}")));
        }
        Ok(Self::Text { kind, text, note, name: Some(name) })
    }
}

fn is_utf16(bytes: &[u8]) -> bool {
    matches!(bytes, [0xff, 0xfe, ..] | [0xfe, 0xff, ..] | [_, 0, _, 0, ..] | [0, _, 0, _, ..])
        && bytes.iter().any(|byte| *byte != 0)
}

fn read(file: &str, from: &mut dyn Read, most: u64, into: &mut Vec<u8>) -> Result<(), InputError> {
    let read: io::Result<usize> = from.take(most).read_to_end(into);
    input::read_through(file, read.map(|_| ()))
}

/// What a text is that somebody may have taken for something to explain.
fn foreign(text: &str) -> Option<&'static str> {
    let text = text.trim_start();
    let has_line = |begin: &str| text.lines().take(1000).any(|line| line.trim_start().starts_with(begin));
    // `curl -v` begins the lines of a response with `< `.
    if text.starts_with('<') && !text.starts_with("< ") {
        return Some("it is HTML or XML: export the archive as HAR (\"Save all as HAR\")");
    }
    if has_line("[[routes]]") || has_line("[upstreams") {
        return Some(
            "it is a policy: add what is to be explained, such as `-` for what you copied, `--url` and `--origin`, or an archive",
        );
    }
    None
}
