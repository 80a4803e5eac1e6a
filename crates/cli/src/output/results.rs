//! Standard output.

use std::fs::File;
use std::io::{self, ErrorKind, IsTerminal, Write};

use anstream::AutoStream;

use crate::failure::Failure;
use crate::output::fence::{Notation, fenced, fenced_commands};

/// Writes bytes unchanged: the tool or the operator wrote them, and every byte counts.
pub(crate) fn write(bytes: &[u8]) -> Result<(), Failure> {
    let mut stdout = io::stdout().lock();
    gone_is_fine(stdout.write_all(bytes).and_then(|()| {
        // Canonical JSON has no final line break; add one on a terminal, so that the prompt begins a new line.
        if stdout.is_terminal() {
            stdout.write_all(b"\n")?;
        }
        stdout.flush()
    }))
}

/// Writes what somebody else wrote and somebody asked for, such as a list in KV. A file or a program gets every byte. A
/// terminal gets a text that it does not obey, and so does a pipe of a CI job, which may end in its log.
pub(crate) fn write_foreign(bytes: &[u8]) -> Result<(), Failure> {
    if io::stdout().is_terminal() || is_in_ci() && !is_file() {
        return write_text(&String::from_utf8_lossy(bytes));
    }
    let mut stdout = io::stdout().lock();
    gone_is_fine(stdout.write_all(bytes).and_then(|()| stdout.flush()))
}

/// Whether a CI service that takes lines of its log for commands runs this, or may.
fn is_in_ci() -> bool {
    ["CI", "GITHUB_ACTIONS", "TF_BUILD", "TEAMCITY_VERSION"]
        .iter()
        .any(|name| std::env::var_os(name).is_some_and(|value| !value.is_empty()))
}

/// Whether standard output is a regular file.
fn is_file() -> bool {
    #[cfg(unix)]
    let own = std::os::fd::AsFd::as_fd(&io::stdout()).try_clone_to_owned();
    #[cfg(windows)]
    let own = std::os::windows::io::AsHandle::as_handle(&io::stdout()).try_clone_to_owned();
    own.and_then(|own| File::from(own).metadata()).is_ok_and(|known| known.is_file())
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

/// Writes a text without colours, for people or for a spreadsheet.
pub(crate) fn write_text(text: &str) -> Result<(), Failure> {
    write(fenced(text, Notation::Plain).as_bytes())
}

/// Writes a text for people: with colours on a terminal unless `NO_COLOR` is set, otherwise without.
pub(crate) fn write_styled(text: &str) -> Result<(), Failure> {
    let mut stdout = AutoStream::auto(io::stdout().lock());
    gone_is_fine(stdout.write_all(fenced(text, Notation::People).as_bytes()).and_then(|()| stdout.flush()))
}

/// If the reader has closed the pipe (`| head`), it has read what it wanted.
pub(crate) fn gone_is_fine(written: io::Result<()>) -> Result<(), Failure> {
    match written {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => Err(Failure::Output(error)),
        _ => Ok(()),
    }
}
