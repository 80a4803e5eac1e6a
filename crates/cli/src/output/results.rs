//! Standard output.

use std::io::{self, ErrorKind, IsTerminal, Write};

use anstream::AutoStream;

use crate::output::Failure;

/// Writes a result as it is.
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

/// Writes a text for people: with its colours on a terminal, unless `NO_COLOR` is set, and without them elsewhere.
pub(crate) fn write_styled(text: &str) -> Result<(), Failure> {
    let mut stdout = AutoStream::auto(io::stdout().lock());
    gone_is_fine(stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()))
}

/// A reader that has gone away (`| head`) has had what it wanted.
pub(crate) fn gone_is_fine(written: io::Result<()>) -> Result<(), Failure> {
    match written {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => Err(Failure::Output(error)),
        _ => Ok(()),
    }
}
