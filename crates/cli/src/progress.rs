//! The progress of a long operation, shown on a terminal.

use std::io::{self, IsTerminal, Read, Write};
use std::time::{Duration, Instant};

use crate::output::fence::{Notation, fenced, uncoloured};

/// The time before the first line is shown.
const PATIENCE: Duration = Duration::from_millis(500);
/// The time between two updates of the line.
const PACE: Duration = Duration::from_millis(200);

/// A reader that shows on standard error how much it has read, if standard error is a terminal.
pub(crate) struct Watched<R> {
    reader: R,
    what: String,
    read: u64,
    next: Option<Instant>,
    shown: Shown,
}

/// A line on standard error that is erased before other output. Nothing is shown if standard error is not a terminal.
#[derive(Default)]
pub(crate) struct Shown {
    is_there: bool,
}

impl Shown {
    pub(crate) fn show(&mut self, line: &str) {
        if !io::stderr().is_terminal() {
            return;
        }
        self.is_there = true;
        // Progress is not part of the result, so a failed write is ignored.
        let line = fenced(&uncoloured(line), Notation::People);
        let _unseen = write!(io::stderr(), "\r\x1b[K{line}");
    }
}

impl Drop for Shown {
    fn drop(&mut self) {
        if self.is_there {
            let _unseen = write!(io::stderr(), "\r\x1b[K");
        }
    }
}

impl<R: Read> Watched<R> {
    pub(crate) fn new(reader: R, what: &str) -> Self {
        let next = io::stderr().is_terminal().then(|| Instant::now() + PATIENCE);
        Self { reader, what: what.to_owned(), read: 0, next, shown: Shown::default() }
    }
}

impl<R: Read> Read for Watched<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let length = self.reader.read(buffer)?;
        self.read += length as u64;
        if self.next.is_some_and(|next| Instant::now() >= next) {
            self.next = Some(Instant::now() + PACE);
            let mebibytes = self.read / (1024 * 1024);
            self.shown.show(&format!("{}: {mebibytes} MiB read", self.what));
        }
        Ok(length)
    }
}
