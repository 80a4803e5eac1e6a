//! Standard output.

use std::io::{self, ErrorKind, IsTerminal, Write};

use anstream::AutoStream;

use crate::output::Failure;

/// Writes a result as it is. A reader that has gone away (`| head`) has had what it wanted.
pub(crate) fn write(bytes: &[u8]) -> Result<(), Failure> {
    let mut stdout = io::stdout().lock();
    conclude(stdout.write_all(bytes).and_then(|()| {
        // Canonical JSON ends without a line break; a prompt should not stand behind it.
        if stdout.is_terminal() {
            stdout.write_all(b"\n")?;
        }
        stdout.flush()
    }))
}

/// Writes a result for people: colours only on a terminal, and not with `NO_COLOR`.
pub(crate) fn show(text: &str) -> Result<(), Failure> {
    let mut stdout = AutoStream::auto(io::stdout().lock());
    conclude(stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()))
}

fn conclude(written: io::Result<()>) -> Result<(), Failure> {
    match written {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => Err(Failure::Output(error)),
        _ => Ok(()),
    }
}
