//! A question at the terminal.

use std::io::{self, BufRead, IsTerminal, Write};

use crate::output::fence::{Notation, fenced, uncoloured};

/// Whether there is somebody to ask.
pub(crate) fn can_ask() -> bool {
    io::stdin().is_terminal() && io::stderr().is_terminal()
}

/// Asks; everything but yes is no, the end of the input too.
pub(crate) fn agrees(question: &str) -> bool {
    let mut stderr = io::stderr();
    let question = fenced(&uncoloured(question), Notation::People);
    if write!(stderr, "{question} [y/N] ").and_then(|()| stderr.flush()).is_err() {
        return false;
    }
    let mut answer = String::new();
    match io::stdin().lock().read_line(&mut answer) {
        // The line that was begun ends here.
        Ok(0) => {
            let _unseen = writeln!(stderr);
            false
        }
        Ok(_) => matches!(answer.trim().to_lowercase().as_str(), "y" | "yes"),
        Err(_) => false,
    }
}
