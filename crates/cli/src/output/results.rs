//! Standard output.

use std::io::{self, ErrorKind, IsTerminal, Write};

use anstream::AutoStream;

use crate::failure::Failure;
use crate::output::fence::{Notation, fenced, fenced_commands};

/// Writes bytes as they are: what this tool or the operator wrote, and of which every byte counts.
pub(crate) fn write(bytes: &[u8]) -> Result<(), Failure> {
    let mut stdout = io::stdout().lock();
    gone_is_fine(stdout.write_all(bytes).and_then(|()| {
        // Canonical JSON ends without a line break; a prompt should not stand behind it.
        if stdout.is_terminal() {
            stdout.write_all(b"\n")?;
        }
        stdout.flush()
    }))
}

/// Writes JSON.
pub(crate) fn write_json(text: &str) -> Result<(), Failure> {
    write(fenced(text, Notation::Json).as_bytes())
}

/// Writes XML.
pub(crate) fn write_xml(text: &str) -> Result<(), Failure> {
    write(fenced(text, Notation::Xml).as_bytes())
}

/// Writes workflow commands of GitHub Actions.
pub(crate) fn write_commands(text: &str) -> Result<(), Failure> {
    write(fenced_commands(text).as_bytes())
}

/// Writes a text for people, or a table for a spreadsheet, that has no colours.
pub(crate) fn write_text(text: &str) -> Result<(), Failure> {
    write(fenced(text, Notation::Plain).as_bytes())
}

/// Writes a text for people: with its colours on a terminal, unless `NO_COLOR` is set, and without them elsewhere.
pub(crate) fn write_styled(text: &str) -> Result<(), Failure> {
    let mut stdout = AutoStream::auto(io::stdout().lock());
    gone_is_fine(stdout.write_all(fenced(text, Notation::People).as_bytes()).and_then(|()| stdout.flush()))
}

/// A reader that has gone away (`| head`) has had what it wanted.
pub(crate) fn gone_is_fine(written: io::Result<()>) -> Result<(), Failure> {
    match written {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => Err(Failure::Output(error)),
        _ => Ok(()),
    }
}
