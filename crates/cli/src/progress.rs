//! How far something long has come, on a terminal.

use std::io::{self, IsTerminal, Read, Write};
use std::time::{Duration, Instant};

use crate::output::fence::{Notation, fenced, uncoloured};

/// Before this there is nothing to tell.
const PATIENCE: Duration = Duration::from_millis(500);
/// Between two lines.
const PACE: Duration = Duration::from_millis(200);

/// A reader that says on standard error how much it has read, where that is a terminal.
pub(crate) struct Watched<R> {
    reader: R,
    what: String,
    read: u64,
    next: Option<Instant>,
    shown: Shown,
}

/// A line on standard error that is gone when something else is to be said; where that is no terminal, nothing.
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
        // Who does not see this misses nothing of the result.
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
